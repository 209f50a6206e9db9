//! What sessions promise.
use super::{CROWD, StoreUnderTest};
use crate::{START, a_session, a_token, a_user, an_exchange};
use doorward_domain::{
    AuthenticationEvent, Authentications, EndReason, RefreshFamily, Session, SessionState, Timestamp, User,
};
use doorward_ports::outbound::{Exchange, Seen};
use std::time::Duration;

const TTL: Duration = Duration::from_hours(24);
const MICROSECOND: Duration = Duration::from_micros(1);

/// What the domain says the exchange makes of the session.
fn exchanged(session: Session, exchange: &Exchange) -> Session {
    let family = session.family.exchange(exchange.next, exchange.now, TTL);
    Session { family, last_seen_at: exchange.now, idle_ends_at: exchange.idle_ends_at, ..session }
}

async fn try_exchange(it: &StoreUnderTest, session: &Session, exchange: &Exchange) -> Option<Session> {
    it.store.exchange(session.id, exchange).await.unwrap()
}

async fn end(it: &StoreUnderTest, session: &Session, at: Timestamp, reason: EndReason) -> bool {
    let mut work = it.write().await;
    let answer = work.sessions().end(session.id, at, reason).await.unwrap();
    work.commit().await.unwrap();
    answer
}

async fn count(it: &StoreUnderTest, now: Timestamp) -> u64 {
    it.store.read().await.unwrap().sessions().count_live(now).await.unwrap()
}

async fn a_stored_session(it: &StoreUnderTest) -> (User, Session) {
    let ann = a_user("ann");
    let session = a_session(&ann);
    it.having(&[&ann]).await;
    it.having_sessions(&[&session]).await;
    (ann, session)
}

/// What the session rests on is replaced whole, and of a session that is not live nothing is.
pub async fn what_a_live_session_rests_on_is_replaced(it: StoreUnderTest) {
    let (ann, session) = a_stored_session(&it).await;
    let elsewhere = a_session(&ann);
    it.having_sessions(&[&elsewhere]).await;
    let proved = session.authentications.clone().with(AuthenticationEvent::by_password(START.plus(MICROSECOND)));
    let now = session.created_at;
    assert!(rest_on(&it, &session, &proved, now).await);
    assert_eq!(it.session(&session).await.unwrap().authentications, proved);
    assert_eq!(it.session(&elsewhere).await, Some(elsewhere), "and of no other");
    assert!(!rest_on(&it, &session, &proved, session.expires_at()).await, "it has expired");
    assert!(end(&it, &session, now, EndReason::SignedOut).await);
    let again = session.authentications.clone();
    assert!(!rest_on(&it, &session, &again, now).await, "it has ended");
    assert_eq!(it.session(&session).await.unwrap().authentications, proved);
}

/// What a session rests on is answered with the exchange of its token.
pub async fn an_exchange_answers_what_the_session_rests_on(it: StoreUnderTest) {
    let (_, session) = a_stored_session(&it).await;
    let proved = session.authentications.clone().with(AuthenticationEvent::by_password(START.plus(MICROSECOND)));
    assert!(rest_on(&it, &session, &proved, session.created_at).await);
    let exchanged = try_exchange(&it, &session, &an_exchange(&session, START.plus(MICROSECOND))).await;
    assert_eq!(exchanged.unwrap().authentications, proved);
}

async fn rest_on(it: &StoreUnderTest, session: &Session, proved: &Authentications, now: Timestamp) -> bool {
    let mut work = it.write().await;
    let answer = work.sessions().set_authentications(session.id, proved, now).await.unwrap();
    work.commit().await.unwrap();
    answer
}

/// `insert`, `by_id`: fresh, refreshed, and ended for each reason; with all that may be left out, and without.
pub async fn what_is_inserted_is_read_back_to_the_microsecond(it: StoreUnderTest) {
    let ann = a_user("ann");
    it.having(&[&ann]).await;
    let refreshed = a_session(&ann);
    let family: RefreshFamily = refreshed.family.exchange(a_token(), START.plus(MICROSECOND), TTL);
    let mut sessions = vec![
        a_session(&ann),
        Session { family, address: Some("2001:db8::7".parse().unwrap()), ..refreshed },
        Session { address: None, user_agent: None, ..a_session(&ann) },
        Session { idle_ends_at: Some(START.plus(MICROSECOND)), ..a_session(&ann) },
    ];
    sessions.extend(EndReason::ALL.map(|reason| a_session(&ann).end(START.plus(MICROSECOND), reason)));
    it.having_sessions(&sessions.iter().collect::<Vec<_>>()).await;
    for session in sessions {
        assert_eq!(it.session(&session).await, Some(session));
    }
}

