use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_ports::outbound::AuditSigner;
use jsonwebtoken::jwk::{
    AlgorithmParameters, CommonParameters, EllipticCurve, Jwk, OctetKeyPairParameters, OctetKeyPairType, ThumbprintHash,
};

/// Signs the statements of the audit chain.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ed25519Statements;

fn pair(private: &[u8]) -> Option<Ed25519KeyPair> {
    Ed25519KeyPair::from_seed_unchecked(private).ok()
}

/// As the name of a signing key: RFC 7638, of the public key as RFC 8037 §2 describes it.
fn thumbprint(public: &[u8]) -> String {
    let algorithm = AlgorithmParameters::OctetKeyPair(OctetKeyPairParameters {
        key_type: OctetKeyPairType::OctetKeyPair,
        curve: EllipticCurve::Ed25519,
        x: URL_SAFE_NO_PAD.encode(public),
    });
    let jwk = Jwk { common: CommonParameters::default(), algorithm };
    jwk.thumbprint(ThumbprintHash::SHA256).expect("an octet key pair of Ed25519 has one")
}

impl AuditSigner for Ed25519Statements {
    fn public_half(&self, private: &[u8]) -> Option<(String, Vec<u8>)> {
        let public = pair(private)?.public_key().as_ref().to_vec();
        Some((thumbprint(&public), public))
    }

    fn sign(&self, private: &[u8], statement: &[u8]) -> Option<Vec<u8>> {
        Some(pair(private)?.sign(statement).as_ref().to_vec())
    }

    fn has_signed(&self, public: &[u8], statement: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, public).verify(statement, signature).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use doorward_domain::hex;
    use proptest::prelude::*;

    /// RFC 8037 §A.1 to §A.3: the key, its thumbprint; RFC 8032 §7.1, test 1, has the same key.
    #[test]
    fn the_key_of_the_rfcs_has_their_name_and_their_signature() {
        let private = hex::decode::<32>("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60").unwrap();
        let (name, public) = Ed25519Statements.public_half(&private).unwrap();
        assert_eq!(name, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
        let published = hex::decode("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
        assert_eq!(<[u8; 32]>::try_from(public.as_slice()).ok(), published);
        let signature = hex::decode::<64>(
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe246551\
             41438e7a100b",
        )
        .unwrap();
        assert_eq!(Ed25519Statements.sign(&private, b"").as_deref(), Some(&signature[..]));
        assert!(Ed25519Statements.has_signed(&public, b"", &signature));
        assert!(!Ed25519Statements.has_signed(&public, b"x", &signature));
    }

    proptest! {
        #[test]
        fn whatever_bytes_are_passed_nothing_panics(public: Vec<u8>, statement: Vec<u8>, signature: Vec<u8>) {
            prop_assert!(!Ed25519Statements.has_signed(&public, &statement, &signature));
            prop_assert_eq!(Ed25519Statements.sign(&public, &statement).is_some(), public.len() == 32);
        }
    }
}
