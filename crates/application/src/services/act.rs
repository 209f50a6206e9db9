use super::{Policies, Services, Tools, Work};
use doorward_domain::{Password, Timestamp};
use doorward_ports::access::Operation;
use doorward_ports::outbound::{AccountKey, PasswordHash, ReadWork, Verdict};
use doorward_ports::trace::Span;
use doorward_ports::usage::Usage;
use doorward_ports::{Caller, Result, SignedIn};

/// An operation that the caller is authorized for. A use case begins with one, so no use case can skip authorization.
///
/// An open unit of work borrows it: everything slow (a hash, the network, sleep) is available only through the act, so
/// code that waits for it inside a unit of work does not compile.
pub(crate) struct Act<'a> {
    tools: &'a Tools,
    /// The policies of the operator.
    pub policies: &'a Policies,
    /// The caller.
    pub caller: &'a Caller,
    /// The span of the operation, which ends with the act.
    span: Span,
}

/// An operation of a signed-in caller on their own account.
pub(crate) struct OwnAct<'a> {
    pub act: Act<'a>,
    pub owner: &'a SignedIn,
}

impl<'a> Act<'a> {
    pub(super) fn new(services: &'a Services, caller: &'a Caller, operation: Operation) -> Self {
        let span = Usage::span(operation.as_str());
        Self { tools: &services.tools, policies: &services.policies, caller, span }
    }

    /// The same operation with another caller, who has authenticated meanwhile. It replaces this act, so that the slow
    /// tools of no other act are available while a unit of work is open.
    pub fn in_the_name_of<'b>(self, caller: &'b Caller) -> Act<'b>
    where
        'a: 'b,
    {
        Act { tools: self.tools, policies: self.policies, caller, span: self.span }
    }

    /// The tools for the outside. They are borrowed from the act, so they are not available while a unit of work is
    /// open.
    pub const fn tools(&self) -> &Tools {
        self.tools
    }

    pub fn now(&self) -> Timestamp {
        self.tools.now()
    }

    /// Fresh randomness, for an id or a secret.
    pub fn draw<const N: usize>(&self) -> [u8; N] {
        self.tools.draw()
    }

    /// Single statements, each separately.
    pub async fn read(&self) -> Result<Box<dyn ReadWork>> {
        Ok(self.tools.store.read().await?)
    }

    /// Several statements on one snapshot.
    pub async fn snapshot(&self) -> Result<Box<dyn ReadWork>> {
        Ok(self.tools.store.snapshot().await?)
    }

    /// Opens a unit of work. Its time is fixed from here on.
    pub async fn begin(&mut self) -> Result<Work<'_>> {
        let store = self.tools.store.write().await?;
        Ok(Work::new(store, self.tools, self.policies, self.caller))
    }

    pub async fn hash(&self, account: AccountKey, password: &Password) -> Result<PasswordHash> {
        Ok(self.tools.hasher.hash(account, password).await?)
    }

    pub async fn verify(
        &self,
        account: AccountKey,
        password: &Password,
        stored: Option<&PasswordHash>,
    ) -> Result<Verdict> {
        Ok(self.tools.hasher.verify(account, password, stored).await?)
    }
}
