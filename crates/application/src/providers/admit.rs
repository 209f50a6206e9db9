//! From a proven identity to a session: the accounts that it meets. The key of an identity is its issuer and subject,
//! and never its e-mail address.
use super::end_sessions::digest_of_session;
use super::{Proven, enabled_in};
use crate::accounts::{Details, described, save};
use crate::factors::Destination;
use crate::identities::{self, Linking};
use crate::mails;
use crate::secrets::random_secret;
use crate::services::{Subject, Work};
use crate::sign_in::{self, Admitted};
use doorward_domain::{
    AttemptId, AuditAction, AuthenticationEvent, Authentications, AuthorizationAttempt, Client, ClientId, Email,
    Identifier, LINK_LIFETIME, LinkingPolicy, Provider, RoleName, SessionId, SignIn, User, UserId, Username,
};
use doorward_ports::inbound::LinkRequired;
use doorward_ports::outbound::ProviderSession;
use doorward_ports::{Error, ErrorCode, Result, SecretDigest};
use std::collections::BTreeSet;

/// A refusal is to be committed, with its audit line.
type Judged<T> = std::result::Result<T, Error>;

/// Somebody whom a provider has authenticated.
pub(crate) struct Arrival {
    provider: Provider,
    attempt: AuthorizationAttempt,
    proven: Proven,
}

impl Arrival {
    /// None if the provider was disabled meanwhile.
    async fn of(work: &mut Work<'_>, attempt: AuthorizationAttempt, proven: Proven) -> Result<Option<Self>> {
        let enabled = enabled_in(work, &attempt.provider).await?;
        Ok(enabled.map(|provider| Self { provider, attempt, proven }))
    }

    /// Of a sign-in that has waited for its second factor; the account is locked. None if the provider or the client app was
    /// disabled, the attempt deleted, or the session there ended, meanwhile.
    pub async fn resume(work: &mut Work<'_>, attempt: AttemptId) -> Result<Option<Self>> {
        let Some((attempt, identity)) = work.authorization_attempts().spent(attempt).await? else { return Ok(None) };
        if !is_active(work, &attempt.client).await? {
            return Ok(None);
        }
        let proven = Proven::open(work.sealer(), attempt.id, &identity)?;
        let Some(arrival) = Self::of(work, attempt, proven).await? else { return Ok(None) };
        Ok(if arrival.has_ended(work).await? { None } else { Some(arrival) })
    }

    /// Whether the provider has reported, since this sign-in began, that the session there has ended.
    async fn has_ended(&self, work: &mut Work<'_>) -> Result<bool> {
        let (key, id) = (self.proven.key()?, self.proven.session.as_deref().map(digest_of_session));
        let there = ProviderSession { provider: &self.provider.name, key: &key, id: id.as_ref() };
        let now = work.now;
        Ok(work.provider_sessions().has_ended(there, self.attempt.begun_at, now).await?)
    }

    /// Begins the session, once all that the account asks for is proved.
    pub async fn admit(&self, work: &mut Work<'_>, user: User, proved: Authentications) -> Result<Admitted> {
        let user = super::roles::follow(work, user, (&self.provider, &self.proven)).await?;
        let user = if self.provider.sync_profile { synced(work, user, &self.proven).await? } else { user };
        let admitted = sign_in::admit(work, user, proved, self.attempt.client.clone()).await?;
        work.authorization_attempts().note_session(self.attempt.id, admitted.session.id).await?;
        self.note_session_there(work, admitted.session.id).await?;
        Ok(admitted)
    }

    /// So that the provider can end it.
    async fn note_session_there(&self, work: &mut Work<'_>, session: SessionId) -> Result<()> {
        let (key, id) = (self.proven.key()?, self.proven.session.as_deref().map(digest_of_session));
        let there = ProviderSession { provider: &self.provider.name, key: &key, id: id.as_ref() };
        Ok(work.provider_sessions().insert(session, there).await?)
    }
}

pub(super) async fn admit(
    work: &mut Work<'_>,
    attempt: AuthorizationAttempt,
    proven: Proven,
) -> Result<Judged<Admitted>> {
    let Some(arrival) = Arrival::of(work, attempt, proven).await? else {
        return Ok(Err(Error::new(ErrorCode::InvalidGrant, "The provider was disabled meanwhile.")));
    };
    let (subject, refused) = match account(work, &arrival).await? {
        Ok(user) => match begin_session(work, user, &arrival).await? {
            Ok(admitted) => return Ok(Ok(admitted)),
            Err(refused) => (Subject::User(user), refused),
        },
        Err((subject, refused)) => (subject, refused),
    };
    if refused.code == ErrorCode::MfaRequired {
        return Ok(Err(refused));
    }
    let details = serde_json::json!({ "reason": refused.code.as_str(), "provider": arrival.provider.name });
    work.audit_refusal_with(AuditAction::SignIn, subject, details).await?;
    Ok(Err(refused))
}

/// Whether the client may get tokens. Doorward's own may.
async fn is_active(work: &mut Work<'_>, client: &Client) -> Result<bool> {
    if client.is_first_party() {
        return Ok(true);
    }
    let Ok(id) = ClientId::parse(client.as_str()) else { return Ok(false) };
    let known = work.client_apps().by_id(&id).await?;
    Ok(known.is_some_and(|known| known.app.is_active))
}

