use super::admit::{admit, admit_by_token};
use super::body;
use super::declared::declare;
use super::tree::Tree;
use crate::problem::{Fault, Problem};
use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderMap};
use actix_web::{FromRequest, HttpRequest};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use doorward_ports::access::Who;
use doorward_ports::access::policy::Policy;
use doorward_ports::inbound::{Admitted, ClientCredentials, Identification, ProvenClient};
use doorward_ports::{Caller, Error, ErrorCode, Personal, Secret};
use std::future::{Ready, ready};
use std::marker::PhantomData;
use std::pin::Pin;
use url::form_urlencoded;

/// The request of an admitted OAuth client: parameters in a form, or the same as JSON.
pub(crate) struct OauthRequest<P> {
    parameters: Parameters,
    pub(crate) caller: Caller,
    client: Option<ProvenClient>,
    policy: PhantomData<P>,
}

/// The content of the header `Authorization`.
#[derive(Debug, PartialEq, Eq)]
enum Header {
    Nothing,
    Basic(Personal, Secret),
    Bearer,
}

/// Named texts, each name once (RFC 6749 §3.2). A text without a value counts as absent.
struct Parameters(Vec<(String, Secret)>);

impl<P: Policy> FromRequest for OauthRequest<P> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let declared = declare(request, P::OPERATION);
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            declared?;
            // RFC 6749 §2.3.1 and §3.2, RFC 7662 §4: what is in a URL is in logs.
            if !request.query_string().is_empty() {
                return Err(malformed("Send the parameters in the body. The URL must not contain any."));
            }
            let proof = proof(request.headers())?;
            let may_show_a_token = matches!(P::OPERATION.requirement().who, Who::ClientAppOr(_));
            if proof == Header::Bearer && may_show_a_token {
                let Admitted { caller, client } = admit_by_token(&request, P::OPERATION).await?;
                let parameters = parameters(&request, &mut payload).await?;
                parameters.prove_nothing()?;
                return Ok(Self { parameters, caller, client, policy: PhantomData });
            }
            let parameters = parameters(&request, &mut payload).await?;
            let Admitted { caller, client } = match credentials(&proof, &parameters)? {
                Some(shown) => admit(&request, Identification::Client(&shown), P::OPERATION).await?,
                // Doorward's own client, or a cookie in a browser.
                None => admit_by_token(&request, P::OPERATION).await?,
            };
            Ok(Self { parameters, caller, client, policy: PhantomData })
        })
    }
}

/// The parameters of an OAuth request or answer in a URL (RFC 6749 §3.1): each once; unknown ones are ignored.
pub(crate) struct OauthQuery(Parameters);

/// The same in a form.
pub(crate) struct OauthForm(Parameters);

impl OauthQuery {
    /// An optional parameter.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        self.0.get(name).map(str::to_owned)
    }
}

impl OauthForm {
    /// A required parameter that is secret.
    pub(crate) fn secret(&self, name: &str) -> Result<Secret, Problem> {
        self.0.required(name).map(|text| Secret::new(text.to_owned()))
    }

    /// An optional parameter that is secret.
    pub(crate) fn optional_secret(&self, name: &str) -> Option<Secret> {
        self.0.get(name).map(|text| Secret::new(text.to_owned()))
    }

    /// These parameters, as the query of a URL.
    pub(crate) fn query_of(&self, names: &[&str]) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(names.iter().filter_map(|name| Some((*name, self.0.get(name)?))));
        query.finish()
    }
}

impl FromRequest for OauthQuery {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Parameters::of_form(request.query_string().as_bytes()).map(Self))
    }
}

impl FromRequest for OauthForm {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            if !body::is_form(request.headers())? {
                return Err(Problem::http(Fault::UnsupportedMediaType, "Send a form."));
            }
            Parameters::of_form(&body::receive(&request, &mut payload).await?).map(Self)
        })
    }
}

async fn parameters(request: &HttpRequest, payload: &mut Payload) -> Result<Parameters, Problem> {
    if body::is_form(request.headers())? {
        return Parameters::of_form(&body::receive(request, payload).await?);
    }
    body::check_headers(request.headers())?;
    Parameters::of_json(body::tree(&body::receive(request, payload).await?)?)
}

impl<P: Policy> OauthRequest<P> {
    /// A required parameter.
    pub(crate) fn required(&self, name: &str) -> Result<&str, Problem> {
        self.parameters.required(name)
    }

    /// An optional parameter.
    pub(crate) fn optional(&self, name: &str) -> Option<String> {
        self.parameters.get(name).map(str::to_owned)
    }

    /// [`Self::required`], for a secret.
    pub(crate) fn secret(&self, name: &str) -> Result<Secret, Problem> {
        self.required(name).map(|text| Secret::new(text.to_owned()))
    }

