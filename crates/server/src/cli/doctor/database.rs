use super::Finding;
use crate::settings::{DatabaseUrl, Settings};
use crate::wiring;

const DATABASE: &str = "database";

/// Whether it answers, and whether its schema is the one that this binary knows.
pub(super) fn reached(settings: &Settings) -> Finding {
    let pending = wiring::backend().and_then(|backend| backend.block_on(wiring::pending(settings)));
    match pending.as_deref() {
        Ok([]) => Finding::ok(DATABASE, format!("it answers, and its schema is up to date{}", not_seen(settings))),
        Ok(pending) => Finding::warn(
            DATABASE,
            format!("its schema is behind this version: {}", pending.join(", ")),
            "run `doorward migrate`, or start the server, which does the same",
        ),
        Err(failure) => Finding::of(DATABASE, failure),
    }
}

/// What a person has to look at himself.
fn not_seen(settings: &Settings) -> &'static str {
    match settings.database.url {
        DatabaseUrl::Sqlite(_) => "",
        DatabaseUrl::Postgres(_) => {
            "; not looked at: that PostgreSQL is 13 or newer and its clock is right, and, if PgBouncer stands in front in \
             transaction mode, that it is 1.21 or newer with max_prepared_statements above 0"
        }
    }
}
