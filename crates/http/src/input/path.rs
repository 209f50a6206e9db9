use crate::problem::Problem;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use doorward_application::{Error, ErrorCode};
use doorward_domain::{SessionId, UserId};
use std::collections::HashMap;
use std::future::{Ready, ready};
use std::str::FromStr;

/// Something that a path names by its id.
pub(crate) trait Named: FromStr {
    /// What is told when the path's text can name no such thing.
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

/// The `{id}` of the path.
pub(crate) struct Id<T>(pub(crate) T);

/// The `{name}` of the path.
pub(crate) struct Name(pub(crate) String);

/// `/users/{id}/roles/{role}`
pub(crate) struct UserAndRole(pub(crate) UserId, pub(crate) String);

/// `/roles/{name}/permissions/{permission}`
pub(crate) struct RoleAndPermission(pub(crate) String, pub(crate) String);

/// A path parameter, decoded in full.
fn parameter(request: &HttpRequest, name: &str) -> String {
    let parameters: Option<HashMap<String, String>> = request.match_info().load().ok();
    parameters.and_then(|mut all| all.remove(name)).unwrap_or_default()
}

fn id<T: Named>(request: &HttpRequest) -> Result<T, Problem> {
    let unknown = |_| Problem::from(Error::new(T::UNKNOWN, T::UNKNOWN_DETAIL));
    parameter(request, "id").parse().map_err(unknown)
}

macro_rules! from_path {
    (<$($generic:ident: $bound:ident)?> $type:ty, $request:ident => $read:expr) => {
        impl$(<$generic: $bound>)? FromRequest for $type {
            type Error = Problem;
            type Future = Ready<Result<Self, Problem>>;

            fn from_request($request: &HttpRequest, _: &mut Payload) -> Self::Future {
                ready($read)
            }
        }
    };
}

from_path!(<T: Named> Id<T>, request => id(request).map(Self));
from_path!(<> Name, request => Ok(Self(parameter(request, "name"))));
from_path!(<> UserAndRole, request => id(request).map(|user| Self(user, parameter(request, "role"))));
from_path!(<> RoleAndPermission, request => Ok(Self(parameter(request, "name"), parameter(request, "permission"))));
