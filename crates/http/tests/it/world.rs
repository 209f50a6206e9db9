use crate::fake::Fake;
use actix_web::body::{MessageBody, to_bytes};
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::header::HeaderMap;
use actix_web::http::{Method, StatusCode};
use actix_web::test::{self, TestRequest};
use actix_web::web::Bytes;
use actix_web::{Error, HttpMessage};
use doorward_http::{App, Checked, ClientAddressHeader, GraphqlOptions, HttpOptions, Readiness, Rest};
use doorward_ports::access::Operation;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// REST over a fake.
pub struct World {
    pub fake: Arc<Fake>,
    pub readiness: Readiness,
    rest: Rest,
}

/// An answer, read to its end.
pub struct Answer {
    /// What was asked.
    pub method: Method,
    pub path: String,
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
    /// Which operation's rule was applied before it was given.
    pub checked: Option<Operation>,
}

impl World {
    pub fn new() -> Self {
        Self::with(|_| {})
    }

    pub fn with(set: impl FnOnce(&mut HttpOptions)) -> Self {
        let mut options = options();
        set(&mut options);
        let (fake, readiness) = (Arc::new(Fake::default()), Readiness::default());
        let app = App {
            accounts: fake.clone(),
            authentication: fake.clone(),
            sessions: fake.clone(),
            roles: fake.clone(),
            client_apps: fake.clone(),
            client_tokens: fake.clone(),
            providers: fake.clone(),
            provider_registry: fake.clone(),
            identities: fake.clone(),
            second_factors: fake.clone(),
            audit_log: fake.clone(),
            audit_trail: fake.clone(),
            admission: fake.clone(),
            owner_mails: fake.clone(),
            system: fake.clone(),
        };
        Self { rest: Rest::new(app, options, readiness.clone()), fake, readiness }
    }

    /// REST itself, to be put on a port.
    pub fn rest(&self) -> Rest {
        self.rest.clone()
    }

    /// What comes of a request, in short.
    pub async fn outcome(&self, request: TestRequest) -> String {
        self.send(request).await.outcome()
    }

    /// The one way to make a request.
    pub async fn send(&self, request: TestRequest) -> Answer {
        answer(&self.rest, request).await
    }
}

/// As an operator would set them who serves the public.
pub fn options() -> HttpOptions {
    HttpOptions {
        public_url: "https://accounts.example.com".to_owned(),
        allowed_origins: vec!["https://app.example.com".to_owned()],
        trusted_proxies: Vec::new(),
        client_address_header: ClientAddressHeader::XForwardedFor,
        request_timeout: Duration::from_secs(30),
        loopback: false,
        secure: true,
        session_cookie: false,
        graphql: GraphqlOptions { introspection: true },
    }
}

/// What REST answers to a request.
pub async fn answer(rest: &Rest, request: TestRequest) -> Answer {
    answer_of(rest.service(), request).await
}

/// What an application answers to a request.
pub async fn answer_of<T, B>(app: actix_web::App<T>, request: TestRequest) -> Answer
where
    T: ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse<B>, Error = Error, InitError = ()>
        + 'static,
    T::Future: 'static,
    B: MessageBody + 'static,
{
    let service = test::init_service(app).await;
    let request = request.to_request();
    let (method, path) = (request.method().clone(), request.path().to_owned());
    let (checked, response) = match test::try_call_service(&service, request).await {
        Ok(answer) => {
            let (request, response) = answer.into_parts();
            let checked = request.extensions().get::<Checked>().map(|checked| checked.0);
            (checked, response.map_into_boxed_body())
        }
        // As the server does with an error that cost the request itself.
        Err(error) => (None, error.error_response()),
    };
    let (status, headers) = (response.status(), response.headers().clone());
    let body = to_bytes(response.into_body().boxed()).await.unwrap_or_else(|error| panic!("{error}"));
    Answer { method, path, status, headers, body, checked }
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {:?}", self.body))
    }

    /// The header as text, its first line; the empty text when it is absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The code of the problem document that this must be.
    pub fn problem(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json", "{:?}", self.body);
        let problem = self.json();
        assert_eq!(problem["status"], self.status.as_u16());
        assert_eq!(problem["correlation_id"], self.header("x-correlation-id"));
        problem["code"].as_str().unwrap().to_owned()
    }

    /// The status, and if it is a refusal its code: `204`, `404 user_not_found`.
    pub fn outcome(&self) -> String {
        if self.status.as_u16() < 400 {
            self.status.as_str().to_owned()
        } else {
            self.status.as_str().to_owned() + " " + &self.code()
        }
    }

    /// The code of a refusal: in a problem document, or as OAuth tells it.
    fn code(&self) -> String {
        if self.header("content-type") != "application/json" {
            return self.problem();
        }
        let refusal = self.json();
        assert!(refusal["error"].is_string() && refusal["error_description"].is_string(), "{refusal}");
        assert_eq!(refusal["correlation_id"], self.header("x-correlation-id"));
        refusal["code"].as_str().unwrap().to_owned()
    }

    /// All faults of the input: `/email invalid_email`.
    pub fn faults(&self) -> Vec<String> {
        assert_eq!(self.outcome(), "422 validation_failed");
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let faults = self.json()["errors"].as_array().unwrap().clone();
        faults.iter().map(|fault| format!("{} {}", text(&fault["pointer"]), text(&fault["code"]))).collect()
    }

    /// Where the one fault is and what it is called.
    pub fn fault(&self) -> (String, String) {
        assert_eq!(self.problem(), "validation_failed");
        let fault = &self.json()["errors"][0];
        (fault["pointer"].as_str().unwrap().to_owned(), fault["code"].as_str().unwrap().to_owned())
    }
}
