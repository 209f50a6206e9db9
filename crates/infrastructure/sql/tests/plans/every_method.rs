//! Every method of every repository, once or in each of its shapes.
use doorward_domain::{
    Attempts, AuditOutcome, Client, ClientApp, EndReason, Identity, MailTokenPurpose, Network, Permission, RoleName,
    SealedHead, SealingKeyId, SealingKeyRecord, SealingKeyRing, SearchKey, Session, TotpProgress, User,
};
use doorward_ports::outbound::{
    AccountKey, AllProviders, AttemptSecrets, AuditFilter, AuditStep, EndedThere, Guard, LeaseTerm, OpenedStore,
    ProviderSession, ReadWork, SealedValue, SealingNode, Seen, StoredSealingKey, UserFilter, UserOrder, UserSort,
    Whose, WriteWork,
};
use doorward_ports::{Direction, Secret, SecretDigest};
use doorward_testkit::{
    START, a_client_app, a_factor, a_grant, a_key, a_mail_token, a_password_hash, a_pending_sign_in, a_permission,
    a_provider, a_role, a_seal, a_session, a_user, an_anchor, an_attempt, an_audit_key, an_event, an_exchange,
    an_identity, an_outbox_mail,
};
use std::time::Duration;

pub async fn call(opened: &OpenedStore) {
    let ann = User { username: Some("ann".parse().unwrap()), ..a_user("ann") };
    let (session, identity) = (a_session(&ann), an_identity(&ann));
    let mut work = opened.store.write().await.unwrap();
    write_users(&mut *work, &ann).await;
    write_sessions(&mut *work, &ann, &session).await;
    write_attempts(&mut *work, &ann).await;
    write_roles(&mut *work).await;
    write_client_apps(&mut *work).await;
    write_identities(&mut *work, &ann, &identity).await;
    write_providers(&mut *work).await;
    write_authorization_attempts(&mut *work, &session).await;
    write_factors(&mut *work, &ann).await;
    write_pending_sign_ins(&mut *work, &ann).await;
    write_provider_sessions(&mut *work, &session, &identity).await;
    write_mails(&mut *work, &ann).await;
    write_signing_keys(&mut *work).await;
    write_sealing_keys(&mut *work).await;
    work.audit().append(&an_event(&ann)).await.unwrap();
    work.audit().erase_personal(ann.id).await.unwrap();
    write_audit_chain(&mut *work).await;
    work.guard(Guard::LastAdmin).await.unwrap();
    work.commit().await.unwrap();
    opened.store.exchange(session.id, &an_exchange(&session, START)).await.unwrap();
    read(&mut *opened.store.snapshot().await.unwrap(), &ann, &session).await;
    read_sealed_values(&mut *opened.store.read().await.unwrap()).await;
    read_identities(&mut *opened.store.read().await.unwrap(), &identity).await;
    read_factors(&mut *opened.store.read().await.unwrap(), &ann).await;
    read_mails(&mut *opened.store.read().await.unwrap()).await;
    lists(&mut *opened.store.read().await.unwrap(), &ann).await;
    opened.session_states.find(&session.id).await.unwrap();
    opened.lease.take("clean_up", &LeaseTerm { holder: "one".to_owned(), now: START, until: START }).await.unwrap();
    opened.lease.release("clean_up", "one").await.unwrap();
    opened.audit_readers.place("ship").await.unwrap();
    opened.audit_readers.advance("ship", AuditStep { from: 0, to: 1, at: START }).await.unwrap();
    opened.audit_readers.advance("ship", AuditStep { from: 1, to: 2, at: START }).await.unwrap();
    let end = opened.revocations.end().await.unwrap();
    opened.revocations.since(end).await.unwrap();
    opened.session_states.find_many(&[session.id, a_session(&ann).id]).await.unwrap();
    opened.client_states.find(&a_grant()).await.unwrap();
    opened.client_states.find_many(&[a_grant(), a_grant()]).await.unwrap();
    opened.users.find(&ann.id).await.unwrap();
    opened.users.find_many(&[ann.id, a_user("bob").id]).await.unwrap();
    opened.providers.find(&AllProviders).await.unwrap();
    opened.roles.find(&RoleName::admin()).await.unwrap();
    opened.roles.find_many(&[RoleName::admin(), RoleName::user()]).await.unwrap();
    opened.store.ping().await.unwrap();
    opened.store.try_write().await.unwrap();
}