/// Lookups answer `None`; an end of nothing is `false`.
pub async fn an_unknown_session_is_none(it: StoreUnderTest) {
    let (ann, _) = a_stored_session(&it).await;
    let unknown = a_session(&ann);
    assert_eq!(it.session(&unknown).await, None);
    assert_eq!(try_exchange(&it, &unknown, &an_exchange(&unknown, START)).await, None);
    assert!(!end(&it, &unknown, START, EndReason::SignedOut).await);
}

/// `live_of`: not the ended, the expired, the idle, or another's.
pub async fn live_sessions_are_listed_newest_first_page_by_page(it: StoreUnderTest) {
    let (ann, bob) = (a_user("ann"), a_user("bob"));
    it.having(&[&ann, &bob]).await;
    let mut sessions: Vec<Session> = (0..7).map(|_| a_session(&ann)).collect();
    sessions[1] = sessions[1].clone().end(START, EndReason::SignedOut);
    sessions[3].family.current.expires_at = START;
    sessions[4].idle_ends_at = Some(START.plus(MICROSECOND));
    sessions[5].idle_ends_at = Some(START);
    let others = a_session(&bob);
    it.having_sessions(&sessions.iter().chain([&others]).collect::<Vec<_>>()).await;

    let mut read = it.store.read().await.unwrap();
    let mut seen: Vec<Session> = Vec::new();
    while let page = read.sessions().live_of(ann.id, START, seen.last().map(|s| s.id), 2).await.unwrap()
        && !page.is_empty()
    {
        assert!(page.len() <= 2);
        seen.extend(page);
    }
    let expected: Vec<Session> = [6, 4, 2, 0].map(|n: usize| sessions[n].clone()).into();
    assert_eq!(seen, expected);
}

/// `count_live`: not the ended, and not those that expire, or end as idle, at that very moment.
pub async fn live_sessions_of_all_accounts_are_counted(it: StoreUnderTest) {
    assert_eq!(count(&it, START).await, 0);
    let (ann, bob) = (a_user("ann"), a_user("bob"));
    it.having(&[&ann, &bob]).await;
    let ended = a_session(&ann).end(START, EndReason::SignedOut);
    let mut expiring = a_session(&bob);
    expiring.family.current.expires_at = START.plus(MICROSECOND);
    let idle = Session { idle_ends_at: Some(START.plus(MICROSECOND)), ..a_session(&ann) };
    it.having_sessions(&[&a_session(&ann), &a_session(&bob), &ended, &expiring, &idle]).await;
    assert_eq!(count(&it, START).await, 4);
    assert_eq!(count(&it, START.plus(MICROSECOND)).await, 2);
}

/// `exchange`: answers the session as it then is.
pub async fn a_token_is_exchanged_for_the_next(it: StoreUnderTest) {
    let (_, session) = a_stored_session(&it).await;
    let exchange = an_exchange(&session, START.plus(Duration::from_micros(1_500_001)));
    let expected = exchanged(session.clone(), &exchange);
    assert_eq!(try_exchange(&it, &session, &exchange).await, Some(expected.clone()));
    assert_eq!(it.session(&session).await, Some(expected));
}

/// `exchange`: of any number of callers at once exactly one.
pub async fn of_a_crowd_one_exchanges_the_token(it: StoreUnderTest) {
    let (_, session) = a_stored_session(&it).await;
    let one = |n: usize| {
        let store = if n.is_multiple_of(2) { it.store.clone() } else { it.other.clone() };
        let (id, exchange) = (session.id, an_exchange(&session, START));
        tokio::spawn(async move { store.exchange(id, &exchange).await.unwrap() })
    };
    let crowd: Vec<_> = (0..CROWD).map(one).collect();
    let mut winners = Vec::new();
    for member in crowd {
        winners.extend(member.await.unwrap());
    }
    assert_eq!(winners.len(), 1);
    assert_eq!(it.session(&session).await, winners.pop());
}

/// `exchange`: `None` for the one just spent, and for one that was never the session's.
pub async fn a_token_that_is_not_the_current_one_is_not_exchanged(it: StoreUnderTest) {
    let (_, session) = a_stored_session(&it).await;
    let first = an_exchange(&session, START);
    let current = try_exchange(&it, &session, &first).await;
    assert_eq!(try_exchange(&it, &session, &first).await, None);
    assert_eq!(try_exchange(&it, &session, &Exchange { shown: a_token(), ..first }).await, None);
    assert_eq!(it.session(&session).await, current);
}

