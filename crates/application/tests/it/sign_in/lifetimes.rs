//! How long a session lives: unused, however often refreshed, and beside others of its account.
use crate::world::{DAY, HOME, Line, MICROSECOND, MINUTE, PASSWORD, World, claims, code, from, typed};
use doorward_domain::{AuditOutcome, Session, SessionId, SessionState};
use doorward_ports::ErrorCode;
use doorward_ports::inbound::TokenPair;
use std::num::NonZeroUsize;
use std::time::Duration;

const HOUR: Duration = Duration::from_hours(1);
/// What a session may be idle for beyond `idle_ttl`, because its use is recorded once a minute and not at once.
const SLACK: Duration = Duration::from_mins(2);

async fn ending_after(absolute_ttl: Duration) -> World {
    World::by(|policies| policies.lifetimes.absolute_ttl = absolute_ttl).await
}

async fn idle_after(idle_ttl: Duration) -> World {
    World::by(|policies| policies.lifetimes.idle_ttl = Some(idle_ttl)).await
}

async fn limited_to(limit: usize) -> World {
    World::by(|policies| policies.session_limit = NonZeroUsize::new(limit)).await
}

fn exp(tokens: &TokenPair) -> [i64; 2] {
    [&tokens.access_token, &tokens.refresh_token].map(|token| claims(token)["exp"].as_i64().unwrap())
}

/// OWASP ASVS 7.3.2: an absolute lifetime, after which one proves again who one is.
#[tokio::test]
async fn asvs_7_3_2_a_session_ends_at_its_time_however_often_it_is_refreshed() {
    let world = ending_after(10 * DAY).await;
    let mut tokens = world.person("ann").await.tokens;
    let end = world.now().whole_seconds().plus(10 * DAY);
    for day in 1..=9 {
        world.advance(DAY);
        tokens = world.refresh(&tokens).await.unwrap();
        assert_eq!(exp(&tokens)[1], end.as_seconds().min(world.now().as_seconds() + 7 * 86_400), "on day {day}");
    }
    world.clock.set(end.minus(MICROSECOND));
    tokens = world.refresh(&tokens).await.unwrap();
    world.identify(&tokens).await.unwrap();
    world.clock.set(end);
    assert_eq!(code(world.identify(&tokens).await), ErrorCode::InvalidToken);
    assert_eq!(code(world.refresh(&tokens).await), ErrorCode::InvalidToken);
}

/// For verifiers elsewhere, that look at `exp` and at nothing else.
#[tokio::test]
async fn the_last_access_tokens_end_with_the_session() {
    let world = ending_after(20 * MINUTE).await;
    let first = world.person("ann").await.tokens;
    assert_eq!((first.expires_in, first.refresh_expires_in), (15 * MINUTE, 20 * MINUTE));
    world.advance(10 * MINUTE);
    let last = world.refresh(&first).await.unwrap();
    assert_eq!((last.expires_in, last.refresh_expires_in), (10 * MINUTE, 10 * MINUTE));
    assert_eq!(exp(&last), [exp(&first)[1]; 2]);
}

/// A session that would be over by what the operator has set since is not prolonged.
#[tokio::test]
async fn a_shortened_lifetime_counts_from_the_next_refresh_on() {
    let world = ending_after(90 * DAY).await;
    let ann = world.person("ann").await;
    let shortened = world.changed(|_, policies| policies.lifetimes.absolute_ttl = 2 * DAY);
    world.advance(DAY);
    let next = shortened.refresh(&ann.tokens).await.unwrap();
    assert_eq!(next.refresh_expires_in, DAY);
    let bob = world.person("bob").await;
    world.advance(2 * DAY);
    assert_eq!(code(shortened.refresh(&bob.tokens).await), ErrorCode::InvalidToken);
}

/// OWASP ASVS 7.3.1: a session that nobody uses ends.
#[tokio::test]
async fn asvs_7_3_1_a_session_that_nobody_uses_ends_and_its_tokens_with_it() {
    let world = idle_after(HOUR).await;
    let (ann, bob) = (world.person("ann").await, world.person("bob").await);
    let end = world.live(ann.id()).await[0].expires_at();
    assert!(end.since(world.now()) >= HOUR && end.since(world.now()) <= HOUR + SLACK);
    world.clock.set(end.minus(MICROSECOND));
    let kept = world.refresh(&bob.tokens).await.unwrap();
    world.clock.set(end);
    assert_eq!(code(world.refresh(&ann.tokens).await), ErrorCode::InvalidToken);
    assert_eq!(world.live(ann.id()).await, []);
    world.identify(&kept).await.unwrap();
}

