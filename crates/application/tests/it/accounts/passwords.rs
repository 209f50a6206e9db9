use crate::world::{
    HOME, OTHER_PASSWORD, PASSWORD, WRONG, World, account, code, faults, fields, operator, refusal, secret,
};
use doorward_ports::inbound::{NewAccount, PasswordChange};
use doorward_ports::{Actor, Caller, ErrorCode, Result};

async fn change(world: &World, caller: &Caller, current: &str, new: &str) -> Result<()> {
    let change = PasswordChange { current: secret(current), new: secret(new) };
    world.accounts().change_own_password(caller, change).await
}

#[tokio::test]
async fn a_person_changes_his_password_and_stays_signed_in_here_alone() {
    let world = World::new().await;
    let (ann, _) = (world.person("ann").await, world.session_of("ann").await);
    let bob = world.person("bob").await;
    change(&world, &ann.caller, PASSWORD, OTHER_PASSWORD).await.unwrap();
    let live: Vec<_> = world.live(ann.id()).await.iter().map(|session| session.id).collect();
    assert_eq!(live, [ann.tokens.session]);
    world.sign_in(HOME, "ann", OTHER_PASSWORD).await.unwrap();
    world.identify(&bob.tokens).await.unwrap();
}

/// MAS #5151: the present password was asked for and not compared.
#[tokio::test]
async fn mas_5151_a_wrong_present_password_changes_nothing() {
    let world = World::new().await;
    let (ann, other) = (world.person("ann").await, world.session_of("ann").await);
    for wrong in [WRONG, "", OTHER_PASSWORD] {
        let told = refusal(change(&world, &ann.caller, wrong, OTHER_PASSWORD).await);
        assert_eq!((told.code, told.detail.as_str()), (ErrorCode::WrongPassword, "The current password is wrong."));
    }
    world.identify(&other.tokens).await.unwrap();
    world.sign_in(HOME, "ann", PASSWORD).await.unwrap();
}

#[tokio::test]
async fn every_fault_is_told_at_once() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let answer = change(&world, &ann.caller, &"x".repeat(100_000), "ann").await;
    let expected = [
        ("/new_password", "password_too_short"),
        ("/new_password", "password_contains_personal"),
        ("/new_password", "password_guessable"),
        ("/current_password", "password_too_long"),
    ];
    assert_eq!(faults(answer), fields(&expected));
}

/// A second hash would tell by its time that the present password was right, also while the account is locked.
#[tokio::test]
async fn a_right_and_a_wrong_present_password_cost_the_same() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let mut costs = Vec::new();
    for current in [WRONG, PASSWORD] {
        let before = world.pool.rounds();
        change(&world, &ann.caller, current, OTHER_PASSWORD).await.ok();
        costs.push(world.pool.rounds() - before);
    }
    assert_eq!(costs[0], costs[1]);
}

#[tokio::test]
async fn an_account_without_a_password_has_no_present_one_to_show() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let bob = world.add(NewAccount { password: None, ..account("bob") }).await;
    let mut caller = ann.caller.clone();
    if let Actor::User(signed_in) = &mut caller.actor {
        signed_in.user = bob.id;
    }
    assert_eq!(code(change(&world, &caller, "", OTHER_PASSWORD).await), ErrorCode::WrongPassword);
    assert_eq!(code(world.sign_in(HOME, "bob", OTHER_PASSWORD).await), ErrorCode::InvalidCredentials);
}

#[tokio::test]
async fn an_administrator_sets_a_password_and_ends_every_session() {
    let world = World::new().await;
    let (ann, admin) = (world.person("ann").await, world.admin("eve").await);
    world.accounts().set_password(&admin.caller, ann.id(), secret(OTHER_PASSWORD)).await.unwrap();
    assert_eq!(world.live(ann.id()).await, []);
    assert_eq!(code(world.sign_in(HOME, "ann", PASSWORD).await), ErrorCode::InvalidCredentials);
    world.sign_in(HOME, "ann", OTHER_PASSWORD).await.unwrap();
}

#[tokio::test]
async fn a_weak_password_set_by_an_administrator_is_refused_and_nothing_is_changed() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let answer = world.accounts().set_password(&operator(), ann.id(), secret("ann@example.com")).await;
    let expected = [("/password", "password_contains_personal"), ("/password", "password_guessable")];
    assert_eq!(faults(answer), fields(&expected));
    world.identify(&ann.tokens).await.unwrap();
}

#[tokio::test]
async fn an_account_that_there_is_not_has_no_password_and_no_lock() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    world.accounts().delete(&operator(), ann.id()).await.unwrap();
    let set = world.accounts().set_password(&operator(), ann.id(), secret(PASSWORD)).await;
    assert_eq!(code(set), ErrorCode::UserNotFound);
    assert_eq!(code(world.accounts().unlock(&operator(), ann.id()).await), ErrorCode::UserNotFound);
    assert_eq!(code(change(&world, &ann.caller, PASSWORD, OTHER_PASSWORD).await), ErrorCode::UserNotFound);
}
