use super::{Policies, Tools, Work};
use doorward_domain::{Password, Timestamp};
use doorward_ports::outbound::{AccountKey, PasswordHash, ReadWork, Verdict};
use doorward_ports::{Caller, Result, SignedIn};

/// An operation that the caller may do. A use case begins with one, so that none can forget to authorize.
///
/// A unit of work borrows it for as long as it is open: what is slow (a hash, the network, sleep) is reached by the act
/// alone, so that to wait for it inside a unit of work does not compile.
pub(crate) struct Act<'a> {
    tools: &'a Tools,
    /// The operator's rules.
    pub policies: &'a Policies,
    /// On whose behalf, and from where.
    pub caller: &'a Caller,
}

/// An operation of somebody signed in on what is their own.
pub(crate) struct OwnAct<'a> {
    pub act: Act<'a>,
    pub owner: &'a SignedIn,
}

impl<'a> Act<'a> {
    pub(super) const fn new(tools: &'a Tools, policies: &'a Policies, caller: &'a Caller) -> Self {
        Self { tools, policies, caller }
    }

    /// The same operation in the name of somebody who has been proved meanwhile. It takes this act's place: beside an open
    /// unit of work there is none whose slow tools could be waited for.
    pub fn in_the_name_of<'b>(self, caller: &'b Caller) -> Act<'b>
    where
        'a: 'b,
    {
        Act { tools: self.tools, policies: self.policies, caller }
    }

    /// What reaches outside. Borrowed from the act, and so not at hand while a unit of work is open.
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

    /// Single statements, each by itself.
    pub async fn read(&self) -> Result<Box<dyn ReadWork>> {
        Ok(self.tools.store.read().await?)
    }

    /// Several statements that see one moment.
    pub async fn snapshot(&self) -> Result<Box<dyn ReadWork>> {
        Ok(self.tools.store.snapshot().await?)
    }

    /// Opens a unit of work. Its clock stands still from here on.
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
