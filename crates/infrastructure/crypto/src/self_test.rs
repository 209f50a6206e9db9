use crate::digest::Salt;
use bcrypt_lanes::{Job, MOST, Output};

/// Hashes of one cost, as by [`bcrypt_lanes::hash_together`].
pub type HashTogether = fn(u32, &[Job<'_>]) -> Vec<Output>;

/// The least that bcrypt knows: a millisecond.
const COST: u32 = 4;
const SALT: Salt = *b"doorward's start";
/// With bytes above 127, where bcrypt was computed wrongly before (`$2x$`).
const KEY: &[u8] = b"\xff\xa3 copper\0";

/// Whether the lanes compute on this machine what the `bcrypt` crate computes. The compiler makes other code for each
/// number of lanes, so each is tried.
pub fn lanes_agree(hash_together: HashTogether) -> bool {
    let expected = bcrypt::bcrypt(COST, SALT, KEY);
    let jobs = [Job { key: KEY, salt: &SALT }; MOST];
    (1..=MOST).all(|lanes| hash_together(COST, &jobs[..lanes]) == vec![expected; lanes])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sound_lanes_agree() {
        assert!(lanes_agree(bcrypt_lanes::hash_together));
    }

    #[test]
    fn a_lane_that_is_wrong_in_one_bit_is_found_whichever_it_is() {
        fn lies<const LANES: usize, const LANE: usize>(cost: u32, jobs: &[Job<'_>]) -> Vec<Output> {
            let mut outputs = bcrypt_lanes::hash_together(cost, jobs);
            if jobs.len() == LANES {
                outputs[LANE][23] ^= 1;
            }
            outputs
        }
        let liars: [HashTogether; 5] = [lies::<1, 0>, lies::<2, 1>, lies::<3, 0>, lies::<4, 0>, lies::<4, 3>];
        assert!(!liars.into_iter().any(lanes_agree));
    }
}
