//! What the pages say, in each language. None of it needs escaping.
use super::MailPage;
use doorward_domain::Language;

/// The texts of one page.
pub(super) struct PageTexts {
    pub title: &'static str,
    /// What the button does.
    pub ask: &'static str,
    pub button: &'static str,
    /// What it has done.
    pub done: &'static str,
}

/// The texts of all pages.
pub(super) struct Texts {
    verify: PageTexts,
    reset: PageTexts,
    invite: PageTexts,
    change: PageTexts,
    report: PageTexts,
    pub password: &'static str,
    /// The URL has no token.
    pub broken: &'static str,
    pub invalid: &'static str,
    pub taken: &'static str,
    pub disabled: &'static str,
}

impl MailPage {
    pub(super) const fn texts(self, language: Language) -> &'static PageTexts {
        let texts = of(language);
        match self {
            Self::Verify => &texts.verify,
            Self::Reset => &texts.reset,
            Self::Invite => &texts.invite,
            Self::Change => &texts.change,
            Self::Report => &texts.report,
        }
    }
}

pub(super) const fn of(language: Language) -> &'static Texts {
    match language {
        Language::En => &EN,
        Language::De => &DE,
        Language::Fr => &FR,
        Language::Es => &ES,
    }
}

static EN: Texts = Texts {
    verify: PageTexts {
        title: "Confirm your e-mail address",
        ask: "Confirm that this account is yours, and that you want to use your e-mail address with it.",
        button: "Confirm",
        done: "Your e-mail address is confirmed. You can close this page and sign in.",
    },
    reset: PageTexts {
        title: "Set a new password",
        ask: "Choose a new password. All devices will be signed out.",
        button: "Set password",
        done: "Your new password is set, and all devices are signed out. You can close this page and sign in.",
    },
    invite: PageTexts {
        title: "Welcome",
        ask: "Choose a password for your account.",
        button: "Set password",
        done: "Your password is set. You can close this page and sign in.",
    },
    change: PageTexts {
        title: "Confirm your new e-mail address",
        ask: "Confirm that your account should use this e-mail address from now on.",
        button: "Confirm",
        done: "Your account uses the new e-mail address from now on. You can close this page.",
    },
    report: PageTexts {
        title: "This wasn’t me",
        ask: "If somebody else uses your account, press the button. All devices are signed out, the password no longer works, and you get a mail with a link to set a new one.",
        button: "Sign everybody out",
        done: "All devices are signed out, and the password no longer works. Open the mail that we have sent you to set a new one.",
    },
    password: "New password",
    broken: "This link is incomplete. Open the whole link of the mail.",
    invalid: "This link is no longer valid: it has expired, was used, or was replaced by a later mail. Ask for a new mail.",
    taken: "Another account uses this e-mail address, so nothing was changed.",
    disabled: "This service sends no mails. Ask an administrator for help.",
};

static DE: Texts = Texts {
    verify: PageTexts {
        title: "E-Mail-Adresse bestätigen",
        ask: "Bestätigen Sie, dass dieses Konto Ihres ist und dass Sie Ihre E-Mail-Adresse damit verwenden möchten.",
        button: "Bestätigen",
        done: "Ihre E-Mail-Adresse ist bestätigt. Sie können diese Seite schließen und sich anmelden.",
    },
    reset: PageTexts {
        title: "Neues Passwort festlegen",
        ask: "Wählen Sie ein neues Passwort. Alle Geräte werden abgemeldet.",
        button: "Passwort festlegen",
        done: "Ihr neues Passwort gilt, und alle Geräte sind abgemeldet. Sie können diese Seite schließen und sich anmelden.",
    },
    invite: PageTexts {
        title: "Willkommen",
        ask: "Wählen Sie ein Passwort für Ihr Konto.",
        button: "Passwort festlegen",
        done: "Ihr Passwort ist festgelegt. Sie können diese Seite schließen und sich anmelden.",
    },
    change: PageTexts {
        title: "Neue E-Mail-Adresse bestätigen",
        ask: "Bestätigen Sie, dass Ihr Konto ab jetzt diese E-Mail-Adresse verwenden soll.",
        button: "Bestätigen",
        done: "Ihr Konto verwendet ab jetzt die neue E-Mail-Adresse. Sie können diese Seite schließen.",
    },
    report: PageTexts {
        title: "Das war ich nicht",
        ask: "Wenn jemand anderes Ihr Konto verwendet, drücken Sie den Knopf. Alle Geräte werden abgemeldet, das Passwort gilt nicht mehr, und Sie erhalten eine Nachricht mit einem Link für ein neues.",
        button: "Alle abmelden",
        done: "Alle Geräte sind abgemeldet, und das Passwort gilt nicht mehr. Öffnen Sie die Nachricht, die wir Ihnen geschickt haben, um ein neues festzulegen.",
    },
    password: "Neues Passwort",
    broken: "Dieser Link ist unvollständig. Öffnen Sie den ganzen Link der Nachricht.",
    invalid: "Dieser Link gilt nicht mehr: Er ist abgelaufen, wurde verwendet oder durch eine spätere Nachricht ersetzt. Fordern Sie eine neue Nachricht an.",
    taken: "Ein anderes Konto verwendet diese E-Mail-Adresse, deshalb wurde nichts geändert.",
    disabled: "Dieser Dienst verschickt keine E-Mails. Bitten Sie einen Administrator um Hilfe.",
};

