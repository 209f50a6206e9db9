//! The inbound ports with canned answers. It notes what it is asked, and refuses when told to.
use async_trait::async_trait;
use doorward_domain::*;
use doorward_ports::access::{Operation, authorize};
use doorward_ports::inbound::*;
use doorward_ports::outbound::{CheckedStep, PersonalDetails, ProviderStep, PublicKeys, StepResult};
use doorward_ports::{
    Actor, Caller, Cursor, Error, ErrorCode, Limit, Page, Personal, Result, Rights, Secret, SignedIn, Versions,
};
use serde_json::json;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The version of everything that has one.
pub const VERSION: i64 = 7;

#[derive(Default)]
pub struct Fake {
    calls: Mutex<Vec<String>>,
    refusal: Mutex<Option<Error>>,
    more: AtomicBool,
    panics: AtomicBool,
    hangs: AtomicBool,
    unhealthy: AtomicBool,
    rate_limit: Mutex<Option<RateLimitState>>,
    parts: AtomicI64,
    parts_read: Arc<AtomicI64>,
    export_fails: AtomicBool,
}

impl Fake {
    /// The next call is refused so.
    pub fn refuse(&self, error: Error) {
        *self.refusal.lock().unwrap() = Some(error);
    }

    /// Whoever is counted stands so.
    pub fn stand(&self, rate_limit: RateLimitState) {
        *self.rate_limit.lock().unwrap() = Some(rate_limit);
    }

    /// Lists have a next page.
    pub fn have_more(&self) {
        self.more.store(true, Ordering::Relaxed);
    }

    pub fn panic_when_asked(&self) {
        self.panics.store(true, Ordering::Relaxed);
    }

    pub fn hang_when_asked(&self) {
        self.hangs.store(true, Ordering::Relaxed);
    }

    /// An export has so many parts, and then ends.
    pub fn export_parts(&self, parts: i64) {
        self.parts.store(parts, Ordering::Relaxed);
    }

    /// An export fails after its last part.
    pub fn fail_in_exports(&self) {
        self.export_fails.store(true, Ordering::Relaxed);
    }

    /// How many parts of an export were asked for.
    pub fn parts_read(&self) -> i64 {
        self.parts_read.load(Ordering::Relaxed)
    }

    pub fn fall_ill(&self) {
        self.unhealthy.store(true, Ordering::Relaxed);
    }

    /// What was asked, in order.
    pub fn calls(&self) -> Vec<String> {
        self.calls.lock().unwrap().clone()
    }

    async fn answer<T>(&self, call: String, value: impl FnOnce() -> T) -> Result<T> {
        self.calls.lock().unwrap().push(call);
        if self.hangs.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
        assert!(!self.panics.load(Ordering::Relaxed), "told to panic");
        self.refusal.lock().unwrap().take().map_or_else(|| Ok(value()), Err)
    }

    async fn of_version<T>(&self, call: String, versions: Option<Versions>, value: impl FnOnce() -> T) -> Result<T> {
        let matches = versions.as_ref().is_none_or(|versions| versions.include(VERSION));
        let value = self.answer(call, value).await?;
        matches.then_some(value).ok_or_else(|| Error::new(ErrorCode::VersionMismatch, "It has changed meanwhile."))
    }

    fn page<T>(&self, item: T) -> Page<T> {
        let more = self.more.load(Ordering::Relaxed);
        Page { items: vec![item], next: more.then(|| Cursor::from_text("name:é".to_owned())) }
    }

    fn status(&self) -> HealthStatus {
        if self.unhealthy.load(Ordering::Relaxed) { HealthStatus::Unhealthy } else { HealthStatus::Healthy }
    }
}

/// Ann and an administrator have tokens; whoever says to be a client is believed.
fn let_in(presented: Presented<'_>, operation: Operation) -> Result<Admitted> {
    let actor = match presented.identification {
        _ if !operation.requirement().looks_at_a_token() => Actor::Anonymous,
        Identification::Token(token) => identify(token.expose())?,
        Identification::Operator => Actor::Operator,
        Identification::Unreadable => return Err(Error::new(ErrorCode::InvalidToken, "It can't be read.")),
        Identification::Nothing | Identification::Client(_) => Actor::Anonymous,
    };
    let client = match presented.identification {
        Identification::Client(shown) => Client::from(&ClientId::parse(&shown.id).unwrap()),
        _ => Client::doorward(),
    };
    let caller = Caller { actor, origin: presented.origin };
    if !operation.requirement().token_optional {
        authorize(&caller, operation)?;
    }
    Ok(Admitted { caller, client: Some(ProvenClient::Public(client)) })
}

