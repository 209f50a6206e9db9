//! What is promised of things that are only looked at.
use super::StoreUnderTest;
use crate::{START, a_client_app, a_grant, a_role, a_session, a_user};
use doorward_domain::{ClientApp, ClientKind, EndReason, Role, RoleName, User};
use doorward_ports::outbound::{KEYS_A_STATEMENT, Lookup};
use std::collections::HashMap;
use std::fmt::Debug;
use std::hash::Hash;
use std::sync::Arc;

/// Each change shows at once where nothing is cached, the last sign-in and the roles too; and none is none.
pub async fn an_account_is_shown_as_it_is(it: StoreUnderTest) {
    let ann = User { username: Some("ann".parse().unwrap()), ..a_user("ann") };
    assert_eq!(it.users.find(&ann.id).await.unwrap(), None);
    it.having(&[&ann]).await;
    assert_eq!(it.users.find(&ann.id).await.unwrap(), Some(Arc::new(ann.clone())));
    let mut work = it.write().await;
    work.users().note_sign_in(ann.id, START).await.unwrap();
    work.users().grant(ann.id, &"admin".parse().unwrap(), START).await.unwrap();
    work.commit().await.unwrap();
    let shown = it.users.find(&ann.id).await.unwrap().unwrap();
    assert_eq!(shown.last_sign_in_at, Some(START));
    assert!(shown.roles.contains(&"admin".parse().unwrap()));
}

/// With what it allows; and none is none.
pub async fn a_role_is_shown_as_it_is(it: StoreUnderTest) {
    let role = Role { description: Some("Answers mail.".parse().unwrap()), ..a_role("support") };
    assert_eq!(it.roles.find(&role.name).await.unwrap(), None);
    it.having_role(&role).await;
    assert_eq!(it.roles.find(&role.name).await.unwrap(), Some(role));
}

/// One of each kind that there is and one that there is not, asked for twice over.
pub async fn many_are_found_by_their_keys(it: StoreUnderTest) {
    let (ann, bob, nobody) = (a_user("ann"), a_user("bob"), a_user("nobody"));
    let (of_ann, of_bob, ended) = (a_session(&ann), a_session(&bob), a_session(&bob));
    let (support, app) = (a_role("support"), ClientApp { kind: ClientKind::Public, ..a_client_app("phone") });
    it.having(&[&ann, &bob]).await;
    it.having_sessions(&[&of_ann, &of_bob, &ended]).await;
    it.having_role(&support).await;
    let mut work = it.write().await;
    work.sessions().end(ended.id, START, EndReason::SignedOut).await.unwrap();
    work.client_apps().insert(&app, None).await.unwrap();
    work.commit().await.unwrap();
    assert_found(&*it.users, &[ann.id, bob.id], nobody.id).await;
    assert_found(&*it.session_states, &[of_ann.id, of_bob.id], ended.id).await;
    assert_found(&*it.roles, &[support.name, RoleName::admin()], "nothing".parse().unwrap()).await;
    assert_found(&*it.client_states, &[app.grant], a_grant()).await;
}

/// Each of the keys is answered as when it is asked for alone, and the other is not.
async fn assert_found<K, V>(lookup: &dyn Lookup<K, V>, keys: &[K], other: K)
where
    K: Clone + Debug + Eq + Hash,
    V: Debug + PartialEq,
{
    assert_eq!(lookup.find_many(&[]).await.unwrap(), HashMap::new());
    let mut expected = HashMap::new();
    for key in keys {
        expected.insert(key.clone(), lookup.find(key).await.unwrap().unwrap());
    }
    let asked = [keys, &[other], keys].concat();
    assert_eq!(lookup.find_many(&asked).await.unwrap(), expected);
}

/// The first and the last of them are found too.
pub async fn more_keys_than_a_statement_takes_are_no_fault(it: StoreUnderTest) {
    let (ann, bob) = (a_user("ann"), a_user("bob"));
    it.having(&[&ann, &bob]).await;
    let mut ids: Vec<_> = (0..2 * KEYS_A_STATEMENT).map(|_| a_user("nobody").id).collect();
    ids.insert(0, ann.id);
    ids.push(bob.id);
    let found = it.users.find_many(&ids).await.unwrap();
    assert_eq!(found, [ann, bob].map(|user| (user.id, Arc::new(user))).into());
}
