use crate::keys::{P256_KEY, PUBLISHED_KEY};
use crate::tokens::{EXPIRES, ISSUED, ISSUER, access_token, at, part, refresh_token, settings, signer};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_crypto::{JwtSettings, JwtSigner, SigningKey};
use doorward_ports::outbound::{LONGEST_TOKEN_BYTES, TokenSigner as _};
use jsonwebtoken::EncodingKey;
use proptest::prelude::*;
use serde_json::{Value, json};

/// A header and claims signed with our own key: what it would be if the key's holder signed nonsense.
fn signed(header: &Value, claims: &Value) -> String {
    let key = EncodingKey::from_ed_pem(PUBLISHED_KEY.as_bytes()).unwrap();
    let pair = aws_lc_rs::signature::Ed25519KeyPair::from_pkcs8(key.as_bytes()).unwrap();
    let message = message(header, claims);
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(pair.sign(message.as_bytes())))
}

fn message(header: &Value, claims: &Value) -> String {
    let encode = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
    format!("{}.{}", encode(header), encode(claims))
}

/// An access token of ours with members changed, and signed with our own key; `null` takes a member out.
fn resigned(header: &Value, claims: &Value) -> String {
    let changed = |index, changes: &Value| {
        let mut part = part(&access_token(), index);
        for (name, value) in changes.as_object().unwrap() {
            part[name] = value.clone();
        }
        part.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        part
    };
    signed(&changed(0, header), &changed(1, claims))
}

fn why_refused(token: &str) -> String {
    let refused = signer().verify_access(token, at(ISSUED)).unwrap_err();
    assert!(signer().verify_refresh(token, at(ISSUED)).is_err());
    refused.to_string()
}

#[track_caller]
fn assert_refused(token: &str, because: &str) {
    let why = why_refused(token);
    assert!(why.contains(because), "{why}");
}

#[test]
fn a_token_signed_again_without_changes_is_accepted() {
    // So that every refusal below is for its change alone.
    assert!(signer().verify_access(&resigned(&json!({}), &json!({})), at(ISSUED)).is_ok());
}

#[test]
fn rfc_8725_3_1_a_token_without_signature_is_refused() {
    for none in ["none", "None", "NONE", ""] {
        let header = json!({"alg": none, "typ": "at+jwt", "kid": part(&access_token(), 0)["kid"]});
        let message = message(&header, &part(&access_token(), 1));
        assert_refused(&format!("{message}."), "header or its claims are malformed");
        assert_refused(&format!("{message}.AAAA"), "header or its claims are malformed");
    }
    let token = access_token();
    assert_refused(&token[..=token.rfind('.').unwrap()], "signature is not valid");
}

#[test]
fn rfc_8725_2_1_a_token_signed_by_hmac_with_our_public_key_is_refused() {
    let jwk = signer().public_keys().0["keys"][0].clone();
    let raw = URL_SAFE_NO_PAD.decode(jwk["x"].as_str().unwrap()).unwrap();
    for secret in [raw, jwk["x"].to_string().into_bytes(), jwk.to_string().into_bytes()] {
        let header = json!({"alg": "HS256", "typ": "at+jwt", "kid": jwk["kid"]});
        let message = message(&header, &part(&access_token(), 1));
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &secret), message.as_bytes());
        assert_refused(&format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag)), "algorithm is not that of the key");
    }
}

#[test]
fn a_token_that_names_another_algorithm_of_public_keys_is_refused() {
    for alg in ["ES256", "RS256", "PS512"] {
        assert_refused(&resigned(&json!({"alg": alg}), &json!({})), "algorithm is not that of the key");
    }
}

#[test]
fn one_type_of_token_is_never_accepted_for_the_other() {
    assert!(signer().verify_refresh(&access_token(), at(ISSUED)).is_err());
    assert!(signer().verify_access(&refresh_token(), at(ISSUED)).is_err());
}

#[test]
fn rfc_8725_3_11_a_swapped_type_is_refused_even_under_our_own_signature() {
    for typ in [json!("rt+jwt"), json!("JWT"), json!("application/at+jwt"), json!("AT+JWT"), Value::Null] {
        assert!(signer().verify_access(&resigned(&json!({"typ": typ}), &json!({})), at(ISSUED)).is_err(), "{typ}");
    }
    // Each of the three marks of a refresh token is enough alone to keep it from being one of access.
    assert_refused(&resigned(&json!({"typ": "JWT"}), &json!({})), "another type");
    assert_refused(&resigned(&json!({}), &json!({"token_use": "refresh"})), "another use");
    assert_refused(&resigned(&json!({}), &json!({"aud": settings().refresh_audience()})), "another audience");
}

