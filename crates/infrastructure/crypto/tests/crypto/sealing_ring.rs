//! Where keys come from, and which one seals.
use async_trait::async_trait;
use doorward_crypto::{OsRandom, Sealer, SealingKey, SealingSources};
use doorward_domain::{SealedHead, SealingKeyId};
use doorward_ports::outbound::{
    KeyWrapper, NotWrapped, SealedPlace, SealingError, SealingRing as _, SecretSealer as _, WrappedKey,
};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use zeroize::Zeroizing;

const KEYS: [&str; 2] =
    ["AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "//79/Pv6+fj39vX08/Lx8O/u7ezr6uno5+bl5OPi4eA="];
const PLACE: SealedPlace<'_> = SealedPlace { table: "signing_keys", row: "a", column: "sealed_private" };

fn ids() -> [SealingKeyId; 2] {
    KEYS.map(|key| SealingKey::from_base64(key).unwrap().id())
}

fn of(given: &[&str], folder: &Path, wrapper: Option<Arc<dyn KeyWrapper>>) -> Sealer {
    let given = given.iter().map(|key| SealingKey::from_base64(key).unwrap()).collect();
    Sealer::of(SealingSources { given, folder: folder.to_owned(), wrapper }, Arc::new(OsRandom)).unwrap()
}

fn files(folder: &Path) -> Vec<String> {
    SealingKey::files(folder).unwrap()
}

/// It writes the key backwards, and can be out of order.
#[derive(Default)]
struct Backwards {
    broken: AtomicBool,
    asked: AtomicUsize,
}

impl Backwards {
    fn answer(&self) -> Result<(), NotWrapped> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        if self.broken.load(Ordering::Relaxed) { Err(NotWrapped("it is out of order".to_owned())) } else { Ok(()) }
    }
}

#[async_trait]
impl KeyWrapper for Backwards {
    fn name(&self) -> String {
        "backwards".to_owned()
    }

    async fn wrap(&self, key: &[u8]) -> Result<String, NotWrapped> {
        self.answer().map(|()| doorward_domain::hex::encode(key).chars().rev().collect())
    }

    async fn unwrap(&self, text: &str) -> Result<Zeroizing<Vec<u8>>, NotWrapped> {
        self.answer()?;
        let digits: String = text.chars().rev().collect();
        let key = doorward_domain::hex::decode::<32>(&digits).ok_or_else(|| NotWrapped("it is no key".to_owned()))?;
        Ok(Zeroizing::new(key.to_vec()))
    }

    async fn check(&self) -> Result<(), NotWrapped> {
        self.answer()
    }
}

#[test]
fn the_selected_key_seals_and_the_others_open() {
    let [one, two] = ids();
    let sealer = of(&KEYS, Path::new("nowhere"), None);
    assert_eq!((sealer.known(), sealer.head().key), (vec![one, two], one));
    let before = sealer.seal(&PLACE, b"secret");
    assert!(sealer.select(two));
    let after = sealer.seal(&PLACE, b"secret");
    let heads = [&before, &after].map(|sealed| SealedHead::of(sealed).unwrap());
    assert_eq!(heads.map(|head| head.key), [one, two]);
    assert_eq!(heads[1], sealer.head());
    for sealed in [before, after] {
        assert_eq!(*sealer.open(&PLACE, &sealed).unwrap(), b"secret");
    }
    let unknown = SealingKeyId::from_bytes([7; SealingKeyId::LENGTH]);
    assert!(!sealer.select(unknown));
    assert_eq!(sealer.head().key, two);
}

#[tokio::test]
async fn a_new_key_is_a_file_that_others_find_also_without_a_refresh() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other, late) = (of(&[], folder.path(), None), of(&[], folder.path(), None), of(&[], folder.path(), None));
    let first = one.head().key;
    let made = one.create(&[first]).await.unwrap();
    assert_eq!(made.wrapped, None);
    assert_eq!(files(folder.path()), ["sealing.key".to_owned(), format!("sealing-{}.key", made.id)]);
    assert!(one.select(made.id) && !other.select(made.id));
    other.refresh(&[]).await.unwrap();
    assert!(other.select(made.id));
    let sealed = one.seal(&PLACE, b"secret");
    assert_eq!(*late.open(&PLACE, &sealed).unwrap(), b"secret");
    assert_eq!(late.head().key, first);
    // What a killed command has left is taken before a new one is made.
    assert_eq!(late.create(&[first]).await.unwrap().id, made.id);
}

