//! Sign-in with providers: OpenID Connect, and GitHub, which has an API in its place.
//!
//! [`Providers`] is the adapter of the port [`IdentityProvider`](doorward_ports::outbound::IdentityProvider).
//! `openidconnect` and `oauth2` read what providers publish, ask for tokens, and verify signatures. The rules for
//! tokens are here, each with a fault of its own, because ID tokens and logout tokens share them.
//!
//! **To add a kind of provider**: add a variant of `ProviderKind` in the domain; a file in `kinds/` that implements
//! `Kind` and says only what the provider does differently; one line in `kinds::of`; and a test that plays the provider
//! as it is documented.
//!
//! No account, no session and no attempt is known here, nothing is stored, and nothing is shown to people.
#![warn(missing_docs)]

mod address;
mod calls;
mod check;
mod circuit;
mod claims;
mod exchange;
mod identity;
mod keys;
mod kinds;
mod known;
mod logout;
mod openid;
mod providers;
mod published;
mod rules;
mod signed_secret;
mod token;

pub use providers::{ProviderTools, Providers};
