use super::{NEW, address};
use crate::factors::factors;
use crate::providers::At;
use crate::world::{CAFE, HOME, MINUTE, PASSWORD, World, code, faults, fields, from, operator, registration, secret};
use doorward_domain::{MailKind, MailTokenPurpose};
use doorward_ports::ErrorCode;
use doorward_ports::inbound::PasswordChange;
use doorward_testkit::authenticator::Authenticator;
use doorward_testkit::scripted_provider::a_proven_identity;

/// OWASP ASVS 7.4.3, and supabase/auth 797: sessions that survive a reset.
#[tokio::test]
async fn asvs_7_4_3_a_reset_sets_the_password_ends_all_sessions_and_tells_the_owner() {
    let world = World::new().await;
    let ann = world.proved("ann").await;
    let token = world.reset_token("ann").await;
    assert_eq!(world.mailbox.taken(), [(MailKind::ResetPassword, "ann@example.com".to_owned())]);
    world.reset(token, NEW).await.unwrap();
    assert_eq!(code(world.identify(&ann.tokens).await), ErrorCode::InvalidToken);
    assert_eq!(code(world.sign_in(HOME, "ann", PASSWORD).await), ErrorCode::InvalidCredentials);
    world.sign_in(HOME, "ann", NEW).await.unwrap();
    assert_eq!(world.sent().await, [(MailKind::PasswordChanged, "ann@example.com".to_owned())]);
}

#[tokio::test]
async fn a_weak_password_is_refused_with_its_faults_and_does_not_spend_the_token() {
    let world = World::new().await;
    world.proved("ann").await;
    let token = world.reset_token("ann").await;
    let refused = faults(world.reset(token.clone(), "ann").await);
    let expected = [
        ("/password", "password_too_short"),
        ("/password", "password_contains_personal"),
        ("/password", "password_guessable"),
    ];
    assert!(refused.iter().all(|fault| fields(&expected).contains(fault)) && refused.len() > 1, "{refused:?}");
    world.reset(token, NEW).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_32_resets_at_once_with_one_token_one_sets_its_password() {
    for world in [World::new().await, World::on_postgres(|_| {}).await] {
        world.proved("ann").await;
        let token = world.reset_token("ann").await;
        let one = |n| {
            let (world, token) = (world.clone(), token.clone());
            tokio::spawn(async move { world.reset(token, &format!("amber-teapot-glacier-{n}")).await.map(|()| n) })
        };
        let crowd: Vec<_> = (0..32).map(one).collect();
        let mut winners = Vec::new();
        for member in crowd {
            match member.await.unwrap() {
                Ok(n) => winners.push(n),
                Err(error) => assert_eq!(error.code, ErrorCode::InvalidMailToken),
            }
        }
        assert_eq!(winners.len(), 1);
        world.sign_in(HOME, "ann", &format!("amber-teapot-glacier-{}", winners[0])).await.unwrap();
    }
}

#[tokio::test]
async fn a_pending_reset_ends_when_the_password_is_changed() {
    let world = World::new().await;
    let ann = world.proved("ann").await;
    let token = world.reset_token("ann").await;
    let change = PasswordChange { current: secret(PASSWORD), new: secret(NEW) };
    world.accounts().change_own_password(&ann.caller, change).await.unwrap();
    assert_eq!(code(world.reset(token, "velvet-harbor-onion-98").await), ErrorCode::InvalidMailToken);
}

#[tokio::test]
async fn all_other_links_to_the_address_end_with_a_reset() {
    let world = World::new().await;
    world.accounts().register(&from(HOME), registration("ann")).await.unwrap();
    let verify = world.token(&address("ann"), MailTokenPurpose::VerifyEmail).await;
    let reset = world.reset_token("ann").await;
    world.reset(reset, NEW).await.unwrap();
    assert_eq!(code(world.verify_address(verify).await), ErrorCode::InvalidMailToken);
}

#[tokio::test]
async fn a_reset_unlocks_an_account_that_others_have_locked() {
    let world = World::new().await;
    world.proved("ann").await;
    world.fail(5, HOME, "ann").await;
    assert!(world.sign_in(HOME, "ann", PASSWORD).await.is_err());
    let token = world.reset_token("ann").await;
    world.reset(token, NEW).await.unwrap();
    world.sign_in(HOME, "ann", NEW).await.unwrap();
}

/// Account pre-hijacking (GHSA-g38m-r43w-p2q7): somebody creates an account with the address of another, links an identity
/// of their own, and waits until the owner of the address sets a password and uses the account.
#[tokio::test]
async fn ghsa_g38m_r43w_p2q7_the_first_proof_of_an_address_removes_what_was_made_before_it() {
    let At { world, provider } = At::new().await;
    world.unproved("ann").await;
    let eve = world.session_of("ann").await;
    let at = At { world: world.clone(), provider };
    let proof = at.walked(&eve.caller, 1, a_proven_identity("eve-there", None)).await;
    at.identities().link(&eve.caller, proof).await.unwrap();
    let enrolled = factors(&world).enrol_totp(&eve.caller, None).await.unwrap();
    let first = Authenticator::with(enrolled.secret.expose()).code(world.now());
    factors(&world).confirm_totp(&eve.caller, enrolled.factor.id, secret(&first)).await.unwrap();
    let token = world.reset_token("ann").await;
    world.reset(token, NEW).await.unwrap();
    assert_eq!(code(world.identify(&eve.tokens).await), ErrorCode::InvalidToken);
    assert_eq!(code(world.refresh(&eve.tokens).await), ErrorCode::InvalidToken);
    assert_eq!(code(world.sign_in(CAFE, "ann", PASSWORD).await), ErrorCode::InvalidCredentials);
    let mut read = world.store().read().await.unwrap();
    assert_eq!(read.identities().of_user(eve.id()).await.unwrap(), []);
    assert!(world.user(eve.id()).await.email_verified);
    world.sign_in(CAFE, "ann", NEW).await.unwrap();
}

/// ASVS 6.4.3: whoever reads the owner's mail does not get past the second factor.
#[tokio::test]
async fn asvs_6_4_3_a_later_reset_leaves_second_factors() {
    let world = World::new().await;
    world.owner("ann").await;
    let token = world.reset_token("ann").await;
    world.reset(token, NEW).await.unwrap();
    assert_eq!(code(world.sign_in(CAFE, "ann", NEW).await), ErrorCode::MfaRequired);
}

/// What the owner of a proved address has linked stays: they have forgotten a password, and nothing else.
#[tokio::test]
async fn a_later_reset_leaves_linked_identities() {
    let At { world, provider } = At::new().await;
    let ann = world.proved("ann").await;
    let at = At { world: world.clone(), provider };
    let proof = at.walked(&ann.caller, 1, a_proven_identity("ann-there", None)).await;
    at.identities().link(&ann.caller, proof).await.unwrap();
    let token = world.reset_token("ann").await;
    world.reset(token, NEW).await.unwrap();
    let mut read = world.store().read().await.unwrap();
    assert_eq!(read.identities().of_user(ann.id()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_reset_comes_too_late_after_an_hour() {
    let world = World::new().await;
    world.proved("ann").await;
    let token = world.reset_token("ann").await;
    world.advance(60 * MINUTE);
    assert_eq!(code(world.reset(token, NEW).await), ErrorCode::InvalidMailToken);
    assert_eq!(world.delivery().waiting(&operator()).await.unwrap(), 0);
}