fn identify(access_token: &str) -> Result<Actor> {
    let user = match access_token {
        "ann-token" => user_id(1),
        "admin-token" => user_id(2),
        _ => return Err(Error::new(ErrorCode::InvalidToken, "The token is not one of ours.")),
    };
    let signed_in = SignedIn {
        must_enrol: false,
        must_change_password: false,
        user,
        session: session_id(),
        client: Client::doorward(),
        authenticated_at: Timestamp::from_seconds(1_700_000_000),
        authenticated_ago: Duration::ZERO,
        level: AssuranceLevel::One,
        rights: Arc::new(Rights {
            roles: [RoleName::user()].into(),
            permissions: if user == user_id(2) { PermissionSet::system() } else { PermissionSet::new() },
        }),
    };
    Ok(Actor::User(signed_in))
}

/// What a command hides of itself.
fn profile(change: &ProfileChange) -> String {
    let shown = |change: &Change<Personal>| match change {
        Change::Keep => "kept".to_owned(),
        Change::Clear => "cleared".to_owned(),
        Change::Set(text) => text.as_str().to_owned(),
    };
    format!("username {}, full name {}, locale {:?}", shown(&change.username), shown(&change.full_name), change.locale)
}

fn shown(cursor: Option<&Cursor>) -> String {
    cursor.map_or_else(|| "from the first".to_owned(), |cursor| format!("after {}", cursor.as_text()))
}

fn who(caller: &Caller) -> String {
    let who = match &caller.actor {
        Actor::Anonymous => "nobody",
        Actor::User(signed_in) if signed_in.user == user_id(1) => "ann",
        Actor::User(_) => "admin",
        Actor::Client(_) => "a client app",
        Actor::Operator => "operator",
    };
    let address = caller.origin.address.map_or_else(|| "nowhere".to_owned(), |address| address.to_string());
    format!("{who} from {address}")
}

pub fn user_id(n: u8) -> UserId {
    UserId::mint(Timestamp::from_seconds(1_700_000_000), [n; 10])
}

pub fn session_id() -> SessionId {
    SessionId::mint(Timestamp::from_seconds(1_700_000_000), [9; 10])
}

fn ann() -> User {
    User {
        id: user_id(1),
        email: Email::parse("ann@example.com").unwrap(),
        email_verified: true,
        username: Some(Username::parse("ann").unwrap()),
        full_name: None,
        locale: Some(Locale::parse("en-GB").unwrap()),
        is_active: true,
        must_change_password: false,
        roles: [RoleName::user()].into(),
        external_id: None,
        created_at: Timestamp::from_seconds(1_700_000_000),
        updated_at: Timestamp::from_micros(1_700_000_000_000_001),
        last_sign_in_at: None,
        version: VERSION,
    }
}

fn role() -> Role {
    Role {
        name: RoleName::parse("support").unwrap(),
        description: None,
        permissions: [Permission::users_read()].into_iter().collect(),
        created_at: Timestamp::from_seconds(1_700_000_000),
        updated_at: Timestamp::from_seconds(1_700_000_000),
        version: VERSION,
    }
}

fn entry() -> PermissionEntry {
    let created_at = Timestamp::from_seconds(1_700_000_000);
    PermissionEntry { name: Permission::users_read(), description: None, created_at }
}

fn session() -> SessionView {
    let at = Timestamp::from_seconds(1_700_000_000);
    let token = TokenId::mint(at, [3; 10]);
    let session = Session {
        id: session_id(),
        user: user_id(1),
        client: Client::doorward(),
        authentications: Authentications::begin(AuthenticationEvent::by_password(at)),
        device: DeviceName::from_user_agent("curl/8.5"),
        user_agent: Some("curl/8.5".to_owned()),
        address: Some("203.0.113.9".parse().unwrap()),
        created_at: at,
        last_seen_at: at,
        idle_ends_at: None,
        family: RefreshFamily::begin(token, at, Duration::from_secs(604_800)),
        state: SessionState::Active,
    };
    SessionView { session, current: true }
}

fn client_app() -> ClientApp {
    let at = Timestamp::from_seconds(1_700_000_000);
    ClientApp {
        id: ClientId::parse("billing").unwrap(),
        name: Description::parse("Billing").unwrap(),
        kind: ClientKind::Confidential,
        redirect_uris: [RedirectUri::parse("https://billing.example.com/cb").unwrap()].into(),
        origins: [WebOrigin::parse("https://billing.example.com").unwrap()].into(),
        roles: [RoleName::parse("support").unwrap()].into(),
        is_active: true,
        grant: GrantId::mint(at, [5; 10]),
        created_at: at,
        updated_at: at,
        version: VERSION,
    }
}

fn with_secret() -> WithSecret {
    WithSecret { app: client_app(), secret: Some(Secret::new("dws_secret".to_owned())) }
}

