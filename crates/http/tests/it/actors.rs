//! Who makes a request.
use actix_web::http::Method;
use actix_web::http::header;
use actix_web::test::TestRequest;
use serde_json::Value;

/// Somebody with a token, or without one.
#[derive(Clone, Copy)]
pub struct Actor {
    token: Option<&'static str>,
}

/// Nobody known.
pub const ANONYMOUS: Actor = Actor { token: None };
/// An ordinary user.
pub const ANN: Actor = Actor { token: Some("ann-token") };
/// An administrator.
pub const ADMIN: Actor = Actor { token: Some("admin-token") };

impl Actor {
    /// Whoever shows this token.
    pub fn with(token: &str) -> Self {
        // Leaked, so that actors stay as easy to hand around as constants; a test makes few, and ends.
        Self { token: Some(token.to_owned().leak()) }
    }

    /// The token, where there is one.
    pub fn token(self) -> Option<&'static str> {
        self.token
    }

    pub fn asks(self, method: Method, path: &str) -> TestRequest {
        let peer = "203.0.113.9:4711".parse().unwrap();
        let request = TestRequest::default().method(method).uri(path).peer_addr(peer);
        match self.token {
            Some(token) => request.insert_header((header::AUTHORIZATION, format!("Bearer {token}"))),
            None => request,
        }
    }

    pub fn get(self, path: &str) -> TestRequest {
        self.asks(Method::GET, path)
    }

    pub fn delete(self, path: &str) -> TestRequest {
        self.asks(Method::DELETE, path)
    }

    pub fn put(self, path: &str) -> TestRequest {
        self.asks(Method::PUT, path)
    }

    pub fn post(self, path: &str, body: &Value) -> TestRequest {
        self.asks(Method::POST, path).set_json(body)
    }

    pub fn patch(self, path: &str, body: &Value) -> TestRequest {
        self.asks(Method::PATCH, path).set_json(body)
    }
}
