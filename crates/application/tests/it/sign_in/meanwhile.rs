//! What happens to an account while somebody's password is being compared.
use crate::world::{HOME, OTHER_PASSWORD, PASSWORD, Refusal, World, code, operator, refusal, secret};
use doorward_domain::User;
use doorward_ports::ErrorCode;
use doorward_ports::inbound::PasswordChange;

/// Signs in as ann by the right password; `meanwhile` runs after it was compared.
async fn sign_in_while(world: &World, meanwhile: impl AsyncFnOnce(&World)) -> Refusal {
    let (gated, gate) = world.gated();
    let signing_in = tokio::spawn(async move { refusal(gated.sign_in(HOME, "ann", PASSWORD).await) });
    gate.arrival().await;
    meanwhile(world).await;
    gate.open();
    signing_in.await.unwrap()
}

async fn ann() -> (World, User) {
    let world = World::new().await;
    let ann = world.account("ann").await;
    (world, ann)
}

#[tokio::test]
async fn a_password_that_was_changed_meanwhile_is_refused() {
    let (world, ann) = ann().await;
    let told = sign_in_while(&world, async |world: &World| {
        world.accounts().set_password(&operator(), ann.id, secret(OTHER_PASSWORD)).await.unwrap();
    });
    assert_eq!(told.await.code, ErrorCode::InvalidCredentials);
    assert_eq!(world.live(ann.id).await, []);
}

#[tokio::test]
async fn a_password_that_was_set_anew_to_the_same_meanwhile_is_refused_too() {
    let (world, ann) = ann().await;
    let told = sign_in_while(&world, async |world: &World| {
        world.accounts().set_password(&operator(), ann.id, secret(PASSWORD)).await.unwrap();
    });
    assert_eq!(told.await.code, ErrorCode::InvalidCredentials);
    assert_eq!(world.live(ann.id).await, []);
}

#[tokio::test]
async fn an_account_that_was_disabled_meanwhile_is_refused() {
    let (world, ann) = ann().await;
    let told = sign_in_while(&world, async |world: &World| world.set_active(ann.id, false).await);
    assert_eq!(told.await.code, ErrorCode::AccountDisabled);
    assert_eq!(world.live(ann.id).await, []);
}

#[tokio::test]
async fn an_account_that_was_deleted_meanwhile_is_refused() {
    let (world, ann) = ann().await;
    let told = sign_in_while(&world, async |world: &World| {
        world.accounts().delete(&operator(), ann.id).await.unwrap();
    });
    assert_eq!(told.await.code, ErrorCode::InvalidCredentials);
}

#[tokio::test]
async fn a_password_change_is_refused_when_the_password_was_changed_meanwhile() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let (gated, gate) = world.gated();
    let caller = ann.caller.clone();
    let changing = tokio::spawn(async move {
        let change = PasswordChange { current: secret(PASSWORD), new: secret("window-lantern-orchid-73") };
        code(gated.accounts().change_own_password(&caller, change).await)
    });
    gate.arrival().await;
    world.accounts().set_password(&operator(), ann.id(), secret(OTHER_PASSWORD)).await.unwrap();
    gate.open();
    assert_eq!(changing.await.unwrap(), ErrorCode::WrongPassword);
    world.sign_in(HOME, "ann", OTHER_PASSWORD).await.unwrap();
}

#[tokio::test]
async fn a_password_change_is_refused_when_the_account_was_disabled_meanwhile() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let (gated, gate) = world.gated();
    let caller = ann.caller.clone();
    let changing = tokio::spawn(async move {
        let change = PasswordChange { current: secret(PASSWORD), new: secret(OTHER_PASSWORD) };
        code(gated.accounts().change_own_password(&caller, change).await)
    });
    gate.arrival().await;
    world.set_active(ann.id(), false).await;
    gate.open();
    assert_eq!(changing.await.unwrap(), ErrorCode::InvalidToken);
    world.set_active(ann.id(), true).await;
    world.sign_in(HOME, "ann", PASSWORD).await.unwrap();
}
