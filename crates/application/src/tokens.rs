use crate::services::Act;
use doorward_domain::{PermissionSet, Session, TokenId, User};
use doorward_ports::inbound::TokenPair;
use doorward_ports::outbound::{TokenRefused, TokenSubject};
use doorward_ports::{Error, ErrorCode, Result, Secret};

impl Act<'_> {
    /// The current tokens of a session: a fresh access token, and its current refresh token.
    pub(crate) fn token_pair(&self, session: &Session, user: &User, permissions: PermissionSet) -> Result<TokenPair> {
        // Who verifies tokens without asking Doorward must not let in a session that may only enrol a factor, or change the
        // password.
        let restricted = user.must_change_password
            || self.policies.mfa.required.restricts(&user.roles, session.authentications.level());
        let (roles, permissions) = if restricted { Default::default() } else { (user.roles.clone(), permissions) };
        let subject = TokenSubject {
            user: user.id,
            session: session.id,
            client: session.client.clone(),
            authentications: session.authentications.clone(),
            email: user.email.clone(),
            email_verified: user.email_verified,
            roles,
            permissions,
        };
        let now = self.now();
        let issued_at = now.whole_seconds();
        let generation = session.family.current;
        // A verifier that checks only `exp` must see the end of the session too.
        let access_ends_at = issued_at.plus(self.policies.lifetimes.access_ttl).min(generation.expires_at);
        let signer = &self.tools().signer;
        let access = signer
            .access(&subject, TokenId::mint(now, self.draw()), issued_at, access_ends_at)
            .map_err(Error::internal)?;
        let refresh = signer
            .refresh(&subject, generation.token, generation.issued_at, generation.expires_at)
            .map_err(Error::internal)?;
        Ok(TokenPair {
            access_token: Secret::new(access),
            expires_in: access_ends_at.since(issued_at),
            refresh_token: Secret::new(refresh),
            refresh_expires_in: generation.expires_at.since(issued_at),
            session: session.id,
            user: user.id,
            is_new_user: false,
        })
    }
}

/// The refusal of a token, which does not contain the reason.
pub(crate) fn invalid_token(why: TokenRefused) -> Error {
    Error { source: Some(Box::new(why)), ..token_is_dead() }
}

pub(crate) fn token_is_dead() -> Error {
    Error::new(
        ErrorCode::InvalidToken,
        "The token is not valid, or its session has ended. Use the refresh token, or sign in again.",
    )
}
