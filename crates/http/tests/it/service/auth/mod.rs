//! `/api/v1/auth`
mod check;
mod login;
mod logout;
mod refresh;
mod register;
