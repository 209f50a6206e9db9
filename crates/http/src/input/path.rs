use crate::problem::Problem;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use doorward_domain::{FactorId, IdentityId, SessionId, UserId};
use doorward_ports::{Error, ErrorCode};
use serde::Deserialize;
use std::future::{Ready, ready};
use std::str::FromStr;

/// A resource that a path names by its id.
pub(crate) trait Named: FromStr {
    /// The detail if the text in the path is not a possible id.
    const UNKNOWN: ErrorCode;
    const UNKNOWN_DETAIL: &'static str;
}

impl Named for UserId {
    const UNKNOWN: ErrorCode = ErrorCode::UserNotFound;
    const UNKNOWN_DETAIL: &'static str = "There is no account with this id.";
}

impl Named for SessionId {
    const UNKNOWN: ErrorCode = ErrorCode::SessionNotFound;
    const UNKNOWN_DETAIL: &'static str = "There is no session with this id.";
}

impl Named for IdentityId {
    const UNKNOWN: ErrorCode = ErrorCode::IdentityNotFound;
    const UNKNOWN_DETAIL: &'static str = "Your account has no identity with this id.";
}

impl Named for FactorId {
    const UNKNOWN: ErrorCode = ErrorCode::FactorNotFound;
    const UNKNOWN_DETAIL: &'static str = "Your account has no second factor, or no open enrolment, with this id.";
}

/// The `{id}` of the path.
pub(crate) struct Id<T>(pub(crate) T);

/// The `{id}` of the path, as a text.
pub(crate) struct AppId(pub(crate) String);

/// The `{name}` of the path.
pub(crate) struct Name(pub(crate) String);

/// `/users/{id}/roles/{role}`
pub(crate) struct UserAndRole(pub(crate) UserId, pub(crate) String);

/// `/roles/{name}/permissions/{permission}`
pub(crate) struct RoleAndPermission(pub(crate) String, pub(crate) String);

/// All parameters of any path, completely decoded; those that a path lacks are empty.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Parameters {
    id: String,
    name: String,
    role: String,
    permission: String,
}

impl Parameters {
    fn of(request: &HttpRequest) -> Self {
        // A text that can't be decoded names nothing, like an empty one.
        request.match_info().load().unwrap_or_default()
    }

    fn id<T: Named>(&self) -> Result<T, Problem> {
        let unknown = |_| Problem::from(Error::new(T::UNKNOWN, T::UNKNOWN_DETAIL));
        self.id.parse().map_err(unknown)
    }
}

macro_rules! from_path {
    (<$($generic:ident: $bound:ident)?> $type:ty, $parameters:ident => $read:expr) => {
        impl$(<$generic: $bound>)? FromRequest for $type {
            type Error = Problem;
            type Future = Ready<Result<Self, Problem>>;

            fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
                let $parameters = Parameters::of(request);
                ready($read)
            }
        }
    };
}

from_path!(<T: Named> Id<T>, parameters => parameters.id().map(Self));
from_path!(<> AppId, parameters => Ok(Self(parameters.id)));
from_path!(<> Name, parameters => Ok(Self(parameters.name)));
from_path!(<> UserAndRole, parameters => parameters.id().map(|user| Self(user, parameters.role)));
from_path!(<> RoleAndPermission, parameters => Ok(Self(parameters.name, parameters.permission)));
