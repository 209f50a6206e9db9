use crate::url_error::UrlError;
use doorward_tls::Authorities;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};
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
        let config = match trust {
            Trust::Verified => verified(root_certificate)?,
            Trust::Anybody => {
                let take_any = Arc::new(TakeAny(Arc::new(aws_lc_rs::default_provider())));
                doorward_tls::builder().dangerous().with_custom_certificate_verifier(take_any).with_no_client_auth()
            }
        };
        Ok(Self::On(Box::new(MakeRustlsConnect::new(config))))
    }
}

/// The authorities of the file if there is one, otherwise those of browsers.
fn verified(file: Option<&str>) -> Result<ClientConfig, UrlError> {
    let refuse = |problem: String| UrlError::RootCertificate { path: file.unwrap_or_default().to_owned(), problem };
    let text = file.map(std::fs::read).transpose().map_err(|error| refuse(error.to_string()))?;
    doorward_tls::client(Authorities::of(text.as_deref())).map_err(|error| refuse(error.to_string()))
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
