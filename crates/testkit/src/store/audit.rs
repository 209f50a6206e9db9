//! What the audit log promises. That no line can be changed or removed is for each adapter's own tests: the port has no
//! way to try.
use super::StoreUnderTest;
use crate::{START, a_key, a_session, a_user, an_event};
use doorward_domain::{AuditAction, AuditActor, AuditEventId, AuditOutcome, AuditSubject, User};
use doorward_ports::outbound::{AuditDetails, AuditEvent, AuditFilter, PersonalDetails};
use serde_json::json;
use std::time::Duration;

const MICROSECOND: Duration = Duration::from_micros(1);
const MILLISECOND: Duration = Duration::from_millis(1);

async fn append(it: &StoreUnderTest, events: &[&AuditEvent]) {
    let mut work = it.write().await;
    for event in events {
        work.audit().append(event).await.unwrap();
    }
    work.commit().await.unwrap();
}

async fn lines(it: &StoreUnderTest, user: &User) -> Vec<AuditEvent> {
    listed(it, &AuditFilter { account: Some(user.id), ..AuditFilter::default() }).await
}

async fn listed(it: &StoreUnderTest, filter: &AuditFilter) -> Vec<AuditEvent> {
    let lines = it.store.read().await.unwrap().audit().list(filter, None, 100).await.unwrap();
    lines.into_iter().map(|line| line.event).collect()
}

/// `append`, `list`: every action, actor and kind of subject, and details of every shape.
pub async fn a_line_is_read_back_to_the_microsecond(it: StoreUnderTest) {
    let ann = a_user("ann");
    let shapes = [json!({}), json!({ "b": [1, null, "ü\"'"], "a": { "deep": true } }), json!(null), json!("text")];
    let actors = [
        AuditActor::Anonymous,
        AuditActor::User(ann.id),
        AuditActor::Client("billing".parse().unwrap()),
        AuditActor::Operator,
    ];
    let subjects = [
        None,
        Some(AuditSubject::User(ann.id)),
        Some(AuditSubject::Session(a_session(&ann).id)),
        Some(AuditSubject::Role("support".parse().unwrap())),
        Some(AuditSubject::Permission("reports:read".parse().unwrap())),
        Some(AuditSubject::ClientApp("billing".parse().unwrap())),
        Some(AuditSubject::Key(a_key().record.id)),
    ];
    let line = |(n, action): (usize, &AuditAction)| AuditEvent {
        action: *action,
        outcome: if n % 2 == 0 { AuditOutcome::Success } else { AuditOutcome::Failure },
        details: shapes[n % shapes.len()].clone().into(),
        actor: actors[n % actors.len()].clone(),
        subject: subjects[n % subjects.len()].clone(),
        ..an_event(&ann)
    };
    let mut written: Vec<AuditEvent> = AuditAction::ALL.iter().enumerate().map(line).collect();
    append(&it, &written.iter().collect::<Vec<_>>()).await;
    written.reverse();
    assert_eq!(lines(&it, &ann).await, written);
}

