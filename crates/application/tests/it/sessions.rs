//! Where accounts are signed in.
use crate::world::{CAFE, DAY, HOME, World, code, from, operator};
use doorward_domain::SessionId;
use doorward_ports::inbound::SessionView;
use doorward_ports::{Cursor, ErrorCode, Limit, Page};

fn ids(page: &Page<SessionView>) -> Vec<SessionId> {
    page.items.iter().map(|view| view.session.id).collect()
}

#[tokio::test]
async fn a_person_sees_where_he_is_signed_in_newest_first_and_which_one_asks() {
    let world = World::new().await;
    let first = world.person("ann").await;
    let second = world.session_from(CAFE, "ann").await;
    world.person("bob").await;
    let page = world.sessions().own(&first.caller, None, Limit::default()).await.unwrap();
    let shown: Vec<_> = page.items.iter().map(|view| (view.session.id, view.current)).collect();
    assert_eq!(shown, [(second.tokens.session, false), (first.tokens.session, true)]);
    assert_eq!(page.items[0].session.address, Some(CAFE.parse().unwrap()));
    assert_eq!(page.next, None);
}

#[tokio::test]
async fn an_administrator_sees_anybodys_and_none_of_them_asks() {
    let world = World::new().await;
    let (ann, admin) = (world.person("ann").await, world.admin("eve").await);
    let page = world.sessions().of_user(&admin.caller, ann.id(), None, Limit::default()).await.unwrap();
    assert_eq!((ids(&page), page.items[0].current), (vec![ann.tokens.session], false));
    let own = world.sessions().of_user(&admin.caller, admin.id(), None, Limit::default()).await.unwrap();
    assert!(own.items[0].current);
}

#[tokio::test]
async fn ended_and_expired_sessions_are_not_shown() {
    let world = World::new().await;
    let expired = world.person("ann").await;
    world.advance(7 * DAY);
    let ended = world.session_of("ann").await;
    world.auth().sign_out(&ended.caller, None).await.unwrap();
    let live = world.session_of("ann").await;
    let page = world.sessions().own(&live.caller, None, Limit::default()).await.unwrap();
    assert_eq!(ids(&page), [live.tokens.session]);
    let end = world.sessions().end_own(&live.caller, expired.tokens.session).await;
    assert_eq!(code(end), ErrorCode::SessionNotFound);
}

#[tokio::test]
async fn pages_hold_every_session_once_while_others_come_and_go() {
    let world = World::new().await;
    let mut made = vec![world.person("ann").await];
    for _ in 0..4 {
        made.push(world.session_of("ann").await);
    }
    let limit = Limit::new(2).unwrap();
    let first = world.sessions().own(&made[0].caller, None, limit).await.unwrap();
    assert_eq!(ids(&first), [made[4].tokens.session, made[3].tokens.session]);
    world.auth().sign_out(&made[3].caller, None).await.unwrap();
    world.session_of("ann").await;
    let second = world.sessions().own(&made[0].caller, first.next, limit).await.unwrap();
    assert_eq!(ids(&second), [made[2].tokens.session, made[1].tokens.session]);
    let last = world.sessions().own(&made[0].caller, second.next, limit).await.unwrap();
    assert_eq!((ids(&last), last.next), (vec![made[0].tokens.session], None));
}

#[tokio::test]
async fn a_cursor_that_the_list_did_not_give_out_is_refused() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    for text in ["", "session", "session:", "session:x", "email:ann@example.com", "\0"] {
        let cursor = Cursor::from_text(text.to_owned());
        let answer = world.sessions().own(&ann.caller, Some(cursor.clone()), Limit::default()).await;
        assert_eq!(code(answer), ErrorCode::InvalidCursor, "{text:?}");
        let answer = world.sessions().of_user(&operator(), ann.id(), Some(cursor), Limit::default()).await;
        assert_eq!(code(answer), ErrorCode::InvalidCursor, "{text:?}");
    }
}

#[tokio::test]
async fn a_person_ends_one_of_his_sessions_also_the_one_that_asks() {
    let world = World::new().await;
    let (first, second) = (world.person("ann").await, world.session_of("ann").await);
    world.sessions().end_own(&first.caller, second.tokens.session).await.unwrap();
    assert_eq!(code(world.identify(&second.tokens).await), ErrorCode::InvalidToken);
    let twice = world.sessions().end_own(&first.caller, second.tokens.session).await;
    assert_eq!(code(twice), ErrorCode::SessionNotFound);
    world.sessions().end_own(&first.caller, first.tokens.session).await.unwrap();
    assert_eq!(world.live(first.id()).await, []);
}

/// GHSA-4vcf-q4xf-f48m: what belongs to somebody else is found by its id alone.
#[tokio::test]
async fn ghsa_4vcf_q4xf_f48m_anothers_session_is_answered_like_an_unknown_one() {
    let world = World::new().await;
    let (ann, bob) = (world.person("ann").await, world.person("bob").await);
    let unknown = SessionId::mint(world.now(), [7; 10]);
    for id in [bob.tokens.session, unknown] {
        assert_eq!(code(world.sessions().end_own(&ann.caller, id).await), ErrorCode::SessionNotFound);
    }
    world.identify(&bob.tokens).await.unwrap();
}

#[tokio::test]
async fn a_person_ends_all_his_sessions_but_the_one_that_asks() {
    let world = World::new().await;
    let (first, second, third) =
        (world.person("ann").await, world.session_of("ann").await, world.session_of("ann").await);
    let bob = world.person("bob").await;
    world.sessions().end_own_others(&second.caller).await.unwrap();
    for ended in [first, third] {
        assert_eq!(code(world.identify(&ended.tokens).await), ErrorCode::InvalidToken);
        assert_eq!(code(world.refresh(&ended.tokens).await), ErrorCode::InvalidToken);
    }
    world.identify(&second.tokens).await.unwrap();
    world.identify(&bob.tokens).await.unwrap();
}

#[tokio::test]
async fn an_administrator_ends_all_of_an_account_and_no_other() {
    let world = World::new().await;
    let (ann, bob, admin) = (world.person("ann").await, world.person("bob").await, world.admin("eve").await);
    world.session_of("ann").await;
    world.sessions().end_of_user(&admin.caller, ann.id()).await.unwrap();
    assert_eq!(world.live(ann.id()).await, []);
    world.identify(&bob.tokens).await.unwrap();
    world.sessions().end_of_user(&admin.caller, ann.id()).await.unwrap();
}

#[tokio::test]
async fn an_account_that_there_is_not_has_no_sessions() {
    let world = World::new().await;
    let ann = world.account("ann").await;
    world.accounts().delete(&operator(), ann.id).await.unwrap();
    let listed = world.sessions().of_user(&operator(), ann.id, None, Limit::default()).await;
    assert_eq!(code(listed), ErrorCode::UserNotFound);
    assert_eq!(code(world.sessions().end_of_user(&operator(), ann.id).await), ErrorCode::UserNotFound);
}

#[tokio::test]
async fn nobody_without_an_account_has_sessions_of_his_own() {
    let world = World::new().await;
    let id = SessionId::mint(world.now(), [7; 10]);
    for caller in [from(HOME), operator()] {
        let sessions = world.sessions();
        assert_eq!(code(sessions.own(&caller, None, Limit::default()).await), ErrorCode::AuthenticationRequired);
        assert_eq!(code(sessions.end_own(&caller, id).await), ErrorCode::AuthenticationRequired);
        assert_eq!(code(sessions.end_own_others(&caller).await), ErrorCode::AuthenticationRequired);
    }
}