/// A refusal, and whom it concerns.
type RefusedFor = (Subject<'static>, Error);

/// The account of the identity: linked, to be linked now, or new.
async fn account(work: &mut Work<'_>, arrival: &Arrival) -> Result<std::result::Result<UserId, RefusedFor>> {
    let Arrival { provider, proven, .. } = arrival;
    let key = proven.key()?;
    if let Some(identity) = work.identities().by_key(&key).await? {
        let now = work.now;
        work.identities().note_use(identity.id, now).await?;
        return Ok(Ok(identity.user));
    }
    let Some((email, verified)) = &proven.email else {
        return Ok(Err((Subject::Unknown, email_required())));
    };
    // Anybody can state any address that is not verified.
    let accepted = provider.accepts(email) && (*verified || provider.email_domains.is_empty());
    if !accepted {
        return Ok(Err((Subject::Unknown, domain_not_allowed())));
    }
    let linking = Linking { provider: &provider.name, key: &key };
    let owner = work.users().credentials(&Identifier::Email(email.clone())).await?;
    match owner {
        Some(owner) => meet(work, arrival, (owner.user, *verified), &linking).await,
        None => register(work, arrival, (email, *verified), &linking).await,
    }
}

/// There is an account with the address of the identity. That alone proves nothing: a provider may state an address that
/// belongs to somebody else, and somebody may have registered the account with the address of another.
async fn meet(
    work: &mut Work<'_>,
    Arrival { provider, attempt, .. }: &Arrival,
    (owner, verified_there): (UserId, bool),
    linking: &Linking<'_>,
) -> Result<std::result::Result<UserId, RefusedFor>> {
    let verified_here = work.users().lock(owner).await?.is_some_and(|user| user.email_verified);
    match provider.linking {
        LinkingPolicy::VerifiedEmail if verified_there && verified_here => {
            identities::insert(work, owner, linking, true).await?;
            Ok(Ok(owner))
        }
        LinkingPolicy::Never => Ok(Err((Subject::User(owner), not_linked()))),
        LinkingPolicy::VerifiedEmail | LinkingPolicy::Ask => {
            let (token, now) = (random_secret(work.draw()), work.now);
            work.authorization_attempts().offer_link(attempt.id, &SecretDigest::of(&token), now).await?;
            let required = LinkRequired { link_token: token, expires_in: LINK_LIFETIME };
            Ok(Err((Subject::User(owner), required.into())))
        }
    }
}

async fn register(
    work: &mut Work<'_>,
    Arrival { provider, proven, .. }: &Arrival,
    (email, verified): (&Email, bool),
    linking: &Linking<'_>,
) -> Result<std::result::Result<UserId, RefusedFor>> {
    if !(provider.registration && work.policies.registration.enabled) {
        return Ok(Err((Subject::Unknown, registration_disabled())));
    }
    let details = Details {
        email: email.clone(),
        username: free_username(work, proven).await?,
        full_name: proven.full_name.clone(),
        locale: proven.locale.clone(),
        password: None,
    };
    let mut user = details.into_user(UserId::mint(work.now, work.draw()), BTreeSet::from([RoleName::user()]), work.now);
    user.email_verified = verified;
    work.users().insert(&user, None).await?;
    let mut details = described(&user);
    details["provider"] = provider.name.as_str().into();
    work.audit_with(AuditAction::UserRegistered, Subject::User(user.id), details).await?;
    identities::insert(work, user.id, linking, true).await?;
    if !verified {
        mails::verification(work, &user).await?;
    }
    Ok(Ok(user.id))
}

/// A disabled account stays disabled, and an address that must be verified is not verified by this.
async fn begin_session(work: &mut Work<'_>, user: UserId, arrival: &Arrival) -> Result<Judged<Admitted>> {
    let Some(user) = work.users().lock(user).await? else {
        return Ok(Err(super::invalid_grant()));
    };
    if arrival.has_ended(work).await? {
        return Ok(Err(Error::new(ErrorCode::InvalidGrant, "The session at the provider has ended meanwhile.")));
    }
    let attempt = &arrival.attempt;
    let proof = AuthenticationEvent::by_provider(&attempt.provider, work.now);
    let destination = Destination { client: &attempt.client, attempt: Some(attempt.id) };
    match sign_in::judge(work, SignIn::begin(user.id, proof), &user, destination).await? {
        Ok(proved) => Ok(Ok(arrival.admit(work, user, proved).await?)),
        Err(refused) => Ok(Err(refused)),
    }
}

/// The account with the full name and the locale that the provider states. What it does not state stays as it is.
async fn synced(work: &mut Work<'_>, before: User, proven: &Proven) -> Result<User> {
    let after = User {
        full_name: proven.full_name.clone().or_else(|| before.full_name.clone()),
        locale: proven.locale.clone().or_else(|| before.locale.clone()),
        ..before.clone()
    };
    save(work, &before, after).await
}

/// The username that the provider states, if no account has it.
async fn free_username(work: &mut Work<'_>, proven: &Proven) -> Result<Option<Username>> {
    let Some(username) = &proven.username else { return Ok(None) };
    let owner = work.users().credentials(&Identifier::Username(username.clone())).await?;
    Ok(owner.is_none().then(|| username.clone()))
}

fn email_required() -> Error {
    Error::new(
        ErrorCode::EmailRequired,
        "The provider gives no e-mail address, and an account needs one. Allow it at the provider, or register first and \
         then link the provider.",
    )
}

fn domain_not_allowed() -> Error {
    Error::new(
        ErrorCode::EmailDomainNotAllowed,
        "This provider registers only verified e-mail addresses of certain domains. Ask an administrator for an account.",
    )
}

fn not_linked() -> Error {
    Error::new(
        ErrorCode::EmailTaken,
        "There is an account with this e-mail address, and it is not linked with this provider. Sign in to it in the way you \
         did before.",
    )
}

fn registration_disabled() -> Error {
    Error::new(ErrorCode::RegistrationDisabled, "Registration is disabled. Ask an administrator for an account.")
}
