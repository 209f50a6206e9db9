//! What front ends can call. The traits are object-safe; each method takes the [`crate::Caller`] first, and begins by
//! asking [`crate::access`] for authorization.
//!
//! What is asked for is read by `serde` where a front end takes it as it is, unknown properties refused; with the feature
//! `openapi` each such struct is a schema as well.
mod accounts;
mod admission;
mod audit_log;
mod audit_shipping;
mod audit_trail;
mod authentication;
mod client_apps;
mod client_tokens;
mod keys;
mod mails;
mod mfa_required;
mod own_data;
mod provider_registry;
mod providers;
mod roles;
mod sealing;
mod second_factors;
mod sessions;
mod system;

pub use accounts::{
    AccountChange, Accounts, Change, NewAccount, PasswordChange, ProfileChange, Registered, Registration, UserQuery,
    given,
};
pub use admission::{Admission, Admitted, Identification, Judged, Presented, ProvenClient, RateLimitState};
pub use audit_log::{AuditLog, AuditVerdict, Pruned, SignedHead, VerifiedTo};
pub use audit_shipping::AuditShipping;
pub use audit_trail::{ActedBy, Activity, AuditEvent, AuditExport, AuditQuery, AuditTrail, ListedEvent};
pub use authentication::{Authentication, CheckedCaller, PasswordSignIn, Reauthentication, TokenPair};
pub use client_apps::{ClientAppChange, ClientApps, NewClientApp, WithSecret};
pub use client_tokens::{
    ClientCredentials, ClientTokens, Introspection, RefreshGrant, ServiceToken, TokenHolder, TokenUse,
};
pub use keys::{Begins, KeyRevoked, KeyView, Keys};
pub use mails::{MailDelivery, MailRequest, OutboxEntry, OwnerMails, PasswordReset, ShownMailToken};
pub use mfa_required::MfaRequired;
pub use own_data::{ActivityExport, OwnData};
pub use provider_registry::{
    NewProvider, ProviderChange, ProviderRegistry, ProviderSource, RegisteredProvider, UnchangingProperties,
};
pub use providers::{
    AuthorizationRefusal, AuthorizationRequest, BegunAuthorization, Binding, CodeGrant, FinishedAuthorization,
    Identities, LinkProof, LinkRequest, LinkRequired, OfferedProvider, ProviderAnswer, Providers,
};
pub use roles::{NewPermission, NewRole, RoleChange, Roles};
pub use sealing::{Rotation, RotationStep, SealedValuesView, Sealing, SealingKeyView, SealingStatus, UnopenedValue};
pub use second_factors::{ConfirmedFactor, EnrolledTotp, FactorList, FactorProof, MfaVerification, SecondFactors};
pub use sessions::{SessionView, Sessions};
pub use system::{ComponentHealth, FirstAdmin, Health, HealthStatus, System, Tidied};
