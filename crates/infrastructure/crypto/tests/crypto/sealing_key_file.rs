use doorward_crypto::{FileError, OsRandom, SealingKey, SealingKeyError};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Barrier;
use tempfile::TempDir;

const FILE: &str = "sealing.key";

fn load(folder: &Path) -> Result<Vec<SealingKey>, SealingKeyError> {
    SealingKey::load_or_create(folder, &OsRandom)
}

/// The key itself, as its file holds it.
fn kept(folder: &Path) -> String {
    load(folder).unwrap();
    fs::read_to_string(folder.join(FILE)).unwrap()
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn names_in(folder: &Path) -> Vec<String> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn the_first_start_makes_a_key_for_nobody_else_and_leaves_nothing_beside_it() {
    let parent = folder();
    let data = parent.path().join("data");
    load(&data).unwrap();
    assert_eq!(mode(&data), 0o700);
    assert_eq!(mode(&data.join(FILE)), 0o600);
    assert_eq!(names_in(&data), [FILE]);
}

#[test]
fn a_restart_finds_the_same_key_and_another_folder_has_another() {
    let (data, elsewhere) = (folder(), folder());
    assert_eq!(kept(data.path()), kept(data.path()));
    assert_ne!(kept(data.path()), kept(elsewhere.path()));
}

#[test]
fn all_who_start_at_once_have_the_same_key() {
    // Many rounds: what one finds half-way is a matter of microseconds.
    for _ in 0..50 {
        let data = folder();
        let barrier = Barrier::new(16);
        let keys: Vec<String> = std::thread::scope(|scope| {
            let start = || {
                barrier.wait();
                kept(data.path())
            };
            let threads: Vec<_> = (0..16).map(|_| scope.spawn(start)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(keys.iter().all(|key| *key == keys[0]), "{keys:?}");
        assert_eq!(names_in(data.path()), [FILE]);
    }
}

#[test]
fn what_a_killed_process_left_does_not_count_as_a_key() {
    let data = folder();
    fs::write(data.path().join(".sealing.key.abandoned"), "AAEC").unwrap();
    assert_eq!(kept(data.path()), kept(data.path()));
}

#[test]
fn a_damaged_file_is_named_and_never_replaced() {
    for damaged in ["", "copper", "AAECAwQFBgcICQoLDA0ODw=="] {
        let data = folder();
        let path = data.path().join(FILE);
        fs::write(&path, damaged).unwrap();
        let refused = load(data.path()).err().unwrap();
        assert!(matches!(refused, SealingKeyError::Malformed(_)));
        assert!(refused.to_string().contains(path.to_str().unwrap()), "{refused}");
        assert_eq!(fs::read_to_string(&path).unwrap(), damaged);
    }
}

#[test]
fn a_file_that_is_not_text_is_refused() {
    let data = folder();
    fs::write(data.path().join(FILE), [0xff; 64]).unwrap();
    assert!(matches!(load(data.path()), Err(SealingKeyError::Malformed(_))));
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let parent = folder();
    let taken = parent.path().join("data");
    fs::write(&taken, "a file where the folder should be").unwrap();
    let refused = load(&taken).err().unwrap();
    assert!(refused.to_string().contains(taken.to_str().unwrap()), "{refused}");
}

#[test]
fn a_link_to_nowhere_is_an_error_and_not_a_key_at_its_end() {
    let (data, elsewhere) = (folder(), folder());
    let target = elsewhere.path().join("key.pem");
    std::os::unix::fs::symlink(&target, data.path().join(FILE)).unwrap();
    assert!(matches!(load(data.path()), Err(SealingKeyError::File(FileError::Read { .. }))));
    assert!(!target.exists());
    assert_eq!(names_in(data.path()), [FILE]);
}
