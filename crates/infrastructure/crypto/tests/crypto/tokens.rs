use crate::keys::PUBLISHED_KEY;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_crypto::{JwtSettings, JwtSigner, LONGEST_NAME_BYTES, SigningKey};
use doorward_domain::{
    AssuranceLevel, AuthenticationEvent, Authentications, Client, Email, GrantId, KeyAlgorithm, PermissionSet,
    RoleName, SessionId, Timestamp, TokenId, UserId,
};
use doorward_ports::outbound::{
    AccessClaims, AccessHolder, ClientSubject, LONGEST_TOKEN_BYTES, RefreshClaims, TokenSigner, TokenSubject,
};
use serde_json::{Value, json};
use std::time::Duration;

pub const ISSUED: i64 = 1_800_000_000;
pub const EXPIRES: i64 = ISSUED + 900;
pub const ISSUER: &str = "https://id.example.com";
pub const REFRESH_AUDIENCE: &str = "https://id.example.com/api/v1/auth/refresh";

pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(seconds)
}

pub fn settings() -> JwtSettings {
    JwtSettings { issuer: ISSUER.to_owned(), audience: "https://api.example.com".to_owned() }
}

pub fn signer() -> JwtSigner {
    JwtSigner::new(SigningKey::from_pem(PUBLISHED_KEY).unwrap(), &settings())
}

fn token() -> TokenId {
    TokenId::mint(at(ISSUED), [3; 10])
}

pub fn subject() -> TokenSubject {
    TokenSubject {
        user: UserId::mint(at(ISSUED), [1; 10]),
        session: SessionId::mint(at(ISSUED), [2; 10]),
        client: Client::doorward(),
        authentications: Authentications::begin(AuthenticationEvent::by_password(at(ISSUED - 3600))),
        email: Email::parse("ann@example.com").unwrap(),
        email_verified: true,
        roles: [RoleName::user(), RoleName::admin()].into(),
        permissions: PermissionSet::system(),
    }
}

pub fn access_token() -> String {
    signer().access(&subject(), token(), at(ISSUED), at(EXPIRES)).unwrap()
}

pub fn refresh_token() -> String {
    signer().refresh(&subject(), token(), at(ISSUED), at(EXPIRES)).unwrap()
}

/// One of the two JSON parts of a token.
pub fn part(token: &str, index: usize) -> Value {
    let encoded = token.split('.').nth(index).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(encoded).unwrap()).unwrap()
}

#[test]
fn an_access_token_says_what_the_contract_says() {
    let token = access_token();
    assert_eq!(
        part(&token, 0),
        json!({"typ": "at+jwt", "alg": "EdDSA", "kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"})
    );
    assert_eq!(
        part(&token, 1),
        json!({
            "iss": "https://id.example.com", "aud": "https://api.example.com",
            "sub": subject().user, "iat": ISSUED, "nbf": ISSUED, "exp": EXPIRES,
            "jti": self::token(), "sid": subject().session, "client_id": "doorward",
            "auth_time": ISSUED - 3600, "acr": "aal1", "amr": ["pwd"],
            "roles": ["admin", "user"], "permissions": PermissionSet::system(),
            "provider": "local", "email": "ann@example.com", "email_verified": true,
            "token_use": "access",
        })
    );
}

/// RFC 9864 §2.2: the same key and the same signature, another name.
#[test]
fn rfc_9864_2_2_ed25519_is_an_algorithm_of_its_own() {
    let by =
        |algorithm| JwtSigner::new(SigningKey::from_pem(PUBLISHED_KEY).unwrap().by(algorithm).unwrap(), &settings());
    let (older, newer) = (by(KeyAlgorithm::EdDsa), by(KeyAlgorithm::Ed25519));
    let signed = |signer: &JwtSigner| signer.access(&subject(), token(), at(ISSUED), at(EXPIRES)).unwrap();
    assert_eq!(
        part(&signed(&newer), 0),
        json!({"typ": "at+jwt", "alg": "Ed25519", "kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"})
    );
    assert_eq!(part(&signed(&newer), 1), part(&signed(&older), 1));
    assert_eq!(newer.public_keys().0["keys"][0]["alg"], "Ed25519");
    for (signer, other) in [(&older, &newer), (&newer, &older)] {
        assert!(signer.verify_access(&signed(signer), at(ISSUED)).is_ok());
        let refused = signer.verify_access(&signed(other), at(ISSUED)).unwrap_err();
        assert!(refused.to_string().contains("algorithm is not that of the key"), "{refused}");
    }
}

#[test]
fn a_refresh_token_differs_in_type_audience_and_use_and_has_no_permissions() {
    let (access, refresh) = (access_token(), refresh_token());
    let mut header = part(&access, 0);
    header["typ"] = json!("rt+jwt");
    assert_eq!(part(&refresh, 0), header);
    let mut claims = part(&access, 1);
    claims["aud"] = json!(REFRESH_AUDIENCE);
    claims["token_use"] = json!("refresh");
    claims.as_object_mut().unwrap().remove("permissions");
    assert_eq!(part(&refresh, 1), claims);
}

