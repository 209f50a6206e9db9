//! The types of requests and answers that only REST uses. Types that other front ends show too are in `doorward-views`,
//! and inputs of use cases are in `doorward_ports::inbound`. The limits in the schemas are those of the values in the
//! domain.
mod accounts;
mod audit;
mod health;
mod mfa;
mod oauth;
mod page;
mod problem;
mod providers;
mod tokens;

pub(crate) use accounts::{AccountPatch, UserFilter};
pub(crate) use audit::{AuditExportQuery, AuditFilter, VerificationQuery};
pub(crate) use health::Liveness;
pub(crate) use mfa::{
    Confirmed, Factors, NewTotp, Reauthentication, RecoveryCodes, TotpConfirmation, TotpEnrolment, Verification,
};
pub(crate) use oauth::{Introspection, IssuedTokens, OauthError, ServerMetadata, TokenQuestion, TokenRequest};
pub(crate) use page::{Page, PageQuery};
pub(crate) use problem::{FieldProblem, ProblemDocument};
pub(crate) use providers::{
    Authorization, AuthorizationQuery, IdentityProof, ProviderLogout, ProviderRemoval, ProviderReturn, SignInProviders,
};
pub(crate) use tokens::{KeySet, RefreshToken, SignIn, SignOut, SignedOut, Tokens};
