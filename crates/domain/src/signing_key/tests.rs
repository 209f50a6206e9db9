use super::*;
use crate::value::laws;
use proptest::prelude::*;

const LIFE: Duration = Duration::from_secs(7 * 86_400);
const AHEAD: Duration = Duration::from_secs(600);
const START: Timestamp = Timestamp::from_seconds(1_800_000_000);

fn id(n: usize) -> KeyId {
    KeyId::parse(&format!("{n:0>43}")).unwrap()
}

fn later(seconds: u64) -> Timestamp {
    START.plus(Duration::from_secs(seconds))
}

fn signer(ring: &KeyRing, now: Timestamp) -> Option<KeyId> {
    ring.signing(now).map(|key| key.id.clone())
}

/// A new ring.
fn first() -> KeyRing {
    KeyRing::default().rotate(id(0), KeyAlgorithm::EdDsa, START, AHEAD)
}

fn rotated(ring: &KeyRing, n: usize, now: Timestamp) -> KeyRing {
    ring.rotate(id(n), KeyAlgorithm::Es256, now, AHEAD)
}

#[test]
fn the_first_key_signs_at_once() {
    assert_eq!(signer(&first(), START), Some(id(0)));
    assert_eq!(signer(&KeyRing::default(), START), None);
}

#[test]
fn the_next_key_is_published_before_it_signs_and_the_old_one_retires_then() {
    let ring = rotated(&first(), 1, later(50));
    let begins = later(50).plus(AHEAD);
    assert_eq!(signer(&ring, begins.minus(Duration::from_micros(1))), Some(id(0)));
    assert_eq!(signer(&ring, begins), Some(id(1)));
    let states = |now| ring.keys().iter().map(|key| ring.state(key, now, LIFE)).collect::<Vec<_>>();
    assert_eq!(states(later(50)), [KeyState::Signing, KeyState::Upcoming]);
    assert_eq!(states(begins), [KeyState::Retired, KeyState::Signing]);
    assert_eq!(states(begins.plus(LIFE)), [KeyState::Expired, KeyState::Signing]);
}

#[test]
fn a_key_asked_for_later_takes_the_place_of_one_that_has_not_begun() {
    let ring = rotated(&rotated(&first(), 1, later(50)), 2, later(60));
    assert_eq!(ring.state(ring.get(&id(1)).unwrap(), later(60), LIFE), KeyState::Retired);
    assert_eq!(signer(&ring, later(60).plus(AHEAD)), Some(id(2)));
    assert_eq!(ring.get(&id(0)).unwrap().retired_at, Some(later(60).plus(AHEAD)));
}

#[test]
fn the_only_key_that_could_sign_is_not_retired() {
    assert_eq!(first().retire(&id(0), later(1)), Err(KeyRefusal::OnlySigner));
    assert_eq!(first().retire(&id(1), later(1)), Err(KeyRefusal::Unknown));
}

#[test]
fn when_the_signing_key_is_retired_the_one_to_come_begins_at_once() {
    let ring = rotated(&first(), 1, later(50)).retire(&id(0), later(60)).unwrap();
    assert_eq!(signer(&ring, later(60)), Some(id(1)));
    assert_eq!(ring.state(ring.get(&id(0)).unwrap(), later(60), LIFE), KeyState::Retired);
}

#[test]
fn a_key_to_come_that_is_retired_or_revoked_leaves_the_present_one_signing() {
    let ring = rotated(&first(), 1, later(50));
    for without in [ring.retire(&id(1), later(60)).unwrap(), ring.revoke(&id(1), later(60)).unwrap()] {
        assert_eq!(signer(&without, later(60).plus(10 * LIFE)), Some(id(0)));
        assert_eq!(without.get(&id(0)).unwrap().retired_at, None);
    }
}

#[test]
fn a_revoked_key_counts_no_more_and_keeps_the_time_of_its_first_revocation() {
    let ring = rotated(&first(), 1, later(50)).revoke(&id(0), later(60)).unwrap().revoke(&id(0), later(70)).unwrap();
    let key = ring.get(&id(0)).unwrap();
    assert_eq!((key.revoked_at, ring.state(key, later(70), LIFE)), (Some(later(60)), KeyState::Revoked));
    assert!(!key.is_accepted(later(60), LIFE));
    assert_eq!(signer(&ring, later(60)), Some(id(1)));
    assert_eq!(first().revoke(&id(1), later(1)), Err(KeyRefusal::Unknown));
}

#[test]
fn after_the_only_key_is_revoked_none_signs_until_the_ring_is_rotated() {
    let ring = first().revoke(&id(0), later(1)).unwrap();
    assert_eq!(signer(&ring, later(1)), None);
    assert_eq!(signer(&rotated(&ring, 1, later(1)), later(1)), Some(id(1)));
}

#[test]
fn a_node_whose_clock_is_behind_signs_with_the_key_that_has_yet_to_begin() {
    let ring = rotated(&first().revoke(&id(0), later(30)).unwrap(), 1, later(30));
    assert_eq!(signer(&ring, START), Some(id(1)));
    let more = rotated(&ring, 2, START);
    assert_eq!(signer(&more, START), Some(id(1)), "and it does not lose it by rotating");
}

