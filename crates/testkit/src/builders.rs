use crate::SeededRandom;
use doorward_domain::{
    AttemptId, AttemptPurpose, AuditAction, AuditActor, AuditAnchor, AuditChain, AuditEventId, AuditHash, AuditHead,
    AuditLine, AuditOutcome, AuditSeal, AuditSubject, AuthenticationEvent, Authentications, AuthorizationAttempt,
    ChainedLine, Client, ClientApp, ClientKind, CodeChallenge, CodeVerifier, Description, DeviceName, Email, Factor,
    FactorId, FactorKind, FactorName, GrantId, Identity, IdentityId, IdentityKey, Issuer, KeyAlgorithm, KeyId,
    KeyRecord, MailId, MailKind, MailToken, MailTokenPurpose, PendingSignIn, PendingSignInId, PermissionEntry,
    PermissionSet, Provider, ProviderClientId, ProviderKind, ProviderName, RefreshFamily, Role, RoleName, Session,
    SessionId, SessionState, Timestamp, TokenId, User, UserId,
};
use doorward_ports::outbound::{
    AuditEvent, AuditKey, Exchange, OutboxMail, PasswordHash, PersonalDetails, PublicJwk, Random, StoredKey,
    StoredProvider,
};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// When the tests' time begins: 2026-01-01T00:00:00Z.
pub const START: Timestamp = Timestamp::from_seconds(1_767_225_600);

static RANDOM: SeededRandom = SeededRandom::new(0);
static BUILT: AtomicI64 = AtomicI64::new(0);

/// A later moment for each that is asked, so that ids sort in the order of building. Not a whole millisecond.
fn a_moment() -> Timestamp {
    Timestamp::from_micros(START.as_micros() + BUILT.fetch_add(1, Ordering::Relaxed) * 1_000 + 123)
}

fn randomness() -> [u8; 10] {
    let mut bytes = [0; 10];
    RANDOM.fill(&mut bytes);
    bytes
}

/// An enabled account that holds the role `user`, with the address `NAME@example.com` and nothing that may be left out.
#[must_use]
pub fn a_user(name: &str) -> User {
    let now = a_moment();
    User {
        id: UserId::mint(now, randomness()),
        email: Email::parse(&format!("{name}@example.com")).unwrap(),
        email_verified: false,
        username: None,
        full_name: None,
        locale: None,
        is_active: true,
        must_change_password: false,
        roles: BTreeSet::from([RoleName::user()]),
        external_id: None,
        created_at: now,
        updated_at: now,
        last_sign_in_at: None,
        version: 1,
    }
}

/// A live session of the account, for a week.
#[must_use]
pub fn a_session(user: &User) -> Session {
    let now = a_moment();
    Session {
        id: SessionId::mint(now, randomness()),
        user: user.id,
        client: Client::doorward(),
        authentications: Authentications::begin(AuthenticationEvent::by_password(now)),
        device: DeviceName::from_user_agent("curl/8.5"),
        user_agent: Some("curl/8.5".to_owned()),
        address: Some([203, 0, 113, 7].into()),
        created_at: now,
        last_seen_at: now,
        idle_ends_at: None,
        family: RefreshFamily::begin(a_token(), now, Duration::from_hours(7 * 24)),
        state: SessionState::Active,
    }
}

/// An active confidential client app that may do nothing.
#[must_use]
pub fn a_client_app(id: &str) -> ClientApp {
    let now = a_moment();
    ClientApp {
        id: id.parse().unwrap(),
        name: "An app".parse().unwrap(),
        kind: ClientKind::Confidential,
        redirect_uris: BTreeSet::new(),
        origins: BTreeSet::new(),
        roles: BTreeSet::new(),
        is_active: true,
        grant: a_grant(),
        created_at: now,
        updated_at: now,
        version: 1,
    }
}

/// A provider in the database, with the defaults of its kind and without a secret.
#[must_use]
pub fn a_provider(name: &str) -> StoredProvider {
    let now = a_moment();
    let identity = (Issuer::parse("https://id.example.com").unwrap(), ProviderClientId::parse("doorward").unwrap());
    let name = ProviderName::parse(name).unwrap();
    let provider = Provider::new(name, ProviderKind::Oidc, Description::parse("Example").unwrap(), identity);
    StoredProvider { provider, sealed: None, created_at: now, updated_at: now, version: 1 }
}

/// A person at the provider `example` who may sign in to the account, and has not yet.
#[must_use]
pub fn an_identity(user: &User) -> Identity {
    let now = a_moment();
    let subject = format!("subject-{}", BUILT.fetch_add(1, Ordering::Relaxed));
    Identity {
        id: IdentityId::mint(now, randomness()),
        user: user.id,
        provider: "example".parse().unwrap(),
        key: IdentityKey::new("https://id.example.com", &subject).unwrap(),
        linked_at: now,
        last_used_at: None,
    }
}

/// An authenticator of the account, whose enrolment has just begun.
#[must_use]
pub fn a_factor(user: &User) -> Factor {
    let now = a_moment();
    Factor {
        id: FactorId::mint(now, randomness()),
        user: user.id,
        kind: FactorKind::Totp,
        name: FactorName::authenticator(),
        created_at: now,
        confirmed_at: None,
        last_used_at: None,
    }
}

/// A sign-in to the account that has proved the password, and waits for the second factor.
#[must_use]
pub fn a_pending_sign_in(user: &User) -> PendingSignIn {
    let now = a_moment();
    PendingSignIn {
        id: PendingSignInId::mint(now, randomness()),
        user: user.id,
        client: Client::doorward(),
        proved: Authentications::begin(AuthenticationEvent::by_password(now)),
        attempt: None,
        begun_at: now,
        tries: 0,
        ended_at: None,
    }
}

