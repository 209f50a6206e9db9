//! Tokens that were verified before.
use crate::keys::a_pair;
use crate::tokens::{EXPIRES, ISSUED, at, settings, subject};
use doorward_crypto::JwtSigner;
use doorward_domain::{KeyAlgorithm, RateClass};
use doorward_ports::outbound::{CacheTier, KeyPair, KeysAtHand as _, KeysInUse, Observer, TokenSigner as _, UsableKey};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

#[derive(Default)]
struct Hits(AtomicU32);

impl Observer for Hits {
    fn cache_asked(&self, cache: &'static str, tier: CacheTier, hit: bool) {
        assert_eq!((cache, tier), ("tokens", CacheTier::Memory));
        self.0.fetch_add(u32::from(hit), Ordering::SeqCst);
    }

    fn rate_limited(&self, _: RateClass) {}
    fn password_hashed(&self, _: Duration) {}
    fn passwords_waiting(&self, _: usize) {}
}

fn take(signer: &JwtSigner, keys: &[&KeyPair]) {
    let accepted = keys.iter().map(|pair| UsableKey {
        id: pair.id.clone(),
        algorithm: pair.algorithm,
        public: pair.public.clone(),
        private: Some(pair.private.clone()),
    });
    let signing = keys.first().map(|pair| pair.id.clone());
    signer.replace(KeysInUse { accepted: accepted.collect(), signing, revoked: Vec::new() });
}

fn token(signer: &JwtSigner) -> String {
    let id = "0190a5c4-7e1b-7c3d-8f00-1234567890ab".parse().unwrap();
    signer.access(&subject(), id, at(ISSUED), at(EXPIRES)).unwrap()
}

struct World {
    signer: JwtSigner,
    first: KeyPair,
    second: KeyPair,
    token: String,
    hits: Arc<Hits>,
}

/// A token of the first of two keys, which was verified once.
async fn world() -> World {
    let (first, second) = (a_pair(KeyAlgorithm::EdDsa).await, a_pair(KeyAlgorithm::EdDsa).await);
    let hits = Arc::new(Hits::default());
    let signer = JwtSigner::keyless(&settings()).remembering(100, hits.clone());
    take(&signer, &[&first, &second]);
    let token = token(&signer);
    signer.verify_access(&token, at(ISSUED)).unwrap();
    World { signer, first, second, token, hits }
}

impl World {
    fn accepts(&self, token: &str, now: i64) -> bool {
        self.signer.verify_access(token, at(now)).is_ok()
    }

    fn hits(&self) -> u32 {
        self.hits.0.swap(0, Ordering::SeqCst)
    }
}

#[tokio::test]
async fn a_token_that_was_verified_says_the_same_again() {
    let world = world().await;
    let again = world.signer.verify_access(&world.token, at(ISSUED)).unwrap();
    assert_eq!(world.hits(), 1);
    let afresh = JwtSigner::keyless(&settings());
    take(&afresh, &[&world.first]);
    assert_eq!(afresh.verify_access(&world.token, at(ISSUED)).unwrap(), again);
}

#[tokio::test]
async fn it_expires_to_the_second() {
    let world = world().await;
    assert!(world.accepts(&world.token, EXPIRES - 1));
    assert!(!world.accepts(&world.token, EXPIRES));
}

#[tokio::test]
async fn it_is_refused_as_soon_as_its_key_is_given_up_and_stays_good_while_others_come_and_go() {
    let world = world().await;
    take(&world.signer, &[&world.second, &world.first]);
    assert!(world.accepts(&world.token, ISSUED));
    assert_eq!(world.hits(), 1, "it was remembered through the rotation");
    take(&world.signer, &[&world.second]);
    assert!(!world.accepts(&world.token, ISSUED));
}

#[tokio::test]
async fn a_token_with_a_signature_that_was_touched_is_another_token() {
    let world = world().await;
    for at in [0, 10, 40] {
        let dot = world.token.rfind('.').unwrap() + 1;
        let mut forged = world.token.clone().into_bytes();
        forged[dot + at] = if forged[dot + at] == b'A' { b'B' } else { b'A' };
        assert!(!world.accepts(std::str::from_utf8(&forged).unwrap(), ISSUED));
    }
    assert_eq!(world.hits(), 0);
}

#[tokio::test]
async fn a_refused_token_is_not_remembered() {
    let world = world().await;
    let later = EXPIRES + 10;
    assert!(!world.accepts(&world.token, later));
    let foreign = JwtSigner::keyless(&settings());
    let pair = a_pair(KeyAlgorithm::EdDsa).await;
    take(&foreign, &[&pair]);
    let token = token(&foreign);
    assert!(!world.accepts(&token, ISSUED));
    take(&world.signer, &[&world.first, &pair]);
    assert!(world.accepts(&token, ISSUED), "its key is accepted now");
    assert_eq!(world.hits(), 0);
}

/// One use is never taken for the other, also when both were verified.
#[tokio::test]
async fn a_remembered_access_token_is_no_refresh_token() {
    let world = world().await;
    assert!(world.signer.verify_refresh(&world.token, at(ISSUED)).is_err());
}