async fn write_users(work: &mut dyn WriteWork, ann: &User) {
    let bob = a_user("bob");
    let users = work.users();
    users.insert(ann, Some(&a_password_hash("x"))).await.unwrap();
    users.insert(&bob, None).await.unwrap();
    users.lock(ann.id).await.unwrap();
    users.update(ann).await.unwrap();
    users.set_password(ann.id, &a_password_hash("y")).await.unwrap();
    users.remove_password(ann.id).await.unwrap();
    users.note_sign_in(ann.id, START).await.unwrap();
    users.grant(ann.id, &RoleName::admin(), START).await.unwrap();
    users.revoke(ann.id, &RoleName::admin(), START).await.unwrap();
    users.delete(bob.id).await.unwrap();
}

async fn write_sessions(work: &mut dyn WriteWork, ann: &User, session: &Session) {
    let sessions = work.sessions();
    sessions.insert(session).await.unwrap();
    let later = START.plus(Duration::from_hours(1));
    let seen = Seen { at: later, last_seen_by: later, idle_ends_at: None };
    sessions.saw(&[session.id, a_session(ann).id], &seen).await.unwrap();
    sessions.end(session.id, START, EndReason::SignedOut).await.unwrap();
    sessions.end_all(ann.id, Some(session.id), START, EndReason::SignedOut).await.unwrap();
    sessions.end_all(ann.id, None, START, EndReason::SignedOut).await.unwrap();
    sessions.purge(START, 10).await.unwrap();
    work.purge_revocations(START, 10).await.unwrap();
}

async fn write_attempts(work: &mut dyn WriteWork, ann: &User) {
    let (key, network) = (AccountKey::of_user(ann.id), Network::of([198, 51, 100, 1].into()));
    let attempts = work.attempts();
    attempts.lock(key, None, START).await.unwrap();
    attempts.save(key, None, &Attempts::none(), START).await.unwrap();
    attempts.clear(key, None).await.unwrap();
    attempts.clear_all(key).await.unwrap();
    attempts.note_network(ann.id, network, START).await.unwrap();
    attempts.knows_network(key, network, START).await.unwrap();
    attempts.networks_of(ann.id).await.unwrap();
    attempts.purge(START, 10).await.unwrap();
}

async fn write_roles(work: &mut dyn WriteWork) {
    let (support, reports) = (a_role("support"), a_permission("reports"));
    let roles = work.roles();
    roles.insert(&support).await.unwrap();
    roles.lock(&support.name).await.unwrap();
    roles.update(&support).await.unwrap();
    roles.insert_permission(&reports).await.unwrap();
    roles.grant_permission(&support.name, &reports.name, START).await.unwrap();
    roles.revoke_permission(&support.name, &reports.name, START).await.unwrap();
    roles.delete_permission(&reports.name).await.unwrap();
    roles.delete(&support.name).await.unwrap();
}

async fn write_client_apps(work: &mut dyn WriteWork) {
    let app = ClientApp { roles: [RoleName::user()].into(), ..a_client_app("billing") };
    let secret = SecretDigest::of(&Secret::new("x".to_owned()));
    let apps = work.client_apps();
    apps.insert(&app, Some(&secret)).await.unwrap();
    apps.lock(&app.id).await.unwrap();
    apps.update(&app).await.unwrap();
    apps.set_secret(&app.id, &secret, START).await.unwrap();
    apps.permissions_of(&app.id).await.unwrap();
    apps.list(Some("a"), 10).await.unwrap();
    apps.delete(&app.id).await.unwrap();
    work.sessions().end_of_client(&Client::from(&app.id), START, EndReason::ClientDisabled).await.unwrap();
}

