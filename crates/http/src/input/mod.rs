//! Requests: callers, bodies, queries, paths and preconditions, with the position of each fault.
mod admit;
mod body;
mod declared;
mod if_match;
mod oauth;
mod path;
mod query;
mod refresh_token;
mod require;
mod shape;
mod token;
mod tree;

pub(crate) use body::{Body, GraphqlBody, OptionalBody};
pub(crate) use declared::Declared;
pub(crate) use if_match::IfMatch;
pub(crate) use oauth::{OauthForm, OauthQuery, OauthRequest};
pub(crate) use path::{AppId, Id, Name, RoleAndPermission, UserAndRole};
pub(crate) use query::{Permissions, Query};
pub(crate) use refresh_token::{ShownRefreshToken, SigningOut};
pub use require::Checked;
pub(crate) use require::{Require, Visitor};
pub(crate) use token::token as shown_token;
