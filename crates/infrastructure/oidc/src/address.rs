use doorward_outgoing::{Reach, Uri};
use doorward_ports::outbound::{Misconfiguration, ProviderFault};

/// Reads a URL that is configured or published: `https`, or `http` where this machine may be called.
pub fn parsed(url: &str, reach: Reach) -> Result<Uri, ProviderFault> {
    let fault = ProviderFault::Misconfigured(Misconfiguration::Url);
    let uri: Uri = url.parse().map_err(|_| fault.clone())?;
    match uri.scheme_str() {
        Some("https") => Ok(uri),
        Some("http") if reach.loopback => Ok(uri),
        _ => Err(fault),
    }
}
