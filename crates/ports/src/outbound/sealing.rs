use zeroize::Zeroizing;

/// The position of a sealed secret. A secret that was sealed for one position can't be opened at another, so that
/// nobody who can write to the database can move a secret to another row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealedPlace<'a> {
    /// The table.
    pub table: &'static str,
    /// The row.
    pub row: &'a str,
    /// The column.
    pub column: &'static str,
}

/// Why a sealed secret can't be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealingError {
    /// It was sealed with a different key.
    #[error("it was sealed with a different sealing key")]
    OtherKey,
    /// It was changed, cut, or sealed for another position.
    #[error("it was not sealed for this position")]
    Broken,
}

/// Encrypts secrets at rest, without waiting for a disk or a network. It knows a ring of sealing keys
/// ([`super::SealingRing`]): one seals, all of them open, because a sealed secret names its key.
///
/// A sealed secret begins with a [`doorward_domain::SealedHead`].
pub trait SecretSealer: Send + Sync {
    /// Seals a secret for its position. The same secret is sealed differently each time.
    fn seal(&self, place: &SealedPlace<'_>, plain: &[u8]) -> Vec<u8>;

    /// Opens a secret that was sealed for this position.
    ///
    /// # Errors
    /// [`SealingError`]; never a wrong secret.
    fn open(&self, place: &SealedPlace<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealingError>;
}