#[tokio::test]
async fn an_idle_session_answers_no_access_token_that_would_still_be_good() {
    let world = World::by(|policies| {
        policies.lifetimes.idle_ttl = Some(5 * MINUTE);
        policies.lifetimes.access_ttl = HOUR;
    });
    let world = world.await;
    let ann = world.person("ann").await;
    world.advance(5 * MINUTE + SLACK);
    assert_eq!(code(world.identify(&ann.tokens).await), ErrorCode::InvalidToken);
}

#[tokio::test]
async fn a_refresh_is_use() {
    let world = idle_after(HOUR).await;
    let mut tokens = world.person("ann").await.tokens;
    for _ in 0..30 {
        world.advance(HOUR);
        tokens = world.refresh(&tokens).await.unwrap();
    }
}

async fn the_end_of(world: &World, id: SessionId) -> SessionState {
    let Session { state, .. } = world.store().read().await.unwrap().sessions().by_id(id).await.unwrap().unwrap();
    state
}

fn ids(sessions: &[Session]) -> Vec<SessionId> {
    sessions.iter().map(|session| session.id).collect()
}

#[tokio::test]
async fn one_sign_in_beyond_the_limit_ends_the_oldest_session_and_no_other() {
    let world = limited_to(2).await;
    let (bob, first) = (world.person("bob").await, world.person("ann").await);
    let second = world.session_of("ann").await;
    world.journal.take();
    let third = world.session_of("ann").await;
    assert_eq!(ids(&world.live(first.id()).await), [third.tokens.session, second.tokens.session]);
    let SessionState::Ended { reason, .. } = the_end_of(&world, first.tokens.session).await else {
        panic!("not ended")
    };
    assert_eq!(reason.as_str(), "session_limit");
    assert_eq!(code(world.identify(&first.tokens).await), ErrorCode::InvalidToken);
    world.identify(&bob.tokens).await.unwrap();
    let ended = Line {
        action: "session.ended",
        actor: "anonymous".to_owned(),
        subject: Some(format!("session:{}", first.tokens.session)),
        outcome: AuditOutcome::Success,
        details: serde_json::json!({ "reason": "session_limit" }),
    };
    assert_eq!(world.journal.lines()[0], ended);
}

#[tokio::test]
async fn of_one_session_a_new_one_takes_the_place() {
    let world = limited_to(1).await;
    let first = world.person("ann").await;
    let second = world.session_of("ann").await;
    assert_eq!(ids(&world.live(first.id()).await), [second.tokens.session]);
}

#[tokio::test]
async fn sessions_that_are_over_take_no_place() {
    let world = limited_to(2).await;
    let ended = world.person("ann").await;
    world.auth().sign_out(&ended.caller, None).await.unwrap();
    let kept = world.session_of("ann").await;
    let last = world.session_of("ann").await;
    assert_eq!(ids(&world.live(kept.id()).await), [last.tokens.session, kept.tokens.session]);
}

#[tokio::test]
async fn a_lowered_limit_holds_from_the_next_sign_in_on() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    for _ in 0..7 {
        world.session_of("ann").await;
    }
    let lowered = world.changed(|_, policies| policies.session_limit = NonZeroUsize::new(3));
    let newest = lowered.session_of("ann").await;
    let live = world.live(ann.id()).await;
    assert_eq!((live.len(), live[0].id), (3, newest.tokens.session));
}

/// Judged under the lock of the account: whoever counted before would count too few.
#[tokio::test(flavor = "multi_thread")]
async fn of_a_crowd_that_signs_in_at_once_as_many_stay_as_may() {
    let limit = 5;
    let world = World::on_postgres(|policies| policies.session_limit = NonZeroUsize::new(limit)).await;
    let ann = world.person("ann").await;
    world.advance(Duration::from_millis(1));
    let crowd: Vec<_> = (0..32)
        .map(|_| {
            let world = world.clone();
            tokio::spawn(async move { world.auth().sign_in(&from(HOME), typed("ann", PASSWORD)).await.unwrap() })
        })
        .collect();
    let mut made = Vec::new();
    for one in crowd {
        made.push(one.await.unwrap().session);
    }
    let live = ids(&world.live(ann.id()).await);
    assert_eq!(live.len(), limit);
    assert!(live.iter().all(|id| made.contains(id)), "the oldest of all was ended first");
}
