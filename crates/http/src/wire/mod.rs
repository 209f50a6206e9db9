//! What REST alone reads and answers. What other front ends show as well is in `doorward-views`, and what a use case takes as
//! it is sent is in `doorward_ports::inbound`. The limits in the schemas are those of the domain's values.
mod accounts;
mod health;
mod oauth;
mod page;
mod problem;
mod tokens;

pub(crate) use accounts::{AccountPatch, UserFilter};
pub(crate) use health::Liveness;
pub(crate) use oauth::{Introspection, IssuedTokens, OauthError, ServerMetadata, TokenQuestion, TokenRequest};
pub(crate) use page::{Page, PageQuery};
pub(crate) use problem::{FieldProblem, ProblemDocument};
pub(crate) use tokens::{KeySet, Reauthentication, RefreshToken, SignIn, SignOut, Tokens};