fn pair() -> TokenPair {
    TokenPair {
        access_token: Secret::new("access".to_owned()),
        expires_in: Duration::from_secs(900),
        refresh_token: Secret::new("refresh".to_owned()),
        refresh_expires_in: Duration::from_secs(604_800),
        session: session_id(),
        user: user_id(1),
        is_new_user: false,
    }
}

#[async_trait]
impl Accounts for Fake {
    async fn register(&self, caller: &Caller, registration: Registration) -> Result<Registered> {
        let hidden = registration.email.starts_with("hidden");
        let call = format!("register {} as {}", registration.email.as_str(), who(caller));
        self.answer(call, || if hidden { Registered::Accepted } else { Registered::Created(Box::new(ann())) }).await
    }

    async fn own(&self, caller: &Caller) -> Result<Arc<User>> {
        self.answer(format!("own as {} with {:?}", who(caller), caller.origin.user_agent), || ann().into()).await
    }

    async fn change_own(&self, _: &Caller, change: ProfileChange, versions: Option<Versions>) -> Result<User> {
        self.of_version(format!("change_own {} {versions:?}", profile(&change)), versions, ann).await
    }

    async fn delete_own(&self, caller: &Caller) -> Result<()> {
        self.answer(format!("delete_own as {}", who(caller)), || ()).await
    }

    async fn change_own_password(&self, _: &Caller, change: PasswordChange) -> Result<()> {
        self.answer(format!("change_own_password {} {}", change.current.expose(), change.new.expose()), || ()).await
    }

    async fn list(&self, _: &Caller, query: UserQuery) -> Result<Page<User>> {
        let shown = |text: &Option<Personal>| text.as_deref().map(str::to_owned);
        let (email, username, search) = (shown(&query.email), shown(&query.username), shown(&query.search));
        let call = format!("list {email:?} {username:?} {search:?} {query:?}");
        self.answer(call, || self.page(ann())).await
    }

    async fn create(&self, _: &Caller, account: NewAccount) -> Result<User> {
        self.answer(format!("create {} {account:?}", account.email.as_str()), ann).await
    }

    async fn get(&self, _: &Caller, id: UserId) -> Result<Arc<User>> {
        self.answer(format!("get {id}"), || ann().into()).await
    }

    async fn find(&self, _: &Caller, name: &str) -> Result<User> {
        self.answer(format!("find {name}"), ann).await
    }

    async fn change(&self, _: &Caller, id: UserId, change: AccountChange, versions: Option<Versions>) -> Result<User> {
        self.of_version(format!("change {id} {change:?} {versions:?}"), versions, ann).await
    }

    async fn delete(&self, _: &Caller, id: UserId) -> Result<()> {
        self.answer(format!("delete {id}"), || ()).await
    }

    async fn set_password(&self, _: &Caller, id: UserId, _: Secret) -> Result<()> {
        self.answer(format!("set_password {id}"), || ()).await
    }

    async fn set_temporary_password(&self, _: &Caller, id: UserId, _: Secret) -> Result<()> {
        self.answer(format!("set_temporary_password {id}"), || ()).await
    }

    async fn unlock(&self, _: &Caller, id: UserId) -> Result<()> {
        self.answer(format!("unlock {id}"), || ()).await
    }

    async fn export_own(&self, _: &Caller) -> Result<OwnData> {
        let read = (self.parts.load(Ordering::Relaxed), self.parts_read.clone());
        self.answer("export_own".to_owned(), || own_data(read)).await
    }

    async fn invite(&self, _: &Caller, id: UserId) -> Result<()> {
        self.answer(format!("invite {id}"), || ()).await
    }

    async fn grant_role(&self, _: &Caller, id: UserId, role: &str) -> Result<User> {
        self.answer(format!("grant_role {id} {role:?}"), ann).await
    }

    async fn revoke_role(&self, _: &Caller, id: UserId, role: &str) -> Result<User> {
        self.answer(format!("revoke_role {id} {role:?}"), ann).await
    }
}

#[async_trait]
impl Authentication for Fake {
    async fn sign_in(&self, caller: &Caller, sign_in: PasswordSignIn) -> Result<TokenPair> {
        self.answer(format!("sign_in {} as {}", sign_in.identifier.as_str(), who(caller)), pair).await
    }

    async fn reauthenticate(&self, caller: &Caller, _: Reauthentication) -> Result<TokenPair> {
        self.answer(format!("reauthenticate as {}", who(caller)), pair).await
    }

    async fn refresh(&self, caller: &Caller, refresh_token: Secret) -> Result<TokenPair> {
        self.answer(format!("refresh {} as {}", refresh_token.expose(), who(caller)), pair).await
    }

