//! What every request passes through, put together in [`crate::Rest::service`].
mod cors;
mod envelope;
mod guard;
mod head;

pub(crate) use cors::cors;
pub(crate) use envelope::envelope;
pub(crate) use guard::guard;