/// `exchange`: `None` at the moment of expiry and after, and after the end.
pub async fn an_expired_or_ended_session_exchanges_nothing(it: StoreUnderTest) {
    let (_, session) = a_stored_session(&it).await;
    let expiry = session.expires_at();
    assert_eq!(try_exchange(&it, &session, &an_exchange(&session, expiry)).await, None);
    assert!(end(&it, &session, START, EndReason::SignedOut).await);
    assert_eq!(try_exchange(&it, &session, &an_exchange(&session, START)).await, None);
}

/// `exchange`: `None` from the moment on at which an unused session ends, and before it the next end as idle.
pub async fn an_idle_session_exchanges_nothing(it: StoreUnderTest) {
    let ann = a_user("ann");
    let session = Session { idle_ends_at: Some(START.plus(MICROSECOND)), ..a_session(&ann) };
    it.having(&[&ann]).await;
    it.having_sessions(&[&session]).await;
    assert_eq!(try_exchange(&it, &session, &an_exchange(&session, START.plus(MICROSECOND))).await, None);
    let in_time = Exchange { idle_ends_at: None, ..an_exchange(&session, START) };
    assert_eq!(try_exchange(&it, &session, &in_time).await.unwrap().idle_ends_at, None);
}

async fn saw(it: &StoreUnderTest, sessions: &[&Session], seen: &Seen) -> usize {
    let ids: Vec<_> = sessions.iter().map(|session| session.id).collect();
    let mut work = it.write().await;
    let recorded = work.sessions().saw(&ids, seen).await.unwrap();
    work.commit().await.unwrap();
    recorded
}

fn seen(at: Timestamp) -> Seen {
    Seen { at, last_seen_by: at.minus(MICROSECOND), idle_ends_at: Some(at.plus(TTL)) }
}

/// `saw`: of those that are named and live, and no earlier than is asked.
pub async fn use_is_recorded_of_live_sessions_not_seen_of_late(it: StoreUnderTest) {
    let (ann, now) = (a_user("ann"), START.plus(TTL));
    it.having(&[&ann]).await;
    let used = [a_session(&ann), Session { idle_ends_at: Some(now.plus(MICROSECOND)), ..a_session(&ann) }];
    let mut expired = a_session(&ann);
    expired.family.current.expires_at = now;
    let others = [
        Session { idle_ends_at: Some(now), ..a_session(&ann) },
        Session { last_seen_at: now, ..a_session(&ann) },
        a_session(&ann).end(START, EndReason::SignedOut),
        expired,
    ];
    let unnamed = a_session(&ann);
    it.having_sessions(&used.iter().chain(&others).chain([&unnamed]).collect::<Vec<_>>()).await;
    let named: Vec<&Session> = used.iter().chain(&others).chain([&used[0]]).collect();
    assert_eq!(saw(&it, &named, &seen(now)).await, 2);
    for session in &used {
        let recorded = Session { last_seen_at: now, idle_ends_at: Some(now.plus(TTL)), ..session.clone() };
        assert_eq!(it.session(session).await, Some(recorded));
    }
    for session in others.into_iter().chain([unnamed]) {
        assert_eq!(it.session(&session).await, Some(session));
    }
    assert_eq!(saw(&it, &[&used[0]], &seen(now)).await, 0, "it was seen just now");
    assert_eq!(saw(&it, &[], &seen(now.plus(TTL))).await, 0);
}

/// `saw`: an end as idle that there is no more.
pub async fn use_lifts_the_end_as_idle_where_there_is_none(it: StoreUnderTest) {
    let ann = a_user("ann");
    let (now, session) = (START.plus(TTL), Session { idle_ends_at: Some(START.plus(2 * TTL)), ..a_session(&ann) });
    it.having(&[&ann]).await;
    it.having_sessions(&[&session]).await;
    assert_eq!(saw(&it, &[&session], &Seen { idle_ends_at: None, ..seen(now) }).await, 1);
    assert_eq!(it.session(&session).await.unwrap().idle_ends_at, None);
}