    async fn check_access(&self, _: &Caller, _: &[String]) -> Result<CheckedCaller> {
        Ok(CheckedCaller { who: user_id(1).to_string(), roles: [RoleName::user()].into(), session: Some(session_id()) })
    }

    async fn sign_out(&self, caller: &Caller, refresh_token: Option<Secret>) -> Result<()> {
        let token = refresh_token.map(|token| token.expose().to_owned());
        self.answer(format!("sign_out {token:?} as {}", who(caller)), || ()).await
    }

    async fn sign_out_at_provider(
        &self,
        caller: &Caller,
        refresh_token: Option<Secret>,
        return_to: Option<String>,
    ) -> Result<Option<String>> {
        let token = refresh_token.map(|token| token.expose().to_owned());
        let call = format!("sign_out {token:?} at the provider, to {return_to:?}, as {}", who(caller));
        self.answer(call, || None).await
    }
}

#[async_trait]
impl OwnerMails for Fake {
    async fn resend_verification(&self, _: &Caller, request: MailRequest) -> Result<()> {
        self.answer(format!("resend_verification {}", request.email.as_str()), || ()).await
    }

    async fn verify_email(&self, _: &Caller, token: Secret) -> Result<()> {
        self.answer(format!("verify_email {}", token.expose()), || ()).await
    }

    async fn forgot_password(&self, caller: &Caller, request: MailRequest) -> Result<()> {
        let call = format!("forgot_password {} in {:?}", request.email.as_str(), caller.origin.language);
        self.answer(call, || ()).await
    }

    async fn reset_password(&self, _: &Caller, reset: PasswordReset) -> Result<()> {
        self.answer(format!("reset_password {} {}", reset.token.expose(), reset.password.expose()), || ()).await
    }

    async fn change_own_email(&self, caller: &Caller, request: MailRequest) -> Result<()> {
        self.answer(format!("change_own_email {} as {}", request.email.as_str(), who(caller)), || ()).await
    }

    async fn report_takeover(&self, _: &Caller, token: Secret) -> Result<()> {
        self.answer(format!("report_takeover {}", token.expose()), || ()).await
    }
}

#[async_trait]
impl Sessions for Fake {
    async fn own(&self, _: &Caller, cursor: Option<Cursor>, limit: Limit) -> Result<Page<SessionView>> {
        self.answer(format!("own sessions {} {limit:?}", shown(cursor.as_ref())), || self.page(session())).await
    }

    async fn end_own(&self, _: &Caller, id: SessionId) -> Result<()> {
        self.answer(format!("end_own {id}"), || ()).await
    }

    async fn end_own_others(&self, caller: &Caller) -> Result<()> {
        self.answer(format!("end_own_others as {}", who(caller)), || ()).await
    }

    async fn of_user(
        &self,
        _: &Caller,
        user: UserId,
        cursor: Option<Cursor>,
        limit: Limit,
    ) -> Result<Page<SessionView>> {
        self.answer(format!("of_user {user} {} {limit:?}", shown(cursor.as_ref())), || self.page(session())).await
    }

    async fn end_of_user(&self, _: &Caller, user: UserId) -> Result<()> {
        self.answer(format!("end_of_user {user}"), || ()).await
    }
}

#[async_trait]
impl Roles for Fake {
    async fn list(&self, _: &Caller, cursor: Option<Cursor>, limit: Limit) -> Result<Page<Role>> {
        self.answer(format!("list roles {} {limit:?}", shown(cursor.as_ref())), || self.page(role())).await
    }

    async fn get(&self, _: &Caller, name: &str) -> Result<Role> {
        self.answer(format!("get role {name:?}"), role).await
    }

    async fn get_many(&self, _: &Caller, names: &[RoleName]) -> Result<Vec<Role>> {
        self.answer(format!("get roles {names:?}"), || vec![role()]).await
    }

    async fn create(&self, _: &Caller, new: NewRole) -> Result<Role> {
        self.answer(format!("create {new:?}"), role).await
    }

    async fn change(&self, _: &Caller, name: &str, change: RoleChange, versions: Option<Versions>) -> Result<Role> {
        self.of_version(format!("change role {name:?} {change:?} {versions:?}"), versions, role).await
    }

    async fn delete(&self, _: &Caller, name: &str) -> Result<()> {
        self.answer(format!("delete role {name:?}"), || ()).await
    }

    async fn grant_permission(&self, _: &Caller, name: &str, permission: &str) -> Result<Role> {
        self.answer(format!("grant_permission {name:?} {permission:?}"), role).await
    }

    async fn revoke_permission(&self, _: &Caller, name: &str, permission: &str) -> Result<Role> {
        self.answer(format!("revoke_permission {name:?} {permission:?}"), role).await
    }