async fn write_identities(work: &mut dyn WriteWork, ann: &User, identity: &Identity) {
    let identities = work.identities();
    identities.insert(identity).await.unwrap();
    identities.note_use(identity.id, START).await.unwrap();
    identities.delete(ann.id, an_identity(ann).id).await.unwrap();
}

async fn write_providers(work: &mut dyn WriteWork) {
    let provider = a_provider("work");
    let name = &provider.provider.name;
    let providers = work.providers();
    providers.insert(&provider).await.unwrap();
    providers.by_name(name).await.unwrap();
    providers.lock(name).await.unwrap();
    providers.update(&provider).await.unwrap();
    providers.list(Some("a"), 10).await.unwrap();
    providers.delete(name).await.unwrap();
}

async fn write_authorization_attempts(work: &mut dyn WriteWork, session: &Session) {
    let attempt = an_attempt();
    let [state, browser, code, token] =
        ["state", "browser", "code", "token"].map(|text| SecretDigest::of(&Secret::new(text.to_owned())));
    let secrets = AttemptSecrets { state: &state, browser: Some(&browser), verifier: b"sealed" };
    let attempts = work.authorization_attempts();
    attempts.insert(&attempt, secrets).await.unwrap();
    attempts.answer(&state, &attempt.provider, Some(&browser), START, START).await.unwrap();
    attempts.issue_code(attempt.id, &code, b"sealed", START).await.unwrap();
    for _ in ["first", "again"] {
        attempts.spend_code(&code, START).await.unwrap();
    }
    attempts.spent(attempt.id).await.unwrap();
    attempts.note_session(attempt.id, session.id).await.unwrap();
    attempts.offer_link(attempt.id, &token, START).await.unwrap();
    attempts.take_link(&token, START).await.unwrap();
    attempts.purge(START, 10).await.unwrap();
}

async fn write_factors(work: &mut dyn WriteWork, ann: &User) {
    let (factor, code) = (a_factor(ann), SecretDigest::of(&Secret::new("code".to_owned())));
    let factors = work.factors();
    factors.insert(&factor, b"sealed").await.unwrap();
    factors.totp_of(ann.id).await.unwrap();
    factors.confirm(ann.id, factor.id, START).await.unwrap();
    factors.use_step(ann.id, factor.id, &TotpProgress { last_step: Some(1), drift: 0 }, START).await.unwrap();
    factors.save_attempts(ann.id, factor.id, &Attempts::none()).await.unwrap();
    factors.replace_recovery_codes(ann.id, &[code], START).await.unwrap();
    factors.use_recovery_code(ann.id, &code, START).await.unwrap();
    factors.purge_unconfirmed(START, 10).await.unwrap();
    factors.delete(ann.id, factor.id).await.unwrap();
}

async fn write_pending_sign_ins(work: &mut dyn WriteWork, ann: &User) {
    let (pending, token) = (a_pending_sign_in(ann), SecretDigest::of(&Secret::new("token".to_owned())));
    let all = work.pending_sign_ins();
    all.insert(&pending, &token).await.unwrap();
    all.by_token(&token).await.unwrap();
    all.try_code(&token, START).await.unwrap();
    all.end_of_attempt(an_attempt().id, START).await.unwrap();
    all.end_of_user(ann.id, START).await.unwrap();
    all.end(pending.id, START).await.unwrap();
    all.purge(START, 10).await.unwrap();
}

async fn read_factors(work: &mut dyn ReadWork, ann: &User) {
    work.factors().of_user(ann.id).await.unwrap();
    work.factors().recovery_codes_left(ann.id).await.unwrap();
}

