use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_ports::Secret;
use zeroize::Zeroizing;

/// A secret of 256 random bits, in 43 letters that need no escaping in a URL or a cookie.
pub(crate) fn random_secret(chance: [u8; 32]) -> Secret {
    let bytes = Zeroizing::new(chance);
    Secret::new(URL_SAFE_NO_PAD.encode(*bytes))
}
