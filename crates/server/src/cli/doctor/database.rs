use std::time::Duration;

use super::Finding;
use crate::wiring;
use doorward_settings::Settings;

const DATABASE: &str = "database";
const SERVER: &str = "database server";
const CLOCK: &str = "clock";
/// Times that two machines write may then be in the wrong order.
const DIFFERENT: Duration = Duration::from_secs(1);
/// Leases end after a minute, so that two nodes would run one job.
const WRONG: Duration = Duration::from_secs(60);

/// Checks that the database answers, that its schema matches this binary, and that it accepts writes.
pub(super) fn reached(settings: &Settings) -> Finding {
    let pending = wiring::backend().and_then(|backend| backend.block_on(wiring::pending(settings)));
    match pending.as_deref() {
        Ok([]) => match wiring::backend().and_then(|backend| backend.block_on(wiring::try_write(settings))) {
            Ok(()) => Finding::ok(DATABASE, "it answers and accepts writes, and its schema is up to date"),
            Err(failure) => Finding::of(DATABASE, &failure),
        },
        Ok(pending) => Finding::warn(
            DATABASE,
            format!("its schema is older than this version: {}", pending.join(", ")),
            "run `doorward migrate`, or start the server, which also updates the schema",
        ),
        Err(failure) => Finding::of(DATABASE, failure),
    }
}

/// Checks that the database server, with the pooler in front of it, is suitable.
pub(super) fn server(settings: &Settings) -> Finding {
    let survey = match wiring::backend().and_then(|backend| backend.block_on(wiring::survey(settings))) {
        Ok(survey) => survey,
        Err(failure) => return Finding::of(SERVER, &failure),
    };
    match (wiring::unfit(&survey), survey.postgres) {
        (Some((problem, next)), _) => Finding::fail(SERVER, problem, next),
        (None, Some(version)) => Finding::ok(SERVER, format!("PostgreSQL {version}, and prepared statements work")),
        (None, None) => Finding::ok(SERVER, "SQLite, which is part of this program"),
    }
}

/// Compares the clock of this machine with that of the database.
pub(super) fn clock(settings: &Settings) -> Finding {
    match wiring::backend().and_then(|backend| backend.block_on(wiring::clock_ahead(settings))) {
        Ok(Some(micros)) => judged(micros),
        Ok(None) => Finding::ok(CLOCK, "SQLite uses the clock of this machine"),
        Err(failure) => Finding::of(CLOCK, &failure),
    }
}

fn judged(micros_ahead: i64) -> Finding {
    let off = Duration::from_micros(micros_ahead.unsigned_abs());
    let way = if micros_ahead < 0 { "behind" } else { "ahead of" };
    let found = format!("the clock of this machine is {:.1} s {way} that of the database", off.as_secs_f64());
    let cure = "synchronize the clocks of all machines, for example by chrony or systemd-timesyncd";
    if off > WRONG {
        Finding::fail(CLOCK, found, cure)
    } else if off > DIFFERENT {
        Finding::warn(CLOCK, found, cure)
    } else {
        Finding::ok(CLOCK, "the clocks of this machine and of the database agree")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::doctor::State;

    #[test]
    fn clocks_may_differ_by_a_second_and_must_not_by_a_minute() {
        for (micros, state) in [
            (0, State::Ok),
            (1_000_000, State::Ok),
            (-1_000_001, State::Warn),
            (60_000_000, State::Warn),
            (60_000_001, State::Fail),
            (i64::MIN, State::Fail),
        ] {
            assert_eq!(judged(micros).state, state, "{micros}");
        }
        assert_eq!(judged(-2_500_000).found, "the clock of this machine is 2.5 s behind that of the database");
    }
}
