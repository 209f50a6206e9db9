use crate::world::{HOME, PASSWORD, World, code, from, operator};
use doorward_ports::ErrorCode;
use doorward_ports::outbound::PersonalDetails;

#[tokio::test]
async fn a_person_deletes_his_account_and_its_names_are_free_again() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    world.accounts().delete_own(&ann.caller).await.unwrap();
    assert_eq!(code(world.accounts().get(&operator(), ann.id()).await), ErrorCode::UserNotFound);
    assert_eq!(code(world.sign_in(HOME, "ann", PASSWORD).await), ErrorCode::InvalidCredentials);
    let again = world.person("ann").await;
    assert_ne!(again.id(), ann.id());
}

#[tokio::test]
async fn an_administrator_deletes_an_account_with_its_sessions_and_no_other() {
    let world = World::new().await;
    let (ann, bob, admin) = (world.person("ann").await, world.person("bob").await, world.admin("eve").await);
    world.accounts().delete(&admin.caller, ann.id()).await.unwrap();
    assert_eq!(code(world.identify(&ann.tokens).await), ErrorCode::InvalidToken);
    assert_eq!(code(world.sessions().end_own(&ann.caller, ann.tokens.session).await), ErrorCode::SessionNotFound);
    world.identify(&bob.tokens).await.unwrap();
    assert_eq!(code(world.accounts().delete(&admin.caller, ann.id()).await), ErrorCode::UserNotFound);
}

#[tokio::test]
async fn a_disabled_account_can_be_deleted() {
    let world = World::new().await;
    let ann = world.account("ann").await;
    world.set_active(ann.id, false).await;
    world.accounts().delete(&operator(), ann.id).await.unwrap();
}

#[tokio::test]
async fn the_audit_log_keeps_every_line_of_a_deleted_account_and_nothing_personal() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    world.fail(2, HOME, "ann").await;
    world.auth().sign_out(&from(HOME), Some(ann.tokens.refresh_token.clone())).await.unwrap();
    let ann = world.session_of("ann").await;
    let before = world.stored(ann.id()).await;
    assert!(before.iter().any(|event| event.personal.address.is_some()));
    world.accounts().delete_own(&ann.caller).await.unwrap();
    let after = world.stored(ann.id()).await;
    assert_eq!(after.len(), before.len() + 1);
    assert!(after.iter().all(|event| event.personal == PersonalDetails::default()), "{after:?}");
    let ids = |events: &[doorward_ports::outbound::AuditEvent]| {
        let mut ids: Vec<_> = events.iter().map(|event| event.id).collect();
        ids.sort_unstable();
        ids
    };
    assert!(ids(&before).iter().all(|id| ids(&after).contains(id)));
}

#[tokio::test]
async fn another_accounts_personal_details_stay() {
    let world = World::new().await;
    let (ann, bob) = (world.person("ann").await, world.person("bob").await);
    let before = world.stored(bob.id()).await;
    world.accounts().delete_own(&ann.caller).await.unwrap();
    assert_eq!(world.stored(bob.id()).await, before);
}
