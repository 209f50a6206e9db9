use crate::{Caller, Personal, Result, Secret};
use async_trait::async_trait;
use doorward_domain::{MailId, MailKind, Timestamp};
use serde::Deserialize;

/// The address of somebody who asks for a mail.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MailRequest {
    /// The e-mail address of the account.
    #[cfg_attr(feature = "openapi", schema(value_type = String, max_length = 254, examples("ann@example.com")))]
    pub email: Personal,
}

/// A token from the link of a mail.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ShownMailToken {
    /// The token.
    #[cfg_attr(feature = "openapi", schema(value_type = String, max_length = 256, write_only))]
    pub token: Secret,
}

/// A new password, and the token from the link of a mail.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PasswordReset {
    /// The token.
    #[cfg_attr(feature = "openapi", schema(value_type = String, max_length = 256, write_only))]
    pub token: Secret,
    /// The new password: at least 12 characters, unless the operator requires another number. It must not be easy to guess.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Password, min_length = 8, max_length = 128, write_only))]
    pub password: Secret,
}

/// What the owners of accounts do by mail. All of it is refused with `mail_disabled` if Doorward sends no mails.
///
/// A token is spent by one call. A token that is unknown, expired, replaced or spent is `invalid_mail_token`; the answer
/// does not tell which.
#[async_trait]
pub trait OwnerMails: Send + Sync {
    /// Sends a link to verify the address of an account. The answer, and the time that it takes, is the same if there is no
    /// such account, or its address is verified.
    async fn resend_verification(&self, caller: &Caller, request: MailRequest) -> Result<()>;
    /// Spends a token that proves an address: that of an account, or a new one, which is used from then on.
    async fn verify_email(&self, caller: &Caller, token: Secret) -> Result<()>;
    /// Sends a link to set a new password. The answer, and the time that it takes, is the same if there is no such account.
    async fn forgot_password(&self, caller: &Caller, request: MailRequest) -> Result<()>;
    /// Sets a new password, and ends all sessions of the account; with the token of an invitation, it is the first one. A
    /// password that is refused does not spend the token.
    async fn reset_password(&self, caller: &Caller, reset: PasswordReset) -> Result<()>;
    /// Sends a link to another address of the caller, which is to be used once it is confirmed, and tells the present
    /// address. The answer is the same if the other address is taken.
    async fn change_own_email(&self, caller: &Caller, request: MailRequest) -> Result<()>;
    /// Spends a token that reports a takeover: ends all sessions, removes the password, and sends a link to set a new one.
    async fn report_takeover(&self, caller: &Caller, token: Secret) -> Result<()>;
}

/// A mail in the outbox, as operators see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxEntry {
    /// Its id.
    pub id: MailId,
    /// Its kind.
    pub kind: MailKind,
    /// The recipient; none if the content can't be opened with the sealing key.
    pub to: Option<Personal>,
    /// When it was written.
    pub created_at: Timestamp,
    /// When the next attempt is due.
    pub due_at: Timestamp,
    /// How many attempts there were.
    pub attempts: u32,
}

/// Sends the mails of the outbox.
#[async_trait]
pub trait MailDelivery: Send + Sync {
    /// Returns how many mails are in the outbox.
    async fn waiting(&self, caller: &Caller) -> Result<u64>;
    /// Sends the mails that are due, and returns how many were sent. Safe to run at any time, several times at once, and on
    /// several nodes: each mail is sent once, unless a process dies after it has sent one. It stops when no mail can be sent.
    async fn deliver(&self, caller: &Caller) -> Result<usize>;
    /// Returns at most `limit` mails of the outbox, those first that are due first.
    async fn outbox(&self, caller: &Caller, limit: usize) -> Result<Vec<OutboxEntry>>;
    /// Sends a mail at once, without the outbox.
    async fn send_test(&self, caller: &Caller, to: &str) -> Result<()>;
    /// Checks that mails can be sent, for health.
    async fn check(&self, caller: &Caller) -> Result<()>;
}
