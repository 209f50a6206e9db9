//! Mails are written into the outbox by the unit of work of the act that they tell of.
use super::content;
use crate::secrets::random_secret;
use crate::services::Work;
use doorward_domain::{Email, MailId, MailKind, MailToken, MailTokenPurpose, User};
use doorward_ports::outbound::{Mail, MailFacts, MailLink, OutboxMail};
use doorward_ports::{Result, SecretDigest};

/// A mail about an account.
pub(crate) struct Draft {
    kind: MailKind,
    to: Email,
    link: Option<MailTokenPurpose>,
    report: bool,
    facts: MailFacts,
}

impl Draft {
    /// To this address, which is that of the account, a former one, or one that it may get.
    pub fn new(kind: MailKind, to: &Email) -> Self {
        Self { kind, to: to.clone(), link: None, report: false, facts: MailFacts::default() }
    }

    /// With a link to do this.
    pub fn linking(mut self, purpose: MailTokenPurpose) -> Self {
        self.link = Some(purpose);
        self
    }

    /// With a link to report that it was not the owner.
    pub fn reporting(mut self) -> Self {
        self.report = true;
        self
    }

    /// With another address in its text.
    pub fn naming(mut self, other: &Email) -> Self {
        self.facts.other_email = Some(other.clone());
        self
    }

    /// With when, from where and on which device it happened.
    pub fn telling_of(mut self, work: &Work<'_>) -> Self {
        let origin = &work.caller.origin;
        self.facts.at = Some(work.now);
        self.facts.address = origin.address;
        let device = origin.user_agent.as_deref().map(doorward_domain::DeviceName::from_user_agent);
        self.facts.device = device.map(|device| device.to_string());
        self
    }
}

/// Writes a mail, if Doorward sends mails. The caller has the lock of the account, so its tokens are issued one after the
/// other.
pub(crate) async fn write(work: &mut Work<'_>, user: &User, draft: Draft) -> Result<()> {
    if !work.sends_mails() {
        return Ok(());
    }
    let Draft { kind, to, link, report, facts } = draft;
    let link = issue(work, user, &to, link).await?;
    let report = issue(work, user, &to, report.then_some(MailTokenPurpose::ReportTakeover)).await?;
    let (id, now, policy) = (MailId::mint(work.now, work.draw()), work.now, work.policies.mail);
    // A mail whose link has expired is of no use.
    let lasts = link.as_ref().map_or(policy.give_up_after, |link| link.lasts.min(policy.give_up_after));
    let mail = Mail { id, kind, to, language: user.mail_language(asked(work, user)), link, report, facts };
    let content = content::seal(work.sealer(), id, mail)?;
    let mail = OutboxMail { id, user: user.id, kind, content, created_at: now, expires_at: now.plus(lasts) };
    Ok(work.outbox().put(&mail).await?)
}

/// The language of the request, unless somebody else than the owner makes it.
fn asked(work: &Work<'_>, user: &User) -> Option<doorward_domain::Language> {
    let by_owner = work.caller.user().is_none_or(|caller| caller == user.id);
    work.caller.origin.language.filter(|_| by_owner)
}

async fn issue(
    work: &mut Work<'_>,
    user: &User,
    email: &Email,
    purpose: Option<MailTokenPurpose>,
) -> Result<Option<MailLink>> {
    let Some(purpose) = purpose else { return Ok(None) };
    let (secret, now, lasts) = (random_secret(work.draw()), work.now, work.policies.mail.lifetimes.of(purpose));
    let token = MailToken { user: user.id, purpose, email: email.clone(), issued_at: now, expires_at: now.plus(lasts) };
    work.mail_tokens().issue(&token, &SecretDigest::of(&secret)).await?;
    Ok(Some(MailLink { purpose, token: secret, lasts }))
}

/// Asks the owner of an account to verify its address.
pub(crate) async fn verification(work: &mut Work<'_>, user: &User) -> Result<()> {
    let draft = Draft::new(MailKind::VerifyEmail, &user.email).linking(MailTokenPurpose::VerifyEmail);
    write(work, user, draft).await
}

/// Asks the owner of an account without a password to set one.
pub(crate) async fn invitation(work: &mut Work<'_>, user: &User) -> Result<()> {
    let draft = Draft::new(MailKind::Invitation, &user.email).linking(MailTokenPurpose::AcceptInvitation);
    write(work, user, draft).await
}

/// Tells the owner of an account that somebody has tried to get another one with its address.
pub(crate) async fn account_exists(work: &mut Work<'_>, user: &User) -> Result<()> {
    let draft = Draft::new(MailKind::AccountExists, &user.email).telling_of(work);
    write(work, user, draft).await
}

/// Tells the owner of an account that its password was changed.
pub(crate) async fn password_changed(work: &mut Work<'_>, user: &User) -> Result<()> {
    let draft = Draft::new(MailKind::PasswordChanged, &user.email).reporting().telling_of(work);
    write(work, user, draft).await
}

/// Tells the owner of an account of a sign-in that looks new. Addresses that nobody has proved get no such mails: they may
/// belong to somebody who has nothing to do with the account.
pub(crate) async fn new_sign_in(work: &mut Work<'_>, user: &User) -> Result<()> {
    let draft = Draft::new(MailKind::NewSignIn, &user.email).reporting().telling_of(work);
    write(work, user, draft).await
}

/// Tells the owner of an account that a second factor was added, removed or locked.
pub(crate) async fn about_factor(work: &mut Work<'_>, user: &User, kind: MailKind, factor: &str) -> Result<()> {
    let mut draft = Draft::new(kind, &user.email).reporting().telling_of(work);
    draft.facts.factor = Some(factor.to_owned());
    write(work, user, draft).await
}

/// Tells the former address of an account, which is proved, that it was replaced.
pub(crate) async fn email_changed(work: &mut Work<'_>, user: &User, former: &Email) -> Result<()> {
    let draft = Draft::new(MailKind::EmailChanged, former).reporting().naming(&user.email).telling_of(work);
    write(work, user, draft).await
}
