use super::Finding;
use crate::settings::Settings;
use crate::wiring;

const DATABASE: &str = "database";

/// Whether it answers, and whether its schema is the one that this binary knows.
pub(super) fn reached(settings: &Settings) -> Finding {
    let pending = wiring::backend().and_then(|backend| backend.block_on(wiring::pending(settings)));
    match pending.as_deref() {
        Ok([]) => Finding::ok(DATABASE, "it answers, and its schema is up to date"),
        Ok(pending) => Finding::warn(
            DATABASE,
            format!("its schema is behind this version: {}", pending.join(", ")),
            "run `doorward migrate`, or start the server, which does the same",
        ),
        Err(failure) => Finding::of(DATABASE, failure),
    }
}
