//! The chain of the audit log: each line has a number and a link to all lines before it, and a signed seal confirms the
//! links. These are the rules only; the caller reads, writes and signs.
mod canonical;
mod hash;
mod line;
mod seal;
mod verification;

pub use hash::{AuditHash, AuditHashError};
pub use line::{AuditChain, AuditLine, AuditPersonal, ChainedLine, SealedLine};
pub use seal::{AuditAnchor, AuditHead, AuditSeal};
pub use verification::{AuditFault, BadLine, Verification, Verified};

#[cfg(test)]
mod tests;