    /// The client of the request.
    pub(crate) fn client(&self) -> ProvenClient {
        self.client.clone().expect("for what clients do, whoever is let in is one")
    }
}

/// The claimed client and its secret; none if the request names none. A Bearer token that does not authenticate a
/// client is not read.
fn credentials(header: &Header, parameters: &Parameters) -> Result<Option<ClientCredentials>, Problem> {
    let (id, secret) = (parameters.get("client_id"), parameters.get("client_secret"));
    match (header, id) {
        (Header::Basic(..), _) if secret.is_some() => Err(two_proofs()),
        (Header::Basic(named, _), Some(id)) if named.as_str() != id => {
            Err(malformed("The client_id of the body is not the client_id of the header."))
        }
        (Header::Basic(id, secret), _) => Ok(Some(shown(id, Some(secret.expose())))),
        (_, Some(id)) => Ok(Some(shown(id, secret))),
        (_, None) if secret.is_some() => Err(malformed("The parameter client_id is missing.")),
        (_, None) => Ok(None),
    }
}

/// RFC 6749 §2.3: one method of authentication in each request.
fn two_proofs() -> Problem {
    malformed("Authenticate the client in one way only: in the header, or in the body.")
}

fn shown(id: &str, secret: Option<&str>) -> ClientCredentials {
    let secret = secret.filter(|secret| !secret.is_empty()).map(|secret| Secret::new(secret.to_owned()));
    ClientCredentials { id: id.into(), secret }
}

impl Parameters {
    fn of_form(body: &[u8]) -> Result<Self, Problem> {
        Self::once_each(form_urlencoded::parse(body).map(|(name, value)| (name.into_owned(), value.into_owned())))
    }

    fn of_json(tree: Tree) -> Result<Self, Problem> {
        let Tree::Object(members) = tree else { return Err(malformed("The body must be an object.")) };
        let text = |(name, value)| match value {
            Tree::Text(value) => Ok((name, value)),
            Tree::Null => Ok((name, String::new())),
            _ => Err(malformed("The values in the body must be strings.")),
        };
        Self::once_each(members.into_iter().map(text).collect::<Result<Vec<_>, _>>()?)
    }

    fn once_each(parameters: impl IntoIterator<Item = (String, String)>) -> Result<Self, Problem> {
        let mut once: Vec<(String, Secret)> = Vec::new();
        for (name, value) in parameters {
            if once.iter().any(|(known, _)| *known == name) {
                return Err(malformed("A parameter is repeated. Send each parameter once."));
            }
            once.push((name, Secret::new(value)));
        }
        Ok(Self(once))
    }

    fn required(&self, name: &str) -> Result<&str, Problem> {
        self.get(name).ok_or_else(|| malformed(&format!("The parameter {name} is missing.")))
    }

    /// If a token has authenticated the caller.
    fn prove_nothing(&self) -> Result<(), Problem> {
        if self.get("client_secret").is_some() { Err(two_proofs()) } else { Ok(()) }
    }

    fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.0.iter().find(|(known, _)| known == name)?;
        Some(value.expose()).filter(|value| !value.is_empty())
    }
}

fn proof(headers: &HeaderMap) -> Result<Header, Problem> {
    let mut lines = headers.get_all(header::AUTHORIZATION);
    let Some(line) = lines.next() else { return Ok(Header::Nothing) };
    if lines.next().is_some() {
        return Err(malformed("There are several Authorization headers. Send only one."));
    }
    let (scheme, rest) = line.to_str().ok().and_then(|line| line.trim().split_once(' ')).unwrap_or_default();
    if scheme.eq_ignore_ascii_case("bearer") {
        return Ok(Header::Bearer);
    }
    let basic = if scheme.eq_ignore_ascii_case("basic") { basic(rest.trim()) } else { None };
    let (id, secret) = basic.ok_or_else(|| {
        invalid_client("The Authorization header must be: Basic, a space, and Base64 of client_id:client_secret.")
    })?;
    Ok(Header::Basic(id.into(), Secret::new(secret)))
}