/// An attempt to sign in with the provider `example`, just begun by Doorward's own client, without a `state`.
#[must_use]
pub fn an_attempt() -> AuthorizationAttempt {
    let now = a_moment();
    let mut secret = [0; 32];
    RANDOM.fill(&mut secret);
    AuthorizationAttempt {
        id: AttemptId::mint(now, randomness()),
        provider: "example".parse().unwrap(),
        purpose: AttemptPurpose::SignIn,
        client: Client::doorward(),
        redirect_uri: "https://app.example.com/callback".parse().unwrap(),
        state: None,
        challenge: CodeChallenge::of(&CodeVerifier::mint(secret)),
        begun_at: now,
    }
}

/// A token that proves the address of the account, for a day from the beginning of the tests' time.
#[must_use]
pub fn a_mail_token(user: &User) -> MailToken {
    MailToken {
        user: user.id,
        purpose: MailTokenPurpose::VerifyEmail,
        email: user.email.clone(),
        issued_at: START,
        expires_at: START.plus(Duration::from_hours(24)),
    }
}

/// A mail to the account, due since the beginning of the tests' time, and given up a day later.
#[must_use]
pub fn an_outbox_mail(user: &User) -> OutboxMail {
    OutboxMail {
        id: MailId::mint(a_moment(), randomness()),
        user: user.id,
        kind: MailKind::VerifyEmail,
        content: b"sealed".to_vec(),
        created_at: START,
        expires_at: START.plus(Duration::from_hours(24)),
    }
}

/// What a client app's tokens may hang on.
#[must_use]
pub fn a_grant() -> GrantId {
    GrantId::mint(a_moment(), randomness())
}

/// The name of a token.
#[must_use]
pub fn a_token() -> TokenId {
    TokenId::mint(a_moment(), randomness())
}

/// The exchange of a session's current refresh token at that moment, for one that lives for a day, as the session then does
/// unless it is used.
#[must_use]
pub fn an_exchange(session: &Session, now: Timestamp) -> Exchange {
    let (shown, issued_at, day) = (session.family.current.token, now.whole_seconds(), Duration::from_hours(24));
    let (expires_at, idle_ends_at) = (issued_at.plus(day), Some(now.plus(day)));
    Exchange { shown, next: a_token(), issued_at, expires_at, idle_ends_at, now }
}

/// A role that allows nothing.
#[must_use]
pub fn a_role(name: &str) -> Role {
    let now = a_moment();
    Role {
        name: RoleName::parse(name).unwrap(),
        description: None,
        permissions: PermissionSet::new(),
        created_at: now,
        updated_at: now,
        version: 1,
    }
}

/// A permission that no role holds.
#[must_use]
pub fn a_permission(name: &str) -> PermissionEntry {
    PermissionEntry { name: name.parse().unwrap(), description: None, created_at: a_moment() }
}

/// What stands for a digest where none is computed.
#[must_use]
pub fn a_password_hash(text: &str) -> PasswordHash {
    PasswordHash::from_stored(text.to_owned())
}

/// A signing key that signs at once. Its halves are no real ones.
#[must_use]
pub fn a_key() -> StoredKey {
    let now = a_moment();
    let id = KeyId::parse(&format!("{:0>43}", BUILT.fetch_add(1, Ordering::Relaxed))).unwrap();
    StoredKey {
        record: KeyRecord::new(id, KeyAlgorithm::EdDsa, now, now),
        public: PublicJwk(serde_json::json!({ "kty": "OKP" })),
        sealed: Some(b"sealed".to_vec()),
    }
}

/// A line about a sign-in to the account, with what it tells of a person.
#[must_use]
pub fn an_event(user: &User) -> AuditEvent {
    let now = a_moment();
    AuditEvent {
        id: AuditEventId::mint(now, randomness()),
        occurred_at: now,
        actor: AuditActor::User(user.id),
        action: AuditAction::SignIn,
        subject: Some(AuditSubject::User(user.id)),
        account: Some(user.id),
        outcome: AuditOutcome::Success,
        correlation_id: "a-correlation-id".to_owned(),
        details: serde_json::json!({ "method": "local" }).into(),
        personal: PersonalDetails {
            of: Some(user.id),
            address: Some([203, 0, 113, 7].into()),
            user_agent: Some("curl/8.5".to_owned()),
        },
    }
}

/// An audit key. Its halves are no real ones.
#[must_use]
pub fn an_audit_key() -> AuditKey {
    let id = format!("{:0>43}", BUILT.fetch_add(1, Ordering::Relaxed));
    AuditKey { id, created_at: a_moment(), public: vec![1, 0, 255], sealed: b"sealed".to_vec() }
}

/// The seal of these lines after another seal, with a signature of nobody, and the places of the lines.
#[must_use]
pub fn a_seal(before: Option<&AuditSeal>, lines: Vec<AuditLine>) -> (AuditSeal, Vec<ChainedLine>) {
    let (last, link) = before.map_or((0, AuditHash::ORIGIN), |seal| (seal.head.seq, seal.head.link));
    let mut chain = AuditChain::ending(last, link);
    let lines = lines.into_iter().map(|line| chain.append(line)).collect();
    let (seq, link) = (chain.last_seq(), chain.link());
    let head = AuditHead { seq, link, sealed_at: a_moment(), key_id: "a-key".to_owned() };
    (AuditSeal { first_seq: last + 1, head, signature: vec![0, 255] }, lines)
}

/// The statement that all lines up to those of the seal were deleted, with a signature of nobody.
#[must_use]
pub fn an_anchor(seal: &AuditSeal) -> AuditAnchor {
    let AuditHead { seq, link, key_id, .. } = seal.head.clone();
    AuditAnchor { seq, link, pruned_at: a_moment(), key_id, signature: vec![1, 254] }
}
