//! Mails to owners, and what the tokens in them do.
#[cfg(test)]
mod change;
#[cfg(test)]
mod delivery;
#[cfg(test)]
mod invitation;
#[cfg(test)]
mod notices;
#[cfg(test)]
mod report;
#[cfg(test)]
mod reset;
#[cfg(test)]
mod verify;

use crate::world::{HOME, OTHER_PASSWORD, Person, World, account, from, operator, secret};
use doorward_domain::{Email, MailKind, MailTokenPurpose, User};
use doorward_ports::inbound::{MailDelivery, MailRequest, NewAccount, OwnerMails, PasswordReset};
use doorward_ports::{Result, Secret};

pub fn asked(email: &str) -> MailRequest {
    MailRequest { email: email.into() }
}

pub fn address(name: &str) -> Email {
    Email::parse(&format!("{name}@example.com")).unwrap()
}

impl World {
    pub fn mails(&self) -> &dyn OwnerMails {
        &*self.services
    }

    pub fn delivery(&self) -> &dyn MailDelivery {
        &*self.services
    }

    /// Sends what is due, and returns the kinds and recipients of what was sent since the last time.
    pub async fn sent(&self) -> Vec<(MailKind, String)> {
        self.delivery().deliver(&operator()).await.unwrap();
        self.mailbox.taken()
    }

    /// The token in the last mail to this address that has one for this.
    pub async fn token(&self, email: &Email, purpose: MailTokenPurpose) -> Secret {
        self.delivery().deliver(&operator()).await.unwrap();
        self.mailbox.token(email, purpose).expect("it was sent")
    }

    pub async fn forgot(&self, email: &str) -> Result<()> {
        self.mails().forgot_password(&from(HOME), asked(email)).await
    }

    /// A token that sets a new password.
    pub async fn reset_token(&self, name: &str) -> Secret {
        self.forgot(address(name).as_str()).await.unwrap();
        self.token(&address(name), MailTokenPurpose::ResetPassword).await
    }

    pub async fn reset(&self, token: Secret, password: &str) -> Result<()> {
        let reset = PasswordReset { token, password: secret(password) };
        self.mails().reset_password(&from(HOME), reset).await
    }

    pub async fn verify_address(&self, token: Secret) -> Result<()> {
        self.mails().verify_email(&from(HOME), token).await
    }

    /// Somebody whose address is proved, signed in.
    pub async fn proved(&self, name: &str) -> Person {
        self.person(name).await
    }

    /// An account whose address nobody has proved.
    pub async fn unproved(&self, name: &str) -> User {
        self.add(NewAccount { email_verified: false, ..account(name) }).await
    }
}

pub const NEW: &str = OTHER_PASSWORD;