    async fn list_permissions(
        &self,
        _: &Caller,
        cursor: Option<Cursor>,
        limit: Limit,
    ) -> Result<Page<PermissionEntry>> {
        self.answer(format!("list permissions {} {limit:?}", shown(cursor.as_ref())), || self.page(entry())).await
    }

    async fn create_permission(&self, _: &Caller, permission: NewPermission) -> Result<PermissionEntry> {
        self.answer(format!("create {permission:?}"), entry).await
    }

    async fn delete_permission(&self, _: &Caller, name: &str) -> Result<()> {
        self.answer(format!("delete permission {name:?}"), || ()).await
    }
}

fn line(n: i64) -> ListedEvent {
    let at = Timestamp::from_seconds(1_700_000_000 + n);
    let event = AuditEvent {
        id: AuditEventId::mint(at, [7; 10]),
        occurred_at: at,
        actor: AuditActor::User(user_id(2)),
        action: AuditAction::RoleGranted,
        subject: Some(AuditSubject::User(user_id(1))),
        account: Some(user_id(1)),
        outcome: AuditOutcome::Success,
        correlation_id: "fake".to_owned(),
        details: json!({ "role": "support" }).into(),
        personal: PersonalDetails::default(),
    };
    ListedEvent { seq: Some(n), event }
}

fn activity() -> Activity {
    let AuditEvent { id, occurred_at, action, subject, outcome, correlation_id, details, .. } = line(1).event;
    let by = ActedBy::Administrator;
    let (address, user_agent) = (None, None);
    Activity { id, occurred_at, by, action, subject, outcome, correlation_id, address, user_agent, details }
}

/// Parts of 500 lines each; then its end, or a database that fails.
struct FakeExport {
    parts: i64,
    then: Option<Error>,
    read: Arc<AtomicI64>,
}

#[async_trait]
impl AuditExport for FakeExport {
    async fn next(&mut self) -> Result<Vec<ListedEvent>> {
        let n = self.read.fetch_add(1, Ordering::Relaxed);
        if n < self.parts {
            return Ok((n * 500..(n + 1) * 500).map(line).collect());
        }
        self.then.take().map_or_else(|| Ok(Vec::new()), Err)
    }
}

struct FakeActivity(i64, Arc<AtomicI64>);

#[async_trait]
impl ActivityExport for FakeActivity {
    async fn next(&mut self) -> Result<Vec<Activity>> {
        let n = self.1.fetch_add(1, Ordering::Relaxed);
        Ok(if n < self.0 { vec![activity(), activity()] } else { Vec::new() })
    }
}

fn own_data((parts, read): (i64, Arc<AtomicI64>)) -> OwnData {
    OwnData {
        exported_at: Timestamp::from_seconds(1_700_000_000),
        user: ann(),
        has_password: true,
        identities: vec![identity()],
        factors: Vec::new(),
        recovery_codes_left: 0,
        sessions: vec![session()],
        networks: vec![(Network::of([203, 0, 113, 9].into()), Timestamp::from_seconds(1_700_000_000))],
        activity: Box::new(FakeActivity(parts, read)),
    }
}

fn head() -> SignedHead {
    let sealed_at = Timestamp::from_seconds(1_700_000_000);
    let head = AuditHead { seq: 7, link: AuditHash::ORIGIN, sealed_at, key_id: "key".to_owned() };
    SignedHead { head, public_key: "AAA".to_owned(), signature: "AAE".to_owned() }
}

#[async_trait]
impl AuditLog for Fake {
    async fn seal(&self, _: &Caller) -> Result<usize> {
        self.answer("seal".to_owned(), || 1).await
    }

    async fn head(&self, _: &Caller) -> Result<SignedHead> {
        self.answer("head".to_owned(), head).await
    }

    async fn verify(&self, _: &Caller, saved: Option<SignedHead>, _: VerifiedTo<'_>) -> Result<AuditVerdict> {
        let saved_is_the_head = saved.as_ref().map(|saved| *saved == head());
        let bad = BadLine { seq: 8, id: None, fault: AuditFault::TailCut, intact_to: 7 };
        let verdict = || AuditVerdict { result: Err(bad), unsealed: 2 };
        self.answer(format!("verify {saved_is_the_head:?}"), verdict).await
    }

    async fn prune(&self, _: &Caller, before: &str) -> Result<Pruned> {
        self.answer(format!("prune {before}"), Pruned::default).await
    }

    async fn prune_expired(&self, _: &Caller) -> Result<Pruned> {
        self.answer("prune_expired".to_owned(), Pruned::default).await
    }
}

