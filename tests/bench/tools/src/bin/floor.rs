//! The yardstick of tests/bench: the least that a server on actix-web can do. It answers every request with the bytes of a
//! file, and checks the Bearer token before, if it is given the keys; it knows no session, no account and no error.
//!
//! `floor PORT WORKERS ANSWER [JWKS ISSUER AUDIENCE]`
use actix_web::http::header::AUTHORIZATION;
use actix_web::web::{Bytes, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::Value;
use std::error::Error;

struct Floor {
    answer: Bytes,
    verifier: Option<Verifier>,
}

struct Verifier {
    key: DecodingKey,
    validation: Validation,
}

impl Verifier {
    fn of(jwks: &str, issuer: &str, audience: &str) -> Result<Self, Box<dyn Error>> {
        let set: JwkSet = serde_json::from_str(&std::fs::read_to_string(jwks)?)?;
        let key = DecodingKey::from_jwk(set.keys.first().ok_or("the key set is empty")?)?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[audience]);
        Ok(Self { key, validation })
    }

    fn accepts(&self, request: &HttpRequest) -> bool {
        let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = header.and_then(|value| value.strip_prefix("Bearer "));
        token.is_some_and(|token| jsonwebtoken::decode::<Value>(token, &self.key, &self.validation).is_ok())
    }
}

async fn answer(request: HttpRequest, floor: Data<Floor>) -> HttpResponse {
    if floor.verifier.as_ref().is_some_and(|verifier| !verifier.accepts(&request)) {
        return HttpResponse::Unauthorized().finish();
    }
    HttpResponse::Ok().content_type("application/json").body(floor.answer.clone())
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [port, workers, file, verifying @ ..] = arguments.as_slice() else {
        return Err("usage: floor PORT WORKERS ANSWER [JWKS ISSUER AUDIENCE]".into());
    };
    let verifier = match verifying {
        [] => None,
        [jwks, issuer, audience] => Some(Verifier::of(jwks, issuer, audience)?),
        _ => return Err("JWKS, ISSUER and AUDIENCE go together".into()),
    };
    let floor = Data::new(Floor { answer: std::fs::read(file)?.into(), verifier });
    let server = HttpServer::new(move || App::new().app_data(floor.clone()).default_service(web::to(answer)))
        .workers(workers.parse()?)
        .bind(("127.0.0.1", port.parse()?))?;
    Ok(actix_web::rt::System::new().block_on(server.run())?)
}
