use doorward_domain::{ClientId, Email, GrantId, PermissionSet, RoleName, SessionId, Timestamp, TokenId, UserId};
use doorward_ports::outbound::{ClientSubject, TokenSubject};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The type of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenUse {
    Access,
    Refresh,
}

impl TokenUse {
    /// The claim `token_use`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Refresh => "refresh",
        }
    }

    /// The header `typ`: that of access tokens is from RFC 9068 (§2.1), the other one is Doorward's and similar.
    pub const fn typ(self) -> &'static str {
        match self {
            Self::Access => "at+jwt",
            Self::Refresh => "rt+jwt",
        }
    }
}

/// Claims of which some can be omitted.
pub trait Shortened: Serialize {
    /// Omits the longest claim that applications can look up otherwise; false if there is none.
    fn leave_out(&mut self) -> bool;
}

/// All claims of a token.
#[derive(Serialize)]
pub struct Claims<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: UserId,
    iat: i64,
    nbf: i64,
    exp: i64,
    jti: TokenId,
    sid: SessionId,
    client_id: &'a str,
    auth_time: i64,
    acr: &'static str,
    amr: Vec<&'static str>,
    #[serde(flatten)]
    rights: Rights<'a>,
    provider: &'a str,
    email: &'a Email,
    email_verified: bool,
    token_use: &'static str,
}

/// The permissions of its holder, if there is room for them.
#[derive(Serialize)]
struct Rights<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    roles: Option<&'a BTreeSet<RoleName>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    permissions: Option<&'a PermissionSet>,
}

impl Rights<'_> {
    /// Permissions first: roles say the same in fewer words.
    fn leave_out(&mut self) -> bool {
        self.permissions.take().is_some() || self.roles.take().is_some()
    }
}

impl Shortened for Claims<'_> {
    fn leave_out(&mut self) -> bool {
        self.rights.leave_out()
    }
}

impl Shortened for ClientClaims<'_> {
    fn leave_out(&mut self) -> bool {
        self.rights.leave_out()
    }
}

/// The issuer, the audience and the times of a token.
#[derive(Clone, Copy)]
pub struct Envelope<'a> {
    pub issuer: &'a str,
    pub audience: &'a str,
    pub token: TokenId,
    pub issued_at: Timestamp,
    pub expires_at: Timestamp,
}

impl<'a> Claims<'a> {
    pub fn new(token_use: TokenUse, subject: &'a TokenSubject, envelope: Envelope<'a>) -> Self {
        let issued_at = envelope.issued_at.as_seconds();
        Self {
            iss: envelope.issuer,
            aud: envelope.audience,
            sub: subject.user,
            iat: issued_at,
            nbf: issued_at,
            exp: envelope.expires_at.as_seconds(),
            jti: envelope.token,
            sid: subject.session,
            client_id: subject.client.as_str(),
            auth_time: subject.authentications.time().as_seconds(),
            acr: subject.authentications.level().acr(),
            amr: subject.authentications.amr(),
            rights: Rights {
                roles: Some(&subject.roles),
                permissions: (token_use == TokenUse::Access).then_some(&subject.permissions),
            },
            provider: subject.authentications.provider(),
            email: &subject.email,
            email_verified: subject.email_verified,
            token_use: token_use.as_str(),
        }
    }
}

/// All claims of a client app's own token. It has no session, and nobody has signed in for it.
#[derive(Serialize)]
pub struct ClientClaims<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: &'a ClientId,
    iat: i64,
    nbf: i64,
    exp: i64,
    jti: TokenId,
    grant_id: GrantId,
    client_id: &'a ClientId,
    #[serde(flatten)]
    rights: Rights<'a>,
    token_use: &'static str,
}

impl<'a> ClientClaims<'a> {
    pub fn new(subject: &'a ClientSubject, envelope: Envelope<'a>) -> Self {
        let issued_at = envelope.issued_at.as_seconds();
        Self {
            iss: envelope.issuer,
            aud: envelope.audience,
            sub: &subject.client,
            iat: issued_at,
            nbf: issued_at,
            exp: envelope.expires_at.as_seconds(),
            jti: envelope.token,
            grant_id: subject.grant,
            client_id: &subject.client,
            rights: Rights { roles: Some(&subject.roles), permissions: Some(&subject.permissions) },
            token_use: TokenUse::Access.as_str(),
        }
    }
}

/// The claims that are read from a token. All must be present, with the right types.
#[derive(Deserialize)]
pub struct Accepted {
    pub iss: String,
    pub aud: String,
    pub sub: String,
    pub iat: i64,
    pub nbf: i64,
    pub exp: i64,
    pub jti: String,
    pub client_id: String,
    pub token_use: String,
    /// The token of an account has the first three, a client app's own token has the fourth.
    pub sid: Option<String>,
    pub auth_time: Option<i64>,
    pub acr: Option<String>,
    pub grant_id: Option<String>,
}