#[async_trait]
impl AuditTrail for Fake {
    async fn list(
        &self,
        _: &Caller,
        query: AuditQuery,
        cursor: Option<Cursor>,
        limit: Limit,
    ) -> Result<Page<ListedEvent>> {
        self.answer(format!("list {query:?} {} {limit:?}", shown(cursor.as_ref())), || self.page(line(1))).await
    }

    async fn own(&self, _: &Caller, cursor: Option<Cursor>, limit: Limit) -> Result<Page<Activity>> {
        self.answer(format!("own activity {} {limit:?}", shown(cursor.as_ref())), || self.page(activity())).await
    }

    async fn export(&self, _: &Caller, query: AuditQuery) -> Result<Box<dyn AuditExport>> {
        let then = self.export_fails.load(Ordering::Relaxed).then(|| Error::internal("the disk is gone"));
        let export = FakeExport { parts: self.parts.load(Ordering::Relaxed), then, read: self.parts_read.clone() };
        self.answer(format!("export {query:?}"), || Box::new(export) as Box<dyn AuditExport>).await
    }
}

#[async_trait]
impl ClientApps for Fake {
    async fn list(&self, _: &Caller, cursor: Option<Cursor>, limit: Limit) -> Result<Page<ClientApp>> {
        self.answer(format!("list client apps {} {limit:?}", shown(cursor.as_ref())), || self.page(client_app())).await
    }

    async fn get(&self, _: &Caller, id: &str) -> Result<ClientApp> {
        self.answer(format!("get client app {id:?}"), client_app).await
    }

    async fn create(&self, _: &Caller, app: NewClientApp) -> Result<WithSecret> {
        self.answer(format!("create {app:?}"), with_secret).await
    }

    async fn change(
        &self,
        _: &Caller,
        id: &str,
        change: ClientAppChange,
        versions: Option<Versions>,
    ) -> Result<ClientApp> {
        self.of_version(format!("change client app {id:?} {change:?} {versions:?}"), versions, client_app).await
    }

    async fn delete(&self, _: &Caller, id: &str) -> Result<()> {
        self.answer(format!("delete client app {id:?}"), || ()).await
    }

    async fn rotate_secret(&self, _: &Caller, id: &str) -> Result<WithSecret> {
        self.answer(format!("rotate the secret of {id:?}"), with_secret).await
    }
}

#[async_trait]
impl ClientTokens for Fake {
    async fn refresh_as(&self, _: &Caller, client: &Client, grant: RefreshGrant) -> Result<TokenPair> {
        self.answer(format!("refresh {} as {}", grant.token.expose(), client.as_str()), pair).await
    }

    async fn redeem_code(&self, _: &Caller, client: &Client, grant: CodeGrant, _: Option<String>) -> Result<TokenPair> {
        self.answer(format!("redeem {} as {}", grant.code.expose(), client.as_str()), pair).await
    }

    async fn issue_to_client(&self, _: &Caller, client: ProvenClient, _: Option<String>) -> Result<ServiceToken> {
        let token =
            || ServiceToken { access_token: Secret::new("service".to_owned()), expires_in: Duration::from_secs(900) };
        self.answer(format!("issue to {}", client.client().as_str()), token).await
    }

    async fn introspect(&self, caller: &Caller, token: Secret) -> Result<Option<Introspection>> {
        self.answer(format!("introspect {} as {}", token.expose(), who(caller)), || None).await
    }

    async fn revoke(&self, _: &Caller, client: &Client, token: Secret) -> Result<()> {
        self.answer(format!("revoke {} as {}", token.expose(), client.as_str()), || ()).await
    }
}

#[async_trait]
impl Providers for Fake {
    async fn offered(&self, _: &Caller) -> Result<Vec<OfferedProvider>> {
        self.answer("offered providers".to_owned(), || vec![offered()]).await
    }

    async fn begin(&self, _: &Caller, request: AuthorizationRequest, binding: Binding) -> Result<BegunAuthorization> {
        let bound = match &binding {
            Binding::Unbound => "unbound".to_owned(),
            Binding::Browser(known) => format!("bound to {:?}", known.as_ref().map(Secret::expose)),
        };
        let AuthorizationRequest { provider, redirect_uri, state, code_challenge, login_hint, .. } = request;
        let call = format!("begin {provider} {redirect_uri} {state:?} {code_challenge} {login_hint:?}, {bound}");
        let browser = matches!(binding, Binding::Browser(_)).then(|| Secret::new("browser".to_owned()));
        self.answer(call, || BegunAuthorization { browser, ..begun() }).await
    }

