//! Returns memory that a process does not need to the system: what the C library's allocator has free, and the code of the
//! start. It is the only crate of ours with unsafe code.
//!
//! glibc keeps what a thread frees in the arena of this thread, and returns it only if it lies at the end of the arena.
//! So a server that needed 500 MiB for a minute would have 500 MiB for ever. Other allocators return memory themselves.

/// Returns the pages that are free in all arenas of glibc to the system; does nothing with another C library.
///
/// It takes the lock of one arena after the other: about 3 ms in all for a server in use, and 50 ms when it returns
/// 400 MiB. Call it on a thread that may block.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub fn trim() {
    #[expect(unsafe_code, reason = "a call of C")]
    // SAFETY: `malloc_trim` takes no pointer, and glibc synchronises it with every other call of the allocator.
    unsafe {
        libc::malloc_trim(0);
    }
}

/// Does nothing: the C library of this system has no such call.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn trim() {}

/// Unmaps the code of the running program; what is executed afterwards is mapped again, from the cache of the system, page
/// by page.
///
/// Most of the code runs only at the start: arguments, settings, the tables of routes. It would stay resident for ever on a
/// system with enough memory, and count for the process where memory is limited. Call it once, when the start is over.
#[cfg(target_os = "linux")]
pub fn unmap_startup_code() {
    let (Ok(program), Ok(maps)) = (std::fs::read_link("/proc/self/exe"), std::fs::read_to_string("/proc/self/maps"))
    else {
        return;
    };
    for code in maps.lines().filter_map(|line| code_of(&program, line)) {
        #[expect(unsafe_code, reason = "a call of C")]
        // SAFETY: the range is a private mapping of a file that nobody can write to through it, and that the loader has not
        // written to: our programs have no text relocations. So a page that is read again has the same bytes, as after the
        // kernel has dropped it by itself. The kernel refuses to overwrite a program that runs; a program that was deleted
        // or renamed stays what it was. Only the breakpoints of a debugger are lost.
        unsafe {
            libc::madvise(std::ptr::with_exposed_provenance_mut(code.start), code.len(), libc::MADV_DONTNEED);
        }
    }
}

/// The range of addresses, if this line of `/proc/self/maps` is of the program's code.
#[cfg(target_os = "linux")]
fn code_of(program: &std::path::Path, line: &str) -> Option<std::ops::Range<usize>> {
    let mut fields = line.split_ascii_whitespace();
    let (range, permissions, path) = (fields.next()?, fields.next()?, fields.nth(3)?);
    if permissions != "r-xp" || program != path {
        return None;
    }
    let (start, end) = range.split_once('-')?;
    Some(usize::from_str_radix(start, 16).ok()?..usize::from_str_radix(end, 16).ok()?)
}

/// Does nothing: this system does not say where the code is.
#[cfg(not(target_os = "linux"))]
pub fn unmap_startup_code() {}

#[cfg(all(test, target_os = "linux", target_env = "gnu"))]
mod tests {
    use super::*;

    fn resident_kib() -> usize {
        kib("VmRSS:")
    }

    fn kib(what: &str) -> usize {
        let status = std::fs::read_to_string("/proc/self/status").expect("the kernel tells of this process");
        let line = status.lines().find_map(|line| line.strip_prefix(what)).expect("there is a line of it");
        line.trim().trim_end_matches(" kB").parse().expect("it is a number")
    }

    /// Blocks below the size from which glibc maps each by itself, with one in use at the end of the heap.
    #[test]
    fn what_was_freed_below_a_block_in_use_is_returned() {
        const MIB: usize = 1024;
        let mut blocks: Vec<_> = (0..100 * 16).map(|_| vec![1_u8; 64 * 1024]).collect();
        let in_use = blocks.pop();
        drop(blocks);
        let before = resident_kib();
        trim();
        let after = resident_kib();
        assert!(before > 100 * MIB, "{before} KiB: glibc has returned it itself, so this crate is not needed any more");
        assert!(after + 90 * MIB < before, "{before} KiB before, {after} KiB after");
        drop(in_use);
    }

    /// Runs the code that was unmapped, and shows that less of it is resident.
    #[test]
    fn the_code_is_read_again_when_it_runs() {
        let read_all = || {
            let program = std::fs::read_link("/proc/self/exe").expect("the kernel knows the program");
            let maps = std::fs::read_to_string("/proc/self/maps").expect("the kernel tells of this process");
            let code: Vec<_> = maps.lines().filter_map(|line| code_of(&program, line)).collect();
            assert!(!code.is_empty(), "{maps}");
            code.iter().map(std::ops::Range::len).sum::<usize>()
        };
        let before = (read_all(), kib("RssFile:"));
        unmap_startup_code();
        let after = (read_all(), kib("RssFile:"));
        assert_eq!(before.0, after.0, "it is the same mapping");
        assert!(after.1 < before.1, "{before:?} {after:?}");
    }

    #[test]
    fn only_the_code_of_the_program_is_unmapped() {
        let program = std::path::Path::new("/usr/bin/doorward");
        let code = "55e000001000-55e000003000 r-xp 00001000 fe:00 7 /usr/bin/doorward";
        assert_eq!(code_of(program, code), Some(0x55e0_0000_1000..0x55e0_0000_3000));
        for other in [
            code.replace("r-xp", "r--p"),
            code.replace("r-xp", "rwxp"),
            code.replace("/usr/bin/doorward", "/usr/lib/libc.so.6"),
            code.replace(" /usr/bin/doorward", ""),
            String::new(),
        ] {
            assert_eq!(code_of(program, &other), None, "{other}");
        }
    }
}
