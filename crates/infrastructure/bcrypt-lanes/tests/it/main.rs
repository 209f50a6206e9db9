//! What a hash is, by those who published digests and by another implementation.
#[cfg(test)]
mod oracle;
#[cfg(test)]
mod vectors;
