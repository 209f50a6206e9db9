use crate::{AttemptId, Client, CodeChallenge, CodeVerifier, ProviderName, RedirectUri, Timestamp, UserId};
use std::time::Duration;

/// How long a person may take at the provider.
pub const ATTEMPT_LIFETIME: Duration = Duration::from_mins(10);
/// How long a client may take to redeem a code (RFC 6749 §4.1.2 recommends at most ten minutes).
pub const CODE_LIFETIME: Duration = Duration::from_mins(1);
/// How long the owner of an account may take to sign in to it, and to link an identity to it.
pub const LINK_LIFETIME: Duration = Duration::from_mins(10);

/// What an attempt is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptPurpose {
    /// To sign in.
    SignIn,
    /// To link an identity to this account, whose owner has begun it. Nobody else can redeem its code.
    Link(UserId),
}

/// An attempt to sign in with a provider, or to link one: begun by a client, answered by the provider, redeemed by the
/// same client. Each step is taken once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizationAttempt {
    /// Its id.
    pub id: AttemptId,
    /// The provider.
    pub provider: ProviderName,
    /// What it is for.
    pub purpose: AttemptPurpose,
    /// The client that began it.
    pub client: Client,
    /// Where the code is sent.
    pub redirect_uri: RedirectUri,
    /// The client's own `state`, which is returned as it is.
    pub state: Option<String>,
    /// The client's challenge.
    pub challenge: CodeChallenge,
    /// When it was begun.
    pub begun_at: Timestamp,
}

/// Why a code is refused (RFC 6749 §5.2, `invalid_grant`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeRefusal {
    /// It has expired.
    Expired,
    /// It was issued to another client.
    OtherClient,
    /// It was sent to another redirect URI than the client names now.
    OtherRedirectUri,
    /// The verifier is not that of the challenge.
    WrongVerifier,
    /// It was made for something else: to link an identity, or to sign in.
    OtherPurpose,
}

impl CodeRefusal {
    /// The stable name in the log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Expired => "code_expired",
            Self::OtherClient => "other_client",
            Self::OtherRedirectUri => "other_redirect_uri",
            Self::WrongVerifier => "wrong_verifier",
            Self::OtherPurpose => "other_purpose",
        }
    }
}

/// What a client shows to redeem a code.
#[derive(Debug, Clone, Copy)]
pub struct Redemption<'a> {
    /// The client, which has authenticated.
    pub client: &'a Client,
    /// The redirect URI of its request.
    pub redirect_uri: &'a str,
    /// Its verifier.
    pub verifier: &'a CodeVerifier,
    /// What it is redeemed for.
    pub purpose: AttemptPurpose,
}

impl AuthorizationAttempt {
    /// When the provider's answer comes too late.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        self.begun_at.plus(ATTEMPT_LIFETIME)
    }

    /// Whether its code, issued at this time, may be redeemed (RFC 6749 §4.1.3, RFC 7636 §4.6).
    ///
    /// # Errors
    /// [`CodeRefusal`]; the code is spent all the same.
    pub fn redeem(&self, shown: &Redemption<'_>, issued_at: Timestamp, now: Timestamp) -> Result<(), CodeRefusal> {
        if *shown.client != self.client {
            Err(CodeRefusal::OtherClient)
        } else if !self.redirect_uri.is(shown.redirect_uri) {
            Err(CodeRefusal::OtherRedirectUri)
        } else if CodeChallenge::of(shown.verifier) != self.challenge {
            Err(CodeRefusal::WrongVerifier)
        } else if shown.purpose != self.purpose {
            Err(CodeRefusal::OtherPurpose)
        } else if now >= issued_at.plus(CODE_LIFETIME) {
            Err(CodeRefusal::Expired)
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);
    const URI: &str = "https://app.example.com/callback";

    fn attempt(verifier: &CodeVerifier) -> AuthorizationAttempt {
        AuthorizationAttempt {
            id: AttemptId::mint(NOW, [1; 10]),
            provider: ProviderName::parse("example").unwrap(),
            purpose: AttemptPurpose::SignIn,
            client: Client::doorward(),
            redirect_uri: RedirectUri::parse(URI).unwrap(),
            state: None,
            challenge: CodeChallenge::of(verifier),
            begun_at: NOW,
        }
    }

    #[test]
    fn rfc_6749_4_1_3_a_code_is_for_the_client_the_uri_and_the_verifier_that_it_was_issued_for() {
        let (verifier, other) = (CodeVerifier::mint([1; 32]), CodeVerifier::mint([2; 32]));
        let attempt = attempt(&verifier);
        let (client, stranger) = (Client::doorward(), Client::from_id("stranger".to_owned()));
        let right =
            Redemption { client: &client, redirect_uri: URI, verifier: &verifier, purpose: AttemptPurpose::SignIn };
        let last = NOW.plus(CODE_LIFETIME);
        assert_eq!(attempt.redeem(&right, NOW, NOW), Ok(()));
        let link = AttemptPurpose::Link(UserId::mint(NOW, [2; 10]));
        for (shown, at, why) in [
            (Redemption { client: &stranger, ..right }, NOW, CodeRefusal::OtherClient),
            (
                Redemption { redirect_uri: "https://app.example.com/callback/", ..right },
                NOW,
                CodeRefusal::OtherRedirectUri,
            ),
            (Redemption { verifier: &other, ..right }, NOW, CodeRefusal::WrongVerifier),
            (Redemption { purpose: link, ..right }, NOW, CodeRefusal::OtherPurpose),
            (right, last, CodeRefusal::Expired),
        ] {
            assert_eq!(attempt.redeem(&shown, NOW, at), Err(why));
        }
    }

    #[test]
    fn what_one_person_began_to_link_no_other_redeems() {
        let verifier = CodeVerifier::mint([1; 32]);
        let (one, other) = (UserId::mint(NOW, [1; 10]), UserId::mint(NOW, [2; 10]));
        let attempt = AuthorizationAttempt { purpose: AttemptPurpose::Link(one), ..attempt(&verifier) };
        let client = Client::doorward();
        let by = |user| {
            let purpose = AttemptPurpose::Link(user);
            attempt.redeem(&Redemption { client: &client, redirect_uri: URI, verifier: &verifier, purpose }, NOW, NOW)
        };
        assert_eq!((by(one), by(other)), (Ok(()), Err(CodeRefusal::OtherPurpose)));
    }
}