    async fn finish(
        &self,
        _: &Caller,
        provider: &str,
        answer: ProviderAnswer,
        browser: Option<Secret>,
    ) -> Result<FinishedAuthorization> {
        let shown = |secret: &Option<Secret>| secret.as_ref().map(|secret| secret.expose().to_owned());
        let ProviderAnswer { state, code, issuer, error } = &answer;
        let (state, code, browser) = (shown(state), shown(code), shown(&browser));
        let call = format!("finish {provider} {state:?} {code:?} {issuer:?} {error:?} {browser:?}");
        self.answer(call, finished).await
    }

    async fn end_sessions(&self, _: &Caller, provider: &str, logout_token: Secret) -> Result<()> {
        self.answer(format!("end sessions of {provider} by {}", logout_token.expose()), || ()).await
    }
}

#[async_trait]
impl ProviderRegistry for Fake {
    async fn list(&self, _: &Caller, cursor: Option<Cursor>, limit: Limit) -> Result<Page<RegisteredProvider>> {
        self.answer(format!("list providers {} {limit:?}", shown(cursor.as_ref())), || self.page(provider())).await
    }

    async fn get(&self, _: &Caller, name: &str) -> Result<RegisteredProvider> {
        self.answer(format!("get provider {name:?}"), provider).await
    }

    async fn create(&self, _: &Caller, new: NewProvider) -> Result<RegisteredProvider> {
        self.answer(format!("create {new:?}"), provider).await
    }

    async fn change(
        &self,
        _: &Caller,
        name: &str,
        change: ProviderChange,
        versions: Option<Versions>,
    ) -> Result<RegisteredProvider> {
        self.of_version(format!("change provider {name:?} {change:?} {versions:?}"), versions, provider).await
    }

    async fn delete(&self, _: &Caller, name: &str, force: bool) -> Result<()> {
        self.answer(format!("delete provider {name:?} {force}"), || ()).await
    }

    async fn test(&self, _: &Caller, name: &str) -> Result<Vec<CheckedStep>> {
        let failed = StepResult::Failed("The name of its host was not found.".to_owned());
        self.answer(format!("test provider {name:?}"), || vec![CheckedStep { step: ProviderStep::Dns, result: failed }])
            .await
    }

    async fn check(&self, _: &Caller) -> Result<()> {
        self.answer("check providers".to_owned(), || ()).await
    }
}

#[async_trait]
impl Identities for Fake {
    async fn own(&self, _: &Caller) -> Result<Vec<Identity>> {
        self.answer("own identities".to_owned(), || vec![identity()]).await
    }

    async fn begin_link(&self, _: &Caller, provider: &str, request: LinkRequest) -> Result<BegunAuthorization> {
        self.answer(format!("begin link {provider} {}", request.redirect_uri), begun).await
    }

    async fn link(&self, _: &Caller, proof: LinkProof) -> Result<Identity> {
        let call = match proof {
            LinkProof::Code(grant) => format!("link by code {}", grant.code.expose()),
            LinkProof::Token(token) => format!("link by token {}", token.expose()),
        };
        self.answer(call, identity).await
    }

    async fn unlink(&self, _: &Caller, id: IdentityId) -> Result<()> {
        self.answer(format!("unlink {id}"), || ()).await
    }
}

#[async_trait]
impl SecondFactors for Fake {
    async fn own(&self, _: &Caller) -> Result<FactorList> {
        self.answer("own factors".to_owned(), factor_list).await
    }

    async fn enrol_totp(&self, _: &Caller, name: Option<String>) -> Result<EnrolledTotp> {
        let enrolled = || EnrolledTotp {
            factor: factor(),
            secret: Secret::new("MFRGG".to_owned()),
            otpauth_uri: Secret::new("otpauth://totp/a".to_owned()),
        };
        self.answer(format!("enrol {name:?}"), enrolled).await
    }

    async fn confirm_totp(&self, _: &Caller, id: FactorId, code: Secret) -> Result<ConfirmedFactor> {
        let confirmed = || ConfirmedFactor { factor: factor(), recovery_codes: None };
        self.answer(format!("confirm {id} {}", code.expose()), confirmed).await
    }

    async fn delete_own(&self, _: &Caller, id: FactorId) -> Result<()> {
        self.answer(format!("delete factor {id}"), || ()).await
    }

    async fn replace_recovery_codes(&self, _: &Caller) -> Result<Vec<Secret>> {
        self.answer("replace recovery codes".to_owned(), Vec::new).await
    }

    async fn verify(&self, caller: &Caller, verification: MfaVerification) -> Result<TokenPair> {
        let (token, method) = (verification.mfa_token.expose().to_owned(), verification.proof.method.as_str());
        self.answer(format!("verify {token} {method} as {}", who(caller)), pair).await
    }

    async fn of_user(&self, _: &Caller, user: UserId) -> Result<FactorList> {
        self.answer(format!("factors of {user}"), factor_list).await
    }

