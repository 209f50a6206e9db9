//! `/api/v1/auth`
mod check;
mod login;
mod logout;
mod providers;
mod reauthenticate;
mod refresh;
mod register;
