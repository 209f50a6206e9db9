use doorward_crypto::{LocalKeyPairs, SigningKey};
use doorward_domain::KeyAlgorithm;
use doorward_ports::outbound::{KeyPair, KeyPairs as _};
use serde_json::{Value, json};
use std::path::Path;

/// The private key of RFC 8037 §A.1, in the form of RFC 8410 §7.
pub const PUBLISHED_KEY: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g
-----END PRIVATE KEY-----
";

/// A key as `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256` writes it.
pub const P256_KEY: &str = "-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgevZzL1gdAFr88hb2
OF/2NxApJCzGCEDdfSp6VQO30hyhRANCAAQRWz+jn65BtOMvdyHKcvjBeBSDZH2r
1RTwjmYSi9R/zpBnuQ4EiMnCqfMPWiZqB4QdbAd0E7oH50VpuZ1P087G
-----END PRIVATE KEY-----
";

/// A new key of that algorithm.
pub async fn a_pair(algorithm: KeyAlgorithm) -> KeyPair {
    LocalKeyPairs::new(Path::new("there is no such folder")).generate(algorithm).await.unwrap()
}

fn members(jwk: &Value) -> Vec<&str> {
    jwk.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn rfc_8037_a_the_published_key_has_the_published_name() {
    let key = SigningKey::from_pem(PUBLISHED_KEY).unwrap();
    assert_eq!(key.id().as_str(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    assert_eq!(key.algorithm(), KeyAlgorithm::EdDsa);
}

#[tokio::test]
async fn rfc_7517_a_new_key_has_the_members_of_its_type_and_nothing_secret() {
    for (algorithm, type_, expected) in [
        (KeyAlgorithm::EdDsa, "OKP", vec!["alg", "crv", "kid", "kty", "use", "x"]),
        (KeyAlgorithm::Ed25519, "OKP", vec!["alg", "crv", "kid", "kty", "use", "x"]),
        (KeyAlgorithm::Es256, "EC", vec!["alg", "crv", "kid", "kty", "use", "x", "y"]),
        (KeyAlgorithm::Rs256, "RSA", vec!["alg", "e", "kid", "kty", "n", "use"]),
    ] {
        let KeyPair { id, public, .. } = a_pair(algorithm).await;
        assert_eq!(members(&public.0), expected);
        assert_eq!((&public.0["kty"], &public.0["use"]), (&json!(type_), &json!("sig")));
        assert_eq!((&public.0["alg"], &public.0["kid"]), (&json!(algorithm.as_str()), &json!(id)));
    }
}

#[tokio::test]
async fn an_rsa_key_has_3072_bits() {
    let KeyPair { public, .. } = a_pair(KeyAlgorithm::Rs256).await;
    assert_eq!(public.0["n"].as_str().unwrap().len(), 384_usize.div_ceil(3) * 4);
    assert_eq!(public.0["e"], "AQAB");
}

/// RFC 7638 §3.1: the published example.
#[test]
fn rfc_7638_3_1_the_thumbprint_of_an_rsa_key_is_the_published_one() {
    let n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMs\
        tn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n9\
        1CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
    let jwk: jsonwebtoken::jwk::Jwk = serde_json::from_value(json!({"kty": "RSA", "n": n, "e": "AQAB"})).unwrap();
    let thumbprint = jwk.thumbprint(jsonwebtoken::jwk::ThumbprintHash::SHA256).unwrap();
    assert_eq!(thumbprint, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

#[tokio::test]
async fn a_new_key_is_read_back_from_its_pem_as_the_same_key() {
    for algorithm in KeyAlgorithm::ALL {
        let pair = a_pair(algorithm).await;
        let pem = std::str::from_utf8(&pair.private.0).unwrap();
        assert!(pem.lines().all(|line| line.len() <= 64), "RFC 7468 §2");
        let read = SigningKey::from_pem(pem).unwrap().by(algorithm).unwrap();
        assert_eq!((read.id(), read.algorithm()), (&pair.id, algorithm));
    }
}

#[test]
fn rfc_9864_a_key_for_ed25519_signs_by_either_name_and_by_no_other_algorithm() {
    let key = || SigningKey::from_pem(PUBLISHED_KEY).unwrap();
    for algorithm in [KeyAlgorithm::EdDsa, KeyAlgorithm::Ed25519] {
        assert_eq!(key().by(algorithm).map(|key| key.algorithm()), Some(algorithm));
    }
    for other in [KeyAlgorithm::Es256, KeyAlgorithm::Rs256] {
        assert!(key().by(other).is_none());
        assert!(SigningKey::from_pem(P256_KEY).unwrap().by(KeyAlgorithm::Ed25519).is_none());
    }
}

#[tokio::test]
async fn the_key_of_an_earlier_version_is_found_and_its_file_left_as_it_is() {
    let data = tempfile::tempdir().unwrap();
    let pairs = LocalKeyPairs::new(data.path());
    assert_eq!(pairs.inherited().await.unwrap(), None);
    let path = data.path().join("signing-key.pem");
    std::fs::write(&path, PUBLISHED_KEY).unwrap();
    let found = pairs.inherited().await.unwrap().unwrap();
    assert_eq!(found.id, *SigningKey::from_pem(PUBLISHED_KEY).unwrap().id());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), PUBLISHED_KEY);
    for damaged in [&b""[..], b"-----BEGIN PRIVATE KEY-----\nMC4C", &[0xff; 64]] {
        std::fs::write(&path, damaged).unwrap();
        let refused = pairs.inherited().await.unwrap_err().to_string();
        assert!(refused.contains(path.to_str().unwrap()), "{refused}");
    }
}

#[test]
fn keys_of_other_kinds_are_refused_with_the_cure() {
    let public = "-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
-----END PUBLIC KEY-----
";
    let p384 = "-----BEGIN PRIVATE KEY-----
MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDBVWQRgdj7YxA4/nm9t
Z8ek0y2+6qhHqqXgzV0fdORPzeaAIAPTNLfL/oh45K94pLmhZANiAAQS1rO0cb3J
e4yqxOBXrVAyRW90iXFGXfnwiMrDtmpBN0IglJjlGQSdr9+qNoud4nnF8xJ2vZ/I
d8ZQX2/mEIoAYQUZoLqfyiPr3rXzBP4oWJp6xA5Fhmxg2yz4ttQ8pQA=
-----END PRIVATE KEY-----
";
    for text in ["", "copper", public, p384, "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n"] {
        let refused = SigningKey::from_pem(text).unwrap_err();
        assert!(refused.to_string().contains("openssl genpkey -algorithm ed25519"), "{refused}");
    }
}

#[tokio::test]
async fn a_key_prints_its_name_alone() {
    let key = SigningKey::from_pem(PUBLISHED_KEY).unwrap();
    assert_eq!(format!("{key:?}"), r#"SigningKey { id: "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k", .. }"#);
    let pair = a_pair(KeyAlgorithm::EdDsa).await;
    assert_eq!(format!("{:?}", pair.private), "PrivateKey(…)");
}
