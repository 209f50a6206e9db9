//! The middleware of every request, assembled in [`crate::Rest::service`].
mod cors;
mod envelope;
mod guard;
mod head;
mod limits;
mod request_log;

pub(crate) use cors::cors;
pub(crate) use envelope::{envelope, report};
pub(crate) use guard::guard;