/// `saw`: a session that somebody else is changing is left alone. Where there is one writer, nobody else is.
pub async fn use_of_a_session_that_is_being_changed_is_not_waited_for(it: StoreUnderTest) {
    let (ann, session) = a_stored_session(&it).await;
    let other = a_session(&ann);
    it.having_sessions(&[&other]).await;
    let mut ending = it.write().await;
    ending.sessions().end(session.id, START, EndReason::SignedOut).await.unwrap();
    let record = async {
        let mut work = it.other.write().await.unwrap();
        let recorded = work.sessions().saw(&[session.id, other.id], &seen(START.plus(TTL))).await.unwrap();
        work.commit().await.unwrap();
        recorded
    };
    let mut record = Box::pin(record);
    let while_it_ends = tokio::time::timeout(Duration::from_secs(1), &mut record).await;
    ending.commit().await.unwrap();
    let recorded = match while_it_ends {
        Ok(recorded) => recorded,
        Err(_) => record.await,
    };
    assert_eq!(recorded, 1);
    assert!(!it.session(&session).await.unwrap().is_live(START), "its end stands");
}

/// `end`: false when it has ended before.
pub async fn the_first_end_keeps_its_time_and_reason(it: StoreUnderTest) {
    let (_, session) = a_stored_session(&it).await;
    assert!(end(&it, &session, START.plus(MICROSECOND), EndReason::EndedByOwner).await);
    assert!(!end(&it, &session, START.plus(TTL), EndReason::EndedByAdmin).await);
    let state = SessionState::Ended { at: START.plus(MICROSECOND), reason: EndReason::EndedByOwner };
    assert_eq!(it.session(&session).await.unwrap().state, state);
}

/// `end_all`: answers which; none of another's, and none twice.
pub async fn all_sessions_but_one_are_ended(it: StoreUnderTest) {
    let (ann, bob) = (a_user("ann"), a_user("bob"));
    it.having(&[&ann, &bob]).await;
    let [kept, one, two, old] = [(); 4].map(|()| a_session(&ann));
    let old = old.end(START, EndReason::SignedOut);
    let his = a_session(&bob);
    it.having_sessions(&[&kept, &one, &two, &old, &his]).await;

    let mut work = it.write().await;
    let mut ended = work.sessions().end_all(ann.id, Some(kept.id), START, EndReason::PasswordChanged).await.unwrap();
    ended.sort();
    assert_eq!(ended, [one.id, two.id]);
    assert_eq!(work.sessions().end_all(ann.id, None, START, EndReason::AccountDisabled).await.unwrap(), [kept.id]);
    work.commit().await.unwrap();
    assert_eq!(it.session(&one).await, Some(one.end(START, EndReason::PasswordChanged)));
    assert_eq!(it.session(&kept).await, Some(kept.end(START, EndReason::AccountDisabled)));
    assert_eq!((it.session(&old).await, it.session(&his).await), (Some(old), Some(his)));
}

/// `purge`: what ended before, or whose refresh token expired before, and at most so many.
pub async fn a_purge_forgets_what_is_long_over_and_no_more_than_asked(it: StoreUnderTest) {
    let ann = a_user("ann");
    it.having(&[&ann]).await;
    let line = START.plus(TTL);
    let live = a_session(&ann);
    let just_ended = a_session(&ann).end(line, EndReason::SignedOut);
    let mut just_expired = a_session(&ann);
    just_expired.family.current.expires_at = line;
    let mut over: Vec<Session> = (0..3).map(|_| a_session(&ann).end(START, EndReason::SignedOut)).collect();
    over.extend((0..3).map(|_| {
        let mut expired = a_session(&ann);
        expired.family.current.expires_at = START;
        expired
    }));
    it.having_sessions(&over.iter().chain([&live, &just_ended, &just_expired]).collect::<Vec<_>>()).await;

    let mut work = it.write().await;
    assert_eq!(work.sessions().purge(line, 4).await.unwrap(), 4);
    assert_eq!(work.sessions().purge(line, 4).await.unwrap(), 2);
    assert_eq!(work.sessions().purge(line, 4).await.unwrap(), 0);
    work.commit().await.unwrap();
    for kept in [live, just_ended, just_expired] {
        assert_eq!(it.session(&kept).await, Some(kept));
    }
}

/// `knows_device`: any session of the account, live or not.
pub async fn a_device_is_known_by_its_sessions_live_or_not(it: StoreUnderTest) {
    let (ann, bob) = (a_user("ann"), a_user("bob"));
    it.having(&[&ann, &bob]).await;
    let on = |device: &str| Session { device: device.parse().unwrap(), ..a_session(&ann) };
    it.having_sessions(&[&on("live"), &on("ended").end(START, EndReason::SignedOut)]).await;
    let mut read = it.store.read().await.unwrap();
    for (user, device, known) in
        [(&ann, "live", true), (&ann, "ended", true), (&ann, "another", false), (&bob, "live", false)]
    {
        assert_eq!(read.sessions().knows_device(user.id, &device.parse().unwrap()).await.unwrap(), known, "{device}");
    }
}
