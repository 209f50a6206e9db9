//! Sends mails: the port `Mailer` over SMTP ([`Smtp`]), or into a folder of files for development ([`Folder`]).
//!
//! A mail is written from templates ([`Templates`]), which an operator can replace one by one. It knows no account and no
//! use case: what a mail is about is in the mail.
//!
//! **To add a kind of mail**: a variant of `MailKind` in `domain`, and its template in each folder of `templates/`; the
//! tests report what is missing. **To add a language**: a variant of `Language` in `domain`, and a folder with all templates.
#![warn(missing_docs)]

mod builtin;
mod folder;
mod message;
mod smtp;
mod templates;
mod words;

pub use folder::Folder;
pub use message::{Links, Sender};
pub use smtp::{Security, Smtp, SmtpError, SmtpSettings};
pub use templates::{TemplateError, Templates};
