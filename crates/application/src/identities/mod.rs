//! The identities at providers that sign in to an account.
mod link;
mod unlink;

use crate::Services;
use crate::providers::{Asked, attempt};
use crate::services::{OwnAct, Subject, Work};
use async_trait::async_trait;
use doorward_domain::{
    AttemptPurpose, AuditAction, Identity, IdentityId, IdentityKey, ProviderName, Timestamp, UserId,
};
use doorward_ports::access::Operation;
use doorward_ports::inbound::{BegunAuthorization, Binding, Identities, LinkProof, LinkRequest};
use doorward_ports::{Caller, Result};

#[async_trait]
impl Identities for Services {
    async fn own(&self, caller: &Caller) -> Result<Vec<Identity>> {
        let OwnAct { act, owner } = self.authorize_own(caller, Operation::ListOwnIdentities)?;
        Ok(act.read().await?.identities().of_user(owner.user).await?)
    }

    async fn begin_link(&self, caller: &Caller, provider: &str, request: LinkRequest) -> Result<BegunAuthorization> {
        let OwnAct { mut act, owner } = self.authorize_own(caller, Operation::BeginLink)?;
        let asked = Asked::to_link(provider, &request);
        attempt(&mut act, &asked, AttemptPurpose::Link(owner.user), Binding::Unbound).await
    }

    async fn link(&self, caller: &Caller, proof: LinkProof) -> Result<Identity> {
        link::link(self.authorize_own(caller, Operation::LinkIdentity)?, proof).await
    }

    async fn unlink(&self, caller: &Caller, id: IdentityId) -> Result<()> {
        unlink::unlink(self.authorize_own(caller, Operation::UnlinkIdentity)?, id).await
    }
}

/// An identity that is not linked yet.
pub(crate) struct Linking<'a> {
    pub provider: &'a ProviderName,
    pub key: &'a IdentityKey,
}

/// Unlinks all identities of an account that were linked then or later.
pub(crate) async fn unlink_all(work: &mut Work<'_>, user: UserId, linked_from: Timestamp) -> Result<()> {
    for identity in work.identities().of_user(user).await? {
        if identity.linked_at >= linked_from && work.identities().delete(user, identity.id).await? {
            let details = serde_json::json!({ "provider": identity.provider, "identity": identity.id });
            work.audit_with(AuditAction::IdentityUnlinked, Subject::User(user), details).await?;
        }
    }
    Ok(())
}

/// Links it; `used` tells whether it is used to sign in at the same time.
pub(crate) async fn insert(work: &mut Work<'_>, user: UserId, new: &Linking<'_>, used: bool) -> Result<Identity> {
    let now = work.now;
    let identity = Identity {
        id: IdentityId::mint(now, work.draw()),
        user,
        provider: new.provider.clone(),
        key: new.key.clone(),
        linked_at: now,
        last_used_at: used.then_some(now),
    };
    work.identities().insert(&identity).await?;
    let details = serde_json::json!({ "provider": identity.provider, "identity": identity.id });
    work.audit_with(AuditAction::IdentityLinked, Subject::User(user), details).await?;
    Ok(identity)
}