async fn write_provider_sessions(work: &mut dyn WriteWork, session: &Session, identity: &Identity) {
    let sid = SecretDigest::of(&Secret::new("sid".to_owned()));
    let (provider, key, subject) = (&identity.provider, &identity.key, identity.key.subject());
    let sessions = work.provider_sessions();
    sessions.insert(session.id, ProviderSession { provider, key, id: Some(&sid) }).await.unwrap();
    for whose in [Whose::Session(&sid, None), Whose::Session(&sid, Some(subject)), Whose::Subject(subject)] {
        sessions.live(EndedThere { provider, issuer: key.issuer(), whose }, START, 10).await.unwrap();
    }
    sessions.use_logout_token(&sid, START).await.unwrap();
    sessions
        .note_end(EndedThere { provider, issuer: key.issuer(), whose: Whose::Subject(subject) }, START)
        .await
        .unwrap();
    sessions.has_ended(ProviderSession { provider, key, id: Some(&sid) }, START, START).await.unwrap();
    sessions.purge_logout_tokens(START, 10).await.unwrap();
}

async fn write_mails(work: &mut dyn WriteWork, ann: &User) {
    let (token, digest) = (a_mail_token(ann), SecretDigest::of(&Secret::new("x".to_owned())));
    let tokens = work.mail_tokens();
    tokens.issue(&token, &digest).await.unwrap();
    tokens.spend(&digest, token.purpose, START).await.unwrap();
    tokens.revoke(ann.id, MailTokenPurpose::ALL, START).await.unwrap();
    tokens.purge(START, 10).await.unwrap();
    let outbox = work.outbox();
    outbox.put(&an_outbox_mail(ann)).await.unwrap();
    let taken = outbox.claim(START, START).await.unwrap().unwrap();
    outbox.postpone(&taken, START).await.unwrap();
    outbox.remove(&taken).await.unwrap();
}

async fn read_mails(work: &mut dyn ReadWork) {
    work.mail_tokens().find(&SecretDigest::of(&Secret::new("x".to_owned())), START).await.unwrap();
    work.outbox().list(10).await.unwrap();
}

async fn read_identities(work: &mut dyn ReadWork, identity: &Identity) {
    work.identities().by_key(&identity.key).await.unwrap();
    work.identities().of_user(identity.user).await.unwrap();
    work.identities().links_of(&identity.provider).await.unwrap();
}

async fn write_signing_keys(work: &mut dyn WriteWork) {
    let key = a_key();
    work.signing_keys().insert(&key).await.unwrap();
    work.signing_keys().save(&key).await.unwrap();
}

async fn write_sealing_keys(work: &mut dyn WriteWork) {
    let id = SealingKeyId::from_bytes([1; SealingKeyId::LENGTH]);
    let record = SealingKeyRing::first(id, START);
    let keys = work.sealing_keys();
    keys.insert(&StoredSealingKey { record, wrapped: None }).await.unwrap();
    keys.save(&SealingKeyRecord { retired_at: Some(START), ..record }).await.unwrap();
    let node = SealingNode { node: "one".to_owned(), seen_at: START, current: id, asked: None, knows: false };
    for _ in ["first", "again"] {
        keys.note_node(&node).await.unwrap();
    }
    keys.forget_node("one").await.unwrap();
    keys.forget_nodes(START).await.unwrap();
    for &column in work.sealed_values().columns() {
        let row = a_user("nobody").id.to_string();
        let was = SealedValue { row, sealed: Vec::new() };
        assert!(!work.sealed_values().replace(column, &was, b"sealed").await.unwrap());
    }
}

async fn read_sealed_values(work: &mut dyn ReadWork) {
    work.sealing_keys().all().await.unwrap();
    work.sealing_keys().nodes().await.unwrap();
    let head = SealedHead { format: 2, key: SealingKeyId::from_bytes([1; SealingKeyId::LENGTH]) };
    for &column in work.sealed_values().columns() {
        work.sealed_values().count(column).await.unwrap();
        work.sealed_values().not_headed(column, head, None, 10).await.unwrap();
    }
}

async fn write_audit_chain(work: &mut dyn WriteWork) {
    let chain = work.audit_chain();
    chain.add_key(&an_audit_key()).await.unwrap();
    let (seal, lines) = a_seal(None, chain.unsealed(10).await.unwrap());
    assert!(chain.seal(&seal, &lines).await.unwrap());
    chain.prune(&an_anchor(&seal)).await.unwrap();
}

