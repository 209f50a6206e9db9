use doorward_crypto::{KeyError, SigningKey};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Barrier;
use tempfile::TempDir;

/// The private key of RFC 8037 §A.1, in the form of RFC 8410 §7.
pub const PUBLISHED_KEY: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g
-----END PRIVATE KEY-----
";

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
    SigningKey::load_or_create(&data).unwrap();
    assert_eq!(mode(&data), 0o700);
    assert_eq!(mode(&data.join("signing-key.pem")), 0o600);
    assert_eq!(names_in(&data), ["signing-key.pem"]);
}

#[test]
fn a_restart_finds_the_same_key_and_another_folder_has_another() {
    let (data, elsewhere) = (folder(), folder());
    let first = SigningKey::load_or_create(data.path()).unwrap();
    let again = SigningKey::load_or_create(data.path()).unwrap();
    let other = SigningKey::load_or_create(elsewhere.path()).unwrap();
    assert_eq!(first.id(), again.id());
    assert_ne!(first.id(), other.id());
}

#[test]
fn all_who_start_at_once_have_the_same_key() {
    let data = folder();
    let barrier = Barrier::new(16);
    let ids: Vec<String> = std::thread::scope(|scope| {
        let start = || {
            barrier.wait();
            SigningKey::load_or_create(data.path()).unwrap().id().to_owned()
        };
        let threads: Vec<_> = (0..16).map(|_| scope.spawn(start)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert_eq!(names_in(data.path()), ["signing-key.pem"]);
}

#[test]
fn what_a_killed_process_left_does_not_count_as_a_key() {
    let data = folder();
    fs::write(data.path().join(".signing-key.pem.abandoned"), "-----BEGIN PRIV").unwrap();
    let made = SigningKey::load_or_create(data.path()).unwrap();
    assert_eq!(SigningKey::load_or_create(data.path()).unwrap().id(), made.id());
}

#[test]
fn rfc_8037_a_the_published_key_has_the_published_name() {
    let key = SigningKey::from_pem(PUBLISHED_KEY).unwrap();
    assert_eq!(key.id(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

#[test]
fn a_damaged_file_is_named_and_never_replaced() {
    for damaged in ["", "-----BEGIN PRIVATE KEY-----\nMC4C\n-----END PRIVATE KEY-----\n", &PUBLISHED_KEY[..90]] {
        let data = folder();
        let path = data.path().join("signing-key.pem");
        fs::write(&path, damaged).unwrap();
        let refused = SigningKey::load_or_create(data.path()).unwrap_err();
        assert!(matches!(refused, KeyError::Malformed { .. }), "{refused:?}");
        assert!(refused.to_string().contains(path.to_str().unwrap()), "{refused}");
        assert_eq!(fs::read_to_string(&path).unwrap(), damaged);
    }
}

#[test]
fn a_file_that_is_not_text_is_refused() {
    let data = folder();
    fs::write(data.path().join("signing-key.pem"), [0xff; 64]).unwrap();
    assert!(matches!(SigningKey::load_or_create(data.path()), Err(KeyError::Malformed { .. })));
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let parent = folder();
    let taken = parent.path().join("data");
    fs::write(&taken, "a file where the folder should be").unwrap();
    let refused = SigningKey::load_or_create(&taken).unwrap_err();
    assert!(refused.to_string().contains(taken.to_str().unwrap()), "{refused}");
}

#[test]
fn a_link_to_nowhere_is_an_error_and_not_a_key_at_its_end() {
    let (data, elsewhere) = (folder(), folder());
    let target = elsewhere.path().join("key.pem");
    std::os::unix::fs::symlink(&target, data.path().join("signing-key.pem")).unwrap();
    assert!(matches!(SigningKey::load_or_create(data.path()), Err(KeyError::Read { .. })));
    assert!(!target.exists());
    assert_eq!(names_in(data.path()), ["signing-key.pem"]);
}

#[test]
fn keys_of_other_kinds_are_refused_with_the_cure() {
    let public = "-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
-----END PUBLIC KEY-----
";
    let p256 = "-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgevZzL1gdAFr88hb2
OF/2NxApJCzGCEDdfSp6VQO30hyhRANCAAQRWz+jn65BtOMvdyHKcvjBeBSDZH2r
1RTwjmYSi9R/zpBnuQ4EiMnCqfMPWiZqB4QdbAd0E7oH50VpuZ1P087G
-----END PRIVATE KEY-----
";
    for text in ["", "copper", public, p256, "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n"] {
        let refused = SigningKey::from_pem(text).unwrap_err();
        assert!(refused.to_string().contains("openssl genpkey -algorithm ed25519"), "{refused}");
    }
}

#[test]
fn a_key_prints_its_name_alone() {
    let key = SigningKey::from_pem(PUBLISHED_KEY).unwrap();
    assert_eq!(format!("{key:?}"), r#"SigningKey { id: "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k", .. }"#);
}
