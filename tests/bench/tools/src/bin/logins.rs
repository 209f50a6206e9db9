//! How many passwords the pool hashes in a second on this machine, beside one hash of the `bcrypt` crate. Run with
//! `--release`; on an idle machine the two kinds of time agree, on a busy one only the processor's is worth reading.
use bcrypt::bcrypt;
use doorward_crypto::{HashingPool, HashingSettings, OsRandom};
use doorward_domain::Password;
use doorward_ports::outbound::{AccountKey, PasswordHasher};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::{Duration, Instant};

const COST: u32 = 12;
const ROUNDS: usize = 5;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let threads = std::thread::available_parallelism()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    let settings = HashingSettings {
        cost: COST,
        threads,
        lanes: None,
        queue: NonZeroUsize::new(256).unwrap_or(NonZeroUsize::MIN),
        patience: Duration::from_mins(10),
    };
    let pool = Arc::new(HashingPool::start(settings, Arc::new(OsRandom), Arc::new(()))?);
    runtime.block_on(all(&pool, 1, 1));
    for _ in 0..ROUNDS {
        measured("the bcrypt crate, one", 1, || {
            drop(std::hint::black_box(bcrypt(COST, [7; 16], b"copper-violin\0").to_vec()));
        });
        measured("the pool, a lone one", 1, || runtime.block_on(all(&pool, 1, 1)));
        measured("the pool, 8 callers", 32, || runtime.block_on(all(&pool, 8, 4)));
        measured("the pool, 64 callers", 64, || runtime.block_on(all(&pool, 64, 1)));
    }
    println!("{threads} threads; hashes a second: {threads} × 1000 ÷ the processor's ms a hash");
    Ok(())
}

fn measured(what: &str, hashes: u32, work: impl FnOnce()) {
    let (begun, had) = (Instant::now(), processor_time());
    work();
    let [elapsed, used] = [begun.elapsed(), processor_time() - had].map(|time| time.as_secs_f64() * 1000.0);
    let hashes = f64::from(hashes);
    println!("{what:24} {:4.0} ms a hash, {:4.0} ms of a processor", elapsed / hashes, used / hashes);
}

/// This many concurrent callers, each with their own account, one hash after another.
async fn all(pool: &Arc<HashingPool>, callers: u8, hashes: usize) {
    let callers = (0..callers).map(|number| {
        let pool = Arc::clone(pool);
        async move {
            let password = Password::new(format!("copper-violin-{number}")).expect("it is short");
            for _ in 0..hashes {
                pool.hash(AccountKey::from_bytes([number; 16]), &password).await.expect("there is room, and time");
            }
        }
    });
    let set = tokio::task::LocalSet::new();
    callers.for_each(|caller| drop(set.spawn_local(caller)));
    set.await;
}

/// Of the whole process, from Linux; a hundredth of a second is its unit.
fn processor_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields).split_whitespace();
    let ticks: u64 = fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}
