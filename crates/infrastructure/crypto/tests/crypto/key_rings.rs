//! Many keys at a time: what signs, what is accepted, and that no key's token counts by another algorithm or key.
use crate::keys::{PUBLISHED_KEY, a_pair};
use crate::tokens::{EXPIRES, ISSUED, at, part, settings, subject};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{self as sig, EcdsaKeyPair, Ed25519KeyPair, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use doorward_crypto::{JwtSigner, SigningKey};
use doorward_domain::{KeyAlgorithm, KeyId};
use doorward_ports::outbound::{KeyPair, KeysAtHand as _, KeysInUse, TokenSigner as _, UsableKey};
use serde_json::{Value, json};

fn signing(pair: &KeyPair) -> UsableKey {
    UsableKey { private: Some(pair.private.clone()), ..verifying(pair) }
}

fn verifying(pair: &KeyPair) -> UsableKey {
    UsableKey { id: pair.id.clone(), algorithm: pair.algorithm, public: pair.public.clone(), private: None }
}

fn in_use(keys: Vec<UsableKey>, signing: &KeyId) -> KeysInUse {
    KeysInUse { accepted: keys, signing: Some(signing.clone()), revoked: Vec::new() }
}

/// A signer of these keys, of which the first signs.
fn ring(pairs: &[KeyPair]) -> JwtSigner {
    let signer = JwtSigner::keyless(&settings());
    signer.replace(in_use(pairs.iter().map(signing).collect(), &pairs[0].id));
    signer
}

async fn one_of_each() -> Vec<KeyPair> {
    let mut pairs = Vec::new();
    for algorithm in KeyAlgorithm::ALL {
        pairs.push(a_pair(algorithm).await);
    }
    pairs
}

fn token(signer: &JwtSigner) -> String {
    let id = "0190a5c4-7e1b-7c3d-8f00-1234567890ab".parse().unwrap();
    signer.access(&subject(), id, at(ISSUED), at(EXPIRES)).unwrap()
}

fn accepts(signer: &JwtSigner, token: &str) -> bool {
    signer.verify_access(token, at(ISSUED)).is_ok()
}

fn published(signer: &JwtSigner) -> Vec<String> {
    let keys = signer.public_keys().0;
    keys["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn without_a_key_nothing_is_signed_and_nothing_accepted() {
    let signer = JwtSigner::keyless(&settings());
    let id = "0190a5c4-7e1b-7c3d-8f00-1234567890ab".parse().unwrap();
    let refused = signer.access(&subject(), id, at(ISSUED), at(EXPIRES)).unwrap_err();
    assert!(refused.to_string().contains("no key to sign with"), "{refused}");
    assert!(!accepts(&signer, &crate::tokens::access_token()));
    assert_eq!(published(&signer), Vec::<String>::new());
}

#[tokio::test]
async fn tokens_of_every_algorithm_are_signed_accepted_and_verified_by_others() {
    for pair in one_of_each().await {
        let signer = ring(std::slice::from_ref(&pair));
        let token = token(&signer);
        assert_eq!(part(&token, 0), json!({"typ": "at+jwt", "alg": pair.algorithm.as_str(), "kid": pair.id}));
        assert!(accepts(&signer, &token));
        let keys: jsonwebtoken::jwk::JwkSet = serde_json::from_value(signer.public_keys().0).unwrap();
        let key = jsonwebtoken::DecodingKey::from_jwk(keys.find(pair.id.as_str()).unwrap()).unwrap();
        if pair.algorithm == KeyAlgorithm::Ed25519 {
            // The library knows the algorithm, and not the newer name: tests/foreign has those that do.
            let (message, signature) = token.rsplit_once('.').unwrap();
            let algorithm = jsonwebtoken::Algorithm::EdDSA;
            assert!(jsonwebtoken::crypto::verify(signature, message.as_bytes(), &key, algorithm).unwrap());
            continue;
        }
        let mut validation = jsonwebtoken::Validation::new(pair.algorithm.as_str().parse().unwrap());
        validation.set_audience(&[settings().audience]);
        validation.validate_exp = false;
        assert!(jsonwebtoken::decode::<Value>(&token, &key, &validation).is_ok());
    }
}

#[tokio::test]
async fn the_key_that_signs_changes_and_what_the_earlier_one_signed_stays_good() {
    let pairs = one_of_each().await;
    let signer = ring(&pairs);
    let mut tokens = Vec::new();
    for pair in &pairs {
        signer.replace(in_use(pairs.iter().map(verifying).collect(), &pair.id));
        tokens.push(token(&signer));
        assert_eq!(part(tokens.last().unwrap(), 0)["kid"], json!(pair.id));
    }
    assert!(tokens.iter().all(|token| accepts(&signer, token)));
    assert_eq!(published(&signer), pairs.iter().map(|pair| pair.id.to_string()).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_key_that_is_taken_out_counts_no_more() {
    let pairs = one_of_each().await;
    let signer = ring(&pairs);
    let token = token(&signer);
    signer.replace(in_use(pairs[1..].iter().map(verifying).collect(), &pairs[1].id));
    let refused = signer.verify_access(&token, at(ISSUED)).unwrap_err();
    assert!(refused.to_string().contains("names an unknown key"), "{refused}");
    assert!(!signer.can_sign(&pairs[0].id) && signer.can_sign(&pairs[1].id));
}

/// RFC 8725 §2.1, §3.1: for every pair of algorithms, a token that one key has signed, under another's name, algorithm, or
/// both. Each signature is good by itself.
#[tokio::test]
async fn rfc_8725_3_1_no_key_vouches_for_another_keys_algorithm_or_signature() {
    let pairs = one_of_each().await;
    let signer = ring(&pairs);
    for signed_by in &pairs {
        for named in &pairs {
            for alg in KeyAlgorithm::ALL {
                let header = json!({"typ": "at+jwt", "alg": alg.as_str(), "kid": named.id});
                let honest = signed_by.id == named.id && alg == named.algorithm;
                let token = forged(&header, &part(&token(&signer), 1), signed_by);
                assert_eq!(accepts(&signer, &token), honest, "{header} by {:?}", signed_by.algorithm);
            }
        }
    }
}

/// CVE-2015-9235 and its kind: the public half, in each form in which it is published, as the secret of an HMAC.
#[tokio::test]
async fn rfc_8725_2_1_no_public_key_is_taken_for_the_secret_of_an_hmac() {
    let pairs = one_of_each().await;
    let signer = ring(&pairs);
    for pair in &pairs {
        let jwk = &pair.public.0;
        let raw = ["x", "y", "n"].iter().filter_map(|name| jwk[*name].as_str()).map(|text| text.as_bytes().to_vec());
        let decoded = ["x", "y", "n"].iter().filter_map(|name| URL_SAFE_NO_PAD.decode(jwk[*name].as_str()?).ok());
        for secret in raw.chain(decoded).chain([jwk.to_string().into_bytes()]) {
            for (alg, hmac) in [("HS256", aws_lc_rs::hmac::HMAC_SHA256), ("HS512", aws_lc_rs::hmac::HMAC_SHA512)] {
                let message = message(&json!({"typ": "at+jwt", "alg": alg, "kid": pair.id}), &part(&token(&signer), 1));
                let tag = aws_lc_rs::hmac::sign(&aws_lc_rs::hmac::Key::new(hmac, &secret), message.as_bytes());
                assert!(!accepts(&signer, &format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag))));
            }
        }
    }
}

fn message(header: &Value, claims: &Value) -> String {
    let encode = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
    format!("{}.{}", encode(header), encode(claims))
}

/// What the holder of that key would sign, by its own algorithm, whatever the header says.
fn forged(header: &Value, claims: &Value, pair: &KeyPair) -> String {
    let message = message(header, claims);
    let pem = std::str::from_utf8(&pair.private.0).unwrap();
    let der = STANDARD.decode(pem.lines().filter(|line| !line.starts_with('-')).collect::<String>()).unwrap();
    let (random, bytes) = (SystemRandom::new(), message.as_bytes());
    let signature = match pair.algorithm {
        KeyAlgorithm::EdDsa | KeyAlgorithm::Ed25519 => {
            Ed25519KeyPair::from_pkcs8(&der).unwrap().sign(bytes).as_ref().to_vec()
        }
        KeyAlgorithm::Es256 => {
            let key = EcdsaKeyPair::from_pkcs8(&sig::ECDSA_P256_SHA256_FIXED_SIGNING, &der).unwrap();
            key.sign(&random, bytes).unwrap().as_ref().to_vec()
        }
        KeyAlgorithm::Rs256 => {
            let key = RsaKeyPair::from_pkcs8(&der).unwrap();
            let mut signature = vec![0; key.public_modulus_len()];
            key.sign(&sig::RSA_PKCS1_SHA256, &random, bytes, &mut signature).unwrap();
            signature
        }
    };
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

#[tokio::test]
async fn the_given_key_signs_whatever_else_there_is_until_it_is_revoked() {
    let stored = a_pair(KeyAlgorithm::Es256).await;
    let signer = JwtSigner::new(SigningKey::from_pem(PUBLISHED_KEY).unwrap(), &settings());
    let given = signer.given().unwrap();
    signer.replace(in_use(vec![signing(&stored)], &stored.id));
    assert_eq!(part(&token(&signer), 0)["kid"], json!(given));
    assert_eq!(published(&signer), [given.to_string(), stored.id.to_string()]);
    assert!(accepts(&signer, &token(&ring(std::slice::from_ref(&stored)))), "stored keys verify");
    let before = token(&signer);
    signer.replace(KeysInUse { revoked: vec![given], ..in_use(vec![signing(&stored)], &stored.id) });
    assert!(!accepts(&signer, &before));
    assert_eq!(part(&token(&signer), 0)["kid"], json!(stored.id));
}

#[tokio::test]
async fn a_stored_key_that_is_not_what_its_row_says_is_left_out() {
    let pairs = one_of_each().await;
    for (good, other) in [(0, 1), (1, 2), (2, 3), (3, 0)] {
        let (good, other) = (&pairs[good], &pairs[other]);
        let broken = UsableKey { private: None, public: json_key(json!({"kty": "OKP"})), ..signing(other) };
        for faulty in [
            broken,
            UsableKey { public: good.public.clone(), ..verifying(other) },
            UsableKey { algorithm: good.algorithm, ..verifying(other) },
            UsableKey { private: Some(good.private.clone()), ..verifying(other) },
        ] {
            let signer = JwtSigner::keyless(&settings());
            signer.replace(in_use(vec![signing(good), faulty], &good.id));
            assert_eq!(published(&signer), [good.id.to_string()]);
        }
    }
}

fn json_key(value: Value) -> doorward_ports::outbound::PublicJwk {
    doorward_ports::outbound::PublicJwk(value)
}

#[tokio::test]
async fn while_the_next_key_cannot_sign_the_one_before_it_goes_on() {
    let pairs = one_of_each().await;
    let signer = ring(&pairs[..1]);
    signer.replace(in_use(vec![verifying(&pairs[0]), verifying(&pairs[1])], &pairs[1].id));
    assert_eq!(part(&token(&signer), 0)["kid"], json!(pairs[0].id));
    signer.replace(in_use(vec![verifying(&pairs[0]), signing(&pairs[1])], &pairs[1].id));
    assert_eq!(part(&token(&signer), 0)["kid"], json!(pairs[1].id));
}
