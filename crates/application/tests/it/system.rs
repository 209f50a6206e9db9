//! The service itself.
use crate::world::{DAY, HOME, MICROSECOND, PASSWORD, World, account, code, faults, fields, from, operator, secret};
use doorward_domain::{AuthorizationAttempt, Email, PasswordPolicy, PersonalContext};
use doorward_ports::ErrorCode;
use doorward_ports::inbound::{HealthStatus, NewAccount, Tidied};
use doorward_ports::outbound::{AttemptSecrets, HealthProbe};
use doorward_ports::{Secret, SecretDigest};
use doorward_testkit::{SeededRandom, an_attempt};
use std::sync::Arc;
use std::time::Duration;

const ADMIN: &str = "admin@example.com";

#[tokio::test]
async fn an_empty_database_is_given_an_administrator_with_a_password_made_up_for_him() {
    let world = World::new().await;
    let admin = world.system().bootstrap(&operator(), "Admin@Example.com", None).await.unwrap().unwrap();
    assert_eq!(admin.email.as_str(), ADMIN);
    let tokens = world.sign_in(HOME, ADMIN, admin.password.unwrap().expose()).await.unwrap();
    let user = world.user(tokens.user).await;
    assert_eq!((user.email_verified, user.is_active, user.version), (true, true, 1));
    assert_eq!(user.roles.iter().map(ToString::to_string).collect::<Vec<_>>(), ["admin", "user"]);
}

#[tokio::test]
async fn a_password_that_the_operator_has_set_is_not_shown() {
    let world = World::new().await;
    let admin = world.system().bootstrap(&operator(), ADMIN, Some(secret(PASSWORD))).await.unwrap().unwrap();
    assert_eq!(admin.password, None);
    world.sign_in(HOME, ADMIN, PASSWORD).await.unwrap();
}