static FR: Texts = Texts {
    verify: PageTexts {
        title: "Confirmer votre adresse e-mail",
        ask: "Confirmez que ce compte est le vôtre et que vous souhaitez l’utiliser avec votre adresse e-mail.",
        button: "Confirmer",
        done: "Votre adresse e-mail est confirmée. Vous pouvez fermer cette page et vous connecter.",
    },
    reset: PageTexts {
        title: "Choisir un nouveau mot de passe",
        ask: "Choisissez un nouveau mot de passe. Tous les appareils seront déconnectés.",
        button: "Enregistrer",
        done: "Votre nouveau mot de passe est enregistré et tous les appareils sont déconnectés. Vous pouvez fermer cette page et vous connecter.",
    },
    invite: PageTexts {
        title: "Bienvenue",
        ask: "Choisissez un mot de passe pour votre compte.",
        button: "Enregistrer",
        done: "Votre mot de passe est enregistré. Vous pouvez fermer cette page et vous connecter.",
    },
    change: PageTexts {
        title: "Confirmer votre nouvelle adresse e-mail",
        ask: "Confirmez que votre compte doit désormais utiliser cette adresse e-mail.",
        button: "Confirmer",
        done: "Votre compte utilise désormais la nouvelle adresse e-mail. Vous pouvez fermer cette page.",
    },
    report: PageTexts {
        title: "Ce n’était pas moi",
        ask: "Si quelqu’un d’autre utilise votre compte, appuyez sur le bouton. Tous les appareils sont déconnectés, le mot de passe n’est plus valable et vous recevez un message avec un lien pour en choisir un nouveau.",
        button: "Tout déconnecter",
        done: "Tous les appareils sont déconnectés et le mot de passe n’est plus valable. Ouvrez le message que nous vous avons envoyé pour en choisir un nouveau.",
    },
    password: "Nouveau mot de passe",
    broken: "Ce lien est incomplet. Ouvrez le lien entier du message.",
    invalid: "Ce lien n’est plus valable : il a expiré, a été utilisé ou remplacé par un message plus récent. Demandez un nouveau message.",
    taken: "Un autre compte utilise cette adresse e-mail : rien n’a été modifié.",
    disabled: "Ce service n’envoie pas de messages. Demandez de l’aide à un administrateur.",
};

static ES: Texts = Texts {
    verify: PageTexts {
        title: "Confirmar su dirección de correo",
        ask: "Confirme que esta cuenta es suya y que quiere usar su dirección de correo con ella.",
        button: "Confirmar",
        done: "Su dirección de correo está confirmada. Puede cerrar esta página e iniciar sesión.",
    },
    reset: PageTexts {
        title: "Elegir una nueva contraseña",
        ask: "Elija una nueva contraseña. Se cerrará la sesión en todos los dispositivos.",
        button: "Guardar",
        done: "Su nueva contraseña está guardada y se ha cerrado la sesión en todos los dispositivos. Puede cerrar esta página e iniciar sesión.",
    },
    invite: PageTexts {
        title: "Le damos la bienvenida",
        ask: "Elija una contraseña para su cuenta.",
        button: "Guardar",
        done: "Su contraseña está guardada. Puede cerrar esta página e iniciar sesión.",
    },
    change: PageTexts {
        title: "Confirmar su nueva dirección de correo",
        ask: "Confirme que su cuenta debe usar esta dirección de correo a partir de ahora.",
        button: "Confirmar",
        done: "Su cuenta usa la nueva dirección de correo a partir de ahora. Puede cerrar esta página.",
    },
    report: PageTexts {
        title: "No he sido yo",
        ask: "Si otra persona usa su cuenta, pulse el botón. Se cierra la sesión en todos los dispositivos, la contraseña deja de ser válida y recibe un mensaje con un enlace para elegir una nueva.",
        button: "Cerrar todas las sesiones",
        done: "Se ha cerrado la sesión en todos los dispositivos y la contraseña ya no es válida. Abra el mensaje que le hemos enviado para elegir una nueva.",
    },
    password: "Nueva contraseña",
    broken: "Este enlace está incompleto. Abra el enlace entero del mensaje.",
    invalid: "Este enlace ya no es válido: ha caducado, se ha usado o lo ha sustituido un mensaje posterior. Pida un nuevo mensaje.",
    taken: "Otra cuenta usa esta dirección de correo, así que no se ha cambiado nada.",
    disabled: "Este servicio no envía mensajes. Pida ayuda a un administrador.",
};
