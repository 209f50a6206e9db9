//! Encrypts sealing keys by external systems, which keep their own keys to themselves.
//!
//! A system is asked when a sealing key is created, and when a process learns one: at its start, and after a rotation. It
//! never sees a secret of the database, and nobody waits for it when a secret is sealed or opened.
//!
//! **To add a system**: write a file with an implementation of [`doorward_ports::outbound::KeyWrapper`], its settings, and a
//! test that plays the system as it is documented.
#![warn(missing_docs)]

mod vault;

pub use vault::{Vault, VaultSettings, VaultSettingsError};
