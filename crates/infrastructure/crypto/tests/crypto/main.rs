//! What the rest of Doorward relies on, tried from outside.
#[cfg(test)]
mod forged_tokens;
#[cfg(test)]
mod hashing;
#[cfg(test)]
mod key_file;
#[cfg(test)]
mod tokens;
