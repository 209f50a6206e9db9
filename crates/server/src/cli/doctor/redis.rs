use super::Finding;
use crate::failure::Failure;
use crate::wiring;
use doorward_settings::Settings;

const REDIS: &str = "redis";

/// Checks that Redis answers and accepts writes. Doorward works without it, so a failure is a warning.
pub(super) fn reached(settings: &Settings) -> Finding {
    match wiring::backend().and_then(|backend| backend.block_on(wiring::check_redis(settings))) {
        Ok(None) => Finding::ok(REDIS, "redis.url is not set: this node shares only the database with others"),
        Ok(Some(took)) => {
            Finding::ok(REDIS, format!("it answers and accepts writes, in {:.1} ms", took.as_secs_f64() * 1000.0))
        }
        Err(Failure::Failed { problem, next }) => Finding::warn(REDIS, problem, next),
        Err(failure) => Finding::of(REDIS, &failure),
    }
}
