//! Reading the audit log: by administrators, by each owner, and as an export.
use crate::world::{
    ABROAD, CAFE, HOME, Line, MINUTE, PASSWORD, World, account, code, faults, fields, from, operator, role,
};
use doorward_domain::{AuditOutcome, UserId};
use doorward_ports::inbound::{ActedBy, Activity, AuditQuery, ListedEvent};
use doorward_ports::outbound::AuditEvent;
use doorward_ports::{Caller, Cursor, ErrorCode, Limit};
use doorward_testkit::{a_user, an_event};
use serde_json::json;
use std::collections::HashSet;

async fn listed(world: &World, query: AuditQuery) -> Vec<ListedEvent> {
    world.trail().list(&operator(), query, None, Limit::new(100).unwrap()).await.unwrap().items
}

async fn activity(world: &World, caller: &Caller) -> Vec<Activity> {
    world.trail().own(caller, None, Limit::new(100).unwrap()).await.unwrap().items
}

fn given(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[tokio::test]
async fn the_log_is_listed_newest_first_by_what_was_asked_for() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    world.advance(MINUTE);
    let noon = world.now();
    world.roles().create(&operator(), role("support", &[])).await.unwrap();
    world.advance(MINUTE);
    world.fail(1, CAFE, "ann").await;
    let of = |query: AuditQuery| async {
        let lines = listed(&world, query).await;
        lines.iter().map(|line| line.event.action.as_str()).collect::<Vec<_>>()
    };
    let all = AuditQuery::default();
    assert_eq!(of(all.clone()).await, ["session.sign_in", "role.created", "session.sign_in", "user.created"]);
    let queries = [
        (AuditQuery { actor: given("operator"), ..all.clone() }, vec!["role.created", "user.created"]),
        (AuditQuery { subject: given("role:support"), ..all.clone() }, vec!["role.created"]),
        (AuditQuery { action: given("user.created"), ..all.clone() }, vec!["user.created"]),
        (AuditQuery { outcome: given("failure"), ..all.clone() }, vec!["session.sign_in"]),
        (
            AuditQuery { account: given(&ann.id().to_string()), ..all.clone() },
            vec!["session.sign_in", "session.sign_in", "user.created"],
        ),
        (AuditQuery { from: given(&noon.to_string()), ..all.clone() }, vec!["session.sign_in", "role.created"]),
        (AuditQuery { to: given(&noon.to_string()), ..all.clone() }, vec!["session.sign_in", "user.created"]),
        (AuditQuery { actor: given("client:billing"), ..all }, vec![]),
    ];
    for (query, expected) in queries {
        assert_eq!(of(query.clone()).await, expected, "{query:?}");
    }
}

#[tokio::test]
async fn a_filter_that_can_not_match_is_refused_with_all_its_faults() {
    let world = World::new().await;
    let query = AuditQuery {
        actor: given("ann"),
        subject: given("billing"),
        action: given("user"),
        outcome: given("ok"),
        account: given("ann@example.com"),
        from: given("yesterday"),
        to: given("2026-13-01T00:00:00Z"),
    };
    let expected = fields(&[
        ("/from", "invalid_time"),
        ("/to", "invalid_time"),
        ("/actor", "invalid_actor"),
        ("/subject", "invalid_subject"),
        ("/action", "invalid_action"),
        ("/outcome", "invalid_outcome"),
        ("/account", "invalid_id"),
    ]);
    let refused = world.trail().list(&operator(), query.clone(), None, Limit::default()).await;
    assert_eq!(faults(refused.map(drop)), expected);
    assert_eq!(faults(world.trail().export(&operator(), query).await.map(drop)), expected);
    assert_eq!(world.journal.lines(), []);
}

#[tokio::test]
async fn the_log_is_for_those_who_may_read_it() {
    let world = World::new().await;
    let (ann, auditor) = (world.person("ann").await, world.person_who_may("auditor", &["audit:read"]).await);
    let limit = Limit::default();
    let refused = world.trail().list(&ann.caller, AuditQuery::default(), None, limit).await;
    assert_eq!(code(refused), ErrorCode::PermissionDenied);
    let refused = world.trail().export(&ann.caller, AuditQuery::default()).await.map(drop);
    assert_eq!(code(refused), ErrorCode::PermissionDenied);
    assert!(world.trail().list(&auditor.caller, AuditQuery::default(), None, limit).await.is_ok());
    assert_eq!(code(world.trail().own(&operator(), None, limit).await), ErrorCode::AuthenticationRequired);
}

