use crate::connection::Connection;
use crate::key::key;
use async_trait::async_trait;
use doorward_domain::{Quota, RateClass, Taken};
use doorward_ports::outbound::{CacheTier, Observer, RateLimiter};
use doorward_ports::usage::{CallKind, PortCall};
use redis::{Cmd, ErrorKind, FromRedisValue, RedisError, Script, ServerErrorKind};
use std::sync::Arc;
use std::time::Duration;

/// Its name in metrics.
const COUNTED: &str = "rate_limits";

/// The same arithmetic as [`Quota::take`], with the clock of Redis, so that the clocks of nodes need not agree. Numbers
/// in Lua are exact for whole microseconds until the year 2255.
const TAKE: &str = r"
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local interval, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local before = tonumber(redis.call('GET', KEYS[1]) or now) or now
before = math.min(math.max(before, now), now + burst)
local after = before + interval
if after - now > burst then
    return {0, after - now - burst, before - now}
end
redis.call('SET', KEYS[1], string.format('%.0f', after), 'PX', math.ceil((after - now) / 1000))
return {1, math.floor((burst - (after - now)) / interval), after - now}
";

/// The same arithmetic as [`Quota::give_back`]. What is whole again is forgotten.
const GIVE_BACK: &str = r"
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local after = tonumber(redis.call('GET', KEYS[1]) or now) - tonumber(ARGV[1])
if after > now then
    redis.call('SET', KEYS[1], string.format('%.0f', after), 'PX', math.ceil((after - now) / 1000))
else
    redis.call('UNLINK', KEYS[1])
end
return 0
";

/// A script, by the digest under which Redis keeps it.
struct Kept {
    /// For reports.
    name: &'static str,
    text: &'static str,
    digest: String,
}

impl Kept {
    fn new(name: &'static str, text: &'static str) -> Self {
        Self { name, text, digest: Script::new(text).get_hash().to_owned() }
    }
}

/// Counts for all nodes with one Redis, in one round trip.
///
/// What is [counted by each node](RateClass::is_counted_by_node) needs no Redis. While Redis can't be reached, each node
/// counts alone, up to half of each quota: no limit is lost, and nobody is locked out because of Redis.
pub struct RedisLimiter {
    connection: Arc<Connection>,
    alone: Arc<dyn RateLimiter>,
    observer: Arc<dyn Observer>,
    take: Kept,
    give_back: Kept,
}

impl RedisLimiter {
    pub(crate) fn over(connection: Arc<Connection>, alone: Arc<dyn RateLimiter>, observer: Arc<dyn Observer>) -> Self {
        Self {
            connection,
            alone,
            observer,
            take: Kept::new("take", TAKE),
            give_back: Kept::new("give_back", GIVE_BACK),
        }
    }

    async fn take_shared(&self, class: RateClass, of: &str, quota: Quota) -> Option<Taken> {
        let taken: (bool, u64, u64) = self.run(&self.take, class, of, quota).await?;
        Some(match taken {
            (true, remaining, whole_in) => Taken::Allowed {
                remaining: u32::try_from(remaining).unwrap_or(u32::MAX),
                whole_in: Duration::from_micros(whole_in),
            },
            (false, retry_after, whole_in) => Taken::Refused {
                retry_after: Duration::from_micros(retry_after),
                whole_in: Duration::from_micros(whole_in),
            },
        })
    }

    /// None while Redis can't be reached.
    async fn run<T: FromRedisValue>(&self, script: &Kept, class: RateClass, of: &str, quota: Quota) -> Option<T> {
        let _running = PortCall::begin(CallKind::Redis, script.name);
        let by_digest = command("EVALSHA", &script.digest, class, of, quota);
        match self.connection.ask_expecting(&by_digest, is_unknown).await? {
            Ok(answer) => Some(answer),
            // Redis was restarted, and keeps the script from now on.
            Err(_) => self.connection.ask(&command("EVAL", script.text, class, of, quota)).await,
        }
    }
}

fn command(name: &str, script: &str, class: RateClass, of: &str, quota: Quota) -> Cmd {
    let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
    let mut command = redis::cmd(name);
    command.arg(script).arg(1).arg(key("limit", format_args!("{}:{of}", class.as_str())));
    command.arg(micros(quota.interval())).arg(micros(quota.burst()));
    command
}

fn is_unknown(error: &RedisError) -> bool {
    error.kind() == ErrorKind::Server(ServerErrorKind::NoScript)
}

#[async_trait]
impl RateLimiter for RedisLimiter {
    async fn take(&self, class: RateClass, of: &str, quota: Quota) -> Taken {
        if class.is_counted_by_node() {
            return self.alone.take(class, of, quota).await;
        }
        let shared = self.take_shared(class, of, quota).await;
        self.observer.cache_asked(COUNTED, CacheTier::Shared, shared.is_some());
        match shared {
            Some(taken) => taken,
            None => self.alone.take(class, of, quota.half()).await,
        }
    }

    async fn give_back(&self, class: RateClass, of: &str, quota: Quota) {
        if class.is_counted_by_node() {
            return self.alone.give_back(class, of, quota).await;
        }
        if self.run::<()>(&self.give_back, class, of, quota).await.is_none() {
            self.alone.give_back(class, of, quota.half()).await;
        }
    }
}
