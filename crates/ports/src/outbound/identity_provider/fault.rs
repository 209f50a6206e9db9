/// Why a call to a provider has failed. Its text is for the log and the operator; front ends have texts of their own.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProviderFault {
    /// The provider does not answer at the moment. Another attempt may succeed.
    #[error("the provider is not available: {0}")]
    Unavailable(Outage),
    /// The provider can't be used as it is configured, here or there. Another attempt fails too.
    #[error("the provider is not configured correctly: {0}")]
    Misconfigured(Misconfiguration),
    /// The provider has refused this sign-in.
    #[error("the provider has refused the sign-in: {error}")]
    Refused {
        /// The `error` of its answer (RFC 6749 §5.2), or `unknown` if it has another form.
        error: String,
    },
    /// The provider's answer proves nothing.
    #[error("the answer of the provider is not trusted: {0}")]
    Untrusted(Untrusted),
}

impl ProviderFault {
    /// The stable name of the reason, for the audit log and for problems.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Unavailable(outage) => outage.as_str(),
            Self::Misconfigured(misconfiguration) => misconfiguration.as_str(),
            Self::Refused { .. } => "refused",
            Self::Untrusted(why) => why.as_str(),
        }
    }
}

/// Writes an enum of reasons: each has a stable name and a text.
macro_rules! reasons {
    (
        $(#[$about:meta])*
        pub enum $name:ident {
            $($(#[$doc:meta])* $variant:ident = $slug:literal, $text:literal;)+
        }
    ) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
        pub enum $name {
            $($(#[$doc])* #[error($text)] $variant),+
        }

        impl $name {
            /// Every reason.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stable name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $slug),+ }
            }
        }
    };
}

reasons! {
    /// Why a provider does not answer.
    pub enum Outage {
        /// The name of its host has no address.
        Dns = "dns", "the name of its host was not found";
        /// There is no connection.
        Connection = "connection", "no connection";
        /// TLS has failed: another name, an unknown authority, an expired certificate.
        Tls = "tls", "TLS has failed";
        /// It did not answer in time.
        Timeout = "timeout", "no answer in time";
        /// It answered with a server error.
        ServerError = "server_error", "it answered with a server error";
        /// It asks for fewer requests.
        Busy = "busy", "it asks for fewer requests";
        /// It was not called, because it has failed several times in a short time.
        CircuitOpen = "circuit_open", "it has failed several times, and is not called for a while";
    }
}

reasons! {
    /// What is wrong with the configuration of a provider.
    pub enum Misconfiguration {
        /// An address is not `https`, or not a URL.
        Url = "url", "an address is not an https URL";
        /// An address is not one of the public internet.
        Address = "address", "its host has an address that is not one of the public internet";
        /// It answers with a redirect, which is never followed.
        Redirect = "redirect", "it answers with a redirect";
        /// An answer is too long.
        AnswerTooLong = "answer_too_long", "its answer is too long";
        /// An answer has another form than its standard requires.
        MalformedAnswer = "malformed_answer", "its answer is malformed";
        /// There is no discovery document (OpenID Connect Discovery 1.0 §4).
        NoDiscovery = "no_discovery", "it has no discovery document at this issuer";
        /// The discovery document is the one of another issuer (OpenID Connect Discovery 1.0 §4.3).
        DiscoveryIssuer = "discovery_issuer", "its discovery document is the one of another issuer";
        /// The discovery document lacks an endpoint.
        MissingEndpoint = "missing_endpoint", "its discovery document lacks an endpoint";
        /// It does not support authorization codes with PKCE S256, or the ways to authenticate the client.
        Unsupported = "unsupported", "it does not support what Doorward requires";
        /// It signs only with algorithms that are not accepted: `none`, or with a shared secret.
        Algorithms = "algorithms", "it declares no asymmetric algorithm for its ID tokens";
        /// It has published no key for its algorithms.
        NoKeys = "no_keys", "it has published no key for its algorithms";
        /// It does not know the client, or refuses its secret (RFC 6749 §5.2, `invalid_client`).
        InvalidClient = "invalid_client", "it refuses the client id or the client secret";
        /// The key with which Doorward signs its client secret is no private key of P-256.
        ClientKey = "client_key", "the key for its client secret is no private key of P-256";
        /// The client may not use authorization codes (RFC 6749 §5.2, `unauthorized_client`).
        UnauthorizedClient = "unauthorized_client", "the client may not use authorization codes";
        /// It does not know the redirect URI.
        RedirectUri = "redirect_uri", "it does not know the redirect URI";
        /// It does not know a scope (RFC 6749 §5.2, `invalid_scope`).
        Scope = "scope", "it does not know a scope";
        /// It has a restriction that its kind does not know, such as tenants for a kind other than Entra ID.
        Settings = "settings", "it has a setting that is for another kind";
    }
}

reasons! {
    /// Why the answer of a provider is not trusted.
    pub enum Untrusted {
        /// The `iss` of the answer is missing or another (RFC 9207 §2.4).
        ResponseIssuer = "response_issuer", "the iss of its answer is missing or another";
        /// There is no ID token in the answer (OpenID Connect Core §3.1.3.3).
        NoIdToken = "no_id_token", "its answer contains no ID token";
        /// The token is not a signed JWT, or a claim has another type (RFC 7519 §7.2).
        Malformed = "malformed", "the token is malformed";
        /// The token has another purpose: a logout token in place of an ID token, or the reverse (RFC 8725 §3.11).
        Purpose = "purpose", "the token has another purpose";
        /// It is signed with `none`, with a shared secret, or with an algorithm that the provider does not declare (RFC
        /// 8725 §3.1).
        Algorithm = "algorithm", "the algorithm of the token is not accepted";
        /// Its key is not among those of the provider.
        UnknownKey = "unknown_key", "the key of the token is unknown";
        /// The signature is not valid.
        Signature = "signature", "the signature of the token is not valid";
        /// It has another issuer (OpenID Connect Core §3.1.3.7 no. 2).
        Issuer = "issuer", "the token has another issuer";
        /// It is for another client (no. 3).
        Audience = "audience", "the token is for another client";
        /// It is for several clients, and was not issued to Doorward (no. 4 and 5).
        AuthorizedParty = "authorized_party", "the token was issued to another client";
        /// It has expired (no. 9).
        Expired = "expired", "the token has expired";
        /// It was issued in the future, or is not valid yet (no. 10).
        IssuedInFuture = "issued_in_future", "the token was issued in the future";
        /// It was issued too long ago for an answer to this attempt (no. 10).
        IssuedLongAgo = "issued_long_ago", "the token was issued too long ago";
        /// Its nonce is missing or another (no. 11).
        Nonce = "nonce", "the nonce of the token is missing or another";
        /// Its `at_hash` is not the one of the access token (§3.1.3.8).
        AccessTokenHash = "at_hash", "the at_hash of the token is another";
        /// It has no subject, or one that is too long (§2).
        Subject = "subject", "the token has no subject";
        /// The user info is the one of another subject (§5.3.2).
        UserInfoSubject = "userinfo_subject", "the user info has another subject";
        /// Entra ID: the person is of a tenant that may not sign in.
        Tenant = "tenant", "the tenant may not sign in";
        /// Google: the person is not of the Workspace domain.
        HostedDomain = "hosted_domain", "the person is not of the Workspace domain";
        /// A logout token without its event, with a nonce, or with neither subject nor session (OpenID Connect
        /// Back-Channel Logout 1.0 §2.6).
        LogoutToken = "logout_token", "the logout token is incomplete";
    }
}

impl Untrusted {
    /// Whether it is the fault of a token that the provider has signed; anybody can send any other.
    #[must_use]
    pub const fn is_of_a_signed_token(self) -> bool {
        !matches!(
            self,
            Self::ResponseIssuer
                | Self::NoIdToken
                | Self::Malformed
                | Self::Purpose
                | Self::Algorithm
                | Self::UnknownKey
                | Self::Signature
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_reason_has_a_name_of_its_own() {
        let outages = Outage::ALL.iter().map(|it| ProviderFault::Unavailable(*it));
        let misconfigured = Misconfiguration::ALL.iter().map(|it| ProviderFault::Misconfigured(*it));
        let untrusted = Untrusted::ALL.iter().map(|it| ProviderFault::Untrusted(*it));
        let refused = ProviderFault::Refused { error: "access_denied".to_owned() };
        let all: Vec<_> = outages.chain(misconfigured).chain(untrusted).chain([refused]).collect();
        let names: BTreeSet<&str> = all.iter().map(ProviderFault::reason).collect();
        assert_eq!(names.len(), all.len());
        assert!(names.iter().all(|name| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')), "{names:?}");
    }
}
