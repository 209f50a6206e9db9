//! What the rest of Doorward relies on, tried from outside.
#[cfg(test)]
mod forged_tokens;
#[cfg(test)]
mod hashing;
#[cfg(test)]
mod key_rings;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod remembered;
#[cfg(test)]
mod sealing;
#[cfg(test)]
mod sealing_key_file;
#[cfg(test)]
mod sealing_ring;
#[cfg(test)]
mod tokens;
