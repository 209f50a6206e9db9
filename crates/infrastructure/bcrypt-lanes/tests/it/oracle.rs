//! The same answers as the `bcrypt` crate, whatever is in the other lanes: ten thousand hashes in all.
use bcrypt_lanes::{Job, Lanes, MOST, Output, Salt, hash, hash_together, rounds};
use proptest::collection::vec;
use proptest::prelude::*;

/// A cost of 6 takes four times as long as one of 4, and tries nothing else.
fn a_cost() -> impl Strategy<Value = u32> {
    prop_oneof![17 => Just(4_u32), 2 => Just(5), 1 => Just(6)]
}

fn a_key() -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 1..=72)
}

fn differential(lanes: usize, hashes: u32) {
    let runner = ProptestConfig::with_cases(hashes / u32::try_from(lanes).unwrap());
    proptest!(runner, |(cost in a_cost(), inputs in vec((a_key(), any::<Salt>()), lanes))| {
        let jobs: Vec<_> = inputs.iter().map(|(key, salt)| Job { key, salt }).collect();
        let expected: Vec<Output> = inputs.iter().map(|(key, salt)| bcrypt::bcrypt(cost, *salt, key)).collect();
        prop_assert_eq!(hash_together(cost, &jobs), expected);
    });
}

#[test]
fn one_lane_answers_as_the_oracle() {
    differential(1, 2500);
}

#[test]
fn two_lanes_answer_as_the_oracle() {
    differential(2, 2500);
}

#[test]
fn three_lanes_answer_as_the_oracle() {
    differential(3, 2500);
}

#[test]
fn four_lanes_answer_as_the_oracle() {
    differential(4, 2500);
}

#[test]
fn more_jobs_than_lanes_are_answered_in_their_order() {
    let salts: Vec<Salt> = (0..11).map(|number| [number; 16]).collect();
    let jobs: Vec<_> = salts.iter().map(|salt| Job { key: b"copper\0", salt }).collect();
    let alone: Vec<_> = salts.iter().map(|salt| hash(4, b"copper\0", salt)).collect();
    assert_eq!(hash_together(4, &jobs), alone);
    assert_eq!(hash_together(4, &[]), Vec::<Output>::new());
}

#[test]
fn no_more_hashes_begin_than_there_are_lanes() {
    let mut lanes = Lanes::new();
    let begun: Vec<_> = (0..=MOST).map(|_| lanes.begin(b"copper\0", &[7; 16])).collect();
    assert_eq!(begun, [Some(0), Some(1), Some(2), Some(3), None]);
    assert_eq!(lanes.len(), MOST);
}

#[test]
#[should_panic(expected = "index out of bounds")]
fn a_lane_that_is_free_has_no_output() {
    let mut lanes = Lanes::new();
    lanes.begin(b"copper\0", &[7; 16]);
    lanes.end(0);
    let _ = lanes.output(0);
}

/// A hash that a schedule runs, and where it is in the lanes: at its index.
struct Running {
    key: Vec<u8>,
    salt: Salt,
    cost: u32,
    left: u32,
}

/// Ends those that are done; answers how many there were.
fn end_done(lanes: &mut Lanes, running: &mut Vec<Running>) -> usize {
    let before = running.len();
    while let Some(place) = running.iter().position(|hash| hash.left == 0) {
        let done = running.swap_remove(place);
        assert_eq!(lanes.output(place), hash(done.cost, &done.key, &done.salt));
        lanes.end(place);
    }
    before - running.len()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn hashes_of_any_cost_may_join_and_leave_at_any_round(
        jobs in vec((a_key(), any::<Salt>(), 4..6_u32), 1..8),
        steps in vec(1..24_u32, 1..8),
    ) {
        let (mut lanes, mut running, mut done) = (Lanes::new(), Vec::new(), 0);
        let mut steps = steps.into_iter().cycle();
        let mut waiting = jobs.iter();
        while done < jobs.len() {
            if lanes.len() < MOST && let Some((key, salt, cost)) = waiting.next() {
                lanes.begin(key, salt);
                running.push(Running { key: key.clone(), salt: *salt, cost: *cost, left: rounds(*cost) });
            }
            let soonest = running.iter().map(|hash| hash.left).min();
            let step = steps.next().min(soonest).unwrap_or_default();
            lanes.advance(step);
            running.iter_mut().for_each(|hash| hash.left -= step);
            done += end_done(&mut lanes, &mut running);
        }
        prop_assert!(lanes.is_empty());
    }
}
