//! What the answer to "does this session hold?" promises.
use super::StoreUnderTest;
use crate::{START, a_role, a_session, a_user};
use doorward_domain::{EndReason, Permission, PermissionSet, Role, RoleName, Session, Timestamp, User};
use doorward_ports::Rights;
use doorward_ports::outbound::OpenSession;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

async fn live(it: &StoreUnderTest, session: &Session, now: Timestamp) -> Option<OpenSession> {
    it.session_states.find(&session.id).await.unwrap().filter(|state| state.is_live(now))
}

async fn having_a_session_of(it: &StoreUnderTest, user: &User) -> Session {
    let session = a_session(user);
    it.having(&[user]).await;
    it.having_sessions(&[&session]).await;
    session
}

/// All that it says.
pub async fn a_live_session_answers_its_account_its_roles_and_permissions(it: StoreUnderTest) {
    let permissions = PermissionSet::from_iter([Permission::users_read(), "reports".parse().unwrap()]);
    let mut work = it.write().await;
    work.roles().insert_permission(&crate::a_permission("reports")).await.unwrap();
    work.roles().insert(&Role { permissions: permissions.clone(), ..a_role("support") }).await.unwrap();
    work.commit().await.unwrap();
    let roles = BTreeSet::from(["support".parse().unwrap(), RoleName::user()]);
    let ann = User { roles: roles.clone(), ..a_user("ann") };
    let session = having_a_session_of(&it, &ann).await;
    let rights = Arc::new(Rights { roles, permissions });
    let expected = OpenSession { user: ann.id, expires_at: session.expires_at(), rights, must_change_password: false };
    assert_eq!(live(&it, &session, START).await, Some(expected));
}

/// `None`.
pub async fn an_unknown_session_is_not_live(it: StoreUnderTest) {
    assert_eq!(live(&it, &a_session(&a_user("nobody")), START).await, None);
}

/// To the microsecond.
pub async fn a_session_is_live_until_the_moment_it_expires(it: StoreUnderTest) {
    let session = having_a_session_of(&it, &a_user("ann")).await;
    let expiry = session.expires_at();
    assert!(live(&it, &session, expiry.minus(Duration::from_micros(1))).await.is_some());
    assert_eq!(live(&it, &session, expiry).await, None);
}

/// Whichever comes first.
pub async fn an_unused_session_is_live_until_the_moment_it_ends_as_idle(it: StoreUnderTest) {
    let ann = a_user("ann");
    let unused = a_session(&ann);
    let refreshable_until = unused.expires_at();
    let sooner = refreshable_until.minus(Duration::from_hours(1));
    let sooner = Session { idle_ends_at: Some(sooner), ..unused };
    let later = Session { idle_ends_at: Some(refreshable_until.plus(Duration::from_hours(1))), ..a_session(&ann) };
    it.having(&[&ann]).await;
    it.having_sessions(&[&sooner, &later]).await;
    for session in [sooner, later] {
        let last_moment = session.expires_at().minus(Duration::from_micros(1));
        assert_eq!(live(&it, &session, last_moment).await.unwrap().expires_at, session.expires_at());
        assert_eq!(live(&it, &session, session.expires_at()).await, None);
    }
}

/// From the commit on.
pub async fn an_ended_session_is_not_live(it: StoreUnderTest) {
    let session = having_a_session_of(&it, &a_user("ann")).await;
    let mut work = it.write().await;
    work.sessions().end(session.id, START, EndReason::SignedOut).await.unwrap();
    assert!(live(&it, &session, START).await.is_some(), "not yet committed");
    work.commit().await.unwrap();
    assert_eq!(live(&it, &session, START).await, None);
}

/// And live again when the account is enabled again, for nobody ended it.
pub async fn a_session_of_a_disabled_account_is_not_live(it: StoreUnderTest) {
    let ann = a_user("ann");
    let session = having_a_session_of(&it, &ann).await;
    for (is_active, is_live) in [(false, false), (true, true)] {
        let mut work = it.write().await;
        work.users().update(&User { is_active, ..ann.clone() }).await.unwrap();
        work.commit().await.unwrap();
        assert_eq!(live(&it, &session, START).await.is_some(), is_live);
    }
}

/// Not those of the sign-in.
pub async fn roles_and_permissions_are_those_of_now(it: StoreUnderTest) {
    let ann = a_user("ann");
    let session = having_a_session_of(&it, &ann).await;
    assert_eq!(live(&it, &session, START).await.unwrap().rights.permissions, PermissionSet::new());
    let mut work = it.write().await;
    work.users().grant(ann.id, &RoleName::admin(), START).await.unwrap();
    work.commit().await.unwrap();
    let live = live(&it, &session, START).await.unwrap();
    assert_eq!(live.rights.permissions, PermissionSet::system());
    assert_eq!(live.rights.roles, BTreeSet::from([RoleName::admin(), RoleName::user()]));
}

/// Not that of the sign-in.
pub async fn whether_the_password_must_be_changed_is_what_holds_now(it: StoreUnderTest) {
    let ann = a_user("ann");
    let session = having_a_session_of(&it, &ann).await;
    for must_change_password in [true, false] {
        let mut work = it.write().await;
        work.users().update(&User { must_change_password, ..ann.clone() }).await.unwrap();
        work.commit().await.unwrap();
        assert_eq!(live(&it, &session, START).await.unwrap().must_change_password, must_change_password);
    }
}