#[tokio::test]
async fn a_deleted_key_is_no_file_any_more_and_no_other_takes_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let sealer = of(&[], folder.path(), None);
    let (first, sealed) = (sealer.head().key, sealer.seal(&PLACE, b"secret"));
    let next = sealer.create(&[first]).await.unwrap().id;
    for _ in ["first", "again"] {
        sealer.delete(first).await.unwrap();
        assert_eq!(files(folder.path()), [format!("sealing-{next}.key")]);
    }
    assert_eq!(*sealer.open(&PLACE, &sealed).unwrap(), b"secret");
    let restarted = of(&[], folder.path(), None);
    assert_eq!((restarted.known(), files(folder.path()).len()), (vec![next], 1));
    assert_eq!(restarted.open(&PLACE, &sealed).unwrap_err(), SealingError::OtherKey);
}

#[tokio::test]
async fn keys_from_the_settings_are_taken_in_their_order_and_files_only_open() {
    let folder = tempfile::tempdir().unwrap();
    let from_file = of(&[], folder.path(), None);
    let sealed = from_file.seal(&PLACE, b"secret");
    let [one, two] = ids();
    let sealer = of(&KEYS, folder.path(), None);
    assert_eq!(*sealer.open(&PLACE, &sealed).unwrap(), b"secret");
    assert_eq!(sealer.create(&[from_file.head().key]).await.unwrap().id, one);
    assert_eq!(sealer.create(&[one]).await.unwrap().id, two);
    let refused = sealer.create(&[two, one]).await.unwrap_err().to_string();
    assert!(refused.contains("secrets.sealing_key"), "{refused}");
    assert_eq!(files(folder.path()), ["sealing.key"]);
}

#[tokio::test]
async fn a_wrapped_key_is_learned_from_the_store_and_unwrapped_once() {
    let (nowhere, system) = (Path::new("nowhere"), Arc::new(Backwards::default()));
    let (one, other) = (of(&[], nowhere, Some(system.clone())), of(&[], nowhere, Some(system.clone())));
    let made = one.create(&[]).await.unwrap();
    let wrapped = [made.wrapped.unwrap()];
    assert_eq!((wrapped[0].id, wrapped[0].by.as_str()), (made.id, "backwards"));
    assert!(one.select(made.id) && !other.select(made.id));
    for _ in ["first", "again"] {
        other.refresh(&wrapped).await.unwrap();
    }
    assert!(other.select(made.id));
    assert_eq!(*other.open(&PLACE, &one.seal(&PLACE, b"secret")).unwrap(), b"secret");
    assert_eq!(system.asked.load(Ordering::Relaxed), 2, "once to wrap, and once to unwrap");
    assert_ne!(one.create(&[made.id]).await.unwrap().id, made.id);
    assert!(!nowhere.exists());
}

#[tokio::test]
async fn a_system_in_trouble_is_not_asked_again_at_once_and_keys_that_are_known_stay() {
    let system = Arc::new(Backwards::default());
    let (one, other) = (of(&[], Path::new("x"), Some(system.clone())), of(&KEYS, Path::new("x"), Some(system.clone())));
    let wrapped = [one.create(&[]).await.unwrap().wrapped.unwrap()];
    system.broken.store(true, Ordering::Relaxed);
    for _ in 0..3 {
        assert_eq!(other.refresh(&wrapped).await.unwrap_err().to_string(), "it is out of order");
    }
    assert_eq!(system.asked.load(Ordering::Relaxed), 2);
    assert_eq!(other.known(), ids());
    // It has its own from the settings, and needs the system for none.
    assert_eq!(other.create(&ids()[..1]).await.unwrap().id, ids()[1]);
    assert!(one.create(&[]).await.is_err());
}

#[tokio::test]
async fn what_is_not_the_key_of_its_id_or_of_another_system_is_refused() {
    let sealer = of(&[], Path::new("x"), Some(Arc::new(Backwards::default())));
    let made = sealer.create(&[]).await.unwrap().wrapped.unwrap();
    let other = of(&KEYS, Path::new("x"), Some(Arc::new(Backwards::default())));
    let renamed = WrappedKey { id: SealingKeyId::from_bytes([7; SealingKeyId::LENGTH]), ..made.clone() };
    let elsewhere = WrappedKey { by: "forwards".to_owned(), ..made };
    for (wrapped, words) in [(renamed, "is not the sealing key"), (elsewhere, "forwards")] {
        let refused = other.refresh(&[wrapped]).await.unwrap_err().to_string();
        assert!(refused.contains(words), "{refused}");
    }
    assert_eq!(other.known(), ids());
}
