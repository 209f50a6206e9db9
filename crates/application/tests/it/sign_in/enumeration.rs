//! Whether the time that a refusal takes tells if there is such an account. Measured with the real parts at the lowest cost
//! of a hash, where everything else weighs most; at the cost that people use, a hash takes 256 times as long.
use crate::world::{HOME, MINUTE, PASSWORD, WRONG, World, from, typed};
use doorward_domain::Password;
use doorward_ports::ErrorCode;
use doorward_ports::outbound::{AccountKey, PasswordHasher, Random};
use doorward_testkit::SeededRandom;
use std::time::Instant;

const PAIRS: usize = 2_000;
/// On a busy machine more are taken, until a missing hash would be seen.
const MOST_PAIRS: usize = 6_000;
const NAMES: usize = 50;
/// Beyond it two means differ: chance alone goes there once in 150,000 runs. The bound of test vector leakage assessment,
/// and of dudect (Reparaz, Balasch and Verbauwhede 2017), from which the cropping is too.
///
/// What is left of a difference is the audit line, which names an account that there is: three values more are bound. That
/// is 9,000 instructions of a build that is not optimised, a thousandth of what is measured.
const BOUND: f64 = 4.5;
/// The slowest tenth is what the machine did meanwhile. One limit crops both sides, so that it can make nothing even.
const KEPT: f64 = 0.9;

/// OWASP ASVS 6.3.8: no valid user can be deduced from failed authentication, by the response or its time.
#[tokio::test]
async fn asvs_6_3_8_the_time_of_a_refusal_does_not_tell_whether_there_is_such_an_account() {
    let world = World::new().await;
    populate(&world).await;
    let hash = hash_takes(&world).await;
    let (mut known, mut unknown, chance) = (Vec::new(), Vec::new(), SeededRandom::new(6));
    let (t, resolution) = loop {
        for number in 0..NAMES {
            // Long enough that no door is shut, which would be another answer; not so long that a network grows unfamiliar.
            world.advance(MINUTE);
            // In random order, so that whatever comes and goes on the machine falls on both.
            for first in in_random_order(&chance) {
                if first {
                    known.push(refusal_takes(&world, &format!("known{number}")).await);
                } else {
                    unknown.push(refusal_takes(&world, &nobody(number)).await);
                }
            }
        }
        let (t, resolution) = welch(&known, &unknown);
        // When to stop hangs on the spread alone, never on the difference: else chance would have many tries.
        if known.len() >= PAIRS && (resolution < hash / 2.0 || known.len() >= MOST_PAIRS) {
            break (t, resolution);
        }
    };
    let pairs = known.len();
    println!("t is {t:.2} of {pairs} pairs; a hash takes {hash:.6} s, seen would be {resolution:.6} s");
    assert!(t.abs() < BOUND, "known accounts can be told by time: t is {t:.2} of {pairs} pairs");
    // Else the machine was so busy that the test says nothing: a missing hash would not have been seen.
    assert!(
        resolution < hash / 2.0,
        "only a difference of {resolution:.6} s would have been seen; a hash takes {hash:.6} s"
    );
}

/// Accounts of every kind that a sign-in meets: every other owner has come from the network that is measured from.
async fn populate(world: &World) {
    for number in 0..NAMES {
        let name = format!("known{number}");
        world.account(&name).await;
        if number % 2 == 0 {
            world.sign_in(HOME, &name, PASSWORD).await.unwrap();
        }
    }
}

/// Names that nobody has: before, among and after those that somebody has.
fn nobody(number: usize) -> String {
    format!("{}{number}", ["another", "known1x", "somebody"][number % 3])
}

fn in_random_order(chance: &SeededRandom) -> [bool; 2] {
    let mut byte = [0];
    chance.fill(&mut byte);
    let first = byte[0] % 2 == 0;
    [first, !first]
}

/// In seconds.
async fn refusal_takes(world: &World, name: &str) -> f64 {
    let (caller, typed) = (from(HOME), typed(name, WRONG));
    let begun = Instant::now();
    let answer = world.auth().sign_in(&caller, typed).await;
    let took = begun.elapsed();
    assert_eq!(answer.unwrap_err().code, ErrorCode::InvalidCredentials);
    took.as_secs_f64()
}

/// In seconds.
async fn hash_takes(world: &World) -> f64 {
    const TIMES: u32 = 50;
    let (nobody, password) = (AccountKey::from_bytes([0; 16]), Password::new(WRONG.to_owned()).unwrap());
    let begun = Instant::now();
    for _ in 0..TIMES {
        world.pool.verify(nobody, &password, None).await.unwrap();
    }
    (begun.elapsed() / TIMES).as_secs_f64()
}

/// Welch's t of what is kept of both, and the least difference of means that would have gone beyond the bound.
fn welch(a: &[f64], b: &[f64]) -> (f64, f64) {
    let mut pooled: Vec<f64> = a.iter().chain(b).copied().collect();
    pooled.sort_by(f64::total_cmp);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "an index"
    )]
    let longest = pooled[(pooled.len() as f64 * KEPT) as usize];
    let (a, b) = (moments(a, longest), moments(b, longest));
    let error = (a.1 + b.1).sqrt();
    ((a.0 - b.0) / error, BOUND * error)
}

/// The mean, and its variance.
#[expect(clippy::cast_precision_loss, reason = "there are thousands")]
fn moments(sample: &[f64], longest: f64) -> (f64, f64) {
    let kept: Vec<f64> = sample.iter().copied().filter(|time| *time < longest).collect();
    let count = kept.len() as f64;
    let mean = kept.iter().sum::<f64>() / count;
    let variance = kept.iter().map(|time| (time - mean).powi(2)).sum::<f64>() / (count - 1.0);
    (mean, variance / count)
}

#[test]
fn the_measure_sees_a_difference_that_is_there_and_none_that_is_not() {
    let sample = |shift: f64| -> Vec<f64> { (0..2_000).map(|n| f64::from(n % 100) + shift).collect() };
    assert!(welch(&sample(0.0), &sample(0.0)).0.abs() < 0.1);
    let (t, resolution) = welch(&sample(0.0), &sample(10.0));
    assert!(t < -BOUND && resolution < 10.0, "{t} {resolution}");
}
