//! Sign-in with a password: the model for every use case.
//!
//! First the authorization; then everything slow (look-up, hash), without an open unit of work; then one unit of work
//! that checks, writes and appends to the audit log; then the answer.
use super::conclude::{Proof, Verified, conclude, invalid_credentials};
use super::lockout::Lockout;
use crate::fields::Fields;
use crate::services::{Act, Subject};
use doorward_domain::{AuditAction, AuthenticationEvent, Identifier, Password, SignIn, UserId};
use doorward_ports::inbound::{PasswordSignIn, TokenPair};
use doorward_ports::outbound::{AccountKey, Credentials, PasswordHash};
use doorward_ports::{Error, Result};

pub(super) async fn sign_in(mut act: Act<'_>, sign_in: PasswordSignIn) -> Result<TokenPair> {
    let password = typed(&sign_in)?;
    let claim = Claim::look_up(&act, &sign_in.identifier).await?;
    // An unknown account costs the same hash, and later the same statements (OWASP ASVS 6.3.8).
    let verdict = act.verify(claim.account, &password, claim.stored()).await?;
    match claim.credentials {
        Some(Credentials { user, password: Some(stored) }) if verdict.matches => {
            let renewed = if verdict.outdated { renewed(&mut act, user, &password).await? } else { None };
            let sign_in = SignIn::begin(user, AuthenticationEvent::by_password(act.now()));
            conclude(act, Proof { sign_in, verified: Verified::Password { stored, renewed } }).await
        }
        _ => Err(refuse(&mut act, &claim).await?),
    }
}

/// A hash to replace an outdated one. None for a locked account, where a second hash would reveal that the password is
/// right.
async fn renewed(act: &mut Act<'_>, user: UserId, password: &Password) -> Result<Option<PasswordHash>> {
    let account = AccountKey::of_user(user);
    let locked = Lockout::lock(&mut act.begin().await?, account).await?.remaining().is_some();
    if locked { Ok(None) } else { act.hash(account, password).await.map(Some) }
}

fn typed(sign_in: &PasswordSignIn) -> Result<Password> {
    let mut fields = Fields::default();
    let password = fields.take("/password", "password_too_long", Password::new(sign_in.password.expose().to_owned()));
    fields.finish_with(password)
}

/// The account that a caller claims to own.
struct Claim {
    account: AccountKey,
    credentials: Option<Credentials>,
}

impl Claim {
    /// A name that is not possible is treated like a name without an account.
    async fn look_up(act: &Act<'_>, name: &str) -> Result<Self> {
        let identifier = Identifier::parse(name).ok();
        let credentials = match &identifier {
            Some(identifier) => act.read().await?.users().credentials(identifier).await?,
            None => None,
        };
        let nobody = AccountKey::of_name(identifier.as_ref().map_or(name, Identifier::as_str));
        let account = credentials.as_ref().map_or(nobody, |credentials| AccountKey::of_user(credentials.user));
        Ok(Self { account, credentials })
    }

    fn stored(&self) -> Option<&PasswordHash> {
        self.credentials.as_ref()?.password.as_ref()
    }

    fn subject(&self) -> Subject<'static> {
        self.credentials.as_ref().map_or(Subject::Unknown, |credentials| Subject::User(credentials.user))
    }
}

/// Counts the wrong password and returns the refusal.
async fn refuse(act: &mut Act<'_>, claim: &Claim) -> Result<Error> {
    let mut work = act.begin().await?;
    let lockout = Lockout::lock(&mut work, claim.account).await?;
    let wait = lockout.remaining();
    lockout.refuse(&mut work, AuditAction::SignIn, claim.subject(), "invalid_credentials").await?;
    work.commit().await?;
    Ok(invalid_credentials(wait))
}
