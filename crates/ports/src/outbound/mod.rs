//! What the use cases need from outside. The docs of each trait are its contract; `doorward-testkit` has a conformance
//! suite that tests each sentence.
mod ambient;
mod attempts;
mod audit;
mod audit_chain;
mod audit_details;
mod audit_readers;
mod authorization_attempts;
mod client_apps;
mod exposition;
mod factors;
mod health;
mod identities;
mod identity_provider;
mod job_observer;
mod key_pairs;
mod lease;
mod lookup;
mod mail_tokens;
mod mailer;
mod observer;
mod outbox;
mod passwords;
mod pending_sign_ins;
mod pools;
mod provider_sessions;
mod providers;
mod rate_limiter;
mod revocations;
mod roles;
mod schema;
mod sealing;
mod sealing_keys;
mod sealing_ring;
mod session_states;
mod sessions;
mod shared_cache;
mod sightings;
mod signing_keys;
mod store;
mod store_error;
mod store_observer;
mod tokens;
mod users;

pub use ambient::{Clock, Random};
pub use attempts::{AccountKey, SignInAttempts};
pub use audit::{Audit, AuditEvent, AuditFilter, AuditRead, ListedEvent, PersonalDetails, SealedEvent};
pub use audit_chain::{AuditChain, AuditChainRead, AuditKey, AuditSigner};
pub use audit_details::AuditDetails;
pub use audit_readers::{AuditDestination, AuditReaders, AuditStep, NotDelivered};
pub use authorization_attempts::{AnsweredAttempt, AttemptSecrets, AuthorizationAttempts, LinkOffer, SpentCode};
pub use client_apps::{ClientApps, ClientAppsRead, KnownClient, LiveClient};
pub use exposition::Exposition;
pub use factors::{Factors, FactorsRead, TotpFactor};
pub use health::HealthProbe;
pub use identities::{Identities, IdentitiesRead, ProviderLinks};
pub use identity_provider::{
    AuthorizationAnswer, AuthorizationRequest, CheckedStep, ConfiguredProvider, IdentityProvider, Misconfiguration,
    Outage, ProvenEmail, ProvenIdentity, ProviderCall, ProviderFault, ProviderLogout, ProviderObserver, ProviderStatus,
    ProviderStep, StepResult, Untrusted,
};
pub use job_observer::{JobObserver, JobOutcome};
pub use key_pairs::{KeyPair, KeyPairs, KeysAtHand, KeysInUse, NoKeyPair, PrivateKey, UsableKey};
pub use lease::{Lease, LeaseTerm};
pub use lookup::{
    AllProviders, ClientStates, KEYS_A_STATEMENT, Lookup, ProviderCatalogue, RoleCatalogue, SessionStates,
    UserDirectory,
};
pub use mail_tokens::{MailTokens, MailTokensRead};
pub use mailer::{Mail, MailAttempt, MailFacts, MailLink, MailObserver, MailOutcome, Mailer, NotSent};
pub use observer::{CacheTier, Observer};
pub use outbox::{Outbox, OutboxMail, OutboxRead, WaitingMail};
pub use passwords::{HashingError, PasswordHash, PasswordHasher, Verdict};
pub use pending_sign_ins::PendingSignIns;
pub use pools::{ConnectionPools, PoolState};
pub use provider_sessions::{EndedThere, ProviderSession, ProviderSessions, Whose};
pub use providers::{Providers, ProvidersRead, StoredProvider};
pub use rate_limiter::RateLimiter;
pub use revocations::{LogPosition, Revocation, RevocationBus, RevocationLog};
pub use roles::{Roles, RolesRead};
pub use schema::{DatabaseSurvey, MigrationReport, OpenedStore, SchemaError};
pub use sealing::{SealedPlace, SealingError, SecretSealer};
pub use sealing_keys::{
    SealedColumn, SealedCount, SealedValue, SealedValues, SealedValuesRead, SealingKeys, SealingKeysRead, SealingNode,
    StoredSealingKey,
};
pub use sealing_ring::{KeyWrapper, NewSealingKey, NoSealingKey, NotWrapped, SealingRing, WrappedKey};
pub use session_states::OpenSession;
pub use sessions::{Exchange, Seen, Sessions, SessionsRead};
pub use shared_cache::{CacheKey, SharedCache};
pub use sightings::{Sighting, Sightings};
pub use signing_keys::{PublicJwk, SigningKeys, SigningKeysRead, StoredKey};
pub use store::{AfterCommit, Guard, ReadWork, Store, WriteWork};
pub use store_error::{StoreError, Unique};
pub use store_observer::{StoreObserver, StoreOperation};
pub use tokens::{
    AccessClaims, AccessHolder, ClientSubject, LONGEST_TOKEN_BYTES, PublicKeys, RefreshClaims, TokenNames,
    TokenRefused, TokenSigner, TokenSubject,
};
pub use users::{Credentials, UserFilter, UserOrder, UserSort, Users, UsersRead};
