use crate::world::{HOME, PASSWORD, Refusal, World, code, faults, fields, from, refusal, registration, secret};
use async_trait::async_trait;
use doorward_domain::{AuditOutcome, RoleName, Timestamp, User};
use doorward_ports::ErrorCode;
use doorward_ports::inbound::{Registered, Registration};
use doorward_ports::outbound::Clock;
use doorward_testkit::VirtualClock;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

async fn register(world: &World, registration: Registration) -> doorward_ports::Result<Registered> {
    world.accounts().register(&from(HOME), registration).await
}

fn everything_wrong() -> Registration {
    Registration {
        email: "ann".into(),
        password: secret("short"),
        username: Some("-".into()),
        full_name: Some("\u{202e}".into()),
        locale: Some("??".to_owned()),
    }
}

async fn hidden() -> World {
    World::by(|policies| policies.registration.hide_existing = true).await
}

#[tokio::test]
async fn somebody_makes_an_account_for_himself_and_signs_in() {
    let world = World::new().await;
    let typed = Registration {
        email: " Ann@EXAMPLE.com".into(),
        username: Some("Ann.Smith".into()),
        full_name: Some("Ann Smith".into()),
        locale: Some("en-gb".to_owned()),
        ..registration("ann")
    };
    let Registered::Created(user) = register(&world, typed).await.unwrap() else { panic!("it hides nothing") };
    let User { id, email, email_verified, username, full_name, locale, is_active, roles, .. } = *user.clone();
    assert_eq!((email.as_str(), email_verified, is_active), ("ann@example.com", false, true));
    assert_eq!(username.unwrap().as_str(), "ann.smith");
    assert_eq!(full_name.unwrap().as_str(), "Ann Smith");
    assert_eq!(locale.unwrap().as_str(), "en-GB");
    assert_eq!(roles, BTreeSet::from([RoleName::user()]));
    assert_eq!((user.created_at, user.updated_at, user.version), (world.now(), world.now(), 1));
    assert_eq!((user.external_id.as_ref(), user.last_sign_in_at), (None, None));
    assert_eq!(world.user(id).await, *user);
    assert_eq!(world.sign_in(HOME, "ann.smith", PASSWORD).await.unwrap().user, id);
}

#[tokio::test]
async fn every_fault_is_told_at_once_with_its_field() {
    let world = World::new().await;
    let told = faults(register(&world, everything_wrong()).await);
    let expected = [
        ("/email", "invalid_email"),
        ("/username", "invalid_username"),
        ("/full_name", "invalid_full_name"),
        ("/locale", "invalid_locale"),
        ("/password", "password_too_short"),
        ("/password", "password_guessable"),
    ];
    assert_eq!(told, fields(&expected));
}

#[tokio::test]
async fn a_password_made_of_the_owners_name_is_refused() {
    let world = World::new().await;
    let typed = Registration {
        password: secret("ann.blacksmith"),
        username: Some("ann.blacksmith".into()),
        ..registration("ann")
    };
    let told = faults(register(&world, typed).await);
    assert_eq!(told, fields(&[("/password", "password_contains_personal"), ("/password", "password_guessable")]));
}

#[tokio::test]
async fn a_field_with_a_nul_is_refused() {
    let world = World::new().await;
    let typed = Registration {
        email: "an\0n@example.com".into(),
        username: Some("an\0n".into()),
        full_name: Some("An\0n".into()),
        locale: Some("e\0n".to_owned()),
        ..registration("ann")
    };
    let pointers: Vec<_> = faults(register(&world, typed).await).into_iter().map(|(pointer, _)| pointer).collect();
    assert_eq!(pointers, ["/email", "/username", "/full_name", "/locale"]);
}

/// GHSA-7rqj-j65f-68wh: an address that is checked before it is normalised.
#[tokio::test]
async fn ghsa_7rqj_j65f_68wh_another_spelling_of_a_taken_address_is_taken() {
    let world = World::new().await;
    register(&world, registration("ann")).await.unwrap();
    for email in ["ann@example.com", "ANN@example.com", "ａｎｎ@example.com", "ann＠example.com", "ann@EXAMPLE。com"]
    {
        let again = Registration { email: email.into(), ..registration("ann") };
        assert_eq!(code(register(&world, again).await), ErrorCode::EmailTaken, "{email}");
    }
}

