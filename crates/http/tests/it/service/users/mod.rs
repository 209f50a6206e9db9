//! `/api/v1/users`
mod create;
mod list;
mod me;
mod one;
mod roles;
mod sessions;
mod unlock;
