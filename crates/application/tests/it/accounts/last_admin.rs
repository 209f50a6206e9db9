//! Somebody always administers.
use crate::world::{Person, World, code, operator};
use doorward_domain::UserId;
use doorward_ports::inbound::AccountChange;
use doorward_ports::{Caller, ErrorCode, Result};

#[derive(Debug, Clone, Copy)]
enum Loss {
    Demote,
    Disable,
    Delete,
    DeleteOwn,
}

use Loss::{Delete, DeleteOwn, Demote, Disable};

async fn lose(world: &World, by: &Caller, whom: UserId, loss: Loss) -> Result<()> {
    let accounts = world.accounts();
    let disable = AccountChange { is_active: Some(false), ..AccountChange::default() };
    match loss {
        Demote => accounts.revoke_role(by, whom, "admin").await.map(drop),
        Disable => accounts.change(by, whom, disable, None).await.map(drop),
        Delete => accounts.delete(by, whom).await,
        DeleteOwn => accounts.delete_own(by).await,
    }
}

#[tokio::test]
async fn the_last_administrator_can_be_taken_away_in_no_way() {
    let world = World::new().await;
    let admin = world.admin("eve").await;
    world.journal.take();
    for loss in [Demote, Disable, Delete, DeleteOwn] {
        assert_eq!(code(lose(&world, &admin.caller, admin.id(), loss).await), ErrorCode::LastAdmin, "{loss:?}");
    }
    for loss in [Demote, Disable, Delete] {
        assert_eq!(code(lose(&world, &operator(), admin.id(), loss).await), ErrorCode::LastAdmin, "{loss:?}");
    }
    assert_eq!(world.user(admin.id()).await, admin.user);
    world.identify(&admin.tokens).await.unwrap();
    assert_eq!(world.journal.lines(), []);
}

#[tokio::test]
async fn a_disabled_administrator_does_not_count() {
    let world = World::new().await;
    let (admin, other) = (world.admin("eve").await, world.admin("mia").await);
    world.set_active(other.id(), false).await;
    for loss in [Demote, Disable, Delete, DeleteOwn] {
        assert_eq!(code(lose(&world, &admin.caller, admin.id(), loss).await), ErrorCode::LastAdmin, "{loss:?}");
    }
    lose(&world, &admin.caller, other.id(), Demote).await.unwrap();
    lose(&world, &admin.caller, other.id(), Delete).await.unwrap();
}

#[tokio::test]
async fn one_of_two_administrators_can_be_taken_away_in_each_way() {
    for loss in [Demote, Disable, Delete, DeleteOwn] {
        let world = World::new().await;
        let (admin, other) = (world.admin("eve").await, world.admin("mia").await);
        lose(&world, &admin.caller, admin.id(), loss).await.unwrap();
        assert_eq!(code(lose(&world, &operator(), other.id(), Demote).await), ErrorCode::LastAdmin, "{loss:?}");
    }
}

#[tokio::test]
async fn the_last_administrator_may_change_anything_else() {
    let world = World::new().await;
    let admin = world.admin("eve").await;
    world.accounts().revoke_role(&admin.caller, admin.id(), "user").await.unwrap();
    let change = AccountChange { email: Some("root@example.com".into()), ..AccountChange::default() };
    world.accounts().change(&admin.caller, admin.id(), change, None).await.unwrap();
}

async fn strike(world: World, by: Person, whom: UserId, loss: Loss) -> std::result::Result<(), ErrorCode> {
    lose(&world, &by.caller, whom, loss).await.map_err(|error| error.code)
}

async fn take_each_other_away(world: &World, round: usize) {
    let loss = [Demote, Disable, Delete][round % 3];
    let (eve, mia) = (world.admin("eve").await, world.admin("mia").await);
    let (first, second) = if round.is_multiple_of(2) { (&eve, &mia) } else { (&mia, &eve) };
    let one = tokio::spawn(strike(world.clone(), first.clone(), second.id(), loss));
    let two = tokio::spawn(strike(world.clone(), second.clone(), first.id(), loss));
    let mut answers = [one.await.unwrap(), two.await.unwrap()];
    answers.sort_by_key(std::result::Result::is_err);
    assert_eq!(answers, [Ok(()), Err(ErrorCode::LastAdmin)], "round {round}: {loss:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_administrators_who_take_each_other_away_at_once_one_stays() {
    for round in 0..20 {
        take_each_other_away(&World::new().await, round).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn on_postgres_of_two_administrators_who_take_each_other_away_at_once_one_stays_too() {
    for round in 0..20 {
        take_each_other_away(&World::on_postgres(|_| {}).await, round).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_administrators_who_all_leave_at_once_one_stays() {
    let world = World::new().await;
    let mut leaving = Vec::new();
    for n in 0..8 {
        let admin = world.admin(&format!("admin{n}")).await;
        leaving.push(tokio::spawn(strike(world.clone(), admin.clone(), admin.id(), DeleteOwn)));
    }
    let mut refused = 0;
    for answer in leaving {
        refused += usize::from(answer.await.unwrap() == Err(ErrorCode::LastAdmin));
    }
    assert!(refused >= 1);
    let left = world.accounts().list(&operator(), doorward_ports::inbound::UserQuery::default()).await;
    assert_eq!(left.unwrap().items.len(), refused);
}
