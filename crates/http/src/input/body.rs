use super::tree::Tree;
use crate::problem::{Fault, Problem};
use crate::shared::Shared;
use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderMap};
use actix_web::web::{self, Bytes};
use actix_web::{FromRequest, HttpRequest};
use doorward_ports::Error;
use serde::de::DeserializeOwned;
use std::pin::Pin;
use std::time::Duration;

/// The largest body of any route.
const LARGEST_BYTES: usize = 64 * 1024;
/// A caller that needs longer for 64 KiB holds the connection on purpose.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// A body in JSON.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned + 'static> FromRequest for Body<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            check_headers(request.headers())?;
            parse(&receive(&request, &mut payload).await?).map(Self)
        })
    }
}

/// A body in JSON, or none: as if it were `{}`.
pub(crate) struct OptionalBody<T>(pub(crate) T);

impl<T: DeserializeOwned + Default + 'static> FromRequest for OptionalBody<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let body = receive(&request, &mut payload).await?;
            if body.is_empty() {
                return Ok(Self(T::default()));
            }
            check_headers(request.headers())?;
            parse(&body).map(Self)
        })
    }
}

/// A GraphQL request in JSON, not read yet.
pub(crate) struct GraphqlBody(pub(crate) Bytes);

impl FromRequest for GraphqlBody {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            check_headers(request.headers())?;
            receive(&request, &mut payload).await.map(Self)
        })
    }
}

pub(super) fn check_headers(headers: &HeaderMap) -> Result<(), Problem> {
    let refuse = |detail| Err(Problem::http(Fault::UnsupportedMediaType, detail));
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if !text(header::CONTENT_TYPE).is_some_and(is_json) {
        return refuse("Send the body as JSON, with the header Content-Type: application/json.");
    }
    check_encoding(headers)
}

/// A compressed body could expand to any size.
fn check_encoding(headers: &HeaderMap) -> Result<(), Problem> {
    let encoding = headers.get(header::CONTENT_ENCODING);
    if encoding.is_none_or(|encoding| encoding == "identity") {
        return Ok(());
    }
    Err(Problem::http(Fault::UnsupportedMediaType, "Send the body uncompressed, without a Content-Encoding."))
}

/// Whether the body is a form, as browsers and OAuth clients send it.
pub(super) fn is_form(headers: &HeaderMap) -> Result<bool, Problem> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    let form = essence.eq_ignore_ascii_case("application/x-www-form-urlencoded");
    if form { check_encoding(headers).map(|()| true) } else { Ok(false) }
}

/// `application/json`, or a type with the suffix `+json` (RFC 6839 §3.1).
fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence.strip_prefix("application/").is_some_and(|subtype| subtype == "json" || subtype.ends_with("+json"))
}

pub(super) async fn receive(request: &HttpRequest, payload: &mut Payload) -> Result<Bytes, Problem> {
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length: usize| length > LARGEST_BYTES) {
        return Err(too_large());
    }
    let shared = Shared::of(request);
    let patience = LONGEST_WAIT.min(shared.options.request_timeout / 2);
    let body = web::Payload::from_request(request, payload).await.map_err(|_| cut_off())?;
    match tokio::time::timeout(patience, body.to_bytes_limited(LARGEST_BYTES)).await {
        Ok(Ok(Ok(bytes))) => Ok(bytes),
        Ok(Ok(Err(_))) => Err(cut_off()),
        Ok(Err(_)) => Err(too_large()),
        Err(_) => Err(Problem::http(Fault::RequestTimeout, "The body did not arrive in time. Send the request again.")),
    }
}

fn too_large() -> Problem {
    Problem::http(Fault::PayloadTooLarge, "The body may have at most 64 KiB.")
}

fn cut_off() -> Problem {
    Problem::http(Fault::MalformedRequest, "The body ended early, or its framing is wrong.")
}

/// `serde_json` refuses more than 128 levels of nesting.
pub(super) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    tree(body)?.read().map_err(|shape| Error::from(shape).into())
}

pub(super) fn tree(body: &[u8]) -> Result<Tree, Problem> {
    serde_json::from_slice(body)
        .map_err(|fault| Problem::http(Fault::MalformedJson, format!("The body is not JSON: {fault}.")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use doorward_ports::inbound::{Change, given};
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Thing {
        name: String,
        #[serde(default)]
        note: Change<String>,
        #[serde(default, deserialize_with = "given")]
        active: Option<bool>,
        #[serde(default)]
        tags: Vec<String>,
    }

    fn refused(json: &str) -> (String, &'static str) {
        let problem = parse::<Thing>(json.as_bytes()).unwrap_err();
        let field = problem.fields.first().unwrap_or_else(|| panic!("{problem}"));
        (field.pointer.clone(), field.code)
    }

    #[test]
    fn a_fault_of_shape_is_named_by_its_place() {
        assert_eq!(refused("{}"), ("/name".into(), "required"));
        assert_eq!(refused(r#"{"name":1}"#), ("/name".into(), "invalid_type"));
        assert_eq!(refused(r#"{"name":"a","tags":["b",null]}"#), ("/tags/1".into(), "invalid_type"));
        assert_eq!(refused(r#"{"name":"a","a/b~":1}"#), ("/a~1b~0".into(), "unknown_field"));
        assert_eq!(refused(r#"{"name":"a","name":"b"}"#), ("/name".into(), "duplicate_field"));
        assert_eq!(refused("[]"), (String::new(), "invalid_type"));
        assert_eq!(refused(r#"{"name":18446744073709551615}"#), ("/name".into(), "invalid_type"));
    }

    #[test]
    fn absent_is_not_null() {
        let thing: Thing = parse(br#"{"name":"a","note":null}"#).unwrap();
        assert_eq!(thing.note, Change::Clear);
        let thing: Thing = parse(br#"{"name":"a","note":"b","active":true,"tags":["c"]}"#).unwrap();
        assert_eq!((thing.note, thing.active, thing.tags.len()), (Change::Set("b".to_owned()), Some(true), 1));
        let thing: Thing = parse(br#"{"name":"a"}"#).unwrap();
        assert_eq!((thing.note, thing.active, thing.name), (Change::Keep, None, "a".to_owned()));
        assert_eq!(refused(r#"{"name":"a","active":null}"#), ("/active".into(), "invalid_type"));
    }

    #[test]
    fn a_value_is_never_repeated_in_the_refusal() {
        let problem = parse::<Thing>(br#"{"name":"a","active":"hunter2"}"#).unwrap_err();
        assert_eq!(problem.fields[0].message, "must be true or false, not a string.");
    }

    #[test]
    fn what_is_not_json_is_told_apart_from_what_has_the_wrong_shape() {
        let deep = "[".repeat(100_000);
        for text in ["", "{", "nonsense", "{\"name\":\"\u{0}\"}", r#"{"name":"\ud800"}"#, deep.as_str()] {
            let problem = parse::<Thing>(text.as_bytes()).unwrap_err();
            assert_eq!(problem.code.as_str(), "malformed_json", "{text:.20}");
        }
        assert_eq!(parse::<Thing>(b"{\"name\":\"\xff\"}").unwrap_err().code.as_str(), "malformed_json");
    }

    #[test]
    fn json_is_known_by_its_content_type() {
        for good in ["application/json", "Application/JSON; charset=utf-8", "application/merge-patch+json"] {
            assert!(is_json(good), "{good}");
        }
        for bad in ["text/json", "application/jsonp", "application/x-www-form-urlencoded", "json", ""] {
            assert!(!is_json(bad), "{bad}");
        }
    }
}
