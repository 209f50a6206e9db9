use crate::world::{
    DAY, HOME, MINUTE, OTHER_PASSWORD, PASSWORD, Refusal, WRONG, World, account, claims, code, faults, fields, from,
    operator, origin, refusal, secret, typed,
};
use doorward_domain::{AuthenticationEvent, Authentications, Client, DeviceName, SessionState};
use doorward_ports::inbound::{AccountChange, NewAccount, PasswordChange};
use doorward_ports::{Caller, ErrorCode, Origin};
use serde_json::json;
use std::time::Duration;

fn invalid_credentials(retry_after: Option<Duration>) -> Refusal {
    Refusal {
        code: ErrorCode::InvalidCredentials,
        detail: "The identifier or the password is wrong.".to_owned(),
        fields: Vec::new(),
        retry_after,
    }
}

#[tokio::test]
async fn a_person_signs_in_by_address_or_username_in_any_case() {
    let world = World::new().await;
    let ann = world.account("ann").await;
    for identifier in ["ann@example.com", "ANN@Example.COM", " ann@example.com ", "ann", "Ann", "ａｎｎ"] {
        let tokens = world.sign_in(HOME, identifier, PASSWORD).await.unwrap();
        assert_eq!(tokens.user, ann.id, "{identifier:?}");
    }
}

#[tokio::test]
async fn a_sign_in_answers_a_pair_of_tokens_for_a_new_session() {
    let world = World::new().await;
    let ann = world.account("ann").await;
    let tokens = world.sign_in(HOME, "ann", PASSWORD).await.unwrap();
    assert_eq!(tokens.expires_in, 15 * MINUTE);
    assert_eq!(tokens.refresh_expires_in, 7 * DAY);
    assert_eq!(tokens.user, ann.id);
    let sessions = world.live(ann.id).await;
    assert_eq!(sessions.iter().map(|session| session.id).collect::<Vec<_>>(), [tokens.session]);
}

#[tokio::test]
async fn only_the_first_sign_in_of_an_account_says_that_its_user_is_new() {
    let world = World::new().await;
    world.account("ann").await;
    assert!(world.sign_in(HOME, "ann", WRONG).await.is_err());
    let first = world.sign_in(HOME, "ann", PASSWORD).await.unwrap();
    assert!(first.is_new_user);
    let refreshed = world.refresh(&first).await.unwrap();
    let again = world.refresh(&first).await.unwrap();
    assert!(!refreshed.is_new_user && !again.is_new_user, "the same answer to two tabs too");
    assert!(!world.sign_in(HOME, "ann", PASSWORD).await.unwrap().is_new_user);
}

#[tokio::test]
async fn the_session_remembers_where_and_how_it_was_made() {
    let world = World::new().await;
    let ann = world.account("ann").await;
    let origin = Origin { user_agent: Some("Mozilla/5.0 (X11; Linux) Firefox/127.0".to_owned()), ..origin(HOME) };
    let caller = Caller { origin, ..from(HOME) };
    world.auth().sign_in(&caller, typed("ann", PASSWORD)).await.unwrap();
    let session = world.live(ann.id).await.remove(0);
    assert_eq!(session.user, ann.id);
    assert_eq!(session.client, Client::doorward());
    assert_eq!(session.authentications, Authentications::begin(AuthenticationEvent::by_password(session.created_at)));
    assert_eq!(session.device, DeviceName::parse("Firefox on Linux").unwrap());
    assert_eq!(session.user_agent.as_deref(), Some("Mozilla/5.0 (X11; Linux) Firefox/127.0"));
    assert_eq!(session.address, Some(HOME.parse().unwrap()));
    assert_eq!((session.created_at, session.last_seen_at), (world.now(), world.now()));
    assert_eq!(session.expires_at(), world.now().whole_seconds().plus(7 * DAY));
    assert_eq!((session.family.current.number, session.family.previous), (1, None));
    assert_eq!(session.state, SessionState::Active);
}

#[tokio::test]
async fn the_tokens_say_who_how_and_when() {
    let world = World::new().await;
    let admin = world.admin("ann").await;
    let now = world.now().as_seconds();
    let access = claims(&admin.tokens.access_token);
    assert_eq!((&access["sub"], &access["sid"]), (&json!(admin.id()), &json!(admin.tokens.session)));
    assert_eq!((&access["auth_time"], &access["iat"], &access["exp"]), (&json!(now), &json!(now), &json!(now + 900)));
    assert_eq!(
        (&access["amr"], &access["provider"], &access["client_id"]),
        (&json!(["pwd"]), &json!("local"), &json!("doorward"))
    );
    assert_eq!((&access["email"], &access["email_verified"]), (&json!("ann@example.com"), &json!(true)));
    assert_eq!((&access["roles"], &access["token_use"]), (&json!(["admin", "user"]), &json!("access")));
    assert_eq!(access["permissions"].as_array().unwrap().len(), 13);
    let refresh = claims(&admin.tokens.refresh_token);
    assert_eq!((&refresh["token_use"], &refresh["exp"]), (&json!("refresh"), &json!(now + 604_800)));
    assert_eq!(refresh.get("permissions"), None);
    assert_ne!(refresh["jti"], access["jti"]);
}

#[tokio::test]
async fn the_account_remembers_its_last_sign_in_and_its_version_stays() {
    let world = World::new().await;
    let ann = world.account("ann").await;
    world.advance(DAY);
    world.sign_in(HOME, "ann", PASSWORD).await.unwrap();
    let after = world.user(ann.id).await;
    assert_eq!(after.last_sign_in_at, Some(world.now()));
    assert_eq!((after.version, after.updated_at), (ann.version, ann.updated_at));
}

