//! Second factors over HTTP.
use super::world::{PASSWORD, Person, World, claims, login, operator};
use crate::actors::{ANONYMOUS, Actor};
use actix_web::http::Method;
use doorward_domain::{
    AuthenticationEvent, Authentications, Factor, FactorId, FactorKind, FactorName, SecondFactor, SessionId, TotpSeed,
};
use doorward_ports::inbound::Authentication;
use doorward_ports::outbound::SealedPlace;
use doorward_ports::{Actor as Who, Caller};
use doorward_testbed::typed;
use doorward_testkit::authenticator::{Authenticator, STEP};
use serde_json::{Value, json};
use std::time::Duration;

const MFA: &str = "/api/v1/users/me/mfa";
const VERIFY: &str = "/api/v1/auth/mfa/verify";
const SEED: [u8; 20] = *b"the seed of a factor";

/// A factor, and a code of it that is right now.
pub struct Enrolled {
    pub id: String,
    pub code: String,
}

impl World {
    /// A factor of this person, which they have just shown if it is confirmed.
    pub async fn factor_of(&self, person: &Person, confirmed: bool) -> Enrolled {
        // Ids are of a millisecond.
        self.advance(Duration::from_millis(1));
        let now = self.tools().clock.now();
        let (id, user) = (FactorId::mint(now, [4; 10]), person.account.id.parse().unwrap());
        let confirmed_at = confirmed.then_some(now);
        let (kind, name) = (FactorKind::Totp, FactorName::authenticator());
        let factor = Factor { id, user, kind, name, created_at: now, confirmed_at, last_used_at: None };
        let place = SealedPlace { table: "factors", row: &id.to_string(), column: "sealed_seed" };
        let sealed = self.tools().sealer.seal(&place, &SEED);
        let session: SessionId = person.session.parse().unwrap();
        let mut work = self.tools().store.write().await.unwrap();
        work.factors().insert(&factor, &sealed).await.unwrap();
        if confirmed {
            let both = Authentications::begin(AuthenticationEvent::by_password(now))
                .with(AuthenticationEvent::by_second_factor(SecondFactor::Totp, now));
            work.sessions().set_authentications(session, &both, now).await.unwrap();
        }
        work.commit().await.unwrap();
        let code = Authenticator::with(&TotpSeed::new(SEED).to_base32()).code(now);
        Enrolled { id: id.to_string(), code }
    }

    /// The token of a sign-in that waits for a code.
    pub async fn mfa_token(&self, person: &Person) -> String {
        let authentication: &dyn Authentication = &*self.services;
        let caller = Caller { actor: Who::Anonymous, ..operator() };
        let refused = authentication.sign_in(&caller, typed(&person.name, PASSWORD)).await.unwrap_err();
        refused.mfa.unwrap().mfa_token.expose().to_owned()
    }

    /// Enrols an authenticator as an app would.
    async fn enrol(&self, person: &Person) -> (Authenticator, Value) {
        let enrolled = self.json(person.post(&format!("{MFA}/totp"), &json!({"name": "Phone"}))).await;
        let authenticator = Authenticator::with(enrolled["secret"].as_str().unwrap());
        let path = format!("{MFA}/totp/{}/confirm", enrolled["id"].as_str().unwrap());
        let code = json!({"code": authenticator.code(self.tools().clock.now())});
        let confirmed = self.json(person.post(&path, &code)).await;
        self.advance(STEP);
        (authenticator, confirmed)
    }

    fn shown(&self, authenticator: &Authenticator) -> String {
        authenticator.code(self.tools().clock.now())
    }
}

#[actix_web::test]
async fn nobody_enrols_a_factor_without_an_account() {
    let world = World::new().await;
    for (method, path) in [(Method::GET, ""), (Method::POST, "/totp"), (Method::POST, "/recovery-codes")] {
        assert_eq!(
            world.outcome(ANONYMOUS.asks(method, &(MFA.to_owned() + path))).await,
            "401 authentication_required"
        );
    }
}

#[actix_web::test]
async fn an_enrolment_shows_the_secret_in_three_forms_and_once() {
    let world = World::new().await;
    let ann = world.ann().await;
    let answer = world.send(ann.asks(Method::POST, &format!("{MFA}/totp"))).await;
    assert_eq!((answer.outcome().as_str(), answer.header("cache-control")), ("201", "no-store"));
    let enrolled = answer.json();
    let (secret, uri) = (enrolled["secret"].as_str().unwrap(), enrolled["otpauth_uri"].as_str().unwrap());
    assert_eq!(secret.len(), 32);
    let expected = format!(
        "otpauth://totp/Doorward:ann%40example.com?secret={secret}&issuer=Doorward&algorithm=SHA1&digits=6&period=30"
    );
    assert_eq!(uri, expected);
    let svg = enrolled["qr_svg"].as_str().unwrap();
    assert!(svg.contains("<svg xmlns=\"http://www.w3.org/2000/svg\"") && !svg.contains(secret), "{svg}");
    assert_eq!(enrolled.as_object().unwrap().len(), 4);
    assert_eq!(world.json(ann.get(MFA)).await, json!({"factors": [], "recovery_codes_left": 0}));
}

