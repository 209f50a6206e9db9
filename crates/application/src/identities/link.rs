use super::{Linking, insert};
use crate::providers::{Redeemed, by_link_token, invalid_grant, redeem};
use crate::services::{OwnAct, Work};
use doorward_domain::{AttemptPurpose, Identity, UserId};
use doorward_ports::inbound::LinkProof;
use doorward_ports::outbound::Unique;
use doorward_ports::{Error, Result};

/// The caller must be the one who began it: otherwise a link that an attacker has begun, and a victim has walked through,
/// would let the victim's identity sign in to the attacker's account, or the reverse.
pub(super) async fn link(OwnAct { mut act, owner }: OwnAct<'_>, proof: LinkProof) -> Result<Identity> {
    let mut work = act.begin().await?;
    let redeemed = match &proof {
        LinkProof::Code(grant) => redeem(&mut work, &owner.client, grant, AttemptPurpose::Link(owner.user)).await?,
        LinkProof::Token(token) => by_link_token(&mut work, token).await?,
    };
    let linked = match redeemed {
        Ok(redeemed) if is_offered_to(&mut work, owner.user, (&proof, &redeemed)).await? => {
            linked(&mut work, owner.user, &redeemed).await?
        }
        Ok(_) => Err(invalid_grant()),
        Err(refused) => Err(refused),
    };
    work.commit().await?;
    linked
}

/// A sign-in offers a link to the account that has the address of the identity, and to no other: the app that redeemed the
/// code has the token, and could otherwise link the identity to an account of its own, where its owner would then land.
async fn is_offered_to(work: &mut Work<'_>, user: UserId, proved: (&LinkProof, &Redeemed)) -> Result<bool> {
    match proved {
        (LinkProof::Code(_), _) => Ok(true),
        (LinkProof::Token(_), redeemed) => {
            let account = work.users().lock(user).await?;
            let there = redeemed.proven.email.as_ref().map(|(email, _)| email);
            Ok(account.is_some_and(|account| there == Some(&account.email)))
        }
    }
}

async fn linked(
    work: &mut Work<'_>,
    user: UserId,
    redeemed: &Redeemed,
) -> Result<std::result::Result<Identity, Error>> {
    let key = redeemed.proven.key()?;
    match work.identities().by_key(&key).await? {
        Some(known) if known.user == user => Ok(Ok(known)),
        Some(_) => Ok(Err(Unique::Identity.into())),
        None => {
            let new = Linking { provider: &redeemed.attempt.provider, key: &key };
            Ok(Ok(insert(work, user, &new, false).await?))
        }
    }
}
