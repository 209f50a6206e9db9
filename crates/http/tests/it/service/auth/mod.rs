//! `/api/v1/auth`
mod login;
mod logout;
mod refresh;
mod register;