/// `append`: what a hash is taken over must not depend on the database, which knows other orders of keys and other digits.
pub async fn details_are_read_back_to_the_byte(it: StoreUnderTest) {
    let ann = a_user("ann");
    let details = [
        json!({ "aa": [1e30, 1e-7, 0.1, 4.50, 1.0], "b": "\u{0}\u{7f}ü\u{1f600}\\/\"" }).into(),
        AuditDetails::from_stored(r#"{ "b" : 1.00, "a": 1E2, "b": 2 }"#.to_owned()),
    ];
    for details in details {
        let event = AuditEvent { details: details.clone(), ..an_event(&ann) };
        append(&it, &[&event]).await;
        assert_eq!(lines(&it, &ann).await.remove(0).details.as_str(), details.as_str());
    }
}

/// `append`: nobody known may have done something to nobody.
pub async fn a_line_without_an_account_or_a_person_is_taken(it: StoreUnderTest) {
    let ann = a_user("ann");
    let nobodys = AuditEvent { account: None, subject: None, actor: AuditActor::Anonymous, ..an_event(&ann) };
    let machines = AuditEvent { personal: PersonalDetails::default(), ..an_event(&ann) };
    append(&it, &[&nobodys, &machines]).await;
    assert_eq!(lines(&it, &ann).await, [machines]);
}

/// `list`.
pub async fn lines_of_an_account_come_newest_first_page_by_page(it: StoreUnderTest) {
    let (ann, bob) = (a_user("ann"), a_user("bob"));
    let hers: Vec<AuditEvent> = (0..5).map(|_| an_event(&ann)).collect();
    append(&it, &hers.iter().chain([&an_event(&bob)]).collect::<Vec<_>>()).await;
    let mut read = it.store.read().await.unwrap();
    let filter = AuditFilter { account: Some(ann.id), ..AuditFilter::default() };
    let mut seen: Vec<AuditEvent> = Vec::new();
    while let page = read.audit().list(&filter, seen.last().map(|e| e.id), 2).await.unwrap()
        && !page.is_empty()
    {
        assert!(page.len() <= 2);
        seen.extend(page.into_iter().map(|line| line.event));
    }
    seen.reverse();
    assert_eq!(seen, hers);
}

/// `list`: each filter alone, and all together.
pub async fn lines_are_listed_that_match_all_that_is_given(it: StoreUnderTest) {
    let (ann, bob) = (a_user("ann"), a_user("bob"));
    let base = an_event(&ann);
    let others = [
        AuditEvent { actor: AuditActor::User(bob.id), ..an_event(&ann) },
        AuditEvent { subject: Some(AuditSubject::User(bob.id)), ..an_event(&ann) },
        AuditEvent { subject: None, ..an_event(&ann) },
        AuditEvent { action: AuditAction::UserUpdated, ..an_event(&ann) },
        AuditEvent { outcome: AuditOutcome::Failure, ..an_event(&ann) },
        AuditEvent { account: Some(bob.id), ..an_event(&ann) },
    ];
    append(&it, &others.iter().chain([&base]).collect::<Vec<_>>()).await;
    let any = AuditFilter::default();
    let each = [
        AuditFilter { actor: Some(base.actor.clone()), ..any.clone() },
        AuditFilter { subject: base.subject.clone(), ..any.clone() },
        AuditFilter { action: Some(base.action), ..any.clone() },
        AuditFilter { outcome: Some(base.outcome), ..any.clone() },
        AuditFilter { account: base.account, ..any.clone() },
    ];
    let without = [1, 2, 1, 1, 1];
    for (filter, without) in each.iter().zip(without) {
        assert_eq!(listed(&it, filter).await.len(), 7 - without, "{filter:?}");
    }
    let all = AuditFilter {
        actor: Some(base.actor.clone()),
        subject: base.subject.clone(),
        action: Some(base.action),
        outcome: Some(base.outcome),
        account: base.account,
        from: Some(base.occurred_at),
        to: Some(base.occurred_at.plus(MILLISECOND)),
    };
    assert_eq!(listed(&it, &all).await, [base]);
    assert_eq!(listed(&it, &any).await.len(), 7);
}

/// `list`: from a time on and before a time, by whole milliseconds, so that every line is in one of two adjoining ranges.
pub async fn a_time_range_contains_its_beginning_and_not_its_end(it: StoreUnderTest) {
    let ann = a_user("ann");
    let at = |n: u32| {
        let occurred_at = START.plus(MILLISECOND * n).plus(MICROSECOND * 999 * (n % 2));
        AuditEvent { id: AuditEventId::mint(occurred_at, [0xff; 10]), occurred_at, ..an_event(&ann) }
    };
    let events: Vec<AuditEvent> = (0..4).map(at).collect();
    append(&it, &events.iter().collect::<Vec<_>>()).await;
    let range = |from, to| AuditFilter {
        account: Some(ann.id),
        from: Some(START.plus(MILLISECOND * from).plus(MICROSECOND)),
        to: Some(START.plus(MILLISECOND * to).plus(MICROSECOND)),
        ..AuditFilter::default()
    };
    for (from, to, expected) in [(0, 4, 0..4), (1, 3, 1..3), (0, 1, 0..1), (1, 1, 1..1), (3, 9, 3..4)] {
        let mut found = listed(&it, &range(from, to)).await;
        found.reverse();
        assert_eq!(found, events[expected], "{from} to {to}");
    }
    let last = listed(&it, &range(0, 4)).await.remove(0).id;
    let rest = it.store.read().await.unwrap().audit().list(&range(0, 4), Some(last), 100).await.unwrap();
    assert_eq!(rest.len(), 3);
}

/// In the same transaction.
pub async fn a_line_is_committed_with_what_it_tells_of_or_not_at_all(it: StoreUnderTest) {
    let ann = a_user("ann");
    let mut work = it.write().await;
    work.users().insert(&ann, None).await.unwrap();
    work.audit().append(&an_event(&ann)).await.unwrap();
    drop(work);
    assert_eq!((it.user(&ann).await, lines(&it, &ann).await), (None, vec![]));
}

/// `erase_personal`: of this account and no other; a second time too.
pub async fn what_tells_of_a_person_is_erased_and_the_line_stays(it: StoreUnderTest) {
    let (ann, bob) = (a_user("ann"), a_user("bob"));
    let (hers, his) = (an_event(&ann), an_event(&bob));
    append(&it, &[&hers, &his]).await;
    let mut work = it.write().await;
    work.audit().erase_personal(ann.id).await.unwrap();
    work.audit().erase_personal(ann.id).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(lines(&it, &ann).await, [AuditEvent { personal: PersonalDetails::default(), ..hers }]);
    assert_eq!(lines(&it, &bob).await, [his]);
}
