//! Sends HTTP requests to addresses that somebody has configured: a provider of identities, later a webhook.
//!
//! Whoever configures an address could choose one inside of the network of Doorward, and read what is not meant for them
//! (server-side request forgery). So the client reaches the public internet and nothing else, unless its
//! [`Options`] allow more:
//!
//! * over `https` only, with the certificate of the host;
//! * every address of the host is checked ([`Reach`]), and the connection is made to a checked address: the name is not
//!   resolved a second time, when it could mean another address (DNS rebinding);
//! * no redirect is followed, and no proxy of the environment is used;
//! * a request with its answer takes at most [`Options::patience`], and the answer has at most [`LONGEST_ANSWER`] bytes.
//!
//! It keeps no connection, repeats nothing and caches nothing: its callers know what may be repeated.
#![warn(missing_docs)]

mod address;
mod client;
mod error;
mod resolver;

pub use address::Reach;
pub use client::{Client, LONGEST_ANSWER, Options};
pub use doorward_tls::AuthoritiesError;
pub use error::OutgoingError;
pub use hyper::{Method, Request, Response, StatusCode, Uri, header};
pub use resolver::{Resolver, SystemResolver};