#[tokio::test]
async fn an_owner_sees_sign_ins_and_where_they_came_from() {
    let world = World::new().await;
    world.account("ann").await;
    world.advance(MINUTE);
    world.fail(1, ABROAD, "ann").await;
    let ann = world.session_from(CAFE, "ann").await;
    let seen: Vec<_> = activity(&world, &ann.caller)
        .await
        .into_iter()
        .map(|act| (act.action.as_str(), act.by, act.outcome, act.address.map(|address| address.to_string())))
        .collect();
    let expected = [
        ("session.sign_in", ActedBy::Anonymous, AuditOutcome::Success, given(CAFE)),
        ("session.sign_in", ActedBy::Anonymous, AuditOutcome::Failure, given(ABROAD)),
        ("user.created", ActedBy::Operator, AuditOutcome::Success, None),
    ];
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn an_owner_sees_what_others_did_to_the_account_and_not_who_and_where_they_are() {
    let world = World::new().await;
    let (ann, admin) = (world.person("ann").await, world.admin("eve").await);
    world.roles().create(&operator(), role("support", &[])).await.unwrap();
    world.advance(MINUTE);
    world.accounts().grant_role(&admin.caller, ann.id(), "support").await.unwrap();
    let stored = world.stored(ann.id()).await.remove(0);
    assert_eq!((stored.personal.of, stored.personal.address), (Some(admin.id()), Some(HOME.parse().unwrap())));
    let newest = activity(&world, &ann.caller).await.remove(0);
    assert_eq!((newest.action.as_str(), newest.by), ("role.granted", ActedBy::Administrator));
    assert_eq!((newest.address, newest.user_agent.clone()), (None, None));
    assert!(!format!("{newest:?}").contains(&admin.id().to_string()), "{newest:?}");
    let own = activity(&world, &admin.caller).await.remove(0);
    assert_eq!(
        (own.action.as_str(), own.by, own.address),
        ("role.granted", ActedBy::Owner, Some(HOME.parse().unwrap()))
    );
}

#[tokio::test]
async fn activity_contains_nothing_of_others_and_what_is_both_only_once() {
    let world = World::new().await;
    let (ann, bob) = (world.person("ann").await, world.person("bob").await);
    world.session_of("bob").await;
    world.sessions().end_own_others(&bob.caller).await.unwrap();
    world.session_of("ann").await;
    world.advance(MINUTE);
    world.sessions().end_own_others(&ann.caller).await.unwrap();
    let acts = activity(&world, &ann.caller).await;
    let names: Vec<&str> = acts.iter().map(|act| act.action.as_str()).collect();
    assert_eq!(names, ["session.ended", "session.sign_in", "session.sign_in", "user.created"]);
    assert_eq!(acts[0].by, ActedBy::Owner);
    assert_eq!(acts.iter().map(|act| act.id).collect::<HashSet<_>>().len(), 4);
}

/// From two lists, each with an index of its own, comes one.
#[tokio::test]
async fn activity_is_read_page_by_page_over_both_of_its_parts() {
    let world = World::new().await;
    let admin = world.admin("eve").await;
    for n in 0..6 {
        world.advance(MINUTE);
        if n % 2 == 0 {
            world.roles().create(&admin.caller, role(&format!("r{n}"), &[])).await.unwrap();
        } else {
            world.fail(1, CAFE, "eve").await;
        }
    }
    let whole: Vec<_> = activity(&world, &admin.caller).await.into_iter().map(|act| act.id).collect();
    assert_eq!(whole.len(), 8);
    for limit in [1, 2, 3, 7, 8] {
        let (mut seen, mut cursor) = (Vec::new(), None);
        loop {
            let page = world.trail().own(&admin.caller, cursor, Limit::new(limit).unwrap()).await.unwrap();
            seen.extend(page.items.into_iter().map(|act| act.id));
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(seen, whole, "by {limit}");
    }
    let strange = Some(Cursor::after("session", &whole[0].to_string()));
    assert_eq!(code(world.trail().own(&admin.caller, strange, Limit::default()).await), ErrorCode::InvalidCursor);
}

#[tokio::test]
async fn with_an_account_its_personal_data_leaves_the_log_and_the_lines_stay() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let query = AuditQuery { account: given(&ann.id().to_string()), ..AuditQuery::default() };
    assert!(listed(&world, query.clone()).await[0].event.personal.address.is_some());
    world.accounts().delete(&operator(), ann.id()).await.unwrap();
    let lines = listed(&world, query).await;
    assert_eq!(lines.len(), 3);
    assert!(lines.iter().all(|line| line.event.personal.is_empty()));
}

/// So many lines of an account that nobody has.
async fn filled(world: &World, count: usize) -> UserId {
    let nobody = a_user("nobody");
    let mut work = world.store().write().await.unwrap();
    for _ in 0..count {
        work.audit().append(&AuditEvent { subject: None, ..an_event(&nobody) }).await.unwrap();
    }
    work.commit().await.unwrap();
    nobody.id
}

#[tokio::test]
async fn an_export_reads_every_line_once_in_parts_and_is_told_before_it_begins() {
    let world = World::new().await;
    let nobody = filled(&world, 1100).await;
    world.journal.take();
    let auditor = world.person_who_may("auditor", &["audit:read"]).await;
    world.journal.take();
    let query = AuditQuery { account: given(&nobody.to_string()), outcome: given("success"), ..AuditQuery::default() };
    let mut export = world.trail().export(&auditor.caller, query.clone()).await.unwrap();
    let expected = Line {
        action: "audit.exported",
        actor: format!("user:{}", auditor.id()),
        subject: given("audit_log"),
        outcome: AuditOutcome::Success,
        details: json!({ "filters": { "account": nobody, "outcome": "success" } }),
    };
    assert_eq!(world.journal.lines(), [expected]);
    let (mut parts, mut ids) = (Vec::new(), Vec::new());
    while let part = export.next().await.unwrap()
        && !part.is_empty()
    {
        parts.push(part.len());
        ids.extend(part.into_iter().map(|line| line.event.id));
    }
    assert_eq!(parts, [500, 500, 100]);
    assert!(ids.is_sorted_by(|newer, older| newer > older));
    assert!(export.next().await.unwrap().is_empty());
    assert_eq!(world.journal.lines(), []);
}

/// Nothing is held between two parts: not even of a pool with one connection for writing.
#[tokio::test]
async fn other_work_goes_on_between_two_parts_of_an_export() {
    let world = World::new().await;
    filled(&world, 600).await;
    let mut export = world.trail().export(&operator(), AuditQuery::default()).await.unwrap();
    let first = export.next().await.unwrap();
    world.accounts().create(&operator(), account("ann")).await.unwrap();
    world.sign_in(HOME, "ann", PASSWORD).await.unwrap();
    world.auth().sign_in(&from(HOME), crate::world::typed("nobody", PASSWORD)).await.unwrap_err();
    let second = export.next().await.unwrap();
    assert_eq!((first.len(), second.len()), (500, 101));
}