/// CVE-2023-39522: nobody learns by signing in whether there is an account.
#[tokio::test]
async fn cve_2023_39522_whatever_is_wrong_is_answered_alike() {
    let world = World::new().await;
    world.account("ann").await;
    world.add(NewAccount { password: None, ..account("invited") }).await;
    let long = "a".repeat(10_000);
    let identifiers =
        ["ann", "ann@example.com", "invited", "nobody", "nobody@example.com", "an\0n", "a n n", "", "@", &long];
    for identifier in identifiers {
        let answer = refusal(world.sign_in(HOME, identifier, WRONG).await);
        assert_eq!(answer, invalid_credentials(None), "{identifier:.20?}");
    }
    assert_eq!(refusal(world.sign_in(HOME, "invited", PASSWORD).await), invalid_credentials(None));
}

#[tokio::test]
async fn a_locked_account_is_answered_alike_and_told_when_to_come_back() {
    let world = World::new().await;
    world.account("ann").await;
    world.fail(5, HOME, "ann").await;
    let locked = invalid_credentials(Some(15 * MINUTE));
    assert_eq!(refusal(world.sign_in(HOME, "ann", WRONG).await), locked);
    assert_eq!(refusal(world.sign_in(HOME, "ann", PASSWORD).await), locked);
}

#[tokio::test]
async fn asvs_6_3_8_every_refusal_costs_as_much_hashing_as_a_right_password() {
    let world = World::new().await;
    world.account("ann").await;
    world.account("locked").await;
    world.add(NewAccount { password: None, ..account("invited") }).await;
    world.fail(5, HOME, "locked").await;
    let tries = [
        ("ann", PASSWORD),
        ("ann", WRONG),
        ("nobody", WRONG),
        ("invited", WRONG),
        ("an\0n", WRONG),
        ("locked", WRONG),
        ("locked", PASSWORD),
    ];
    let mut costs = Vec::new();
    for (identifier, password) in tries {
        let before = world.pool.rounds();
        world.sign_in(HOME, identifier, password).await.ok();
        costs.push(world.pool.rounds() - before);
    }
    assert_eq!(costs, [16; 7]);
}

#[tokio::test]
async fn a_password_that_is_no_text_to_hash_is_refused_as_a_field() {
    let world = World::new().await;
    let answer = world.sign_in(HOME, "ann", &"a".repeat(100_000)).await;
    assert_eq!(faults(answer), fields(&[("/password", "password_too_long")]));
}

#[tokio::test]
async fn a_disabled_account_is_told_so_only_after_the_right_password() {
    let world = World::new().await;
    let ann = world.account("ann").await;
    world.set_active(ann.id, false).await;
    assert_eq!(refusal(world.sign_in(HOME, "ann", WRONG).await), invalid_credentials(None));
    assert_eq!(code(world.sign_in(HOME, "ann", PASSWORD).await), ErrorCode::AccountDisabled);
    assert_eq!(world.live(ann.id).await, []);
    assert_eq!(world.user(ann.id).await.last_sign_in_at, None);
}

#[tokio::test]
async fn an_unverified_address_is_told_so_only_after_the_right_password_and_where_the_policy_asks() {
    let world = World::new().await;
    let ann = world.add(NewAccount { email_verified: false, ..account("ann") }).await;
    world.sign_in(HOME, "ann", PASSWORD).await.unwrap();
    let strict = world.changed(|_, policies| policies.registration.require_verified_email = true);
    assert_eq!(refusal(strict.sign_in(HOME, "ann", WRONG).await), invalid_credentials(None));
    assert_eq!(code(strict.sign_in(HOME, "ann", PASSWORD).await), ErrorCode::EmailUnverified);
    let verified = AccountChange { email_verified: Some(true), ..AccountChange::default() };
    world.accounts().change(&operator(), ann.id, verified, None).await.unwrap();
    strict.sign_in(HOME, "ann", PASSWORD).await.unwrap();
}

#[tokio::test]
async fn a_digest_of_an_older_cost_is_renewed_by_the_sign_in_and_only_once() {
    let world = World::new().await;
    world.account("ann").await;
    let costlier = world.costlier(5);
    let mut rounds = Vec::new();
    for _ in 0..2 {
        let before = costlier.pool.rounds();
        costlier.sign_in(HOME, "ann", PASSWORD).await.unwrap();
        rounds.push(costlier.pool.rounds() - before);
    }
    // 32 to compare, whatever the old digest's cost, and 32 for the new one; then 32 to compare.
    assert_eq!(rounds, [64, 32]);
}

/// A second hash at a shut door would tell by its time that the password was right.
#[tokio::test]
async fn a_shut_door_renews_no_digest() {
    let world = World::new().await;
    world.account("ann").await;
    let costlier = world.costlier(5);
    costlier.fail(5, HOME, "ann").await;
    let mut rounds = Vec::new();
    for password in [WRONG, PASSWORD] {
        let before = costlier.pool.rounds();
        costlier.sign_in(HOME, "ann", password).await.unwrap_err();
        rounds.push(costlier.pool.rounds() - before);
    }
    assert_eq!(rounds, [32, 32]);
}

#[tokio::test]
async fn a_changed_password_replaces_the_old_one_at_the_next_sign_in() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let change = PasswordChange { current: secret(PASSWORD), new: secret(OTHER_PASSWORD) };
    world.accounts().change_own_password(&ann.caller, change).await.unwrap();
    assert_eq!(refusal(world.sign_in(HOME, "ann", PASSWORD).await), invalid_credentials(None));
    world.sign_in(HOME, "ann", OTHER_PASSWORD).await.unwrap();
}
