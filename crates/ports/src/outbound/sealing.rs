use zeroize::Zeroizing;

/// Where a sealed secret is kept. What was sealed for one place can't be opened at another, so that nobody who writes to
/// the database can pass one row's secret off as another's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealedPlace<'a> {
    /// The table.
    pub table: &'static str,
    /// Which row.
    pub row: &'a str,
    /// The column.
    pub column: &'static str,
}

/// Why a sealed secret can't be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealingError {
    /// It was sealed with a key that is not here.
    #[error("it was sealed with another sealing key")]
    OtherKey,
    /// It was changed, cut, or sealed for another place.
    #[error("it is not what was sealed for this place")]
    Broken,
}

/// Keeps secrets unreadable at rest. It knows one sealing key; what it sealed names that key, so that the key can be
/// changed one day.
pub trait SecretSealer: Send + Sync {
    /// Seals a secret for its place. The same secret is sealed differently each time.
    fn seal(&self, place: &SealedPlace<'_>, plain: &[u8]) -> Vec<u8>;

    /// Opens what was sealed for that place.
    ///
    /// # Errors
    /// [`SealingError`]; never a wrong secret.
    fn open(&self, place: &SealedPlace<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealingError>;
}
