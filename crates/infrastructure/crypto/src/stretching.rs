use crate::bulkhead::{Caller, Workbench};
use crate::digest::{Salt, Sum};
use bcrypt_lanes::{Lanes, MOST, Output, rounds};
use doorward_ports::outbound::Observer;
use std::sync::Arc;
use std::time::Instant;
use zeroize::Zeroizing;

/// bcrypt reads at most this many bytes of a password.
pub const LONGEST_KEY: usize = bcrypt_lanes::LONGEST_KEY;

/// How many rounds the lanes advance before the queue is checked: one to two milliseconds, which is little for a hash
/// with an ordinary cost.
const ROUNDS_AT_A_TIME: u32 = 16;

/// The key bytes for bcrypt: cut at [`LONGEST_KEY`], and ended by a NUL if it fits, as in every bcrypt.
pub fn bcrypt_key(bytes: &[u8]) -> Zeroizing<Vec<u8>> {
    // The buffer has its final size: a buffer that grows would leave copies of the secret behind.
    let mut key = Zeroizing::new(Vec::with_capacity(LONGEST_KEY + 1));
    key.extend_from_slice(&bytes[..bytes.len().min(LONGEST_KEY)]);
    key.push(0);
    key.truncate(LONGEST_KEY);
    key
}

/// One item of slow work: hash a key, and continue for as long as the current cost takes.
pub struct Stretching {
    pub key: Zeroizing<Vec<u8>>,
    pub salt: Salt,
    pub cost: u32,
    /// It takes at least the work of this cost, so that the time does not reveal a hash with a lower cost or, for a
    /// locked account, whether a password is right.
    pub no_less_than: u32,
}

/// The result, and its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretched {
    pub sum: Sum,
    pub rounds: u32,
}

/// The workbench of one thread: several keys are hashed together, each in a lane, and can begin and end at any time.
pub struct Stretcher {
    lanes: Lanes,
    /// The items in the lanes, in order.
    pieces: Vec<Piece>,
    most: usize,
    observer: Arc<dyn Observer>,
}

struct Piece {
    had: u32,
    /// After this many rounds, the sum is taken.
    taken_after: u32,
    /// After this many rounds, it may be answered.
    answered_after: u32,
    sum: Sum,
    begun: Instant,
    caller: Caller<Stretched>,
}

impl Stretcher {
    /// Creates it with this many lanes; a larger number counts as [`MOST`].
    pub fn new(lanes: usize, observer: Arc<dyn Observer>) -> Self {
        Self { lanes: Lanes::new(), pieces: Vec::with_capacity(MOST), most: lanes.clamp(1, MOST), observer }
    }

    /// The rounds until the next item has something to do.
    fn step(&self) -> u32 {
        self.pieces.iter().map(Piece::ahead).fold(ROUNDS_AT_A_TIME, u32::min)
    }

    fn clear(&mut self, place: usize) {
        self.lanes.end(place);
        let piece = self.pieces.swap_remove(place);
        if piece.is_done() {
            self.observer.password_hashed(piece.begun.elapsed());
            piece.caller.answer(Stretched { sum: piece.sum, rounds: piece.had });
        }
    }
}

impl Workbench for Stretcher {
    type Task = Stretching;
    type Answer = Stretched;

    fn begin(&mut self, task: Stretching, caller: Caller<Stretched>) {
        let taken_after = rounds(task.cost);
        let answered_after = taken_after.max(rounds(task.no_less_than));
        self.lanes.begin(&task.key, &task.salt);
        self.pieces.push(Piece { had: 0, taken_after, answered_after, sum: [0; 23], begun: Instant::now(), caller });
    }

    fn advance(&mut self) {
        let step = self.step();
        self.lanes.advance(step);
        for (place, piece) in self.pieces.iter_mut().enumerate() {
            piece.had += step;
            if piece.had == piece.taken_after {
                piece.sum = sum_of(&self.lanes.output(place));
            }
        }
        // A caller that has gone away frees its lane for others.
        let ended = |piece: &Piece| piece.is_done() || piece.caller.has_left();
        while let Some(place) = self.pieces.iter().position(ended) {
            self.clear(place);
        }
    }

    fn in_hand(&self) -> usize {
        self.pieces.len()
    }

    fn room(&self) -> usize {
        self.most - self.pieces.len()
    }
}

impl Piece {
    const fn ahead(&self) -> u32 {
        let next = if self.had < self.taken_after { self.taken_after } else { self.answered_after };
        next - self.had
    }

    const fn is_done(&self) -> bool {
        self.had >= self.answered_after
    }
}