#[tokio::test]
async fn where_there_is_any_account_nothing_is_made() {
    let world = World::new().await;
    world.add(NewAccount { is_active: false, ..account("ann") }).await;
    world.journal.take();
    for password in [None, Some(secret(PASSWORD)), Some(secret("weak"))] {
        assert!(world.system().bootstrap(&operator(), ADMIN, password).await.unwrap().is_none());
    }
    assert_eq!(code(world.accounts().find(&operator(), ADMIN).await), ErrorCode::UserNotFound);
    assert_eq!(world.journal.lines(), []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_32_at_once_one_makes_the_administrator() {
    let world = World::new().await;
    let tries: Vec<_> = (0..32)
        .map(|n| {
            let world = world.clone();
            let email = format!("admin{n}@example.com");
            tokio::spawn(async move { world.system().bootstrap(&operator(), &email, None).await.unwrap().is_some() })
        })
        .collect();
    let mut made = 0;
    for answer in tries {
        made += usize::from(answer.await.unwrap());
    }
    let query = doorward_ports::inbound::UserQuery::default();
    assert_eq!((made, world.accounts().list(&operator(), query).await.unwrap().items.len()), (1, 1));
}

#[tokio::test]
async fn what_is_wrong_is_told_by_the_settings_it_comes_from() {
    let world = World::new().await;
    let answer = world.system().bootstrap(&operator(), "admin", Some(secret("password"))).await;
    let expected = [
        ("/bootstrap/admin_email", "invalid_email"),
        ("/bootstrap/admin_password", "password_too_short"),
        ("/bootstrap/admin_password", "password_too_common"),
        ("/bootstrap/admin_password", "password_guessable"),
    ];
    assert_eq!(faults(answer), fields(&expected));
    let answer = world.system().bootstrap(&operator(), ADMIN, Some(secret(ADMIN))).await;
    let expected = [
        ("/bootstrap/admin_password", "password_contains_personal"),
        ("/bootstrap/admin_password", "password_guessable"),
    ];
    assert_eq!(faults(answer), fields(&expected));
}

/// A password as it is made up under that policy, from that seed.
async fn made_up(world: &World, seed: u64, min_length: usize) -> String {
    let world = world.changed(|tools, policies| {
        tools.random = Arc::new(SeededRandom::new(seed));
        policies.passwords.min_length = min_length;
    });
    let admin = world.system().bootstrap(&operator(), ADMIN, None).await.unwrap().unwrap();
    let user = world.accounts().find(&operator(), ADMIN).await.unwrap();
    let taken_back = world.accounts().revoke_role(&operator(), user.id, "admin").await;
    assert_eq!(code(taken_back), ErrorCode::LastAdmin);
    admin.password.unwrap().expose().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_made_up_password_satisfies_the_policy_from_200_seeds() {
    let email = Email::parse(ADMIN).unwrap();
    let owner = PersonalContext { email: Some(&email), username: None, full_name: None };
    let mut seen = std::collections::HashSet::new();
    for seed in 0..200 {
        let text = made_up(&World::new().await, seed, 12).await;
        let password = doorward_domain::Password::new(text.clone()).unwrap();
        PasswordPolicy::default().check(&password, &owner).unwrap_or_else(|weak| panic!("{seed}: {weak:?}"));
        assert_eq!((text.len(), text.split('-').count()), (23, 4), "{text}");
        assert!(seen.insert(text));
    }
}

#[tokio::test]
async fn a_made_up_password_is_as_long_as_the_policy_asks() {
    for min_length in [8, 23, 24, 64, 125, 126, 128] {
        let text = made_up(&World::new().await, 7, min_length).await;
        assert_eq!(text.len(), min_length.max(23));
    }
}

#[tokio::test]
async fn a_store_that_answers_makes_the_service_ready_and_healthy() {
    let world = World::new().await;
    world.system().ready().await.unwrap();
    assert_eq!(world.system().summary().await, HealthStatus::Healthy);
    let health = world.system().health(&operator()).await.unwrap();
    assert_eq!(health.status, HealthStatus::Healthy);
    assert_eq!(
        health.components.iter().map(|part| (part.name, part.status)).collect::<Vec<_>>(),
        [("database", HealthStatus::Healthy)]
    );
}

#[tokio::test]
async fn a_part_that_fails_degrades_the_service_and_leaves_it_ready() {
    let world = World::new().await;
    for (works, status) in [(true, HealthStatus::Healthy), (false, HealthStatus::Degraded)] {
        let world = world.changed(|tools, _| tools.probes = vec![Arc::new(Part { works })]);
        world.system().ready().await.unwrap();
        assert_eq!(world.system().summary().await, status);
        let health = world.system().health(&operator()).await.unwrap();
        assert_eq!(health.status, status);
        let parts: Vec<_> = health.components.iter().map(|part| (part.name, part.status)).collect();
        assert_eq!(parts, [("database", HealthStatus::Healthy), ("part", status)]);
        let of_the_part = &health.components[1];
        let effect = (!works).then(|| "Nobody notices.".to_owned());
        assert_eq!((of_the_part.took, &of_the_part.effect), (Duration::from_millis(3), &effect));
    }
}

/// A part that works, or does not.
struct Part {
    works: bool,
}

impl HealthProbe for Part {
    fn component(&self) -> &'static str {
        "part"
    }

    fn works(&self) -> bool {
        self.works
    }

    fn took(&self) -> Duration {
        Duration::from_millis(3)
    }

    fn effect(&self) -> String {
        "Nobody notices.".to_owned()
    }
}

#[tokio::test]
async fn the_keys_for_others_verify_our_tokens_and_hold_nothing_private() {
    let world = World::new().await;
    let keys = world.system().public_keys().0;
    let key = &keys["keys"][0];
    assert_eq!(
        (&key["kty"], &key["crv"], &key["alg"], &key["use"]),
        (&"OKP".into(), &"Ed25519".into(), &"EdDSA".into(), &"sig".into())
    );
    assert_eq!(key.get("d"), None);
}

#[tokio::test]
async fn each_request_that_brought_no_correlation_id_gets_one_of_its_own() {
    let world = World::new().await;
    assert_ne!(world.system().correlation_id(), world.system().correlation_id());
}

#[tokio::test]
async fn tidying_removes_sessions_that_ended_or_expired_more_than_30_days_ago_and_no_other() {
    let world = World::new().await;
    let ended = world.person("ann").await;
    world.auth().sign_out(&ended.caller, None).await.unwrap();
    world.sessions().end_own_others(&world.session_of("ann").await.caller).await.unwrap();
    world.advance(30 * DAY - 10 * crate::world::SECOND);
    let kept = world.session_of("ann").await;
    assert_eq!(world.system().tidy(&operator()).await.unwrap().sessions, 0);
    world.advance(11 * crate::world::SECOND);
    assert_eq!(world.system().tidy(&operator()).await.unwrap().sessions, 1);
    world.refresh(&kept.tokens).await.unwrap();
    world.advance(DAY * 7);
    assert_eq!(world.system().tidy(&operator()).await.unwrap().sessions, 1);
}

#[tokio::test]
async fn tidying_removes_counts_and_networks_untouched_for_30_days_and_no_other() {
    let world = World::new().await;
    world.account("ann").await;
    world.fail(2, HOME, "nobody").await;
    world.sign_in(HOME, "ann", PASSWORD).await.unwrap();
    world.advance(30 * DAY);
    world.fail(1, HOME, "ann").await;
    assert_eq!(world.system().tidy(&operator()).await.unwrap().attempts, 0);
    world.advance(MICROSECOND);
    // Two counts of the nobody, and ann's network. The count of unfamiliar networks is written with every refusal.
    assert_eq!(world.system().tidy(&operator()).await.unwrap().attempts, 3);
    assert_eq!(world.system().tidy(&operator()).await.unwrap(), Tidied::default());
}

/// More than are deleted at once.
#[tokio::test]
async fn tidying_removes_attempts_to_sign_in_with_a_provider_after_an_hour() {
    let world = World::new().await;
    begin_attempts(&world, 501).await;
    world.advance(MICROSECOND);
    begin_attempts(&world, 1).await;
    world.advance(Duration::from_hours(1) - MICROSECOND);
    assert_eq!(world.system().tidy(&operator()).await.unwrap(), Tidied::default());
    world.advance(MICROSECOND);
    assert_eq!(world.system().tidy(&operator()).await.unwrap(), Tidied { authorizations: 501, ..Tidied::default() });
    world.advance(MICROSECOND);
    assert_eq!(world.system().tidy(&operator()).await.unwrap().authorizations, 1);
}

#[tokio::test]
async fn tidying_removes_logout_tokens_an_hour_after_they_have_expired() {
    let world = World::new().await;
    let mut work = world.store().write().await.unwrap();
    for n in 0..501 {
        let token = SecretDigest::of(&Secret::new(format!("{n}")));
        work.provider_sessions().use_logout_token(&token, world.now()).await.unwrap();
    }
    work.commit().await.unwrap();
    world.advance(Duration::from_hours(1));
    assert_eq!(world.system().tidy(&operator()).await.unwrap(), Tidied::default());
    world.advance(MICROSECOND);
    assert_eq!(world.system().tidy(&operator()).await.unwrap(), Tidied { logout_tokens: 501, ..Tidied::default() });
}

async fn begin_attempts(world: &World, number: usize) {
    let mut work = world.store().write().await.unwrap();
    for _ in 0..number {
        let attempt = AuthorizationAttempt { begun_at: world.now(), ..an_attempt() };
        let state = SecretDigest::of(&Secret::new(attempt.id.to_string()));
        let secrets = AttemptSecrets { state: &state, browser: None, verifier: b"sealed" };
        work.authorization_attempts().insert(&attempt, secrets).await.unwrap();
    }
    work.commit().await.unwrap();
}

#[tokio::test]
async fn tidying_goes_in_bounded_steps_to_the_end() {
    let world = World::by(|policies| {
        policies.lockout = policies.lockout.map(|lockout| doorward_domain::LockoutPolicy { limit: 1, ..lockout });
    })
    .await;
    for n in 0..520 {
        world.fail(1, HOME, &format!("nobody{n}")).await;
    }
    world.advance(30 * DAY + MICROSECOND);
    assert_eq!(world.system().tidy(&operator()).await.unwrap(), Tidied { attempts: 1040, ..Tidied::default() });
}

#[tokio::test]
async fn only_the_operator_makes_the_first_administrator_and_tidies() {
    let world = World::new().await;
    let anybody = world.system().bootstrap(&from(HOME), ADMIN, None).await.map(|made| made.is_some());
    assert_eq!(code(anybody), ErrorCode::PermissionDenied);
    let admin = world.admin("eve").await;
    for caller in [&from(HOME), &admin.caller] {
        assert_eq!(code(world.system().tidy(caller).await), ErrorCode::PermissionDenied);
    }
}