#[test]
fn algorithms_have_the_names_that_jws_gives_them() {
    assert_eq!(KeyAlgorithm::ALL.map(KeyAlgorithm::as_str), ["EdDSA", "Ed25519", "ES256", "RS256"]);
    for other in ["", "none", "eddsa", "HS256", "PS256"] {
        assert_eq!(KeyAlgorithm::parse(other), Err(KeyAlgorithmError));
    }
}

/// What an operator can do at some moment.
#[derive(Debug, Clone, Copy)]
enum Deed {
    Rotate,
    RotateNow,
    Retire(prop::sample::Index),
    Revoke(prop::sample::Index),
    Wait,
}

fn deeds() -> impl Strategy<Value = Vec<(u64, Deed)>> {
    let deed = prop_oneof![
        4 => Just(Deed::Rotate),
        1 => Just(Deed::RotateNow),
        2 => any::<prop::sample::Index>().prop_map(Deed::Retire),
        2 => any::<prop::sample::Index>().prop_map(Deed::Revoke),
        2 => Just(Deed::Wait),
    ];
    let pause = prop_oneof![3 => 0..1_200_u64, 1 => 0..1_000_000_u64];
    prop::collection::vec((pause, deed), 1..24)
}

/// A ring and its history: at each step the moment, and the key that signed.
struct Life {
    ring: KeyRing,
    signed: Vec<(Timestamp, KeyId)>,
}

fn lived(deeds: &[(u64, Deed)]) -> Life {
    let mut life = Life { ring: first(), signed: Vec::new() };
    let mut now = START;
    for (n, (pause, deed)) in deeds.iter().enumerate() {
        now = now.plus(Duration::from_secs(*pause));
        let any = |index: &prop::sample::Index| index.get(life.ring.keys()).id.clone();
        let next = match deed {
            Deed::Rotate => rotated(&life.ring, n + 1, now),
            Deed::RotateNow => life.ring.rotate(id(n + 1), KeyAlgorithm::Rs256, now, Duration::ZERO),
            Deed::Retire(index) => life.ring.retire(&any(index), now).unwrap_or_else(|_| life.ring.clone()),
            Deed::Revoke(index) => {
                let ring = life.ring.revoke(&any(index), now).unwrap();
                if ring.signing(now).is_some() { ring } else { rotated(&ring, n + 1, now) }
            }
            Deed::Wait => life.ring.clone(),
        };
        life.ring = next;
        life.signed.extend(signer(&life.ring, now).map(|key| (now, key)));
    }
    life
}

proptest! {
    #[test]
    fn at_every_moment_some_key_signs(deeds in deeds(), probes in prop::collection::vec(0..10_000_000_u64, 8)) {
        let life = lived(&deeds);
        prop_assert_eq!(life.signed.len(), deeds.len());
        let end = life.signed.last().unwrap().0;
        for probe in probes {
            prop_assert!(life.ring.signing(end.plus(Duration::from_secs(probe))).is_some());
        }
    }

    /// The times are in the tokens, so this is true on every node, whatever its clock shows.
    #[test]
    fn a_token_is_accepted_until_it_expires_unless_its_key_was_revoked(deeds in deeds()) {
        let life = lived(&deeds);
        for (signed_at, by) in &life.signed {
            let key = life.ring.get(by).unwrap();
            let last = signed_at.plus(LIFE).minus(Duration::from_micros(1));
            for now in [*signed_at, signed_at.plus(LIFE / 2), last] {
                prop_assert_eq!(key.is_accepted(now, LIFE), key.revoked_at.is_none());
            }
        }
    }

    #[test]
    fn a_key_is_published_for_so_long_before_it_signs(pauses in prop::collection::vec(0..1_200_u64, 1..12)) {
        let rotations: Vec<_> = pauses.iter().map(|&pause| (pause, Deed::Rotate)).collect();
        let life = lived(&rotations);
        for (signed_at, by) in &life.signed {
            let key = life.ring.get(by).unwrap();
            let published_for = if *by == id(0) { Duration::ZERO } else { AHEAD };
            prop_assert!(signed_at.since(key.created_at) >= published_for);
            prop_assert!(key.is_accepted(key.created_at, LIFE));
        }
    }

    #[test]
    fn whatever_is_done_one_key_at_most_is_to_come(deeds in deeds()) {
        let life = lived(&deeds);
        let now = life.signed.last().unwrap().0;
        let states: Vec<_> = life.ring.keys().iter().map(|key| life.ring.state(key, now, LIFE)).collect();
        prop_assert!(states.iter().filter(|state| **state == KeyState::Upcoming).count() <= 1);
        prop_assert_eq!(states.iter().filter(|state| **state == KeyState::Signing).count(), 1);
    }

    #[test]
    fn what_is_accepted_as_a_name_parses_to_itself(text in laws::texts("[a-zA-Z0-9_-]{42,44}")) {
        laws::parsing_settles::<KeyId>(&text)?;
        laws::parsing_settles::<KeyAlgorithm>(&text)?;
    }
}
