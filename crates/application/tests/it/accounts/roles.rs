use crate::world::{MINUTE, World, account, code, operator, permissions, role};
use doorward_domain::{RoleName, User};
use doorward_ports::ErrorCode;
use doorward_ports::inbound::NewAccount;

fn names(user: &User) -> Vec<&str> {
    user.roles.iter().map(RoleName::as_str).collect()
}

#[tokio::test]
async fn a_role_is_given_and_taken_and_each_counts_as_a_change() {
    let world = World::new().await;
    let ann = world.account("ann").await;
    world.roles().create(&operator(), role("support", &["users:read"])).await.unwrap();
    world.advance(MINUTE);
    let given = world.accounts().grant_role(&operator(), ann.id, "support").await.unwrap();
    assert_eq!((names(&given), given.version, given.updated_at), (vec!["support", "user"], 2, world.now()));
    let taken = world.accounts().revoke_role(&operator(), ann.id, "support").await.unwrap();
    assert_eq!((names(&taken), taken.version), (vec!["user"], 3));
    assert_eq!(world.user(ann.id).await, taken);
}

#[tokio::test]
async fn giving_twice_and_taking_what_is_not_there_change_nothing() {
    let world = World::new().await;
    let ann = world.account("ann").await;
    let given = world.accounts().grant_role(&operator(), ann.id, "admin").await.unwrap();
    world.accounts().grant_role(&operator(), world.account("bob").await.id, "admin").await.unwrap();
    world.journal.take();
    assert_eq!(world.accounts().grant_role(&operator(), ann.id, "admin").await.unwrap(), given);
    let taken = world.accounts().revoke_role(&operator(), ann.id, "admin").await.unwrap();
    assert_eq!(world.journal.lines().len(), 1);
    assert_eq!(world.accounts().revoke_role(&operator(), ann.id, "admin").await.unwrap(), taken);
    assert_eq!(world.journal.lines(), []);
}

#[tokio::test]
async fn a_role_that_there_is_not_can_be_neither_given_nor_taken() {
    let world = World::new().await;
    let ann = world.account("ann").await;
    for name in ["support", "", "No Role", "admin\0", "ADMIN", &"a".repeat(10_000)] {
        assert_eq!(code(world.accounts().grant_role(&operator(), ann.id, name).await), ErrorCode::RoleNotFound);
        assert_eq!(code(world.accounts().revoke_role(&operator(), ann.id, name).await), ErrorCode::RoleNotFound);
    }
}

#[tokio::test]
async fn an_account_that_there_is_not_can_be_given_nothing() {
    let world = World::new().await;
    let ann = world.account("ann").await;
    world.accounts().delete(&operator(), ann.id).await.unwrap();
    assert_eq!(code(world.accounts().grant_role(&operator(), ann.id, "admin").await), ErrorCode::UserNotFound);
    assert_eq!(code(world.accounts().revoke_role(&operator(), ann.id, "admin").await), ErrorCode::UserNotFound);
}

#[tokio::test]
async fn what_roles_allow_is_felt_by_the_next_request_of_a_session_that_runs() {
    let world = World::new().await;
    world.roles().create(&operator(), role("support", &["users:read", "audit:read"])).await.unwrap();
    world.roles().create(&operator(), role("reader", &["users:read", "roles:read"])).await.unwrap();
    let ann = world.person("ann").await;
    assert_eq!(permissions(&ann.caller), [""; 0]);
    for name in ["support", "reader"] {
        world.accounts().grant_role(&operator(), ann.id(), name).await.unwrap();
    }
    let held = permissions(&world.identify(&ann.tokens).await.unwrap());
    assert_eq!(held, ["audit:read", "roles:read", "users:read"]);
    world.accounts().revoke_role(&operator(), ann.id(), "support").await.unwrap();
    assert_eq!(permissions(&world.identify(&ann.tokens).await.unwrap()), ["roles:read", "users:read"]);
}

#[tokio::test]
async fn a_disabled_account_can_be_given_a_role() {
    let world = World::new().await;
    let ann = world.add(NewAccount { is_active: false, ..account("ann") }).await;
    assert_eq!(names(&world.accounts().grant_role(&operator(), ann.id, "admin").await.unwrap()), ["admin", "user"]);
}

#[tokio::test]
async fn an_account_is_given_no_more_roles_than_its_tokens_can_list() {
    let world = World::new().await;
    let named = |n: usize| format!("{n:063}");
    for n in 0..32 {
        world.roles().create(&operator(), role(&named(n), &[])).await.unwrap();
    }
    let most = NewAccount { roles: (0..30).map(named).collect(), ..account("ann") };
    let ann = world.add(most.clone()).await;
    let grant = async |name: &str| world.accounts().grant_role(&operator(), ann.id, name).await;
    assert_eq!(code(grant(&named(30)).await), ErrorCode::TooManyRoles, "`user` is one of them");
    assert_eq!(grant(&named(29)).await.unwrap().roles.len(), 31, "what it holds already may be given again");
    grant("admin").await.unwrap();
    world.accounts().revoke_role(&operator(), ann.id, &named(0)).await.unwrap();
    grant(&named(30)).await.unwrap();
    let more = NewAccount { roles: (0..31).map(named).collect(), ..account("bob") };
    assert_eq!(code(world.accounts().create(&operator(), more).await), ErrorCode::TooManyRoles);
    assert!(world.sign_in(crate::world::HOME, "ann", crate::world::PASSWORD).await.is_ok());
}
