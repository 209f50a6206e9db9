use crate::url_error::UrlError;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use std::sync::Arc;
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;

/// Whether and how connections are encrypted.
#[derive(Clone)]
pub enum Tls {
    Off,
    On(Box<MakeRustlsConnect>),
}

/// Which certificates are accepted.
#[derive(Clone, Copy)]
pub enum Trust {
    /// A certificate of a trusted authority for the name of the host.
    Verified,
    /// Any certificate: this protects against eavesdropping, but not against an attacker between both ends.
    Anybody,
}

impl Tls {
    pub fn new(mode: SslMode, trust: Trust, root_certificate: Option<&str>) -> Result<Self, UrlError> {
        if mode == SslMode::Disable {
            return Ok(Self::Off);
        }
        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .expect("the provider has the cipher suites of TLS 1.2 and 1.3");
        let config = match trust {
            Trust::Verified => builder.with_root_certificates(roots(root_certificate)?).with_no_client_auth(),
            Trust::Anybody => {
                builder.dangerous().with_custom_certificate_verifier(Arc::new(TakeAny(provider))).with_no_client_auth()
            }
        };
        Ok(Self::On(Box::new(MakeRustlsConnect::new(config))))
    }
}

/// The authorities of the file if there is one, otherwise those of browsers.
fn roots(file: Option<&str>) -> Result<RootCertStore, UrlError> {
    let Some(path) = file else { return Ok(RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() }) };
    let refuse = |problem: String| UrlError::RootCertificate { path: path.to_owned(), problem };
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|e| refuse(e.to_string()))? {
        let certificate = certificate.map_err(|e| refuse(e.to_string()))?;
        roots.add(certificate).map_err(|e| refuse(e.to_string()))?;
    }
    if roots.is_empty() { Err(refuse("it is empty".to_owned())) } else { Ok(roots) }
}

/// The meaning of `sslmode=prefer` (PostgreSQL's documentation of libpq, "SSL Support"): encrypted, with any server.
#[derive(Debug)]
struct TakeAny(Arc<CryptoProvider>);

impl ServerCertVerifier for TakeAny {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls12_signature(
            message,
            certificate,
            signature,
            &self.0.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(
            message,
            certificate,
            signature,
            &self.0.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
