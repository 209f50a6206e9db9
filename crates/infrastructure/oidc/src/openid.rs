use crate::calls::CallsTo;
use crate::claims::Claims;
use crate::exchange::Granted;
use crate::identity::{Known, needs_user_info};
use crate::kinds::Kind;
use crate::known::{Asker, Slot};
use crate::published::Published;
use crate::rules;
use crate::token::{Purpose, SignedToken};
use doorward_domain::{Provider, Timestamp};
use doorward_outgoing::{StatusCode, header};
use doorward_ports::outbound::{Misconfiguration, ProvenIdentity, ProviderCall, ProviderFault, Untrusted};

/// Where an answer comes from, and what it is checked with.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    pub calls: CallsTo<'a>,
    pub slot: &'a Slot,
    pub kind: &'static dyn Kind,
    pub provider: &'a Provider,
    pub published: &'a Published,
}

impl Source<'_> {
    /// RFC 9207 §2.4: an answer with the `iss` of another provider is a mix-up, and its code must be sent nowhere.
    pub fn check_response_issuer(self, shown: Option<&str>) -> Result<(), Untrusted> {
        let accepted = match shown {
            Some(shown) => self.kind.is_issuer(&self.published.issuer, shown),
            None => !self.published.answers_with_issuer,
        };
        if accepted { Ok(()) } else { Err(Untrusted::ResponseIssuer) }
    }

    /// The claims of a token that the provider has signed, for Doorward, and when it was issued.
    pub async fn verified(
        self,
        token: &SignedToken<'_>,
        asker: Asker,
        now: Timestamp,
    ) -> Result<(Claims, Timestamp), ProviderFault> {
        let keys = self.slot.keys(self.calls, self.published).await?;
        match keys.verify(token, &self.published.algorithms) {
            Err(Untrusted::UnknownKey) => {
                // The provider may have changed its keys since they were read.
                let fresh = self.slot.fresh_keys(self.calls, self.published, asker).await?;
                let fresh = fresh.ok_or(ProviderFault::Untrusted(Untrusted::UnknownKey))?;
                fresh.verify(token, &self.published.algorithms).map_err(ProviderFault::Untrusted)?;
            }
            verified => verified.map_err(ProviderFault::Untrusted)?,
        }
        self.checked(token, now).map_err(ProviderFault::Untrusted)
    }

    fn checked(self, token: &SignedToken<'_>, now: Timestamp) -> Result<(Claims, Timestamp), Untrusted> {
        let claims = token.claims()?;
        let issued_here = claims.text("iss").is_some_and(|issuer| self.kind.is_issuer(&self.published.issuer, issuer));
        if !issued_here {
            return Err(Untrusted::Issuer);
        }
        rules::check_audience(&claims, self.provider.client_id.as_str())?;
        let issued_at = rules::check_times(&claims, now)?;
        Ok((claims, issued_at))
    }

    /// Whom the ID token identifies (OpenID Connect Core §3.1.3.7).
    pub async fn identity(
        self,
        granted: Granted,
        nonce: &str,
        now: Timestamp,
    ) -> Result<ProvenIdentity, ProviderFault> {
        let text = granted.id_token.as_ref().ok_or(ProviderFault::Untrusted(Untrusted::NoIdToken))?;
        let token = SignedToken::parse(text.expose(), Purpose::Identity).map_err(ProviderFault::Untrusted)?;
        let (claims, issued_at) = self.verified(&token, Asker::SignIn, now).await?;
        self.check_access_token(&token, &claims, &granted).await?;
        let issuer = self.check_identity(&claims, nonce, (issued_at, now)).map_err(ProviderFault::Untrusted)?;
        let user_info = self.user_info(&claims, &granted).await?;
        let known = Known { token: claims, user_info };
        let identity = known.identity(self.kind, self.provider, issuer).map_err(ProviderFault::Untrusted)?;
        Ok(ProvenIdentity { refresh_token: granted.refresh_token, ..identity })
    }

    fn check_identity(
        self,
        claims: &Claims,
        nonce: &str,
        (issued_at, now): (Timestamp, Timestamp),
    ) -> Result<String, Untrusted> {
        if !self.provider.quirks().omits_nonce || claims.has("nonce") {
            rules::check_nonce(claims, nonce)?;
        }
        rules::check_age(issued_at, now)?;
        rules::subject(claims)?;
        // A logout token that was shown as an ID token (OpenID Connect Back-Channel Logout 1.0 §2.4).
        if claims.has("events") {
            return Err(Untrusted::Purpose);
        }
        let issuer = self.kind.issuer(&self.published.issuer, claims)?;
        self.kind.admit(self.provider, claims)?;
        Ok(issuer)
    }

    /// `at_hash` binds the access token to the ID token (§3.1.3.8).
    async fn check_access_token(
        self,
        token: &SignedToken<'_>,
        claims: &Claims,
        granted: &Granted,
    ) -> Result<(), ProviderFault> {
        if !claims.has("at_hash") {
            return Ok(());
        }
        let keys = self.slot.keys(self.calls, self.published).await?;
        let expected = keys.access_token_hash(token, granted.access_token.expose());
        if expected.is_some() && claims.text("at_hash") == expected.as_deref() {
            Ok(())
        } else {
            Err(ProviderFault::Untrusted(Untrusted::AccessTokenHash))
        }
    }

    /// The user info, if something is missing in the ID token (§5.3).
    async fn user_info(self, token: &Claims, granted: &Granted) -> Result<Option<Claims>, ProviderFault> {
        if self.published.user_info.is_none() || !needs_user_info(self.provider, token) {
            return Ok(None);
        }
        let claims = self.asked_user_info(granted).await?;
        // §5.3.2: the access token could be one of another person.
        if claims.text("sub").is_none() || claims.text("sub") != token.text("sub") {
            return Err(ProviderFault::Untrusted(Untrusted::UserInfoSubject));
        }
        Ok(Some(claims))
    }

    /// What the provider tells to the bearer of the access token.
    pub async fn asked_user_info(self, granted: &Granted) -> Result<Claims, ProviderFault> {
        let url = self.published.user_info.as_deref().unwrap_or_default();
        let bearer = format!("Bearer {}", granted.access_token.expose());
        let answer = self.calls.get(ProviderCall::UserInfo, url, &[(header::AUTHORIZATION, &bearer)]).await?;
        let malformed = ProviderFault::Misconfigured(Misconfiguration::MalformedAnswer);
        if answer.status() != StatusCode::OK {
            return Err(malformed);
        }
        serde_json::from_slice(answer.body()).map(Claims).map_err(|_| malformed)
    }
}
