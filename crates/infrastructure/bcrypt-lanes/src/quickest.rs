use crate::{Lanes, MOST};
use std::time::{Duration, Instant};

/// A third of a millisecond: short enough that in some of them the system does not interrupt.
const ROUNDS: u32 = 4;
const REPETITIONS: usize = 8;
/// One more lane makes every hash slower, so it must gain more than this share of the time for one hash.
const WORTHWHILE: f64 = 0.05;

/// The number of lanes with the least time for one hash on this processor, found by measuring; it takes about 15 ms.
///
/// The result depends on the processor and on the compiler, not on the load: of several short trials, the fastest
/// counts.
#[must_use]
pub fn quickest() -> usize {
    let mut benches: [Lanes; MOST] = std::array::from_fn(|index| with_busy(index + 1));
    let mut best = [Duration::MAX; MOST];
    for _ in 0..REPETITIONS {
        for (bench, best) in benches.iter_mut().zip(&mut best) {
            *best = time_of(bench).min(*best);
        }
    }
    fewest_worthwhile(&best)
}

fn with_busy(count: usize) -> Lanes {
    let mut lanes = Lanes::new();
    for _ in 0..count {
        lanes.begin(&[], &[0; 16]);
    }
    lanes
}

fn time_of(lanes: &mut Lanes) -> Duration {
    let begun = Instant::now();
    lanes.advance(ROUNDS);
    begun.elapsed()
}

/// Computes it from the times that each number of lanes took together (at index 0: one lane).
fn fewest_worthwhile(times: &[Duration; MOST]) -> usize {
    let one_hash = |lanes: usize| times[lanes - 1].as_secs_f64() / lanes as f64;
    let worth = |best: usize, lanes: usize| one_hash(lanes) < one_hash(best) * (1.0 - WORTHWHILE);
    (2..=MOST).fold(1, |best, lanes| if worth(best, lanes) { lanes } else { best })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_milliseconds(times: [u64; MOST]) -> usize {
        fewest_worthwhile(&times.map(Duration::from_millis))
    }

    #[test]
    fn as_many_lanes_are_chosen_as_make_a_hash_cheaper() {
        assert_eq!(of_milliseconds([227, 238, 266, 301]), 4);
        // Figures of a build in which the compiler used vector instructions for four lanes.
        assert_eq!(of_milliseconds([216, 224, 250, 727]), 3);
        assert_eq!(of_milliseconds([100, 200, 300, 400]), 1);
    }

    #[test]
    fn a_lane_that_wins_next_to_nothing_is_left_out() {
        assert_eq!(of_milliseconds([100, 110, 160, 212]), 2);
    }

    #[test]
    fn the_answer_is_a_count_of_lanes() {
        assert!((1..=MOST).contains(&quickest()));
    }
}
