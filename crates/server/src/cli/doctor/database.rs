use super::Finding;
use crate::wiring;
use doorward_settings::Settings;

const DATABASE: &str = "database";
const SERVER: &str = "database server";

/// Whether it answers, whether its schema is the one that this binary knows, and whether something can be written.
pub(super) fn reached(settings: &Settings) -> Finding {
    let pending = wiring::backend().and_then(|backend| backend.block_on(wiring::pending(settings)));
    match pending.as_deref() {
        Ok([]) => match wiring::backend().and_then(|backend| backend.block_on(wiring::try_write(settings))) {
            Ok(()) => Finding::ok(DATABASE, "it answers, takes what is written, and its schema is up to date"),
            Err(failure) => Finding::of(DATABASE, &failure),
        },
        Ok(pending) => Finding::warn(
            DATABASE,
            format!("its schema is behind this version: {}", pending.join(", ")),
            "run `doorward migrate`, or start the server, which does the same",
        ),
        Err(failure) => Finding::of(DATABASE, failure),
    }
}

/// Whether it is one that a service can stand on, with whatever stands in front of it.
pub(super) fn server(settings: &Settings) -> Finding {
    let survey = match wiring::backend().and_then(|backend| backend.block_on(wiring::survey(settings))) {
        Ok(survey) => survey,
        Err(failure) => return Finding::of(SERVER, &failure),
    };
    match (wiring::unfit(&survey), survey.postgres) {
        (Some((problem, next)), _) => Finding::fail(SERVER, problem, next),
        (None, Some(version)) => Finding::ok(SERVER, format!("PostgreSQL {version}, which keeps prepared statements")),
        (None, None) => Finding::ok(SERVER, "SQLite, which is part of this program"),
    }
}
