//! The rules for tokens whose signature is valid. Each returns its own fault.
use crate::claims::Claims;
use doorward_domain::Timestamp;
use doorward_ports::outbound::Untrusted;
use std::time::Duration;

/// How much the clock of a provider may differ from Doorward's.
const LEEWAY: Duration = Duration::from_secs(60);
/// How old an ID token may be: as long as an attempt to sign in, within which it must have been issued.
const OLDEST: Duration = Duration::from_secs(600);
/// OpenID Connect Core §2: `sub` has at most 255 ASCII characters.
const LONGEST_SUBJECT: usize = 255;

/// OpenID Connect Core §3.1.3.7 no. 3 to 5: the token is for this client, and was issued to it.
pub fn check_audience(claims: &Claims, client: &str) -> Result<(), Untrusted> {
    let audiences = claims.texts("aud");
    if !audiences.iter().any(|audience| audience == client) {
        return Err(Untrusted::Audience);
    }
    match claims.0.get("azp") {
        Some(party) if party == client => Ok(()),
        None if audiences.len() == 1 => Ok(()),
        _ => Err(Untrusted::AuthorizedParty),
    }
}

/// No. 9 and 10, and RFC 7519 §4.1.5: the token has not expired, and was not issued in the future. Returns when it was
/// issued.
pub fn check_times(claims: &Claims, now: Timestamp) -> Result<Timestamp, Untrusted> {
    let required = |name| claims.seconds(name).map(Timestamp::from_seconds).ok_or(Untrusted::Malformed);
    let (expires_at, issued_at) = (required("exp")?, required("iat")?);
    if expires_at.plus(LEEWAY) <= now {
        return Err(Untrusted::Expired);
    }
    if issued_at > now.plus(LEEWAY) {
        return Err(Untrusted::IssuedInFuture);
    }
    if claims.has("nbf") && required("nbf")? > now.plus(LEEWAY) {
        return Err(Untrusted::IssuedInFuture);
    }
    Ok(issued_at)
}

/// No. 10: the token belongs to an attempt that is still open.
pub fn check_age(issued_at: Timestamp, now: Timestamp) -> Result<(), Untrusted> {
    if now.since(issued_at) > OLDEST + LEEWAY { Err(Untrusted::IssuedLongAgo) } else { Ok(()) }
}

/// No. 11.
pub fn check_nonce(claims: &Claims, nonce: &str) -> Result<(), Untrusted> {
    use subtle::ConstantTimeEq;
    let same = |shown: &str| bool::from(shown.as_bytes().ct_eq(nonce.as_bytes()));
    if claims.text("nonce").is_some_and(same) { Ok(()) } else { Err(Untrusted::Nonce) }
}

/// `sub`.
pub fn subject(claims: &Claims) -> Result<&str, Untrusted> {
    claims
        .text("sub")
        .filter(|subject| subject.len() <= LONGEST_SUBJECT && !subject.contains(char::is_control))
        .ok_or(Untrusted::Subject)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const NOW: i64 = 1_800_000_000;

    fn claims(value: Value) -> Claims {
        let Value::Object(map) = value else { panic!("an object") };
        Claims(map)
    }

    #[test]
    fn the_audience_is_this_client_and_the_token_was_issued_to_it() {
        let check = |value| check_audience(&claims(value), "c");
        for good in [json!({"aud": "c"}), json!({"aud": ["c"]}), json!({"aud": ["c", "d"], "azp": "c"})] {
            assert_eq!(check(good.clone()), Ok(()), "{good}");
        }
        for bad in
            [json!({}), json!({"aud": "d"}), json!({"aud": ["d", 1]}), json!({"aud": []}), json!({"aud": {"c": 1}})]
        {
            assert_eq!(check(bad.clone()), Err(Untrusted::Audience), "{bad}");
        }
        for bad in [
            json!({"aud": ["c", "d"]}),
            json!({"aud": ["c", "d"], "azp": "d"}),
            json!({"aud": "c", "azp": "d"}),
            json!({"aud": "c", "azp": null}),
        ] {
            assert_eq!(check(bad.clone()), Err(Untrusted::AuthorizedParty), "{bad}");
        }
    }

    #[test]
    fn times_have_a_leeway_of_a_minute_and_not_more() {
        let check = |exp: i64, iat: i64| {
            let claims = claims(json!({"exp": NOW + exp, "iat": NOW + iat}));
            check_times(&claims, Timestamp::from_seconds(NOW)).map(|_| ())
        };
        assert_eq!(check(-59, 60), Ok(()));
        assert_eq!(check(-60, 0), Err(Untrusted::Expired));
        assert_eq!(check(300, 61), Err(Untrusted::IssuedInFuture));
        let of = |value| check_times(&claims(value), Timestamp::from_seconds(NOW)).map(|_| ());
        assert_eq!(of(json!({"exp": NOW, "iat": NOW, "nbf": NOW + 61})), Err(Untrusted::IssuedInFuture));
        // CVE-2026-25537: a time of another type is not a time that is missing.
        for bad in [
            json!({"iat": NOW}),
            json!({"exp": NOW}),
            json!({"exp": NOW.to_string(), "iat": NOW}),
            json!({"exp": NOW, "iat": [NOW]}),
            json!({"exp": NOW, "iat": NOW, "nbf": "0"}),
        ] {
            assert_eq!(of(bad.clone()), Err(Untrusted::Malformed), "{bad}");
        }
    }

    #[test]
    fn an_old_token_belongs_to_no_open_attempt() {
        let check = |age| check_age(Timestamp::from_seconds(NOW - age), Timestamp::from_seconds(NOW));
        assert_eq!((check(660), check(661)), (Ok(()), Err(Untrusted::IssuedLongAgo)));
    }

    #[test]
    fn a_nonce_is_there_and_the_same() {
        assert_eq!(check_nonce(&claims(json!({"nonce": "n"})), "n"), Ok(()));
        for bad in [json!({}), json!({"nonce": "m"}), json!({"nonce": ""}), json!({"nonce": 1}), json!({"nonce": "nn"})]
        {
            assert_eq!(check_nonce(&claims(bad.clone()), "n"), Err(Untrusted::Nonce), "{bad}");
        }
        assert_eq!(check_nonce(&claims(json!({"nonce": ""})), ""), Err(Untrusted::Nonce));
    }

    #[test]
    fn a_subject_is_a_text_of_up_to_255_characters() {
        assert_eq!(subject(&claims(json!({"sub": "x".repeat(255)}))).map(str::len), Ok(255));
        for bad in
            [json!({}), json!({"sub": ""}), json!({"sub": 1}), json!({"sub": "x".repeat(256)}), json!({"sub": "a\0"})]
        {
            assert_eq!(subject(&claims(bad.clone())), Err(Untrusted::Subject), "{bad}");
        }
    }
}
