use crate::{Lanes, MOST};
use std::time::{Duration, Instant};

/// A third of a millisecond: short enough that some of them go by without the system taking the core away meanwhile.
const ROUNDS: u32 = 4;
const REPETITIONS: usize = 8;
/// A further lane makes every hash take longer, so it must win more than this part of the time for one.
const WORTHWHILE: f64 = 0.05;

/// How many lanes take the least time for one hash on this processor, found by trying; it takes about 15 ms.
///
/// The answer depends on the processor and on what the compiler made of the loop, not on the load: of several short
/// trials the quickest counts.
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

/// From the time that so many lanes took together (at index 0: one lane).
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
        // As measured where the compiler used vector instructions for four.
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
