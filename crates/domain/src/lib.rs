//! The rules of Doorward: values that are always valid, entities, and every rule with several states as an explicit
//! state machine.
//!
//! This crate does no I/O, reads no clock, uses no randomness and knows no framework. A rule gets what it needs from
//! outside (the time, a fresh id) as an argument.
//!
//! * **To add a value** (a new kind of name, slug or address): write a file with `parse` and an error enum whose texts
//!   say what to do, then `value!` for the traits, then a property test which shows that `parse` never panics.
//! * **To add a rule with states**: write an enum whose variants carry their data, and one transition function that
//!   consumes the old state and takes `now`.
//!
//! The crate can be used alone. Another service with the same rules for e-mail addresses and passwords needs only this:
//!
//! ```
//! use doorward_domain::{Email, Password, PasswordPolicy, PersonalContext};
//!
//! let email = Email::parse("Ann@EXAMPLE.com")?;
//! assert_eq!(email.as_str(), "ann@example.com");
//!
//! let policy = PasswordPolicy { min_length: 12 };
//! let context = PersonalContext { email: Some(&email), username: None, full_name: None };
//! let weak = Password::new("ann@example.com".to_owned())?;
//! assert!(policy.check(&weak, &context).is_err());
//! let strong = Password::new("copper-violin-marsh-42".to_owned())?;
//! assert!(policy.check(&strong, &context).is_ok());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![warn(missing_docs)]

#[macro_use]
mod value;

mod audit;
mod audit_chain;
mod audit_parties;
mod authentication;
mod authorization;
mod catalogue;
mod client_app;
mod client_id;
mod device;
mod email;
mod external_id;
mod factor;
pub mod hex;
mod id;
mod identifier;
mod identity;
mod language;
mod locale;
mod lockout;
mod mail;
mod name;
mod network;
pub mod password;
mod pending_sign_in;
mod permission;
mod pkce;
mod provider;
mod quota;
mod redirect_uri;
mod role;
mod sealing_key;
mod search;
mod session;
mod session_lifetimes;
mod sign_in;
mod signing_key;
mod timestamp;
mod trace_context;
mod user;
mod username;
mod web_origin;

pub use audit::{AuditAction, AuditNameError, AuditOutcome};
pub use audit_chain::{
    AuditAnchor, AuditChain, AuditFault, AuditHash, AuditHashError, AuditHead, AuditLine, AuditPersonal, AuditSeal,
    BadLine, ChainedLine, SealedLine, Verification, Verified,
};
pub use audit_parties::{AuditActor, AuditPartyError, AuditSubject};
pub use authentication::{
    AssuranceLevel, AuthMethod, AuthenticationEvent, Authentications, LOCAL_PROVIDER, Unauthenticated,
};
pub use authorization::{
    ATTEMPT_LIFETIME, AttemptPurpose, AuthorizationAttempt, CODE_LIFETIME, CodeRefusal, LINK_LIFETIME, Redemption,
};
pub use catalogue::{PermissionEntry, Role};
pub use client_app::{ClientApp, ClientKind, MOST_URIS};
pub use client_id::{ClientId, ClientIdError};
pub use device::{DeviceName, DeviceNameError};
pub use email::{Email, EmailError};
pub use external_id::{ExternalId, ExternalIdError};
pub use factor::{
    ENROLMENT_LIFETIME, Enrolment, EnrolmentRefusal, FACTOR_LOCKOUT, Factor, FactorKind, FactorKindError, FactorName,
    FactorNameError, FactorRequirement, MOST_FACTORS, RECOVERY_CODES, RecoveryCode, RecoveryCodeError, SecondFactor,
    TOTP_PERIOD, TotpCode, TotpCodeError, TotpProgress, TotpSeed,
};
pub use id::{
    AttemptId, AuditEventId, CorrelationId, CorrelationIdError, FactorId, GrantId, IdError, IdentityId, MailId,
    PendingSignInId, SessionId, TokenId, UserId,
};
pub use identifier::{Identifier, IdentifierError};
pub use identity::{Identity, IdentityKey, SubjectError};
pub use language::Language;
pub use locale::{Locale, LocaleError};
pub use lockout::{Attempts, LockoutPolicy};
pub use mail::{
    MailKind, MailKindError, MailToken, MailTokenLifetimes, MailTokenPurpose, MailTokenPurposeError, mail_pause,
};
pub use name::{Description, DescriptionError, PersonName, PersonNameError};
pub use network::{Network, NetworkError};
pub use password::{Password, PasswordError, PasswordPolicy, PasswordWeakness, PersonalContext};
pub use pending_sign_in::{MOST_WRONG_CODES, PENDING_LIFETIME, PendingEnded, PendingSignIn};
pub use permission::{MOST_OWN_PERMISSIONS, Permission, PermissionError, PermissionSet, SYSTEM_PERMISSIONS};
pub use pkce::{CodeChallenge, CodeChallengeError, CodeVerifier, CodeVerifierError};
pub use provider::{
    ClaimMap, ClaimName, ClaimNameError, ConsoleId, ConsoleIdError, EmailDomain, EmailDomainError, GivenSecrets,
    GroupRole, GroupRoleError, Issuer, IssuerError, LinkingPolicy, OauthEndpoints, Preset, Provider, ProviderClientId,
    ProviderClientIdError, ProviderIcon, ProviderIconError, ProviderKind, ProviderMismatch, ProviderName,
    ProviderNameError, Quirks, RoleChanges, RoleMap, Scope, ScopeError, Tenant, TenantError, TenantId, TenantIdError,
    begins_like_a_private_key,
};
pub use quota::{Quota, RateClass, Taken};
pub use redirect_uri::{RedirectUri, RedirectUriError};
pub use role::{HELD_ROLES_BYTES, RoleName, RoleNameError};
pub use sealing_key::{
    SealedHead, SealingKeyId, SealingKeyIdError, SealingKeyRecord, SealingKeyRefusal, SealingKeyRing, SealingKeyState,
};
pub use search::SearchKey;
pub use session::{Client, EndReason, Generation, RefreshFamily, Session, SessionState, Shown};
pub use session_lifetimes::{SEEN_EVERY, SessionLifetimes};
pub use sign_in::{SignIn, SignInRules, Step};
pub use signing_key::{KeyAlgorithm, KeyAlgorithmError, KeyId, KeyIdError, KeyRecord, KeyRefusal, KeyRing, KeyState};
pub use timestamp::{Timestamp, TimestampError};
pub use trace_context::{SpanId, TraceId, TraceParent, TraceParentError};
pub use user::{SignInRefusal, User};
pub use username::{Username, UsernameError};
pub use web_origin::{WebOrigin, WebOriginError};
