//! `/.well-known`: what another service needs to verify a token, and nothing else of ours.
use crate::actors::ANONYMOUS;
use crate::service::world::{AUDIENCE, ISSUER, Person, World};
use insta::assert_json_snapshot;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, TokenData, Validation, decode, decode_header};
use serde_json::Value;

async fn published(world: &World) -> JwkSet {
    serde_json::from_value(world.json(ANONYMOUS.get("/.well-known/jwks.json")).await).unwrap()
}

/// As a service would that knows the issuer's address and its own name, at the tests' own time.
fn verified(keys: &JwkSet, token: &str, audience: &str) -> jsonwebtoken::errors::Result<TokenData<Value>> {
    let key = keys.find(&decode_header(token)?.kid.unwrap()).unwrap();
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[audience]);
    validation.validate_exp = false;
    decode(token, &DecodingKey::from_jwk(key)?, &validation)
}

async fn a_person() -> (World, Person) {
    let world = World::new().await;
    let ann = world.ann().await;
    (world, ann)
}

#[actix_web::test]
async fn the_published_keys_are_public_halves_and_may_be_kept_a_while() {
    let world = World::new().await;
    let answer = world.send(ANONYMOUS.get("/.well-known/jwks.json")).await;
    assert_eq!(answer.header("cache-control"), "public, max-age=300");
    assert_json_snapshot!(answer.json(), @r#"
    {
      "keys": [
        {
          "alg": "EdDSA",
          "crv": "Ed25519",
          "kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
          "kty": "OKP",
          "use": "sig",
          "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
        }
      ]
    }
    "#);
}

#[actix_web::test]
async fn another_service_verifies_an_access_token_by_the_published_keys_alone() {
    let (world, ann) = a_person().await;
    let token = verified(&published(&world).await, &ann.access_token, AUDIENCE).unwrap();
    assert_eq!(token.header.typ.as_deref(), Some("at+jwt"));
    assert_eq!(
        (token.claims["sub"].as_str(), token.claims["token_use"].as_str()),
        (Some(&*ann.account.id), Some("access"))
    );
    let lifetime = token.claims["exp"].as_i64().unwrap() - token.claims["iat"].as_i64().unwrap();
    assert_eq!(lifetime, 900);
}

#[actix_web::test]
async fn a_refresh_token_or_a_changed_one_does_not_pass_for_an_access_token() {
    let (world, ann) = a_person().await;
    let keys = published(&world).await;
    verified(&keys, &ann.refresh_token, AUDIENCE).unwrap_err();
    verified(&keys, &ann.refresh_token, &format!("{ISSUER}/api/v1/auth/refresh")).unwrap();
    let (said, _) = ann.access_token.rsplit_once('.').unwrap();
    let (_, signature) = ann.refresh_token.rsplit_once('.').unwrap();
    verified(&keys, &format!("{said}.{signature}"), AUDIENCE).unwrap_err();
}
