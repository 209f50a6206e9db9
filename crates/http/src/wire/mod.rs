//! What goes over the wire, apart from what the domain holds, so that neither changes by accident when the other does.
//! The limits in the schemas are those that the values of the domain have.
mod access;
mod accounts;
mod client_apps;
mod health;
mod oauth;
mod page;
mod problem;
mod sessions;
mod tokens;

pub(crate) use access::{NewPermission, NewRole, Permission, Role, RolePatch};
pub(crate) use accounts::{AccountPatch, NewAccount, PasswordChange, ProfilePatch, Registration, User, UserFilter};
pub(crate) use client_apps::{ClientApp, ClientAppPatch, ClientAppWithSecret, NewClientApp};
pub(crate) use health::{Health, Liveness};
pub(crate) use oauth::{Introspection, IssuedTokens, OauthError, ServerMetadata, TokenQuestion, TokenRequest};
pub(crate) use page::{Page, PageQuery};
pub(crate) use problem::{FieldProblem, ProblemDocument};
pub(crate) use sessions::Session;
pub(crate) use tokens::{KeySet, Reauthentication, RefreshToken, SignIn, SignOut, Tokens};