async fn read_audit_chain(work: &mut dyn ReadWork) {
    work.audit().sealed_after(1, 10).await.unwrap();
    let chain = work.audit_chain();
    chain.head().await.unwrap();
    chain.seals(1, 10).await.unwrap();
    chain.lines(1..=10).await.unwrap();
    chain.outside(1..=10).await.unwrap();
    chain.unsealed(10).await.unwrap();
    chain.anchor().await.unwrap();
    chain.keys().await.unwrap();
}

async fn read(work: &mut dyn ReadWork, ann: &User, session: &Session) {
    for identifier in ["ann", "ann@example.com"] {
        work.users().credentials(&identifier.parse().unwrap()).await.unwrap();
    }
    work.users().by_id(ann.id).await.unwrap();
    work.users().with_permissions(ann.id).await.unwrap();
    work.users().password(ann.id).await.unwrap();
    work.users().active_holders(&RoleName::admin()).await.unwrap();
    work.users().any().await.unwrap();
    work.roles().role(&RoleName::admin()).await.unwrap();
    work.roles().list(Some("a"), 10).await.unwrap();
    work.roles().permission(&Permission::users_read()).await.unwrap();
    work.roles().permissions(None, 10).await.unwrap();
    work.roles().permissions_of(ann.id).await.unwrap();
    work.sessions().by_id(session.id).await.unwrap();
    work.sessions().count_live(START).await.unwrap();
    work.sessions().knows_device(ann.id, &session.device).await.unwrap();
    work.signing_keys().all().await.unwrap();
    read_audit_chain(work).await;
    for after in [None, Some(session.id)] {
        work.sessions().live_of(ann.id, START, after, 10).await.unwrap();
    }
    for filter in audit_filters(ann) {
        for after in [None, Some(an_event(ann).id)] {
            work.audit().list(&filter, after, 10).await.unwrap();
        }
    }
}

/// None, each alone, and together with a time range.
pub fn audit_filters(ann: &User) -> Vec<AuditFilter> {
    let (line, any) = (an_event(ann), AuditFilter::default());
    let each = [
        any.clone(),
        AuditFilter { account: line.account, ..any.clone() },
        AuditFilter { actor: Some(line.actor), ..any.clone() },
        AuditFilter { subject: line.subject, ..any.clone() },
        AuditFilter { action: Some(line.action), ..any.clone() },
        AuditFilter { outcome: Some(AuditOutcome::Success), ..any.clone() },
        AuditFilter { outcome: Some(AuditOutcome::Failure), ..any },
    ];
    let in_time = |filter: &AuditFilter| AuditFilter { from: Some(START), to: Some(START), ..filter.clone() };
    each.iter().flat_map(|filter| [filter.clone(), in_time(filter)]).collect()
}

/// With each filter, from the beginning and from a key, in each order.
async fn lists(work: &mut dyn ReadWork, ann: &User) {
    let any = UserFilter::default();
    let filters = [
        any.clone(),
        UserFilter { is_active: Some(true), ..any.clone() },
        UserFilter { email: Some(ann.email.clone()), ..any.clone() },
        UserFilter { username: ann.username.clone(), ..any.clone() },
        UserFilter { role: Some(RoleName::user()), ..any.clone() },
        UserFilter { role: Some(RoleName::user()), is_active: Some(true), ..any },
    ];
    for filter in filters {
        let sorts = [
            (UserSort::CreatedAt, ann.id.to_string()),
            (UserSort::Email, ann.email.to_string()),
            (UserSort::Found(SearchKey::searched("a").unwrap()), format!("{} ann", ann.id)),
        ];
        for (sort, key) in sorts {
            for direction in [Direction::Ascending, Direction::Descending] {
                for after in [None, Some(key.as_str().into())] {
                    let order = UserOrder { sort: sort.clone(), direction, after };
                    work.users().list(&filter, &order, 10).await.unwrap();
                }
            }
        }
    }
}
