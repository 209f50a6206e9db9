use crate::world::{
    DAY, HOME, MICROSECOND, MINUTE, SECOND, World, claims, code, from, operator, permissions, role, secret,
};
use doorward_ports::ErrorCode;
use doorward_ports::inbound::{AccountChange, TokenPair};
use std::time::Duration;

const GRACE: Duration = Duration::from_secs(10);

fn generation(tokens: &TokenPair) -> (String, i64) {
    let claims = claims(&tokens.refresh_token);
    (claims["jti"].as_str().unwrap().to_owned(), claims["exp"].as_i64().unwrap())
}

#[tokio::test]
async fn a_refresh_answers_the_next_generation_of_the_same_session() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    world.advance(DAY);
    let next = world.refresh(&ann.tokens).await.unwrap();
    assert_eq!((next.session, next.user, next.is_new_user), (ann.tokens.session, ann.id(), false));
    assert_eq!((next.expires_in, next.refresh_expires_in), (15 * MINUTE, 7 * DAY));
    assert_ne!(generation(&next).0, generation(&ann.tokens).0);
    assert_eq!(generation(&next).1, world.now().as_seconds() + 604_800);
    world.identify(&next).await.unwrap();
    let session = world.live(ann.id()).await.remove(0);
    assert_eq!((session.family.current.number, session.last_seen_at), (2, world.now()));
}

#[tokio::test]
async fn auth_time_is_kept_through_refreshes() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let signed_in_at = world.now().as_seconds();
    world.advance(DAY);
    let next = world.refresh(&world.refresh(&ann.tokens).await.unwrap()).await.unwrap();
    for token in [&next.access_token, &next.refresh_token] {
        assert_eq!(claims(token)["auth_time"], signed_in_at);
        assert_eq!(claims(token)["iat"], world.now().as_seconds());
    }
}

#[tokio::test]
async fn a_session_lives_as_long_as_it_is_refreshed_in_time() {
    let world = World::new().await;
    let mut tokens = world.person("ann").await.tokens;
    for _ in 0..5 {
        world.advance(6 * DAY);
        tokens = world.refresh(&tokens).await.unwrap();
    }
    world.advance(7 * DAY);
    assert_eq!(code(world.refresh(&tokens).await), ErrorCode::InvalidToken);
}

#[tokio::test]
async fn a_spent_token_shown_again_within_the_grace_answers_the_same_generation() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let next = world.refresh(&ann.tokens).await.unwrap();
    for _ in 0..3 {
        world.advance(GRACE / 3);
        let again = world.refresh(&ann.tokens).await.unwrap();
        assert_eq!(generation(&again), generation(&next));
        assert_ne!(again.access_token, next.access_token);
    }
    world.refresh(&next).await.unwrap();
}

#[tokio::test]
async fn a_spent_token_shown_after_the_grace_ends_its_session_and_no_other() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let other = world.session_of("ann").await;
    let next = world.refresh(&ann.tokens).await.unwrap();
    world.advance(GRACE + MICROSECOND);
    assert_eq!(code(world.refresh(&ann.tokens).await), ErrorCode::RefreshTokenReused);
    assert_eq!(code(world.refresh(&next).await), ErrorCode::InvalidToken);
    assert_eq!(code(world.identify(&next).await), ErrorCode::InvalidToken);
    world.identify(&other.tokens).await.unwrap();
    world.refresh(&other.tokens).await.unwrap();
}

#[tokio::test]
async fn a_spent_token_whose_successor_was_used_ends_the_session_also_within_the_grace() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let second = world.refresh(&ann.tokens).await.unwrap();
    let third = world.refresh(&second).await.unwrap();
    assert_eq!(code(world.refresh(&ann.tokens).await), ErrorCode::RefreshTokenReused);
    assert_eq!(code(world.refresh(&third).await), ErrorCode::InvalidToken);
    assert_eq!(world.live(ann.id()).await, []);
}

#[tokio::test]
async fn a_token_of_an_ended_session_is_invalid_however_old_it_is() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let next = world.refresh(&ann.tokens).await.unwrap();
    world.auth().sign_out(&from(HOME), Some(next.refresh_token.clone())).await.unwrap();
    for tokens in [&next, &ann.tokens] {
        assert_eq!(code(world.refresh(tokens).await), ErrorCode::InvalidToken);
    }
}