#[test]
fn what_was_signed_is_accepted_and_read_back() {
    assert_eq!(
        signer().verify_access(&access_token(), at(ISSUED)),
        Ok(AccessClaims {
            token: token(),
            holder: AccessHolder::User {
                user: subject().user,
                session: subject().session,
                authenticated_at: at(ISSUED - 3600),
                level: AssuranceLevel::One,
            },
            client: Client::doorward(),
            issued_at: at(ISSUED),
            expires_at: at(EXPIRES),
        })
    );
    assert_eq!(
        signer().verify_refresh(&refresh_token(), at(ISSUED)),
        Ok(RefreshClaims {
            token: token(),
            user: subject().user,
            session: subject().session,
            client: Client::doorward(),
            issued_at: at(ISSUED),
            expires_at: at(EXPIRES),
        })
    );
}

fn client_subject() -> ClientSubject {
    ClientSubject {
        client: "billing".parse().unwrap(),
        grant: GrantId::mint(at(ISSUED), [4; 10]),
        roles: [RoleName::admin()].into(),
        permissions: PermissionSet::system(),
    }
}

#[test]
fn rfc_9068_2_2_a_client_apps_own_token_has_its_id_as_subject_and_no_session() {
    let token = signer().client_access(&client_subject(), token(), at(ISSUED), at(EXPIRES)).unwrap();
    assert_eq!(part(&token, 0), part(&access_token(), 0));
    assert_eq!(
        part(&token, 1),
        json!({
            "iss": "https://id.example.com", "aud": "https://api.example.com", "sub": "billing", "client_id": "billing",
            "iat": ISSUED, "nbf": ISSUED, "exp": EXPIRES, "jti": self::token(), "grant_id": client_subject().grant,
            "roles": ["admin"], "permissions": PermissionSet::system(), "token_use": "access",
        })
    );
    assert_eq!(
        signer().verify_access(&token, at(ISSUED)),
        Ok(AccessClaims {
            token: self::token(),
            holder: AccessHolder::Client { grant: client_subject().grant },
            client: Client::from_id("billing".to_owned()),
            issued_at: at(ISSUED),
            expires_at: at(EXPIRES),
        })
    );
    assert!(signer().verify_refresh(&token, at(ISSUED)).is_err());
}

#[test]
fn the_refresh_audience_is_the_endpoint_also_when_the_issuer_ends_with_a_slash() {
    assert_eq!(settings().refresh_audience(), REFRESH_AUDIENCE);
    assert_eq!(JwtSettings { issuer: format!("{ISSUER}/"), ..settings() }.refresh_audience(), REFRESH_AUDIENCE);
}

#[test]
fn rfc_7519_4_1_4_a_token_is_refused_from_the_second_of_its_expiry_on() {
    let last_moment = Timestamp::from_micros(EXPIRES * 1_000_000 - 1);
    for (now, accepted) in [(last_moment, true), (at(EXPIRES), false), (at(EXPIRES + 1), false)] {
        assert_eq!(signer().verify_access(&access_token(), now).is_ok(), accepted, "{now}");
        assert_eq!(signer().verify_refresh(&refresh_token(), now).is_ok(), accepted, "{now}");
    }
}

#[test]
fn clocks_of_nodes_may_differ_by_a_minute_and_no_more() {
    let minute_before = at(ISSUED).minus(Duration::from_secs(60));
    let a_little_more = at(ISSUED).minus(Duration::from_micros(60_000_001));
    assert!(signer().verify_access(&access_token(), minute_before).is_ok());
    assert!(signer().verify_access(&access_token(), a_little_more).is_err());
    assert!(signer().verify_refresh(&refresh_token(), a_little_more).is_err());
}

#[test]
fn rfc_8037_a_2_the_key_set_has_the_published_public_key_and_nothing_secret() {
    assert_eq!(
        signer().public_keys().0,
        json!({"keys": [{
            "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
            "kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k", "use": "sig", "alg": "EdDSA",
        }]})
    );
}

#[test]
fn others_can_verify_an_access_token_with_the_key_set_alone() {
    let keys: jsonwebtoken::jwk::JwkSet = serde_json::from_value(signer().public_keys().0).unwrap();
    let token = access_token();
    let kid = jsonwebtoken::decode_header(&token).unwrap().kid.unwrap();
    let key = jsonwebtoken::DecodingKey::from_jwk(keys.find(&kid).unwrap()).unwrap();
    let mut validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::EdDSA);
    validation.set_audience(&[settings().audience]);
    validation.validate_exp = false;
    assert!(jsonwebtoken::decode::<Value>(&token, &key, &validation).is_ok());
}

