//! Returns freed memory of the C library's allocator to the system. It is the only crate of ours with unsafe code.
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

#[cfg(all(test, target_os = "linux", target_env = "gnu"))]
mod tests {
    use super::*;

    fn resident_kib() -> usize {
        let status = std::fs::read_to_string("/proc/self/status").expect("the kernel tells of this process");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("there is a line of it");
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
}