#[actix_web::test]
async fn a_factor_is_confirmed_asked_for_and_deleted() {
    let world = World::new().await;
    let ann = world.ann().await;
    let (authenticator, confirmed) = world.enrol(&ann).await;
    assert_eq!(confirmed["recovery_codes"].as_array().unwrap().len(), 10);
    let (factor, id) = (&confirmed["factor"], confirmed["factor"]["id"].as_str().unwrap());
    assert_eq!((&factor["kind"], &factor["name"]), (&json!("totp"), &json!("Phone")));
    assert_eq!(world.json(ann.get(MFA)).await, json!({"factors": [factor], "recovery_codes_left": 10}));

    let refused = world.send(login("ann", PASSWORD)).await;
    assert_eq!((refused.outcome().as_str(), refused.header("cache-control")), ("403 mfa_required", "no-store"));
    let refused = refused.json();
    assert_eq!(refused["factors"], json!([{"id": id, "kind": "totp", "name": "Phone"}]));
    assert_eq!(refused["expires_in"], 300);
    let code = world.shown(&authenticator);
    let verification = json!({"mfa_token": refused["mfa_token"], "factor_id": id, "method": "totp", "code": code});
    let tokens = world.json(ANONYMOUS.post(VERIFY, &verification)).await;
    let told = claims(tokens["access_token"].as_str().unwrap());
    assert_eq!((&told["acr"], &told["amr"]), (&json!("aal2"), &json!(["pwd", "otp", "mfa"])));
    assert_eq!(world.outcome(ANONYMOUS.post(VERIFY, &verification)).await, "401 mfa_token_invalid");

    let there = Actor::with(tokens["access_token"].as_str().unwrap());
    assert_eq!(world.outcome(there.delete(&format!("{MFA}/{id}"))).await, "204");
    assert_eq!(world.outcome(login("ann", PASSWORD)).await, "200");
}

#[actix_web::test]
async fn the_token_endpoint_asks_for_the_factor_as_the_sign_in_does() {
    let world = World::new().await;
    let ann = world.ann().await;
    let (authenticator, _) = world.enrol(&ann).await;
    world.identity_of(&ann, "ann-there").await;
    let code = world.shown(&authenticator);
    let granted = super::providers::redeeming(&world.code("example", "ann-there", None).await);
    let refused = world.send(ANONYMOUS.post("/api/v1/auth/token", &granted)).await;
    assert_eq!(refused.status, 403);
    let refused = refused.json();
    assert_eq!((&refused["error"], &refused["code"]), (&json!("interaction_required"), &json!("mfa_required")));
    assert_eq!((&refused["expires_in"], refused["factors"].as_array().unwrap().len()), (&json!(300), 1));
    let verification = json!({"mfa_token": refused["mfa_token"], "method": "totp", "code": code});
    let tokens = world.json(ANONYMOUS.post(VERIFY, &verification)).await;
    assert_eq!(claims(tokens["access_token"].as_str().unwrap())["amr"], json!(["fed", "otp", "mfa"]));
}

#[actix_web::test]
async fn a_code_steps_up_and_what_is_no_proof_is_refused_field_by_field() {
    let world = World::new().await;
    let ann = world.ann().await;
    let (authenticator, confirmed) = world.enrol(&ann).await;
    let again = "/api/v1/auth/reauthenticate";
    let proof = json!({"method": "totp", "code": world.shown(&authenticator)});
    let tokens = world.json(ann.post(again, &proof)).await;
    assert_eq!(tokens["session_id"], json!(ann.session));
    assert_eq!(world.outcome(ann.post(again, &proof)).await, "401 invalid_code");
    let recovery = json!({"method": "recovery_code", "code": confirmed["recovery_codes"][0]});
    assert_eq!(world.outcome(ann.post(again, &recovery)).await, "200");
    for (body, pointer) in [
        (json!({"method": "totp"}), ""),
        (json!({"password": PASSWORD, "method": "totp", "code": "123456"}), ""),
        (json!({"method": "sms", "code": "123456"}), "/method"),
        (json!({"method": "totp", "code": "123456", "factor_id": "x"}), "/factor_id"),
        (json!({}), "/password"),
    ] {
        let answer = world.send(ann.post(again, &body)).await;
        assert_eq!(answer.outcome(), "422 validation_failed", "{body}");
        assert_eq!(answer.json()["errors"][0]["pointer"], pointer, "{body}");
    }
}

/// Both steps of a sign-in make one success, and the codes are counted.
#[actix_web::test]
async fn a_sign_in_in_two_steps_is_counted_once() {
    let world = World::new().await;
    let ann = world.ann().await;
    let (authenticator, _) = world.enrol(&ann).await;
    let of = |name: &str| world.samples().value(name).to_string();
    let (logins, totp) = ("doorward_logins_total{outcome=\"success\",provider=\"local\"}", |outcome: &str| {
        format!("doorward_mfa_challenges_total{{method=\"totp\",outcome=\"{outcome}\"}}")
    });
    let refused = world.send(login("ann", PASSWORD)).await.json();
    assert_eq!((of(logins), of(&totp("success"))), ("0".to_owned(), "0".to_owned()));
    let verify = |code: &str| {
        ANONYMOUS.post(VERIFY, &json!({"mfa_token": refused["mfa_token"], "method": "totp", "code": code}))
    };
    world.send(verify("no code")).await;
    world.json(verify(&world.shown(&authenticator))).await;
    assert_eq!(
        (of(logins), of(&totp("success")), of(&totp("failure"))),
        ("1".to_owned(), "1".to_owned(), "1".to_owned())
    );
    assert_eq!(world.samples().sum("doorward_login_failures_total").to_string(), "0");
}
