use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_ports::Secret;
use zeroize::Zeroizing;

const BYTES: usize = 32;
/// The prefix of the secret of a client app, so that scanners of repositories and logs can recognize one.
const OF_CLIENT_APPS: &str = "dws_";

/// A secret of 256 random bits, in 43 letters that need no escaping in a URL or a cookie.
pub(crate) fn random_secret(chance: [u8; BYTES]) -> Secret {
    prefixed("", chance)
}

/// The same for a client app, after its prefix.
pub(crate) fn client_secret(chance: [u8; BYTES]) -> Secret {
    prefixed(OF_CLIENT_APPS, chance)
}

fn prefixed(prefix: &str, chance: [u8; BYTES]) -> Secret {
    let bytes = Zeroizing::new(chance);
    // The buffer has its final size: a text that grows would leave copies of the secret behind.
    let mut text = String::with_capacity(prefix.len() + (BYTES * 8).div_ceil(6));
    text.push_str(prefix);
    URL_SAFE_NO_PAD.encode_string(*bytes, &mut text);
    Secret::new(text)
}
