use super::check::{confirmed, count_wrong, invalid_code, seal_seed, uses_up};
use super::{factor_not_found, recovery};
use crate::fields::Fields;
use crate::mails;
use crate::services::{OwnAct, Subject, Work};
use crate::sessions::end;
use crate::tokens::token_is_dead;
use doorward_domain::{
    AuditAction, AuthenticationEvent, EndReason, Enrolment, Factor, FactorId, FactorKind, FactorName, MailKind,
    SecondFactor, Session, Timestamp, TotpCode, TotpSeed, User, UserId,
};
use doorward_ports::access::FRESH_FOR;
use doorward_ports::inbound::{ConfirmedFactor, EnrolledTotp};
use doorward_ports::outbound::TotpFactor;
use doorward_ports::{Error, ErrorCode, Result, Secret, SignedIn};
use serde_json::json;

/// There is at most one open enrolment of an account: a new one replaces it.
pub(super) async fn begin(OwnAct { mut act, owner }: OwnAct<'_>, name: Option<&str>) -> Result<EnrolledTotp> {
    let name = typed_name(name)?;
    let seed = TotpSeed::new(act.draw());
    let mut work = act.begin().await?;
    let user = work.users().lock(owner.user).await?.ok_or_else(token_is_dead)?;
    let before = confirmed(&mut work, user.id).await?;
    shown_recently(&mut work, owner, &before).await?;
    give_up_open(&mut work, user.id).await?;
    let new = new_totp(&work, user.id, name);
    let enrolment = Enrolment::begin(new, before.len()).map_err(|_| too_many_factors())?;
    let factor = enrolment.factor().clone();
    let sealed = seal_seed(work.sealer(), factor.id, &seed);
    work.factors().insert(&factor, &sealed).await?;
    let (uri, secret) = (otpauth_uri(&work, &seed, &user), Secret::new(seed.to_base32().to_string()));
    work.commit().await?;
    Ok(EnrolledTotp { factor, secret, otpauth_uri: uri })
}

fn typed_name(name: Option<&str>) -> Result<FactorName> {
    let mut fields = Fields::default();
    let name = fields.take_optional("/name", "invalid_name", name.map(FactorName::parse));
    fields.finish()?;
    Ok(name.unwrap_or_else(FactorName::authenticator))
}

fn new_totp(work: &Work<'_>, user: UserId, name: FactorName) -> Factor {
    Factor {
        id: FactorId::mint(work.now, work.draw()),
        user,
        kind: FactorKind::Totp,
        name,
        created_at: work.now,
        confirmed_at: None,
        last_used_at: None,
    }
}

fn otpauth_uri(work: &Work<'_>, seed: &TotpSeed, user: &User) -> Secret {
    Secret::new(seed.otpauth_uri(&work.policies.mfa.issuer, user.email.as_str()).to_string())
}

async fn give_up_open(work: &mut Work<'_>, user: UserId) -> Result<()> {
    for open in work.factors().of_user(user).await?.iter().filter(|factor| !factor.is_confirmed()) {
        work.factors().delete(user, open.id).await?;
    }
    Ok(())
}

/// The code shows that the authenticator has the seed, so it is a proof for the session of the caller as well.
pub(super) async fn confirm(
    OwnAct { mut act, owner }: OwnAct<'_>,
    id: FactorId,
    code: Secret,
) -> Result<ConfirmedFactor> {
    let mut work = act.begin().await?;
    let user = work.users().lock(owner.user).await?.ok_or_else(token_is_dead)?;
    let before = confirmed(&mut work, owner.user).await?;
    let session = shown_recently(&mut work, owner, &before).await?;
    let Some((enrolment, stored)) = open_enrolment(&mut work, owner.user, id).await? else {
        return Err(factor_not_found());
    };
    if let Err(refused) = first_code(&mut work, stored, &code).await? {
        work.commit().await?;
        return Err(refused);
    }
    let factor = enrolment.confirm(work.now);
    let recovery_codes = add(&mut work, &factor, session, before.is_empty()).await?;
    mails::about_factor(&mut work, &user, MailKind::FactorAdded, factor.name.as_str()).await?;
    work.commit().await?;
    Ok(ConfirmedFactor { factor, recovery_codes })
}

async fn open_enrolment(work: &mut Work<'_>, user: UserId, id: FactorId) -> Result<Option<(Enrolment, TotpFactor)>> {
    let now = work.now;
    let stored = work.factors().totp_of(user).await?.into_iter().find(|it| it.factor.id == id);
    let open = |stored: TotpFactor| Some((Enrolment::resume(stored.factor.clone(), now).ok()?, stored));
    Ok(stored.and_then(open))
}

/// A wrong code counts as at a sign-in.
async fn first_code(work: &mut Work<'_>, stored: TotpFactor, code: &Secret) -> Result<std::result::Result<(), Error>> {
    if let Some(wait) = stored.attempts.is_locked(work.now) {
        return Ok(Err(invalid_code(Some(wait))));
    }
    if let Ok(code) = TotpCode::parse(code.expose())
        && uses_up(work, &stored, &code).await?
    {
        return Ok(Ok(()));
    }
    count_wrong(work, stored).await?;
    Ok(Err(invalid_code(None)))
}

/// With the first factor, the other sessions of the account end: they were begun without one (OWASP ASVS 7.4.3).
async fn add(work: &mut Work<'_>, factor: &Factor, session: Session, first: bool) -> Result<Option<Vec<Secret>>> {
    let now = work.now;
    if !work.factors().confirm(factor.user, factor.id, now).await? {
        return Err(factor_not_found());
    }
    let proved = session.authentications.with(AuthenticationEvent::by_second_factor(SecondFactor::Totp, now));
    if !work.sessions().set_authentications(session.id, &proved, now).await? {
        return Err(token_is_dead());
    }
    let details = json!({ "factor": factor.id, "kind": factor.kind.as_str() });
    work.audit_with(AuditAction::FactorAdded, Subject::User(factor.user), details).await?;
    if !first {
        return Ok(None);
    }
    end::all(work, factor.user, Some(session.id), EndReason::FactorAdded).await?;
    recovery::replace(work, factor.user).await.map(Some)
}

/// The caller's session, if they have shown a factor of the account recently, or it has none. Otherwise a password alone
/// could take the second factor away (OWASP ASVS 7.5.1). The caller has locked the account.
pub(super) async fn shown_recently(work: &mut Work<'_>, owner: &SignedIn, factors: &[Factor]) -> Result<Session> {
    let (session, now) = (work.sessions().by_id(owner.session).await?, work.now);
    let session = session.filter(|it| it.user == owner.user && it.is_live(now)).ok_or_else(token_is_dead)?;
    let recent = |at: Timestamp| now.since(at) < FRESH_FOR;
    if factors.is_empty() || session.authentications.possession_proved_at().is_some_and(recent) {
        return Ok(session);
    }
    Err(Error::new(
        ErrorCode::ReauthenticationRequired,
        "This needs a code of your second factor from the last ten minutes. Send one to /auth/reauthenticate, and repeat the \
         request with the new access token.",
    ))
}

fn too_many_factors() -> Error {
    Error::new(ErrorCode::TooManyFactors, "The account has ten factors, and can't have more. Delete one first.")
}
