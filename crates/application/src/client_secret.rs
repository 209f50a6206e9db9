use doorward_ports::Secret;
use zeroize::Zeroizing;

/// The prefix of the secret of a client app, so that scanners of repositories and logs can recognize one.
const PREFIX: &str = "dws_";
const SECRET_BYTES: usize = 32;
const URL_SAFE: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// A new secret: the prefix and 43 letters that need no escaping anywhere, with 256 random bits.
pub(crate) fn make_up(chance: [u8; SECRET_BYTES]) -> Secret {
    let bytes = Zeroizing::new(chance);
    // The buffer has its final size: a text that grows would leave copies of the secret behind.
    let mut text = String::with_capacity(PREFIX.len() + (SECRET_BYTES * 8).div_ceil(6));
    text.push_str(PREFIX);
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().fold(0_u32, |sum, &byte| sum << 8 | u32::from(byte)) << (8 * (3 - chunk.len()));
        let letters = chunk.len() + 1;
        text.extend((0..letters).map(|n| char::from(URL_SAFE[(group >> (18 - 6 * n) & 63) as usize])));
    }
    Secret::new(text)
}
