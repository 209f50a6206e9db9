//! Spending the tokens of mails.
use crate::services::{Act, Work};
use doorward_domain::{MailToken, MailTokenPurpose, Timestamp, User};
use doorward_ports::{Error, ErrorCode, Result, Secret, SecretDigest};

/// Tokens that let whoever has them act as the owner of the address of the account.
pub(super) const OF_THE_ADDRESS: [MailTokenPurpose; 4] = [
    MailTokenPurpose::VerifyEmail,
    MailTokenPurpose::ResetPassword,
    MailTokenPurpose::AcceptInvitation,
    MailTokenPurpose::ChangeEmail,
];
/// Before all tokens.
pub(super) const EVER: Timestamp = Timestamp::from_seconds(0);

/// A token that was shown and is good, but not spent yet.
pub(super) struct Shown {
    digest: SecretDigest,
    pub token: MailToken,
}

impl Shown {
    /// Looks a token up, without spending it: slow work about its account comes before the unit of work.
    pub async fn look_up(act: &Act<'_>, token: &Secret, purposes: &[MailTokenPurpose]) -> Result<Self> {
        super::require_mails(act)?;
        let digest = SecretDigest::of(token);
        let token = act.read().await?.mail_tokens().find(&digest, act.now()).await?;
        let token = token.filter(|token| purposes.contains(&token.purpose)).ok_or_else(invalid_mail_token)?;
        Ok(Self { digest, token })
    }

    /// Spends it, and returns its account, locked. The lock comes first, as for those who issue tokens.
    pub async fn spend(&self, work: &mut Work<'_>) -> Result<User> {
        let now = work.now;
        let user = work.users().lock(self.token.user).await?.filter(|user| user.is_active && self.is_of(user));
        let spent = work.mail_tokens().spend(&self.digest, self.token.purpose, now).await?;
        user.filter(|_| spent.is_some()).ok_or_else(invalid_mail_token)
    }

    /// A token for the address of the account is worth nothing if the account has another address by now.
    fn is_of(&self, user: &User) -> bool {
        match self.token.purpose {
            MailTokenPurpose::VerifyEmail | MailTokenPurpose::ResetPassword | MailTokenPurpose::AcceptInvitation => {
                user.email == self.token.email
            }
            MailTokenPurpose::ChangeEmail | MailTokenPurpose::ReportTakeover => true,
        }
    }
}

/// The answer is the same whatever is wrong.
pub(super) fn invalid_mail_token() -> Error {
    Error::new(
        ErrorCode::InvalidMailToken,
        "The link is unknown, has expired, was used, or was replaced by the link of a later mail. Ask for a new mail.",
    )
}
