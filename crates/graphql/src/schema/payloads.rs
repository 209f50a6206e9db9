//! What mutations answer: their result, or their user errors.
use super::ids::id;
use super::types::{Factor, Identity, Permission, Role, User};
use crate::context::Context;
use crate::refusal::{Payload, UserError};
use doorward_ports::Secret;
use doorward_ports::inbound::{BegunAuthorization, MfaRequired, TokenPair};
use juniper::{GraphQLObject, ID};
use std::time::Duration;

/// Writes payload types.
macro_rules! payloads {
    ($($(#[$doc:meta])* $Payload:ident { $($(#[$about:meta])* $member:ident: $Type:ty,)* })*) => {
        $(
            $(#[$doc])*
            #[derive(Default, GraphQLObject)]
            #[graphql(context = Context)]
            pub(super) struct $Payload {
                $($(#[$about])* pub(super) $member: Option<$Type>,)*
                /// Why it was not done; empty if it was.
                pub(super) user_errors: Vec<UserError>,
            }

            impl Payload for $Payload {
                fn refused(user_errors: Vec<UserError>) -> Self {
                    Self { user_errors, ..Self::default() }
                }
            }
        )*
    };
}

payloads! {
    /// The result of an operation that returns nothing else.
    DonePayload {
        /// Whether it was done, or was accepted to be done.
        done: bool,
    }
    /// The result of a registration.
    RegisterPayload {
        /// The new account. It is null if the answer must not tell whether an account was created
        /// (`registration.hide_existing`).
        user: User,
        /// Whether the registration was accepted.
        accepted: bool,
    }
    /// The result of a sign-in, or of a step of one.
    SignInPayload {
        /// The first pair of tokens of a session, or new ones of the same session.
        tokens: Tokens,
        /// With the code `mfa_required`: how the sign-in continues.
        mfa: MfaChallenge,
    }
    /// The result of a sign-out.
    SignOutPayload {
        /// Whether the session has ended on all nodes.
        done: bool,
        /// Where to sign out at the provider of the session too, if that was asked for and there is such a URL.
        provider_sign_out_url: String,
    }
    /// An account.
    UserPayload {
        /// The account after the change.
        user: User,
    }
    /// A role.
    RolePayload {
        /// The role after the change.
        role: Role,
    }
    /// A permission.
    PermissionPayload {
        /// The permission.
        permission: Permission,
    }
    /// A link to an identity at a provider, begun.
    BeginLinkPayload {
        /// Where to send the person.
        authorization: Authorization,
    }
    /// An identity at a provider.
    IdentityPayload {
        /// The identity.
        identity: Identity,
    }
    /// An authenticator whose enrolment has begun.
    EnrolTotpPayload {
        /// The enrolment.
        enrolment: TotpEnrolment,
    }
    /// A confirmed factor.
    ConfirmTotpPayload {
        /// The factor.
        factor: Factor,
        /// With the first factor of an account: its recovery codes, each of which signs in once. They are shown only in this
        /// answer.
        recovery_codes: Vec<String>,
    }
    /// New recovery codes.
    RecoveryCodesPayload {
        /// They replace all earlier ones, and are shown only in this answer.
        recovery_codes: Vec<String>,
    }
}

/// A pair of tokens.
#[derive(GraphQLObject)]
#[graphql(context = Context)]
pub(super) struct Tokens {
    /// The access token: a JWT (RFC 9068), which is sent as a Bearer token. It is null if the browser gets it in a cookie.
    access_token: Option<String>,
    /// `Bearer`.
    token_type: String,
    /// The number of seconds until the access token expires.
    expires_in: i32,
    /// The refresh token, which can be exchanged once for the next pair. It is null if the browser gets it in a cookie.
    refresh_token: Option<String>,
    /// The number of seconds until the refresh token expires.
    refresh_expires_in: i32,
    /// The id of the session.
    session_id: ID,
    /// The id of the account.
    user_id: ID,
    /// Whether this is the first sign-in to the account.
    is_new_user: bool,
}

impl SignInPayload {
    /// With new tokens, which the front end may hand over in another way.
    pub(super) fn of_tokens(context: &Context, pair: TokenPair) -> Self {
        let shown = |token: &Secret| (!context.visitor.hides_tokens).then(|| token.expose().to_owned());
        let tokens = Tokens {
            access_token: shown(&pair.access_token),
            token_type: "Bearer".to_owned(),
            expires_in: seconds(pair.expires_in),
            refresh_token: shown(&pair.refresh_token),
            refresh_expires_in: seconds(pair.refresh_expires_in),
            session_id: id(pair.session),
            user_id: id(pair.user),
            is_new_user: pair.is_new_user,
        };
        context.note().issued = Some(pair);
        Self { tokens: Some(tokens), ..Self::default() }
    }
}

/// How a sign-in continues that has proved its first factor.
#[derive(GraphQLObject)]
#[graphql(context = Context)]
pub(super) struct MfaChallenge {
    /// The token for `verifySecondFactor`. It is good for nothing else.
    mfa_token: String,
    /// The number of seconds for which it can be used.
    expires_in: i32,
    /// The second factors of the account.
    factors: Vec<OfferedFactor>,
}

/// A second factor that a sign-in asks for.
#[derive(GraphQLObject)]
#[graphql(context = Context)]
pub(super) struct OfferedFactor {
    /// The id of the factor.
    id: ID,
    /// The kind of the factor.
    kind: String,
    /// The name that its owner has given it.
    name: String,
}

impl From<&MfaRequired> for MfaChallenge {
    fn from(required: &MfaRequired) -> Self {
        let factor = |factor| {
            let view = doorward_views::OfferedFactor::from(factor);
            OfferedFactor { id: id(view.id), kind: view.kind.to_owned(), name: view.name.to_string() }
        };
        Self {
            mfa_token: required.mfa_token.expose().to_owned(),
            expires_in: seconds(required.expires_in),
            factors: required.factors.iter().map(factor).collect(),
        }
    }
}

/// Where to send a person.
#[derive(GraphQLObject)]
#[graphql(context = Context)]
pub(super) struct Authorization {
    /// The URL of the provider, to be opened in a browser.
    authorization_url: String,
    /// The `state` that the client gets back with the code. It must compare both.
    state: String,
    /// The number of seconds that the person may take.
    expires_in: i32,
}

impl From<BegunAuthorization> for Authorization {
    fn from(begun: BegunAuthorization) -> Self {
        Self { authorization_url: begun.url, state: begun.state, expires_in: seconds(begun.expires_in) }
    }
}

/// An authenticator whose enrolment has begun. The secret is shown only in this answer.
#[derive(GraphQLObject)]
#[graphql(context = Context)]
pub(super) struct TotpEnrolment {
    /// The id of the factor.
    id: ID,
    /// The secret in base32, for people who type it into their authenticator.
    secret: String,
    /// The same as a URI, for a QR code.
    otpauth_uri: String,
}

impl From<doorward_ports::inbound::EnrolledTotp> for TotpEnrolment {
    fn from(enrolled: doorward_ports::inbound::EnrolledTotp) -> Self {
        Self {
            id: id(enrolled.factor.id),
            secret: enrolled.secret.expose().to_owned(),
            otpauth_uri: enrolled.otpauth_uri.expose().to_owned(),
        }
    }
}

/// The texts of new recovery codes.
pub(super) fn texts(codes: Vec<Secret>) -> Vec<String> {
    codes.into_iter().map(|code| code.expose().to_owned()).collect()
}

/// A lifetime, which no setting makes longer than `Int` can say.
fn seconds(life: Duration) -> i32 {
    i32::try_from(life.as_secs()).unwrap_or(i32::MAX)
}