#[test]
fn a_token_with_two_hundred_permissions_is_short_enough_to_be_accepted() {
    let many = (0..200).map(|n| format!("reports.{n:03}:read").parse().unwrap()).collect();
    let subject = TokenSubject { permissions: many, ..subject() };
    let token = signer().access(&subject, token(), at(ISSUED), at(EXPIRES)).unwrap();
    assert!(signer().verify_access(&token, at(ISSUED)).is_ok(), "{} bytes", token.len());
}

fn own_permissions(count: usize, length: usize) -> PermissionSet {
    let mut permissions = PermissionSet::system();
    permissions.extend((0..count).map(|n| format!("{n:0length$}").parse().unwrap()));
    permissions
}

fn roles(count: usize, length: usize) -> std::collections::BTreeSet<RoleName> {
    (0..count).map(|n| format!("{n:0length$}").parse().unwrap()).collect()
}

/// Whether it is accepted, and what it says of rights.
fn rights(token: &str) -> (bool, Value, Value) {
    let (claims, signer) = (part(token, 1), signer());
    let accepted = signer.verify_access(token, at(ISSUED)).is_ok() || signer.verify_refresh(token, at(ISSUED)).is_ok();
    assert!(token.len() <= LONGEST_TOKEN_BYTES, "{} bytes", token.len());
    (accepted, claims["roles"].clone(), claims["permissions"].clone())
}

#[test]
fn what_is_signed_is_accepted_however_much_its_owner_may_do() {
    for (count, length) in [(190, 28), (1_000, 28), (1_000, 64)] {
        let subject = TokenSubject { permissions: own_permissions(count, length), ..subject() };
        let token = signer().access(&subject, token(), at(ISSUED), at(EXPIRES)).unwrap();
        assert_eq!(rights(&token), (true, json!(["admin", "user"]), Value::Null), "permissions are left out");
    }
}

#[test]
fn roles_are_left_out_too_where_they_alone_are_too_long() {
    let subject = TokenSubject { roles: roles(500, 63), ..subject() };
    let refresh = signer().refresh(&subject, token(), at(ISSUED), at(EXPIRES)).unwrap();
    let access = signer().access(&subject, token(), at(ISSUED), at(EXPIRES)).unwrap();
    assert_eq!(
        (rights(&access), rights(&refresh)),
        ((true, Value::Null, Value::Null), (true, Value::Null, Value::Null))
    );
}

#[test]
fn the_roles_that_one_account_can_hold_fit_into_its_tokens() {
    let held = roles(31, 63);
    assert!(RoleName::can_be_held_together(&held));
    let subject = TokenSubject { roles: held.clone(), permissions: own_permissions(1_000, 64), ..subject() };
    let refresh = signer().refresh(&subject, token(), at(ISSUED), at(EXPIRES)).unwrap();
    let access = signer().access(&subject, token(), at(ISSUED), at(EXPIRES)).unwrap();
    assert_eq!((rights(&access).1, rights(&refresh).1), (json!(held), json!(held)));
}

#[test]
fn a_client_apps_own_token_is_shortened_alike() {
    let subject = ClientSubject { roles: roles(500, 63), permissions: own_permissions(1_000, 64), ..client_subject() };
    let token = signer().client_access(&subject, token(), at(ISSUED), at(EXPIRES)).unwrap();
    assert_eq!(rights(&token), (true, Value::Null, Value::Null));
}

/// What cannot be left out is short enough with the longest values there may be, also by the longest RSA key that the library
/// takes, whose signature has 1,024 bytes.
#[test]
fn the_longest_names_there_may_be_leave_room() {
    let issuer = format!("https://{}", "i".repeat(LONGEST_NAME_BYTES - "https://".len()));
    let settings = JwtSettings { issuer, audience: "a".repeat(LONGEST_NAME_BYTES) };
    let signer = JwtSigner::new(SigningKey::from_pem(PUBLISHED_KEY).unwrap(), &settings);
    let label = "d".repeat(61);
    let email = format!("{}@{label}.{label}.{label}.com", "l".repeat(64));
    assert_eq!(Email::parse(&email).map(|email| email.as_str().len()), Ok(254));
    let client = Client::from_id("c".repeat(63));
    let subject = TokenSubject { email: email.parse().unwrap(), client, roles: roles(500, 63), ..subject() };
    let access = signer.access(&subject, token(), at(ISSUED), at(EXPIRES)).unwrap();
    let refresh = signer.refresh(&subject, token(), at(ISSUED), at(EXPIRES)).unwrap();
    for token in [access, refresh] {
        let signature = token.rsplit('.').next().unwrap().len();
        let with_rsa = token.len() - signature + (1_024 * 4_usize).div_ceil(3);
        assert!(with_rsa <= LONGEST_TOKEN_BYTES, "{with_rsa} bytes");
    }
}
