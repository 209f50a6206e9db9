//! The roles that the groups of a provider give.
use super::At;
use crate::mails::NEW;
use crate::world::{HOME, World, operator, role};
use doorward_domain::{GroupRole, Provider, RoleName, UserId};
use doorward_ports::inbound::AccountChange;
use doorward_ports::outbound::ProvenIdentity;
use doorward_testkit::scripted_provider::a_proven_identity;
use serde_json::{Value, json};

async fn world() -> World {
    let world = World::new().await;
    for name in ["support", "sales", "own"] {
        world.roles().create(&operator(), role(name, &["users:read"])).await.unwrap();
    }
    world.journal.take();
    world
}

fn mapped(provider: &mut Provider, entries: &[&str]) {
    provider.roles = entries.iter().map(|text| GroupRole::parse(text).unwrap()).collect();
}

fn at(world: &World, entries: &[&str]) -> At {
    At::with(world, |provider| mapped(provider, entries))
}

fn ann(groups: Option<&[&str]>) -> ProvenIdentity {
    let groups = groups.map(|groups| groups.iter().map(|group| (*group).to_owned()).collect());
    ProvenIdentity { groups, ..a_proven_identity("ann", Some(("ann@example.com", true))) }
}

async fn held(world: &World, user: UserId) -> Vec<String> {
    world.user(user).await.roles.iter().map(ToString::to_string).collect()
}

/// The lines about roles: action, outcome, details.
fn changes(world: &World) -> Vec<(&'static str, &'static str, Value)> {
    let lines = world.journal.take().into_iter().filter(|line| line.action.as_str().starts_with("role."));
    lines
        .map(|line| {
            let details = serde_json::from_str(&line.details.to_string()).unwrap();
            (line.action.as_str(), line.outcome.as_str(), details)
        })
        .collect()
}

#[tokio::test]
async fn each_sign_in_gives_the_roles_of_the_groups_and_takes_those_of_the_map_that_they_do_not_give() {
    let world = world().await;
    let at = at(&world, &["Help Desk=support", "sellers=sales", "bosses=sales"]);
    let tokens = at.sign_in(1, ann(Some(&["Help Desk", "bosses", "unknown"]))).await.unwrap();
    assert_eq!(held(&world, tokens.user).await, ["sales", "support", "user"]);
    let claims = crate::world::claims(&tokens.access_token);
    assert_eq!(claims["roles"], json!(["sales", "support", "user"]), "the first token has them already");
    let provider = |role: &str| json!({"provider": "example", "role": role});
    assert_eq!(
        changes(&world),
        [("role.granted", "success", provider("sales")), ("role.granted", "success", provider("support"))]
    );
    world.accounts().grant_role(&operator(), tokens.user, "own").await.unwrap();
    changes(&world);

    at.sign_in(2, ann(Some(&["Help Desk", "bosses"]))).await.unwrap();
    assert_eq!(changes(&world), [], "nothing has changed");
    at.sign_in(3, ann(Some(&["sellers"]))).await.unwrap();
    assert_eq!(held(&world, tokens.user).await, ["own", "sales", "user"]);
    assert_eq!(changes(&world), [("role.revoked", "success", provider("support"))]);
    at.sign_in(4, ann(Some(&[]))).await.unwrap();
    assert_eq!(held(&world, tokens.user).await, ["own", "user"], "a role that is not in the map stays");
    assert_eq!(changes(&world), [("role.revoked", "success", provider("sales"))]);
}

/// What is granted by hand and is in the map is decided by the map; without a map, groups mean nothing.
#[tokio::test]
async fn a_provider_without_a_map_touches_no_role_whatever_it_says() {
    let world = world().await;
    let without = at(&world, &[]);
    let user = without.sign_in(1, ann(Some(&["admin", "support"]))).await.unwrap().user;
    world.accounts().grant_role(&operator(), user, "support").await.unwrap();
    without.sign_in(2, ann(Some(&[]))).await.unwrap();
    assert_eq!(held(&world, user).await, ["support", "user"]);
    at(&world, &["staff=support"]).sign_in(3, ann(Some(&[]))).await.unwrap();
    assert_eq!(held(&world, user).await, ["user"]);
}

/// Entra ID leaves out the groups of somebody who has more than 200.
#[tokio::test]
async fn groups_that_are_left_out_change_nothing_and_the_log_says_so() {
    let world = world().await;
    let at = at(&world, &["staff=support"]);
    let user = at.sign_in(1, ann(Some(&["staff"]))).await.unwrap().user;
    changes(&world);
    at.sign_in(2, ann(None)).await.unwrap();
    assert_eq!(held(&world, user).await, ["support", "user"]);
    let details = json!({"provider": "example", "reason": "groups_withheld"});
    assert_eq!(changes(&world), [("role.granted", "failure", details)]);
}

