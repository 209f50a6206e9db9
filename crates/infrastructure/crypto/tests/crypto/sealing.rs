use doorward_crypto::{OsRandom, Sealer, SealingKey, SealingKeyError};
use doorward_domain::hex;
use doorward_ports::outbound::{SealedPlace, SealingError, SecretSealer as _};
use proptest::prelude::*;
use std::sync::Arc;

const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const OTHER_KEY: &str = "//79/Pv6+fj39vX08/Lx8O/u7ezr6uno5+bl5OPi4eA=";
const PLACE: SealedPlace<'_> = SealedPlace { table: "signing_keys", row: "a", column: "sealed_private" };

fn sealer(key: &str) -> Sealer {
    Sealer::new(&SealingKey::from_base64(key).unwrap(), Arc::new(OsRandom))
}

#[test]
fn what_was_sealed_is_opened_and_shows_nothing_of_itself() {
    let sealed = sealer(KEY).seal(&PLACE, b"copper-violin-marsh-42");
    assert_eq!(*sealer(KEY).open(&PLACE, &sealed).unwrap(), b"copper-violin-marsh-42");
    assert!(!sealed.windows(6).any(|window| window == b"copper"));
    assert_eq!(sealed.len(), 1 + 8 + 40 + 12 + 22 + 16);
    assert_eq!(sealed[0], 2, "the version, so that the layout can change");
}

/// Made with another implementation of AES-GCM (SP 800-38D) and of the key wrap (RFC 3394): by the key itself, as earlier
/// versions did, and by a data key.
#[test]
fn what_was_sealed_in_either_format_is_opened() {
    let direct = concat!(
        "016360db4087a41ca0000102030405060708090a0b246da66ba097ef6de",
        "42efbe2dfc4150cf1a5ef19c449ea87e0639188a01afbad8d9ba6ed7257",
    );
    let envelope = concat!(
        "026360db4087a41ca054f1dd7eb631a0c0ff2b698eba8d15d8367607c40807c0ff",
        "6b90fb32eefa5f8f79b3af7f54d252f1000102030405060708090a0b3f3d2dd72f",
        "47c69ad596a5af485e335d610381495e2364026a47052ffac9c1fa9e2672b0c952",
    );
    let (direct, envelope): ([u8; 59], [u8; 99]) = (hex::decode(direct).unwrap(), hex::decode(envelope).unwrap());
    for sealed in [&direct[..], &envelope[..]] {
        assert_eq!(*sealer(KEY).open(&PLACE, sealed).unwrap(), b"copper-violin-marsh-42");
        let elsewhere = SealedPlace { row: "b", ..PLACE };
        assert_eq!(sealer(KEY).open(&elsewhere, sealed).unwrap_err(), SealingError::Broken);
    }
}

#[test]
fn each_secret_has_a_data_key_of_its_own() {
    let sealer = sealer(KEY);
    let [one, other] = [(); 2].map(|()| sealer.seal(&PLACE, b"secret"));
    assert_eq!(one[..9], other[..9]);
    assert_ne!(one[9..49], other[9..49]);
    let exchanged = [&one[..9], &other[9..49], &one[49..]].concat();
    assert_eq!(sealer.open(&PLACE, &exchanged).unwrap_err(), SealingError::Broken);
}

#[test]
fn one_secret_is_never_sealed_alike_twice() {
    let sealer = sealer(KEY);
    assert_ne!(sealer.seal(&PLACE, b"secret"), sealer.seal(&PLACE, b"secret"));
}

#[test]
fn a_secret_that_was_moved_to_another_place_stays_shut() {
    let sealed = sealer(KEY).seal(&PLACE, b"secret");
    for elsewhere in [
        SealedPlace { table: "factors", ..PLACE },
        SealedPlace { row: "b", ..PLACE },
        SealedPlace { column: "other", ..PLACE },
        SealedPlace { table: "signing_key", row: "sa", ..PLACE },
        SealedPlace { row: "", column: "asealed_private", ..PLACE },
    ] {
        assert_eq!(sealer(KEY).open(&elsewhere, &sealed).unwrap_err(), SealingError::Broken);
    }
}

#[test]
fn what_another_key_sealed_is_told_apart_from_what_is_broken() {
    let sealed = sealer(OTHER_KEY).seal(&PLACE, b"secret");
    assert_eq!(sealer(KEY).open(&PLACE, &sealed).unwrap_err(), SealingError::OtherKey);
    // Also under the name of our key.
    let ours = sealer(KEY).seal(&PLACE, b"secret");
    let renamed = [&ours[..9], &sealed[9..]].concat();
    assert_eq!(sealer(KEY).open(&PLACE, &renamed).unwrap_err(), SealingError::Broken);
}

#[test]
fn a_key_is_32_bytes_in_base64_with_or_without_a_lines_end() {
    assert!(SealingKey::from_base64(&format!("{KEY}\n")).is_ok());
    for text in ["", "copper", "AAEC", &KEY[..40], &format!("{KEY}{KEY}"), "é"] {
        let Err(refused) = SealingKey::from_base64(text) else { panic!("{text:?} is taken") };
        assert!(matches!(refused, SealingKeyError::Malformed(_)));
        assert!(text.is_empty() || !refused.to_string().contains(text), "{refused}");
    }
}

proptest! {
    #[test]
    fn what_was_sealed_is_opened_whatever_it_is(secret in any::<Vec<u8>>(), row in ".{0,40}") {
        let place = SealedPlace { row: &row, ..PLACE };
        let sealed = sealer(KEY).seal(&place, &secret);
        prop_assert_eq!(&*sealer(KEY).open(&place, &sealed).unwrap(), &secret);
    }

    #[test]
    fn whatever_is_changed_of_it_stays_shut(index in any::<prop::sample::Index>(), by in 1..=255_u8) {
        let mut sealed = sealer(KEY).seal(&PLACE, b"secret");
        let index = index.index(sealed.len());
        sealed[index] ^= by;
        prop_assert!(sealer(KEY).open(&PLACE, &sealed).is_err());
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in any::<Vec<u8>>()) {
        prop_assert!(sealer(KEY).open(&PLACE, &bytes).is_err());
    }
}
