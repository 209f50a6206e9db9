use super::shape::Shape;
use super::tree::Tree;
use crate::problem::Problem;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use doorward_ports::{Error, FieldError};
use serde::de::DeserializeOwned;
use std::borrow::Cow;
use std::future::{Ready, ready};
use url::form_urlencoded;

/// The parameters of the query. Unknown parameters are refused like unknown fields of a body, so that a mistyped filter
/// does not list everything.
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let pairs = form_urlencoded::parse(request.query_string().as_bytes());
        let members: Vec<_> = pairs.map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
        ready(read(members).map(Self))
    }
}

/// `?permission=…`, which can be repeated.
pub(crate) struct Permissions(pub(crate) Vec<String>);

impl FromRequest for Permissions {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        const NAME: &str = "permission";
        let pairs = form_urlencoded::parse(request.query_string().as_bytes());
        let read = |(name, value): (Cow<'_, str>, Cow<'_, str>)| match &*name {
            NAME => Ok(value.into_owned()),
            other => Err(Error::from(<Shape as serde::de::Error>::unknown_field(other, &[NAME]))),
        };
        ready(pairs.map(read).collect::<Result<_, _>>().map(Self).map_err(Problem::from))
    }
}

fn read<T: DeserializeOwned>(parameters: Vec<(String, String)>) -> Result<T, Problem> {
    if let Some((name, _)) = parameters.iter().find(|(_, value)| value.contains('\0')) {
        let message = "contains a NUL character; remove it.".to_owned();
        let fault = FieldError { pointer: format!("/{name}"), code: "invalid_value", message };
        return Err(Error::invalid(vec![fault]).into());
    }
    let members = parameters.into_iter().map(|(name, value)| (name, Tree::Parameter(value))).collect();
    Tree::Object(members).read().map_err(|shape| Error::from(shape).into())
}
