//! People who are signed in and read, while somebody else attacks: how long their requests take.
use std::thread::ScopedJoinHandle;
use std::time::{Duration, Instant};

use crate::client::Client;
use crate::server::pause;

const READERS: usize = 4;

/// How long each request took of one who is signed in, while they go on.
fn read(client: Client, token: &str, goes_on: &(dyn Fn() -> bool + Sync)) -> Vec<Duration> {
    let mut took = Vec::new();
    while goes_on() {
        let asked = Instant::now();
        client.get("/api/v1/users/me").bearer(token).send().expect_status(200);
        took.push(asked.elapsed());
        pause(Duration::from_millis(5));
    }
    took
}

/// The time that one in a hundred requests of all readers exceeded, while they go on.
pub fn p99_while(client: Client, token: &str, goes_on: &(dyn Fn() -> bool + Sync)) -> Duration {
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..READERS).map(|_| scope.spawn(|| read(client, token, goes_on))).collect();
        let mut took: Vec<Duration> = readers.into_iter().flat_map(joined).collect();
        took.sort();
        took[took.len() * 99 / 100]
    })
}

/// The same for this time.
pub fn p99(client: Client, token: &str, time: Duration) -> Duration {
    let begun = Instant::now();
    p99_while(client, token, &|| begun.elapsed() < time)
}

pub fn joined<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread.join().expect("its own message tells why")
}