/// A hash omits the last byte, as in every bcrypt.
fn sum_of(output: &Output) -> Sum {
    let [sum @ .., _] = *output;
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bulkhead::Caller;
    use std::sync::Mutex;
    use std::time::Duration;
    use tokio::sync::oneshot;

    type Answer = oneshot::Receiver<Stretched>;

    fn begin(stretcher: &mut Stretcher, salt: Salt, cost: u32, no_less_than: u32) -> Answer {
        let (caller, answer) = oneshot::channel();
        let task = Stretching { key: bcrypt_key(b"copper"), salt, cost, no_less_than };
        stretcher.begin(task, Caller::to(caller));
        answer
    }

    fn stretcher() -> Stretcher {
        Stretcher::new(MOST, Arc::new(()))
    }

    fn finish(stretcher: &mut Stretcher) {
        while stretcher.in_hand() > 0 {
            stretcher.advance();
        }
    }

    fn stretched(cost: u32, no_less_than: u32) -> Stretched {
        let mut stretcher = stretcher();
        let mut answer = begin(&mut stretcher, [7; 16], cost, no_less_than);
        finish(&mut stretcher);
        answer.try_recv().unwrap()
    }

    fn by_the_oracle(cost: u32, salt: Salt) -> Sum {
        sum_of(&bcrypt::bcrypt(cost, salt, b"copper\0"))
    }

    #[test]
    fn it_takes_the_work_of_the_present_cost_also_for_a_cheaper_digest() {
        assert_eq!(stretched(4, 8).rounds, 1 << 8);
        assert_eq!(stretched(8, 8).rounds, 1 << 8);
        assert_eq!(stretched(8, 4).rounds, 1 << 8);
        assert_eq!(stretched(4, 8).sum, by_the_oracle(4, [7; 16]), "the answer is the digest's");
    }

    #[test]
    fn keys_of_any_cost_are_stretched_together_and_answered_each_in_its_time() {
        let mut stretcher = stretcher();
        let mut slow = begin(&mut stretcher, [1; 16], 7, 7);
        stretcher.advance();
        let mut quick = begin(&mut stretcher, [2; 16], 4, 4);
        let mut padded = begin(&mut stretcher, [3; 16], 4, 5);
        stretcher.advance();
        assert_eq!(quick.try_recv().unwrap().sum, by_the_oracle(4, [2; 16]));
        assert!(padded.try_recv().is_err(), "it takes the time of the present cost");
        stretcher.advance();
        assert_eq!(padded.try_recv().unwrap().sum, by_the_oracle(4, [3; 16]));
        finish(&mut stretcher);
        assert_eq!(slow.try_recv().unwrap().sum, by_the_oracle(7, [1; 16]));
    }

    #[test]
    fn one_who_leaves_frees_his_lane() {
        let mut stretcher = Stretcher::new(1, Arc::new(()));
        let answer = begin(&mut stretcher, [7; 16], 12, 12);
        assert_eq!(stretcher.room(), 0);
        drop(answer);
        stretcher.advance();
        assert_eq!(stretcher.room(), 1);
    }

    #[derive(Default)]
    struct Heard(Mutex<Vec<Duration>>);

    impl Observer for Heard {
        fn cache_asked(&self, _: &'static str, _: doorward_ports::outbound::CacheTier, _: bool) {}
        fn rate_limited(&self, _: doorward_domain::RateClass) {}
        fn password_hashed(&self, took: Duration) {
            self.0.lock().unwrap().push(took);
        }
        fn passwords_waiting(&self, _: usize) {}
    }

    #[test]
    fn the_observer_hears_of_each_that_was_done() {
        let heard = Arc::new(Heard::default());
        let mut stretcher = Stretcher::new(MOST, heard.clone());
        let _done = begin(&mut stretcher, [1; 16], 4, 4);
        drop(begin(&mut stretcher, [2; 16], 6, 6));
        finish(&mut stretcher);
        let heard = heard.0.lock().unwrap();
        assert!(matches!(heard[..], [took] if took > Duration::ZERO), "{heard:?}");
    }

    #[test]
    fn a_key_ends_with_a_nul_only_where_one_fits() {
        assert_eq!(*bcrypt_key(b""), [0]);
        assert_eq!(bcrypt_key(&[b'a'; 71])[70..], [b'a', 0]);
        assert_eq!(*bcrypt_key(&[b'a'; 72]), [b'a'; 72]);
        assert_eq!(*bcrypt_key(&[b'a'; 73]), [b'a'; 72]);
    }
}
