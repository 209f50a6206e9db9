use super::Finding;
use crate::wiring;
use doorward_settings::Settings;

const DATABASE: &str = "database";
const SERVER: &str = "database server";

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
