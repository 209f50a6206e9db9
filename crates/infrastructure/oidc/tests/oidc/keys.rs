//! Keys of the mock, signing by themselves: a JWT library would not sign what must be refused.
use crate::mock::base64url;
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PSS_SHA256,
    RsaKeyPair,
};
use aws_lc_rs::{hmac, rsa};
use serde_json::{Value, json};
use std::sync::Arc;

#[derive(Clone)]
pub struct Key {
    pub id: &'static str,
    pair: Pair,
}

#[derive(Clone)]
enum Pair {
    Rsa(Arc<rsa::KeyPair>),
    Ec(Arc<EcdsaKeyPair>),
    Ed(Arc<Ed25519KeyPair>),
}

impl Key {
    pub fn rsa(id: &'static str) -> Self {
        Self { id, pair: Pair::Rsa(Arc::new(RsaKeyPair::generate(KeySize::Rsa2048).unwrap())) }
    }

    pub fn ec(id: &'static str) -> Self {
        Self { id, pair: Pair::Ec(Arc::new(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap())) }
    }

    pub fn ed(id: &'static str) -> Self {
        Self { id, pair: Pair::Ed(Arc::new(Ed25519KeyPair::generate().unwrap())) }
    }

    /// The same key with another id.
    pub fn named(&self, id: &'static str) -> Self {
        Self { id, ..self.clone() }
    }

    pub fn algorithm(&self) -> &'static str {
        match self.pair {
            Pair::Rsa(_) => "RS256",
            Pair::Ec(_) => "ES256",
            Pair::Ed(_) => "EdDSA",
        }
    }

    pub fn jwk(&self) -> Value {
        match &self.pair {
            Pair::Rsa(pair) => json!({
                "kty": "RSA", "use": "sig", "kid": self.id,
                "n": base64url(pair.public_key().modulus().big_endian_without_leading_zero()),
                "e": base64url(pair.public_key().exponent().big_endian_without_leading_zero()),
            }),
            Pair::Ec(pair) => {
                let point = pair.public_key().as_ref();
                json!({"kty": "EC", "crv": "P-256", "kid": self.id, "x": base64url(&point[1..33]), "y": base64url(&point[33..])})
            }
            Pair::Ed(pair) => {
                json!({"kty": "OKP", "crv": "Ed25519", "kid": self.id, "x": base64url(pair.public_key().as_ref())})
            }
        }
    }

    /// A JWT with this header, to which the algorithm and the id of the key are added where it has none.
    pub fn jwt(&self, header: &Value, claims: &Value) -> String {
        let mut header = header.clone();
        for (name, value) in [("alg", self.algorithm()), ("kid", self.id)] {
            if header.get(name).is_none() {
                header[name] = value.into();
            }
        }
        let message = format!("{}.{}", base64url(header.to_string()), base64url(claims.to_string()));
        let signature = self.sign(header["alg"].as_str().unwrap_or_default(), message.as_bytes());
        format!("{message}.{}", base64url(signature))
    }

    fn sign(&self, algorithm: &str, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                let padding = if algorithm == "PS256" { &RSA_PSS_SHA256 } else { &RSA_PKCS1_SHA256 };
                pair.sign(padding, &random, message, &mut signature).unwrap();
                signature
            }
            Pair::Ec(pair) => pair.sign(&random, message).unwrap().as_ref().to_vec(),
            Pair::Ed(pair) => pair.sign(message).as_ref().to_vec(),
        }
    }

    /// What an attacker could take for the shared secret of HS256: the public key, as each of its encodings.
    pub fn public_encodings(&self) -> Vec<Vec<u8>> {
        let Pair::Rsa(pair) = &self.pair else { panic!("a key of RSA") };
        let der = pair.public_key().as_der().unwrap().as_ref().to_vec();
        let base64 = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &der);
        let pem = format!("-----BEGIN PUBLIC KEY-----\n{base64}\n-----END PUBLIC KEY-----\n");
        let modulus = pair.public_key().modulus().big_endian_without_leading_zero().to_vec();
        vec![der, pem.into_bytes(), modulus, self.jwk().to_string().into_bytes()]
    }
}

/// A JWT that is signed with a shared secret.
pub fn hs256(secret: &[u8], header: &Value, claims: &Value) -> String {
    let message = format!("{}.{}", base64url(header.to_string()), base64url(claims.to_string()));
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message.as_bytes());
    format!("{message}.{}", base64url(tag))
}