    async fn reset(&self, _: &Caller, user: UserId) -> Result<()> {
        self.answer(format!("reset factors of {user}"), || ()).await
    }
}

fn factor_list() -> FactorList {
    FactorList { factors: vec![factor()], recovery_codes_left: 10 }
}

fn factor() -> Factor {
    let now = Timestamp::from_seconds(1_800_000_000);
    Factor {
        id: FactorId::mint(now, [1; 10]),
        user: UserId::mint(now, [2; 10]),
        kind: FactorKind::Totp,
        name: FactorName::authenticator(),
        created_at: now,
        confirmed_at: Some(now),
        last_used_at: None,
    }
}

fn provider() -> RegisteredProvider {
    let at = Timestamp::from_seconds(1_700_000_000);
    let identity = (Issuer::parse("https://id.example.net").unwrap(), ProviderClientId::parse("doorward").unwrap());
    let called = Description::parse("Example").unwrap();
    RegisteredProvider {
        provider: Provider::new("example".parse().unwrap(), ProviderKind::Oidc, called, identity),
        source: ProviderSource::Database { created_at: at, updated_at: at, version: VERSION },
        has_secret: true,
        redirect_uri: "https://accounts.example.com/api/v1/auth/callback/example".to_owned(),
    }
}

fn offered() -> OfferedProvider {
    OfferedProvider {
        name: "local".to_owned(),
        display_name: "Password".to_owned(),
        kind: "local",
        icon: None,
        available: true,
        since: None,
    }
}

fn begun() -> BegunAuthorization {
    BegunAuthorization {
        url: "https://id.example.net/authorize?state=s".to_owned(),
        state: "theirs".to_owned(),
        expires_in: Duration::from_secs(600),
        browser: None,
    }
}

fn finished() -> FinishedAuthorization {
    FinishedAuthorization {
        redirect_uri: "https://app.example.com/cb".to_owned(),
        state: Some("theirs".to_owned()),
        outcome: Ok(Secret::new("the-code".to_owned())),
    }
}

fn identity() -> Identity {
    let now = Timestamp::from_seconds(1_800_000_000);
    Identity {
        id: IdentityId::mint(now, [1; 10]),
        user: UserId::mint(now, [2; 10]),
        provider: "example".parse().unwrap(),
        key: IdentityKey::new("https://id.example.net", "ann").unwrap(),
        linked_at: now,
        last_used_at: None,
    }
}

#[async_trait]
impl Admission for Fake {
    async fn admit(&self, presented: Presented<'_>, operation: Operation) -> Judged {
        let rate_limit = operation.limit().and(*self.rate_limit.lock().unwrap());
        let result =
            rate_limit.map_or(Ok(()), |rate_limit| rate_limit.judge()).and_then(|()| let_in(presented, operation));
        Judged { rate_limit, refused: None, result }
    }

    async fn admit_known(&self, _: &Caller, _: Operation) -> Judged<()> {
        panic!("REST asks for one operation at a time")
    }
}

#[async_trait]
impl System for Fake {
    fn correlation_id(&self) -> CorrelationId {
        CorrelationId::parse("fresh-correlation-id").unwrap()
    }

    async fn ready(&self) -> Result<()> {
        self.answer("ready".to_owned(), || ()).await
    }

    async fn summary(&self) -> HealthStatus {
        self.status()
    }

    async fn health(&self, caller: &Caller) -> Result<Health> {
        authorize(caller, Operation::ReadHealth)?;
        let (status, took) = (self.status(), Duration::from_micros(1500));
        let effect = (status != HealthStatus::Healthy).then(|| "Nobody can sign in.".to_owned());
        Ok(Health { status, components: vec![ComponentHealth { name: "database", status, took, effect }] })
    }

    fn metrics(&self, caller: &Caller) -> Result<String> {
        authorize(caller, Operation::ReadMetrics)?;
        Ok("# TYPE up gauge\nup 1\n".to_owned())
    }

    fn public_keys(&self) -> PublicKeys {
        PublicKeys(json!({ "keys": [{ "kty": "OKP", "kid": "one" }] }))
    }

    fn issuer(&self) -> String {
        "https://accounts.example.com".to_owned()
    }

    async fn bootstrap(&self, _: &Caller, _: &str, _: Option<Secret>) -> Result<Option<FirstAdmin>> {
        self.answer("bootstrap".to_owned(), || None).await
    }

    async fn record_sightings(&self, _: &Caller) -> Result<usize> {
        self.answer("record_sightings".to_owned(), || 0).await
    }

    async fn tidy(&self, _: &Caller) -> Result<Tidied> {
        self.answer("tidy".to_owned(), Tidied::default).await
    }
}
