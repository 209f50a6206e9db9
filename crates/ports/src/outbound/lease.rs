use super::StoreError;
use async_trait::async_trait;
use doorward_domain::Timestamp;

/// Who asks for a lease, and for how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaseTerm {
    /// The process, under a name that no other one has or had.
    pub holder: String,
    /// Now, by its clock.
    pub now: Timestamp,
    /// When others may take the lease, unless it is prolonged before.
    pub until: Timestamp,
}

/// Has work done by one process at a time, of all that share a store.
///
/// It keeps processes out of each other's way, and no more: where their clocks differ by more than a term, two of them may
/// hold one lease. What must not happen twice needs a statement of its own that sees to it.
#[async_trait]
pub trait Lease: Send + Sync {
    /// Takes the lease of that name, or prolongs it; answers whether it is held now. It is not while the term of another
    /// holder lasts. In one statement: of any number of callers at once exactly one is answered that it holds it.
    async fn take(&self, name: &str, term: &LeaseTerm) -> Result<bool, StoreError>;

    /// Gives it back: others may take it at once. A lease that another one holds by now stays with it.
    async fn release(&self, name: &str, holder: &str) -> Result<(), StoreError>;
}