#[tokio::test]
async fn a_taken_username_is_refused_in_any_case() {
    let world = World::new().await;
    let named = |email: &str, username: &str| Registration { username: Some(username.into()), ..registration(email) };
    register(&world, named("ann", "smith")).await.unwrap();
    assert_eq!(code(register(&world, named("bob", "SMITH")).await), ErrorCode::UsernameTaken);
    register(&world, registration("bob")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_register_one_address_at_once_one_gets_it() {
    let world = World::new().await;
    let tries: Vec<_> = (0..16)
        .map(|_| {
            let world = world.clone();
            tokio::spawn(async move { register(&world, registration("ann")).await.map_err(|error| error.code) })
        })
        .collect();
    let mut made = 0;
    for answer in tries {
        match answer.await.unwrap() {
            Ok(_) => made += 1,
            Err(code) => assert_eq!(code, ErrorCode::EmailTaken),
        }
    }
    assert_eq!(made, 1);
}

/// CVE-2023-39522: whether an address is taken is told to its owner only.
#[tokio::test]
async fn cve_2023_39522_a_taken_and_a_free_address_are_answered_alike_at_the_same_cost() {
    let world = hidden().await;
    let mut costs = Vec::new();
    for _ in 0..2 {
        let before = world.pool.rounds();
        assert_eq!(register(&world, registration("ann")).await.unwrap(), Registered::Accepted);
        costs.push(world.pool.rounds() - before);
    }
    assert_eq!(costs, [16, 16]);
    let told = world.journal.lines();
    let [made, refused] = told.as_slice() else { panic!("each is committed, with one line: {told:?}") };
    assert_eq!((made.action, &made.subject), (refused.action, &refused.subject), "the owner's log tells of both");
    assert_eq!((made.outcome, refused.outcome), (AuditOutcome::Success, AuditOutcome::Failure));
    assert!(world.sign_in(HOME, "ann@example.com", PASSWORD).await.is_ok());
}

async fn a_taken_username_tells_nothing(world: &World) {
    let named = |email: &str| Registration { username: Some("mallory".into()), ..registration(email) };
    register(world, named("mallory")).await.unwrap();
    register(world, registration("ann")).await.unwrap();
    let (taken, free) = (register(world, named("ann")).await, register(world, named("nobody")).await);
    assert_eq!(refusal(taken), refusal(free));
}

/// Somebody who knows a taken username, such as their own, must not learn from it whether an address is taken.
#[tokio::test]
async fn cve_2023_39522_a_taken_username_tells_nothing_about_the_address_beside_it() {
    a_taken_username_tells_nothing(&hidden().await).await;
}

/// A clock on which whatever is asked between two looks at it takes 30 ms.
struct Passing(VirtualClock);

#[async_trait]
impl Clock for Passing {
    fn now(&self) -> Timestamp {
        self.0.advance(Duration::from_millis(30));
        self.0.now()
    }

    async fn sleep(&self, time: Duration) {
        self.0.sleep(time).await;
    }
}

#[tokio::test]
async fn cve_2023_39522_a_new_and_a_taken_address_are_answered_after_the_same_time() {
    let shown = VirtualClock::default();
    let world = hidden().await.changed(|tools, _| tools.clock = Arc::new(Passing(shown.clone())));
    for (what, name) in [("new", "ann"), ("taken", "ann"), ("new", "bob")] {
        let begun = shown.now();
        assert!(matches!(register(&world, registration(name)).await, Ok(Registered::Accepted)), "{what}");
        assert_eq!(shown.now().since(begun), Duration::from_millis(30 + 100), "{what}");
    }
}

/// The two databases notice another one of the two first.
#[tokio::test]
async fn on_postgres_a_taken_username_tells_nothing_about_the_address_beside_it_either() {
    let world = World::on_postgres(|policies| policies.registration.hide_existing = true).await;
    a_taken_username_tells_nothing(&world).await;
}

#[tokio::test]
async fn a_taken_address_is_not_changed_by_registering_it_again() {
    let world = hidden().await;
    register(&world, registration("ann")).await.unwrap();
    let again = Registration { password: secret("amber-teapot-glacier-17"), ..registration("ann") };
    register(&world, again).await.unwrap();
    assert_eq!(
        code(world.sign_in(HOME, "ann@example.com", "amber-teapot-glacier-17").await),
        ErrorCode::InvalidCredentials
    );
    world.sign_in(HOME, "ann@example.com", PASSWORD).await.unwrap();
}

#[tokio::test]
async fn faults_are_told_also_where_existing_accounts_are_hidden() {
    let world = hidden().await;
    register(&world, registration("ann")).await.unwrap();
    let weak = |email: &str| Registration { password: secret("short"), ..registration(email) };
    let (taken, free) = (register(&world, weak("ann")).await, register(&world, weak("bob")).await);
    assert_eq!(refusal(taken), refusal(free));
}

#[tokio::test]
async fn nobody_registers_where_registration_is_disabled_and_nothing_else_is_told() {
    let world = World::by(|policies| policies.registration.enabled = false).await;
    let told = refusal(register(&world, everything_wrong()).await);
    let expected = Refusal {
        code: ErrorCode::RegistrationDisabled,
        detail: "Registration is disabled. Ask an administrator for an account.".to_owned(),
        fields: Vec::new(),
        retry_after: None,
    };
    assert_eq!(told, expected);
    assert_eq!(world.pool.rounds(), 0);
}
