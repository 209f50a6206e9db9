//! What is promised of accounts and roles that are only looked at.
use super::StoreUnderTest;
use crate::{START, a_role, a_user};
use doorward_domain::{Role, User};
use std::sync::Arc;

/// Each change shows at once where nothing is cached, the last sign-in and the roles too; and none is none.
pub async fn an_account_is_shown_as_it_is(it: StoreUnderTest) {
    let ann = User { username: Some("ann".parse().unwrap()), ..a_user("ann") };
    assert_eq!(it.users.user(ann.id).await.unwrap(), None);
    it.having(&[&ann]).await;
    assert_eq!(it.users.user(ann.id).await.unwrap(), Some(Arc::new(ann.clone())));
    let mut work = it.write().await;
    work.users().note_sign_in(ann.id, START).await.unwrap();
    work.users().grant(ann.id, &"admin".parse().unwrap(), START).await.unwrap();
    work.commit().await.unwrap();
    let shown = it.users.user(ann.id).await.unwrap().unwrap();
    assert_eq!(shown.last_sign_in_at, Some(START));
    assert!(shown.roles.contains(&"admin".parse().unwrap()));
}

/// With what it allows; and none is none.
pub async fn a_role_is_shown_as_it_is(it: StoreUnderTest) {
    let role = Role { description: Some("Answers mail.".parse().unwrap()), ..a_role("support") };
    assert_eq!(it.roles.role(&role.name).await.unwrap(), None);
    it.having_role(&role).await;
    assert_eq!(it.roles.role(&role.name).await.unwrap(), Some(role));
}
