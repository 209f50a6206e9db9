//! How long hashes of cost 12 take on this machine, by lanes. Run with `--release`; with an argument, on that many cores at
//! once.
//!
//! Of many short trials the quickest counts, so that other load does not show; the time for a whole hash is reckoned from it.
use bcrypt_lanes::{Lanes, MOST, quickest, rounds};
use std::hint::black_box;
use std::time::{Duration, Instant};

const COST: u32 = 12;
const TRIAL: u32 = 4;
const TRIALS: usize = 400;
const KEY: &[u8] = b"a password of nobody\0";

/// The least time of a trial: index 0 is the `bcrypt` crate's, the others are those of so many lanes.
type Least = [Duration; MOST + 1];

fn main() {
    let cores = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(1);
    let threads: Vec<_> = (0..cores).map(|_| std::thread::spawn(measured)).collect();
    for (number, thread) in threads.into_iter().enumerate() {
        match thread.join() {
            Ok(least) => print(number + 1, &least),
            Err(_) => eprintln!("core {} was not measured", number + 1),
        }
    }
    println!("quickest: {} lanes", quickest());
}

fn measured() -> Least {
    let mut benches: [Lanes; MOST] = std::array::from_fn(|index| with_busy(index + 1));
    let mut least = [Duration::MAX; MOST + 1];
    for _ in 0..TRIALS {
        least[0] = least[0].min(time_of(|| {
            black_box(bcrypt::bcrypt(TRIAL, [7; 16], KEY));
        }));
        for (bench, least) in benches.iter_mut().zip(&mut least[1..]) {
            *least = time_of(|| bench.advance(rounds(TRIAL))).min(*least);
        }
    }
    least
}

fn with_busy(count: usize) -> Lanes {
    let mut lanes = Lanes::new();
    for _ in 0..count {
        lanes.begin(KEY, &[7; 16]);
    }
    lanes
}

fn time_of(work: impl FnOnce()) -> Duration {
    let begun = Instant::now();
    work();
    begun.elapsed()
}

fn print(core: usize, least: &Least) {
    let milliseconds = |time: &Duration| (*time * rounds(COST - TRIAL)).as_secs_f64() * 1000.0;
    println!("core {core}: the bcrypt crate takes {:.0} ms", milliseconds(&least[0]));
    for (index, time) in least[1..].iter().enumerate() {
        let (lanes, together) = (index + 1, milliseconds(time));
        println!("core {core}: lanes: {lanes}, together {together:.0} ms: {:.0} ms a hash", together / lanes as f64);
    }
}