#[test]
fn an_edited_payload_is_refused() {
    let token = access_token();
    let mut claims = part(&token, 1);
    claims["exp"] = json!(EXPIRES + 1);
    let (header, _, signature) = split(&token);
    let edited = format!("{header}.{}.{signature}", URL_SAFE_NO_PAD.encode(claims.to_string()));
    assert_refused(&edited, "signature is not valid");
}

fn split(token: &str) -> (&str, &str, &str) {
    let parts: Vec<_> = token.split('.').collect();
    (parts[0], parts[1], parts[2])
}

#[test]
fn a_token_that_names_another_key_or_none_is_refused() {
    assert_refused(&resigned(&json!({"kid": "another"}), &json!({})), "names an unknown key");
    assert_refused(&resigned(&json!({"kid": null}), &json!({})), "names an unknown key");
}

#[test]
fn a_token_of_another_service_with_our_names_is_refused() {
    let theirs = JwtSigner::new(SigningKey::from_pem(P256_KEY).unwrap(), &settings());
    let subject = crate::tokens::subject();
    let id = "0190a5c4-7e1b-7c3d-8f00-1234567890ab".parse().unwrap();
    let token = theirs.access(&subject, id, at(ISSUED), at(EXPIRES)).unwrap();
    assert!(theirs.verify_access(&token, at(ISSUED)).is_ok());
    assert_refused(&token, "names an unknown key");

    // The same, under the header of our key.
    let (_, payload, signature) = split(&token);
    let ours = access_token();
    assert_refused(&format!("{}.{payload}.{signature}", split(&ours).0), "signature is not valid");
}

#[test]
fn another_issuer_or_audience_is_refused() {
    for changed in [
        JwtSettings { issuer: "https://id.example.org".to_owned(), ..settings() },
        JwtSettings { issuer: format!("{ISSUER}/"), ..settings() },
    ] {
        let other = JwtSigner::new(SigningKey::from_pem(PUBLISHED_KEY).unwrap(), &changed);
        assert!(other.verify_access(&access_token(), at(ISSUED)).unwrap_err().0.contains("another issuer"));
    }
    let changed = JwtSettings { audience: "https://api.example.org".to_owned(), ..settings() };
    let other = JwtSigner::new(SigningKey::from_pem(PUBLISHED_KEY).unwrap(), &changed);
    assert!(other.verify_access(&access_token(), at(ISSUED)).unwrap_err().0.contains("another audience"));
}

#[test]
fn ours_among_several_issuers_or_audiences_is_refused() {
    assert_refused(
        &resigned(&json!({}), &json!({"iss": [ISSUER, "https://evil.example"]})),
        "header or its claims are malformed",
    );
    assert_refused(&resigned(&json!({}), &json!({"aud": [settings().audience]})), "header or its claims are malformed");
}

#[test]
fn cve_2026_25537_a_time_of_the_wrong_type_is_refused() {
    for name in ["exp", "nbf", "iat"] {
        for value in [json!("1900000000"), json!(1.9e9), json!([EXPIRES]), json!({}), json!(true), Value::Null] {
            let token = resigned(&json!({}), &json!({ name: value }));
            assert!(signer().verify_access(&token, at(ISSUED)).is_err(), "{name}: {value}");
        }
    }
}

#[test]
fn a_claim_that_is_missing_is_refused() {
    for name in ["iss", "aud", "sub", "iat", "nbf", "exp", "jti", "sid", "client_id", "auth_time", "acr", "token_use"] {
        let token = resigned(&json!({}), &json!({ name: null }));
        assert!(signer().verify_access(&token, at(ISSUED)).is_err(), "{name}");
    }
}

#[test]
fn each_time_counts_for_itself() {
    assert_refused(&resigned(&json!({}), &json!({"exp": ISSUED})), "expired");
    assert_refused(&resigned(&json!({}), &json!({"nbf": ISSUED + 61})), "not valid yet");
    assert_refused(&resigned(&json!({}), &json!({"iat": ISSUED + 61})), "issued in the future");
}

#[test]
fn an_id_that_is_none_is_refused() {
    for name in ["sub", "sid", "jti"] {
        assert_refused(&resigned(&json!({}), &json!({ name: "admin" })), "not an id");
    }
}

#[test]
fn rfc_8725_3_10_a_header_that_brings_its_own_key_is_refused() {
    let jwk = signer().public_keys().0["keys"][0].clone();
    for (name, value) in [
        ("jwk", jwk),
        ("jku", json!("https://evil.example/keys")),
        ("x5u", json!("https://evil.example/cert")),
        ("x5c", json!(["MIIB"])),
        ("x5t", json!("AAAA")),
    ] {
        assert_refused(&resigned(&json!({ name: value }), &json!({})), "has unexpected members");
    }
}