#[tokio::test]
async fn the_last_administrator_stays_one() {
    let world = world().await;
    let at = at(&world, &["bosses=admin"]);
    let user = at.sign_in(1, ann(Some(&["bosses"]))).await.unwrap().user;
    assert_eq!(held(&world, user).await, ["admin", "user"]);
    changes(&world);
    at.sign_in(2, ann(Some(&[]))).await.unwrap();
    assert_eq!(held(&world, user).await, ["admin", "user"]);
    let details = json!({"provider": "example", "role": "admin", "reason": "last_admin"});
    assert_eq!(changes(&world), [("role.revoked", "failure", details)]);
    world.admin("eve").await;
    at.sign_in(3, ann(Some(&[]))).await.unwrap();
    assert_eq!(held(&world, user).await, ["user"]);
}

#[tokio::test]
async fn a_role_that_does_not_exist_or_does_not_fit_keeps_nobody_from_signing_in() {
    let world = world().await;
    let long = |n: usize| format!("{n:063}");
    let mut entries = vec!["staff=gone".to_owned()];
    for n in 0..32 {
        world.roles().create(&operator(), role(&long(n), &[])).await.unwrap();
        entries.push(format!("staff={}", long(n)));
    }
    let at = At::with(&world, |provider| mapped(provider, &entries.iter().map(String::as_str).collect::<Vec<_>>()));
    let user = at.sign_in(1, ann(Some(&["staff"]))).await.unwrap().user;
    assert!(RoleName::can_be_held_together(&world.user(user).await.roles));
    let refused: Vec<_> = changes(&world).into_iter().filter(|(_, outcome, _)| *outcome == "failure").collect();
    let reason = |role: &str, reason: &str| {
        let details = json!({"provider": "example", "role": role, "reason": reason});
        ("role.granted", "failure", details)
    };
    assert!(refused.contains(&reason("gone", "role_not_found")), "{refused:?}");
    assert!(refused.contains(&reason(&long(31), "too_many_roles")), "{refused:?}");
}

/// A password thief who also controls the provider, or its groups, changes nothing before the second factor is proved.
#[tokio::test]
async fn a_sign_in_that_waits_for_its_second_factor_gives_no_role_until_it_is_admitted() {
    let world = world().await;
    let at = at(&world, &["staff=support"]);
    let owner = at.world.owner("ann").await;
    let there = a_proven_identity("ann", None);
    let proof = at.walked(&owner.person.caller, 1, there.clone()).await;
    at.identities().link(&owner.person.caller, proof).await.unwrap();
    let groups = Some(vec!["staff".to_owned()]);
    let (begun, granted) = at.proved(2, ProvenIdentity { groups, ..there }).await;
    let first = *at.redeem(&begun, &granted).await.unwrap_err().mfa.unwrap();
    assert_eq!(held(&at.world, owner.person.user.id).await, ["user"]);
    let tokens = at.world.second_step(&first, &owner.code(&at.world)).await.unwrap();
    assert_eq!(held(&at.world, owner.person.user.id).await, ["support", "user"]);
    assert_eq!(crate::world::claims(&tokens.access_token)["roles"], json!(["support", "user"]));
}

#[tokio::test]
async fn who_may_not_sign_in_gets_no_role() {
    let world = world().await;
    let at = at(&world, &["staff=support"]);
    let user = at.sign_in(1, ann(Some(&[]))).await.unwrap().user;
    let disable = AccountChange { is_active: Some(false), ..AccountChange::default() };
    world.accounts().change(&operator(), user, disable, None).await.unwrap();
    at.sign_in(2, ann(Some(&["staff"]))).await.unwrap_err();
    assert_eq!(held(&world, user).await, ["user"]);
}

#[tokio::test]
async fn other_sessions_of_the_account_feel_it_at_once() {
    let world = world().await;
    let at = at(&world, &["staff=support"]);
    let before = at.sign_in(1, ann(Some(&["staff"]))).await.unwrap();
    at.sign_in(2, ann(Some(&[]))).await.unwrap();
    let caller = world.identify(&before).await.unwrap();
    assert!(!caller.actor.permissions().unwrap().iter().any(|held| held.as_str() == "users:read"));
}

/// Account pre-hijacking: the owner of the address does not inherit what a provider has given to somebody else.
#[tokio::test]
async fn roles_that_were_given_before_the_address_was_proved_are_taken_with_the_identity() {
    let world = world().await;
    let at = at(&world, &["staff=support"]);
    let unproved = a_proven_identity("eve", Some(("ann@example.com", false)));
    let tokens = at.sign_in(1, ProvenIdentity { groups: Some(vec!["staff".to_owned()]), ..unproved }).await.unwrap();
    world.accounts().grant_role(&operator(), tokens.user, "own").await.unwrap();
    assert_eq!(held(&world, tokens.user).await, ["own", "support", "user"]);
    let token = at.world.reset_token("ann").await;
    at.world.reset(token, NEW).await.unwrap();
    assert_eq!(held(&world, tokens.user).await, ["own", "user"]);
    let own = world.sign_in(HOME, "ann@example.com", NEW).await.unwrap();
    assert_eq!(crate::world::claims(&own.access_token)["roles"], json!(["own", "user"]));
}