/// RFC 6749 §2.3.1: both parts are encoded as in a form, then joined as in RFC 7617.
fn basic(encoded: &str) -> Option<(String, String)> {
    let text = String::from_utf8(BASE64_STANDARD.decode(encoded).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    let (id, secret) = (form_decoded(id), form_decoded(secret));
    (!id.is_empty()).then_some((id, secret))
}

fn form_decoded(part: &str) -> String {
    let pair = format!("part={}", part.replace('&', "%26"));
    form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}

fn malformed(detail: &str) -> Problem {
    Problem::http(Fault::MalformedRequest, detail)
}

fn invalid_client(detail: &str) -> Problem {
    Error::new(ErrorCode::InvalidClient, detail).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    fn read(authorization: Option<&str>, form: &str) -> Result<(Header, Parameters), Problem> {
        let mut headers = HeaderMap::new();
        if let Some(line) = authorization {
            headers.append(header::AUTHORIZATION, HeaderValue::from_str(line).unwrap());
        }
        Ok((proof(&headers)?, Parameters::of_form(form.as_bytes())?))
    }

    fn by_basic(plain: &str) -> String {
        format!("Basic {}", BASE64_STANDARD.encode(plain))
    }

    fn client(authorization: Option<&str>, form: &str) -> Result<(String, Option<String>), String> {
        let client = read(authorization, form).and_then(|(header, parameters)| credentials(&header, &parameters));
        let client = client.map_err(|problem| problem.code.as_str().to_owned())?;
        let client = client.unwrap_or_else(ClientCredentials::built_in);
        Ok((client.id.into_string(), client.secret.map(|secret| secret.expose().to_owned())))
    }

    fn is(id: &str, secret: Option<&str>) -> Result<(String, Option<String>), String> {
        Ok((id.to_owned(), secret.map(str::to_owned)))
    }

    fn refused(code: &str) -> Result<(String, Option<String>), String> {
        Err(code.to_owned())
    }

    #[test]
    fn a_client_says_who_it_is_by_basic_or_in_the_body_or_is_the_built_in_one() {
        assert_eq!(client(Some(&by_basic("app:s")), ""), is("app", Some("s")));
        assert_eq!(client(Some(&by_basic("app:s").replace("Basic", "bAsIc  ")), ""), is("app", Some("s")));
        assert_eq!(client(None, "client_id=app&client_secret=s"), is("app", Some("s")));
        assert_eq!(client(None, "client_id=app"), is("app", None));
        assert_eq!(client(None, "client_id=app&client_secret="), is("app", None));
        assert_eq!(client(None, ""), is("doorward", None));
        assert_eq!(client(Some(&by_basic("app:s")), "client_id=app"), is("app", Some("s")));
        assert_eq!(client(Some(&by_basic("app:")), ""), is("app", None));
        assert_eq!(client(Some("Bearer a"), "client_id=app&client_secret=s"), is("app", Some("s")));
    }

    #[test]
    fn rfc_6749_2_3_1_both_parts_of_basic_are_encoded_as_in_a_form() {
        assert_eq!(client(Some(&by_basic("a%3Ab:s%2Bt+u%25&v=w:x%C3%A9")), ""), is("a:b", Some("s+t u%&v=w:xé")));
    }

    #[test]
    fn rfc_6749_2_3_two_methods_at_once_are_refused() {
        assert_eq!(client(Some(&by_basic("app:s")), "client_secret=s"), refused("malformed_request"));
        assert_eq!(client(Some(&by_basic("app:s")), "client_id=b"), refused("malformed_request"));
        assert_eq!(client(None, "client_secret=s"), refused("malformed_request"));
        let (_, introspection) = read(Some("Bearer a"), "client_id=a&client_secret=s").unwrap();
        assert_eq!(introspection.prove_nothing().unwrap_err().code.as_str(), "malformed_request");
    }

    #[test]
    fn malformed_basic_is_no_proof() {
        for line in
            ["Basic", "Basic ", "Basic !!", "Basic YXBw", "Basic OnM=", "Basic /w==", "Digest a", "Basic YTp= x"]
        {
            assert_eq!(client(Some(line), ""), refused("invalid_client"), "{line}");
        }
    }

    #[test]
    fn rfc_6749_3_2_a_repeated_parameter_is_refused_and_an_unknown_one_ignored() {
        for form in ["token=a&token=a", "x=1&x=2", "token=&token="] {
            assert_eq!(read(None, form).err().map(|p| p.code.as_str()), Some("malformed_request"), "{form}");
        }
        let (_, parameters) = read(None, "x=1&token=a%20b&y").unwrap();
        assert_eq!(parameters.required("token").ok(), Some("a b"));
        assert!(parameters.required("y").is_err() && parameters.required("z").is_err());
    }

    #[test]
    fn json_means_the_same_as_a_form_and_has_texts_only() {
        let read = |json: &str| Parameters::of_json(body::tree(json.as_bytes()).unwrap());
        let parameters = read(r#"{"token":"a","hint":null}"#).unwrap();
        assert_eq!((parameters.get("token"), parameters.get("hint")), (Some("a"), None));
        for bad in ["[]", r#""token""#, r#"{"token":1}"#, r#"{"token":["a"]}"#, r#"{"token":"a","token":"a"}"#] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