#[test]
fn rfc_7515_4_1_11_a_header_with_extensions_that_must_be_understood_is_refused() {
    assert_refused(&resigned(&json!({"crit": ["exp"]}), &json!({})), "has unexpected members");
    assert_refused(&resigned(&json!({"b64": false, "crit": ["b64"]}), &json!({})), "has unexpected members");
    assert_refused(&resigned(&json!({"zip": "DEF"}), &json!({})), "has unexpected members");
    assert_refused(&resigned(&json!({"cty": "JWT"}), &json!({})), "has unexpected members");
}

#[test]
fn anything_around_a_token_makes_it_none() {
    let token = access_token();
    for around in [
        format!("{token}."),
        format!(".{token}"),
        format!("{token}.{token}"),
        format!("{token}="),
        format!("{token} "),
        format!(" {token}"),
        format!("{token}\n"),
        format!("{token}\0"),
        format!("{token}AAAA"),
        format!("Bearer {token}"),
        token.replace('.', ".."),
        token.replace('.', ""),
        String::new(),
        "..".to_owned(),
    ] {
        why_refused(&around);
    }
}

#[test]
fn a_claim_that_stands_twice_is_refused() {
    let token = access_token();
    let claims = part(&token, 1).to_string();
    let twice = claims.replacen('{', r#"{"exp":9999999999,"#, 1);
    let message = format!("{}.{}", split(&token).0, URL_SAFE_NO_PAD.encode(twice));
    let key = EncodingKey::from_ed_pem(PUBLISHED_KEY.as_bytes()).unwrap();
    let pair = aws_lc_rs::signature::Ed25519KeyPair::from_pkcs8(key.as_bytes()).unwrap();
    assert_refused(
        &format!("{message}.{}", URL_SAFE_NO_PAD.encode(pair.sign(message.as_bytes()))),
        "header or its claims are malformed",
    );
}

#[test]
fn a_token_longer_than_any_of_ours_is_not_looked_at() {
    let padded = |by: usize| resigned(&json!({}), &json!({"padding": "a".repeat(by)}));
    // Three more bytes of claims are four more of the token.
    let by = (LONGEST_TOKEN_BYTES - padded(0).len()) / 4 * 3;
    assert!((LONGEST_TOKEN_BYTES - 4..=LONGEST_TOKEN_BYTES).contains(&padded(by).len()), "{}", padded(by).len());
    assert!(signer().verify_access(&padded(by), at(ISSUED)).is_ok());
    assert_refused(&padded(by + 5), "longer than any token of this service");
}

#[test]
fn a_refusal_quotes_nothing_of_the_token() {
    let secret = "copper-violin-marsh-42";
    for claim in ["iss", "aud", "exp", "sub", "sid", "token_use"] {
        let why = why_refused(&resigned(&json!({}), &json!({ claim: secret })));
        assert!(!why.contains(secret), "{why}");
    }
    for member in ["alg", "typ", "kid", "jku", secret] {
        let why = why_refused(&resigned(&json!({ member: secret }), &json!({})));
        assert!(!why.contains(secret), "{why}");
    }
}

proptest! {
    #[test]
    fn no_text_is_a_token(text in ".*") {
        prop_assert!(signer().verify_access(&text, at(ISSUED)).is_err());
        prop_assert!(signer().verify_refresh(&text, at(ISSUED)).is_err());
    }

    #[test]
    fn a_token_with_anything_changed_is_refused(
        place in any::<prop::sample::Index>(),
        length in 0..4_usize,
        instead in "[A-Za-z0-9_.=-]{0,4}|.{0,2}",
    ) {
        let token = access_token();
        let start = place.index(token.len());
        let end = (start + length).min(token.len());
        let changed = format!("{}{instead}{}", &token[..start], &token[end..]);
        prop_assume!(changed != token);
        prop_assert!(signer().verify_access(&changed, at(ISSUED)).is_err());
        prop_assert!(signer().verify_refresh(&changed, at(ISSUED)).is_err());
    }

    #[test]
    fn claims_of_any_shape_under_our_own_signature_never_panic(
        name in prop::sample::select(vec!["iss", "aud", "sub", "iat", "nbf", "exp", "jti", "sid", "auth_time"]),
        value in prop_oneof![any::<i64>().prop_map(Value::from), any::<u64>().prop_map(Value::from), any::<f64>().prop_map(Value::from)],
        now in any::<i64>(),
    ) {
        let token = resigned(&json!({}), &json!({ name: value }));
        drop(signer().verify_access(&token, at(now)));
        drop(signer().verify_access(&token, at(ISSUED)));
    }
}
