//! TLS to other services: which certificate authorities are trusted, and the one place that configures rustls for it.
//! Knows nothing of Doorward.
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, ConfigBuilder, RootCertStore, WantsVerifier};
use std::sync::Arc;

/// The certificate authorities that may vouch for a server. Texts are certificates in PEM (RFC 7468 §5).
#[derive(Clone, Copy)]
pub enum Authorities<'a> {
    /// Those that browsers trust; they are compiled in.
    OfBrowsers,
    /// These, and nobody else.
    Only(&'a [u8]),
    /// Those that browsers trust, and these.
    OfBrowsersAnd(&'a [u8]),
}

impl<'a> Authorities<'a> {
    /// Only those of the text if there is one, otherwise those of browsers.
    #[must_use]
    pub const fn of(pem: Option<&'a [u8]>) -> Self {
        match pem {
            Some(pem) => Self::Only(pem),
            None => Self::OfBrowsers,
        }
    }
}

/// Why a text can't be used as a list of certificate authorities.
#[derive(Debug, thiserror::Error)]
pub enum AuthoritiesError {
    /// There is no certificate in it.
    #[error("it contains no certificate in PEM, which begins with -----BEGIN CERTIFICATE-----")]
    Empty,
    /// A certificate in it can't be read.
    #[error("certificate {number} of it can't be read")]
    Certificate {
        /// Its place in the text, from 1.
        number: usize,
    },
}

/// A client that accepts a server with a certificate of these authorities for its name, over TLS 1.2 or 1.3.
///
/// # Errors
/// [`AuthoritiesError`].
pub fn client(authorities: Authorities<'_>) -> Result<ClientConfig, AuthoritiesError> {
    Ok(builder().with_root_certificates(roots(authorities)?).with_no_client_auth())
}

/// The versions and cipher suites of every client; which servers it accepts is still open.
///
/// # Panics
/// Never: the provider has cipher suites of both versions.
#[must_use]
pub fn builder() -> ConfigBuilder<ClientConfig, WantsVerifier> {
    ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("the provider has the cipher suites of TLS 1.2 and 1.3")
}

fn roots(authorities: Authorities<'_>) -> Result<RootCertStore, AuthoritiesError> {
    match authorities {
        Authorities::OfBrowsers => Ok(of_browsers()),
        Authorities::Only(pem) => extended(RootCertStore::empty(), pem),
        Authorities::OfBrowsersAnd(pem) => extended(of_browsers(), pem),
    }
}

fn of_browsers() -> RootCertStore {
    RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() }
}

fn extended(mut roots: RootCertStore, pem: &[u8]) -> Result<RootCertStore, AuthoritiesError> {
    let mut number = 0;
    for certificate in CertificateDer::pem_slice_iter(pem) {
        number += 1;
        let unreadable = AuthoritiesError::Certificate { number };
        let Ok(certificate) = certificate else { return Err(unreadable) };
        roots.add(certificate).map_err(|_| unreadable)?;
    }
    if number == 0 { Err(AuthoritiesError::Empty) } else { Ok(roots) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pem() -> String {
        rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap().cert.pem()
    }

    #[test]
    fn a_text_replaces_the_authorities_of_browsers_or_joins_them() {
        let (text, browsers) = (pem() + &pem(), webpki_roots::TLS_SERVER_ROOTS.len());
        assert_eq!(roots(Authorities::of(None)).unwrap().len(), browsers);
        assert_eq!(roots(Authorities::of(Some(text.as_bytes()))).unwrap().len(), 2);
        assert_eq!(roots(Authorities::OfBrowsersAnd(text.as_bytes())).unwrap().len(), browsers + 2);
    }

    #[test]
    fn a_text_without_a_certificate_is_refused_also_beside_those_of_browsers() {
        for text in ["", "no certificate"] {
            for authorities in [Authorities::Only(text.as_bytes()), Authorities::OfBrowsersAnd(text.as_bytes())] {
                assert!(matches!(client(authorities), Err(AuthoritiesError::Empty)), "{text:?}");
            }
        }
    }

    #[test]
    fn a_certificate_that_can_not_be_read_is_named_by_its_place() {
        let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        let refused = client(Authorities::Only((pem() + broken).as_bytes())).unwrap_err();
        assert_eq!(refused.to_string(), "certificate 2 of it can't be read");
    }
}