async fn refresh_32_at_once(world: &World) {
    let ann = world.person("ann").await;
    let tries: Vec<_> = (0..32)
        .map(|_| {
            let (world, tokens) = (world.clone(), ann.tokens.clone());
            tokio::spawn(async move { world.refresh(&tokens).await.unwrap() })
        })
        .collect();
    let mut answers = Vec::new();
    for answer in tries {
        answers.push(answer.await.unwrap());
    }
    assert!(answers.iter().all(|answer| generation(answer) == generation(&answers[0])));
    assert_eq!(world.live(ann.id()).await[0].family.current.number, 2);
    world.refresh(&answers[31]).await.unwrap();
}

/// GHSA-392p-2q2v-4372: two at once that both find the token unspent fork the family.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ghsa_392p_2q2v_4372_of_32_at_once_all_get_the_same_next_generation() {
    refresh_32_at_once(&World::new().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ghsa_392p_2q2v_4372_on_postgres_of_32_at_once_all_get_the_same_next_generation_too() {
    refresh_32_at_once(&World::on_postgres(|_| {}).await).await;
}

#[tokio::test]
async fn roles_are_read_afresh() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    world.roles().create(&operator(), role("support", &["users:read"])).await.unwrap();
    world.accounts().grant_role(&operator(), ann.id(), "support").await.unwrap();
    let next = world.refresh(&ann.tokens).await.unwrap();
    assert_eq!(claims(&next.access_token)["roles"], serde_json::json!(["support", "user"]));
    assert_eq!(claims(&next.access_token)["permissions"], serde_json::json!(["users:read"]));
    assert_eq!(permissions(&world.identify(&next).await.unwrap()), ["users:read"]);
}

#[tokio::test]
async fn a_changed_address_is_in_the_next_tokens() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let change = AccountChange { email: Some("ann@example.org".into()), ..AccountChange::default() };
    world.accounts().change(&operator(), ann.id(), change, None).await.unwrap();
    let next = claims(&world.refresh(&ann.tokens).await.unwrap().access_token);
    assert_eq!((&next["email"], &next["email_verified"]), (&"ann@example.org".into(), &false.into()));
}

/// CVE-2026-16103: the account's state counts at every mint.
#[tokio::test]
async fn cve_2026_16103_a_disabled_account_gets_no_tokens_and_its_session_stays_dead_when_it_is_enabled() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    world.set_active(ann.id(), false).await;
    assert_eq!(code(world.refresh(&ann.tokens).await), ErrorCode::InvalidToken);
    world.set_active(ann.id(), true).await;
    assert_eq!(code(world.refresh(&ann.tokens).await), ErrorCode::InvalidToken);
}

#[tokio::test]
async fn an_expired_token_is_refused_to_the_second() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let expires = claims(&ann.tokens.refresh_token)["exp"].as_i64().unwrap();
    let left = doorward_domain::Timestamp::from_seconds(expires).since(world.now());
    world.advance(left - MICROSECOND);
    let next = world.refresh(&ann.tokens).await.unwrap();
    world.advance(7 * DAY + SECOND);
    assert_eq!(code(world.refresh(&next).await), ErrorCode::InvalidToken);
}

#[tokio::test]
async fn what_is_no_refresh_token_is_refused() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let token = ann.tokens.refresh_token.expose();
    let cut = &token[..token.len() - 4];
    for garbage in ["", "a", "a.b.c", "\0", cut, &"a".repeat(100_000)] {
        assert_eq!(code(world.auth().refresh(&from(HOME), secret(garbage)).await), ErrorCode::InvalidToken);
    }
    world.refresh(&ann.tokens).await.unwrap();
}

#[tokio::test]
async fn an_access_token_refreshes_nothing_and_a_refresh_token_identifies_nobody() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let TokenPair { access_token, refresh_token, .. } = ann.tokens.clone();
    let swapped = TokenPair { access_token: refresh_token, refresh_token: access_token, ..ann.tokens.clone() };
    assert_eq!(code(world.refresh(&swapped).await), ErrorCode::InvalidToken);
    assert_eq!(code(world.identify(&swapped).await), ErrorCode::InvalidToken);
    assert_eq!(code(world.auth().sign_out(&from(HOME), Some(swapped.refresh_token)).await), ErrorCode::InvalidToken);
    world.refresh(&ann.tokens).await.unwrap();
}

#[tokio::test]
async fn a_token_of_a_deleted_account_or_a_forgotten_session_is_refused() {
    let world = World::new().await;
    let (ann, bob) = (world.person("ann").await, world.person("bob").await);
    world.accounts().delete(&operator(), ann.id()).await.unwrap();
    assert_eq!(code(world.refresh(&ann.tokens).await), ErrorCode::InvalidToken);
    let elsewhere = World::new().await;
    assert_eq!(code(elsewhere.refresh(&bob.tokens).await), ErrorCode::InvalidToken);
}
