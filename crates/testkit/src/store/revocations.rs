//! What the sequence of revocations promises: whatever changes what a lookup answers stands in it.
use super::StoreUnderTest;
use crate::{START, a_permission, a_role, a_session, a_user};
use doorward_domain::{EndReason, Timestamp, User};
use doorward_ports::outbound::{LogPosition, Revocation, WriteWork};

async fn end(it: &StoreUnderTest) -> LogPosition {
    it.revocations.end().await.unwrap()
}

async fn since(it: &StoreUnderTest, place: LogPosition) -> Vec<Revocation> {
    let read = it.revocations.since(place).await.unwrap();
    assert!(read.windows(2).all(|pair| pair[0].0 < pair[1].0), "in the order of the sequence: {read:?}");
    read.into_iter().map(|(_, revocation)| revocation).collect()
}

/// The end of a session is written once: a second end is none.
pub async fn the_end_of_a_session_is_written_once(it: StoreUnderTest) {
    let ann = a_user("ann");
    let session = a_session(&ann);
    it.having(&[&ann]).await;
    it.having_sessions(&[&session]).await;
    let place = end(&it).await;
    for _ in 0..2 {
        let mut work = it.write().await;
        work.sessions().end(session.id, START, EndReason::SignedOut).await.unwrap();
        work.commit().await.unwrap();
    }
    assert_eq!(since(&it, place).await, [Revocation::Session(session.id)]);
    assert_eq!(since(&it, end(&it).await).await, []);
}

async fn change_an_account(work: &mut dyn WriteWork, step: usize, ann: &User) {
    let role = "admin".parse().unwrap();
    match step {
        0 => work.users().update(&User { is_active: !ann.is_active, ..ann.clone() }).await.unwrap(),
        1 => assert!(work.users().grant(ann.id, &role, START).await.unwrap()),
        2 => assert!(work.users().revoke(ann.id, &role, START).await.unwrap()),
        3 => {
            assert_eq!(
                work.sessions().end_all(ann.id, None, START, EndReason::PasswordChanged).await.unwrap().len(),
                1
            );
        }
        _ => assert!(work.users().delete(ann.id).await.unwrap()),
    }
}

/// That an account is disabled or enabled, a change of its roles or of all its sessions, and its deletion.
pub async fn what_becomes_of_an_account_is_written(it: StoreUnderTest) {
    let ann = a_user("ann");
    it.having(&[&ann]).await;
    it.having_sessions(&[&a_session(&ann)]).await;
    for step in 0..5 {
        let place = end(&it).await;
        let mut work = it.write().await;
        change_an_account(&mut *work, step, &ann).await;
        work.commit().await.unwrap();
        assert_eq!(since(&it, place).await, [Revocation::User(ann.id)], "step {step}");
    }
}

/// Its time is shown with the account, and no right follows from it.
pub async fn a_sign_in_concerns_the_account_and_no_session(it: StoreUnderTest) {
    let ann = a_user("ann");
    it.having(&[&ann]).await;
    let place = end(&it).await;
    let mut work = it.write().await;
    work.users().note_sign_in(ann.id, START).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(since(&it, place).await, [Revocation::Account(ann.id)]);
}

/// No right follows from a name or an address.
pub async fn an_edit_of_a_profile_concerns_the_account_and_no_session(it: StoreUnderTest) {
    let ann = a_user("ann");
    it.having(&[&ann]).await;
    let place = end(&it).await;
    let mut work = it.write().await;
    let edited = User { full_name: Some("Ann Other".parse().unwrap()), email_verified: !ann.email_verified, ..ann };
    work.users().update(&edited).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(since(&it, place).await, [Revocation::Account(edited.id)]);
}

/// A change of what a role allows concerns whoever holds it.
pub async fn what_becomes_of_a_role_is_written(it: StoreUnderTest) {
    let (role, permission) = (a_role("support"), a_permission("reports"));
    it.having_role(&role).await;
    let mut work = it.write().await;
    work.roles().insert_permission(&permission).await.unwrap();
    work.commit().await.unwrap();
    for step in 0..4 {
        let place = end(&it).await;
        let mut work = it.write().await;
        let changed = match step {
            0 => work.roles().grant_permission(&role.name, &permission.name, START).await,
            1 => work.roles().revoke_permission(&role.name, &permission.name, START).await,
            2 => work.roles().delete_permission(&permission.name).await,
            _ => work.roles().delete(&role.name).await,
        };
        assert!(changed.unwrap());
        work.commit().await.unwrap();
        assert_eq!(since(&it, place).await, [Revocation::Everyone], "step {step}");
    }
}

/// Somebody may remember that there was none, or what it was for.
pub async fn a_role_that_is_made_or_described_anew_is_written(it: StoreUnderTest) {
    let role = a_role("support");
    let place = end(&it).await;
    it.having_role(&role).await;
    assert_eq!(since(&it, place).await, [Revocation::Roles]);
    let place = end(&it).await;
    let mut work = it.write().await;
    work.roles().lock(&role.name).await.unwrap();
    work.roles().update(&role).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(since(&it, place).await, [Revocation::Roles]);
}

/// What is rolled back was never revoked.
pub async fn what_is_rolled_back_is_not_written(it: StoreUnderTest) {
    let ann = a_user("ann");
    it.having(&[&ann]).await;
    let place = end(&it).await;
    let mut work = it.write().await;
    work.users().delete(ann.id).await.unwrap();
    drop(work);
    it.others_can_write().await;
    assert_eq!(since(&it, place).await, []);
}

/// A new account, a new session change nothing that is remembered.
pub async fn what_concerns_nobodys_memory_is_not_written(it: StoreUnderTest) {
    let ann = a_user("ann");
    let place = end(&it).await;
    it.having(&[&ann]).await;
    it.having_sessions(&[&a_session(&ann)]).await;
    assert_eq!(since(&it, place).await, []);
}

/// Old lines are removed, no more than asked at a time.
pub async fn a_purge_forgets_what_is_old_and_no_more_than_asked(it: StoreUnderTest) {
    let ann = a_user("ann");
    it.having(&[&ann]).await;
    let place = end(&it).await;
    let mut work = it.write().await;
    for _ in 0..3 {
        work.users().update(&ann).await.unwrap();
    }
    work.commit().await.unwrap();
    let end_of_the_century = Timestamp::from_seconds(4_102_444_800);
    let mut work = it.write().await;
    assert_eq!(work.purge_revocations(START, 10).await.unwrap(), 0, "nothing is so old");
    assert_eq!(work.purge_revocations(end_of_the_century, 2).await.unwrap(), 2);
    work.commit().await.unwrap();
    assert_eq!(since(&it, place).await.len(), 1);
}
