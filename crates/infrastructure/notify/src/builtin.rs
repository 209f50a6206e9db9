//! The templates that are compiled in.
use doorward_domain::{Language, MailKind};

macro_rules! of_language {
    ($folder:literal, $wanted:expr) => {
        match $wanted {
            MailKind::VerifyEmail => include_str!(concat!("../templates/", $folder, "/verify_email.txt")),
            MailKind::ResetPassword => include_str!(concat!("../templates/", $folder, "/reset_password.txt")),
            MailKind::Invitation => include_str!(concat!("../templates/", $folder, "/invitation.txt")),
            MailKind::ChangeEmail => include_str!(concat!("../templates/", $folder, "/change_email.txt")),
            MailKind::EmailChangeRequested => {
                include_str!(concat!("../templates/", $folder, "/email_change_requested.txt"))
            }
            MailKind::EmailChanged => include_str!(concat!("../templates/", $folder, "/email_changed.txt")),
            MailKind::AccountExists => include_str!(concat!("../templates/", $folder, "/account_exists.txt")),
            MailKind::NewSignIn => include_str!(concat!("../templates/", $folder, "/new_sign_in.txt")),
            MailKind::PasswordChanged => include_str!(concat!("../templates/", $folder, "/password_changed.txt")),
            MailKind::FactorAdded => include_str!(concat!("../templates/", $folder, "/factor_added.txt")),
            MailKind::FactorRemoved => include_str!(concat!("../templates/", $folder, "/factor_removed.txt")),
            MailKind::FactorLocked => include_str!(concat!("../templates/", $folder, "/factor_locked.txt")),
            MailKind::Test => include_str!(concat!("../templates/", $folder, "/test.txt")),
        }
    };
}

/// The template of a kind, without which nothing compiles.
pub fn template(language: Language, kind: MailKind) -> &'static str {
    match language {
        Language::En => of_language!("en", kind),
        Language::De => of_language!("de", kind),
        Language::Fr => of_language!("fr", kind),
        Language::Es => of_language!("es", kind),
    }
}
