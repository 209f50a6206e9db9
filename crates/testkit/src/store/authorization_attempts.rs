//! What attempts to sign in with a provider promise.
use super::{CROWD, StoreUnderTest};
use crate::{START, a_session, a_user, an_attempt};
use doorward_domain::{AttemptPurpose, AuthorizationAttempt, Client, ProviderName, SessionId, Timestamp, UserId};
use doorward_ports::outbound::{AnsweredAttempt, AttemptSecrets, LinkOffer, SpentCode, Store, StoreError};
use doorward_ports::{Secret, SecretDigest};
use std::sync::Arc;
use std::time::Duration;

const MICROSECOND: Duration = Duration::from_micros(1);
const LATER: Timestamp = Timestamp::from_micros(START.as_micros() + 86_400_000_001);
const VERIFIER: &[u8] = &[0, 1, 255, b'v'];
const IDENTITY: &[u8] = &[0, 2, 255, b'i'];

/// The secrets of an attempt are named by it, so that each has its own.
fn secret(name: &str, attempt: &AuthorizationAttempt) -> SecretDigest {
    SecretDigest::of(&Secret::new(format!("{name} {}", attempt.id)))
}

fn state(attempt: &AuthorizationAttempt) -> SecretDigest {
    secret("state", attempt)
}

fn code(attempt: &AuthorizationAttempt) -> SecretDigest {
    secret("code", attempt)
}

fn token(attempt: &AuthorizationAttempt) -> SecretDigest {
    secret("token", attempt)
}

async fn begin_in(it: &StoreUnderTest, attempt: &AuthorizationAttempt, browser: Option<&SecretDigest>) {
    let mut work = it.write().await;
    let secrets = AttemptSecrets { state: &state(attempt), browser, verifier: VERIFIER };
    work.authorization_attempts().insert(attempt, secrets).await.unwrap();
    work.commit().await.unwrap();
}

async fn begin(it: &StoreUnderTest, attempt: &AuthorizationAttempt) {
    begin_in(it, attempt, None).await;
}

async fn answer_by(
    it: &StoreUnderTest,
    attempt: &AuthorizationAttempt,
    provider: &ProviderName,
    browser: Option<&SecretDigest>,
    begun_after: Timestamp,
) -> Option<AnsweredAttempt> {
    let mut work = it.write().await;
    let attempts = work.authorization_attempts();
    let answered = attempts.answer(&state(attempt), provider, browser, begun_after, LATER).await.unwrap();
    work.commit().await.unwrap();
    answered
}

async fn answer(it: &StoreUnderTest, attempt: &AuthorizationAttempt) -> Option<AnsweredAttempt> {
    answer_by(it, attempt, &attempt.provider, None, attempt.begun_at).await
}

async fn issue(it: &StoreUnderTest, attempt: &AuthorizationAttempt, at: Timestamp) -> Result<(), StoreError> {
    let mut work = it.write().await;
    work.authorization_attempts().issue_code(attempt.id, &code(attempt), IDENTITY, at).await?;
    work.commit().await
}

async fn spend(it: &StoreUnderTest, attempt: &AuthorizationAttempt) -> Option<SpentCode> {
    let mut work = it.write().await;
    let spent = work.authorization_attempts().spend_code(&code(attempt), LATER).await.unwrap();
    work.commit().await.unwrap();
    spent
}

async fn note(it: &StoreUnderTest, attempt: &AuthorizationAttempt, session: SessionId) -> Result<(), StoreError> {
    let mut work = it.write().await;
    work.authorization_attempts().note_session(attempt.id, session).await?;
    work.commit().await
}

async fn offer(it: &StoreUnderTest, attempt: &AuthorizationAttempt, at: Timestamp) -> Result<(), StoreError> {
    let mut work = it.write().await;
    work.authorization_attempts().offer_link(attempt.id, &token(attempt), at).await?;
    work.commit().await
}

async fn take(it: &StoreUnderTest, attempt: &AuthorizationAttempt) -> Option<LinkOffer> {
    let mut work = it.write().await;
    let taken = work.authorization_attempts().take_link(&token(attempt), LATER).await.unwrap();
    work.commit().await.unwrap();
    taken
}

/// Begun, answered, and with a code.
async fn issued(it: &StoreUnderTest, attempt: &AuthorizationAttempt) {
    begin(it, attempt).await;
    answer(it, attempt).await.unwrap();
    issue(it, attempt, START).await.unwrap();
}

/// And its code is spent, and a link offered.
async fn offered(it: &StoreUnderTest, attempt: &AuthorizationAttempt) {
    issued(it, attempt).await;
    spend(it, attempt).await.unwrap();
    offer(it, attempt, START).await.unwrap();
}

fn a_session_id() -> SessionId {
    a_session(&a_user("ann")).id
}

/// `None` if it was the first to spend it, and else which session it was told.
async fn again(it: &StoreUnderTest, attempt: &AuthorizationAttempt) -> Option<Option<SessionId>> {
    match spend(it, attempt).await.unwrap() {
        SpentCode::First { .. } => None,
        SpentCode::Again { session, .. } => Some(session),
    }
}

/// What many make of it at once, on two connections to the database.
async fn crowd<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
    it: &StoreUnderTest,
    act: impl Fn(Arc<dyn Store>) -> F,
) -> Vec<T> {
    let stores = [&it.store, &it.other].into_iter().cycle().take(CROWD).cloned();
    let crowd: Vec<_> = stores.map(|store| tokio::spawn(act(store))).collect();
    let mut answers = Vec::new();
    for member in crowd {
        answers.push(member.await.unwrap());
    }
    answers
}

/// With and without what an attempt may lack, and whole seconds.
fn plain_and_full(user: UserId) -> [AuthorizationAttempt; 2] {
    let plain = AuthorizationAttempt { begun_at: START, ..an_attempt() };
    let full = AuthorizationAttempt {
        provider: "work-2".parse().unwrap(),
        purpose: AttemptPurpose::Link(user),
        client: Client::from_id("billing".to_owned()),
        redirect_uri: "com.example.app:/callback?a=%20&b".parse().unwrap(),
        state: Some("the client's own, 王 \"'\\ &=%".to_owned()),
        ..an_attempt()
    };
    [plain, full]
}

/// `insert`, `answer`: the whole attempt, and its sealed verifier.
pub async fn what_is_begun_is_answered_to_the_microsecond(it: StoreUnderTest) {
    let ann = a_user("ann");
    it.having(&[&ann]).await;
    for attempt in plain_and_full(ann.id) {
        begin(&it, &attempt).await;
        let answered = answer(&it, &attempt).await.unwrap();
        assert_eq!((answered.attempt, &*answered.verifier), (attempt, VERIFIER));
    }
}

/// `issue_code`, `spend_code`, `offer_link`, `take_link`: the whole attempt, the sealed identity, and the time of issue
/// or of the offer, however long ago that was.
pub async fn what_is_proved_is_handed_over_to_the_microsecond(it: StoreUnderTest) {
    let ann = a_user("ann");
    it.having(&[&ann]).await;
    for attempt in plain_and_full(ann.id) {
        let (issuance, offering) = (START.plus(MICROSECOND), START.plus(2 * MICROSECOND));
        begin(&it, &attempt).await;
        answer(&it, &attempt).await.unwrap();
        issue(&it, &attempt, issuance).await.unwrap();
        let spent = spend(&it, &attempt).await;
        let Some(SpentCode::First { attempt: proved, identity, issued_at }) = spent else { panic!("{spent:?}") };
        assert_eq!((&*proved, &*identity, issued_at), (&attempt, IDENTITY, issuance));
        offer(&it, &attempt, offering).await.unwrap();
        let taken = take(&it, &attempt).await.unwrap();
        assert_eq!((taken.attempt, &*taken.identity, taken.offered_at), (attempt, IDENTITY, offering));
    }
}

/// `answer`, `spend_code`, `take_link`: `None`, also for the secret of another step.
pub async fn an_unknown_state_code_or_token_is_none(it: StoreUnderTest) {
    let (attempt, unknown) = (an_attempt(), an_attempt());
    offered(&it, &attempt).await;
    assert!(answer(&it, &unknown).await.is_none());
    assert!(spend(&it, &unknown).await.is_none());
    assert!(take(&it, &unknown).await.is_none());
    let mut work = it.write().await;
    let attempts = work.authorization_attempts();
    assert!(attempts.spend_code(&state(&attempt), START).await.unwrap().is_none());
    assert!(attempts.spend_code(&token(&attempt), START).await.unwrap().is_none());
    assert!(attempts.take_link(&code(&attempt), START).await.unwrap().is_none());
}

/// `answer`: `None` if it was answered before, and no other attempt is touched.
pub async fn an_answer_is_taken_once(it: StoreUnderTest) {
    let (attempt, other) = (an_attempt(), an_attempt());
    begin(&it, &attempt).await;
    begin(&it, &other).await;
    assert!(answer(&it, &attempt).await.is_some());
    assert!(answer(&it, &attempt).await.is_none());
    assert!(answer(&it, &other).await.is_some());
}

/// `answer`: of any number of calls at once, exactly one takes it.
pub async fn of_a_crowd_one_takes_an_answer(it: StoreUnderTest) {
    let attempt = an_attempt();
    begin(&it, &attempt).await;
    let answers = crowd(&it, |store| {
        let attempt = attempt.clone();
        async move {
            let mut work = store.write().await.unwrap();
            let attempts = work.authorization_attempts();
            let taken = attempts.answer(&state(&attempt), &attempt.provider, None, START, LATER).await.unwrap();
            work.commit().await.unwrap();
            taken
        }
    });
    assert_eq!(answers.await.iter().flatten().count(), 1);
}

/// `answer`: `None`, and the right provider can still answer it.
pub async fn an_answer_of_another_provider_is_not_taken(it: StoreUnderTest) {
    let attempt = an_attempt();
    begin(&it, &attempt).await;
    for other in ["other", "exam", "example2"] {
        let other = other.parse().unwrap();
        assert!(answer_by(&it, &attempt, &other, None, attempt.begun_at).await.is_none(), "{other}");
    }
    assert!(answer(&it, &attempt).await.is_some());
}

/// `answer`: `None` in another browser or without one, and its own can still answer it.
pub async fn an_answer_in_another_browser_is_not_taken(it: StoreUnderTest) {
    let (attempt, provider) = (an_attempt(), "example".parse().unwrap());
    let [its_own, other] = ["its own", "other"].map(|name| secret(name, &attempt));
    begin_in(&it, &attempt, Some(&its_own)).await;
    assert!(answer_by(&it, &attempt, &provider, Some(&other), attempt.begun_at).await.is_none());
    assert!(answer_by(&it, &attempt, &provider, None, attempt.begun_at).await.is_none());
    assert!(answer_by(&it, &attempt, &provider, Some(&its_own), attempt.begun_at).await.is_some());
}

/// `answer`: if a client began it without a browser, whatever browser there is.
pub async fn an_attempt_that_no_browser_began_is_answered_in_any(it: StoreUnderTest) {
    let attempt = an_attempt();
    begin(&it, &attempt).await;
    let some = secret("some browser", &attempt);
    assert!(answer_by(&it, &attempt, &attempt.provider, Some(&some), attempt.begun_at).await.is_some());
}

/// `answer`: `None` if it was begun before that time, to the microsecond.
pub async fn an_answer_that_comes_too_late_is_not_taken(it: StoreUnderTest) {
    let attempt = an_attempt();
    begin(&it, &attempt).await;
    let late = attempt.begun_at.plus(MICROSECOND);
    assert!(answer_by(&it, &attempt, &attempt.provider, None, late).await.is_none());
    assert!(answer_by(&it, &attempt, &attempt.provider, None, attempt.begun_at).await.is_some());
}

/// `issue_code`: else an error.
pub async fn a_code_is_issued_once_and_for_an_answered_attempt_alone(it: StoreUnderTest) {
    let attempt = an_attempt();
    assert!(issue(&it, &attempt, START).await.is_err(), "there is none");
    begin(&it, &attempt).await;
    assert!(issue(&it, &attempt, START).await.is_err(), "it is not answered");
    answer(&it, &attempt).await.unwrap();
    issue(&it, &attempt, START).await.unwrap();
    assert!(issue(&it, &attempt, LATER).await.is_err(), "it has one");
    let spent = spend(&it, &attempt).await;
    assert!(matches!(spent, Some(SpentCode::First { issued_at: START, .. })), "{spent:?}");
    it.others_can_write().await;
}

/// `spend_code`: of any number of calls at once, exactly one is the first.
pub async fn of_a_crowd_one_spends_a_code_first(it: StoreUnderTest) {
    let attempt = an_attempt();
    issued(&it, &attempt).await;
    let spent = crowd(&it, |store| {
        let code = code(&attempt);
        async move {
            let mut work = store.write().await.unwrap();
            let spent = work.authorization_attempts().spend_code(&code, LATER).await.unwrap().unwrap();
            work.commit().await.unwrap();
            spent
        }
    });
    let spent = spent.await;
    assert_eq!(spent.iter().filter(|spent| matches!(spent, SpentCode::First { .. })).count(), 1);
    assert!(spent.iter().all(|spent| !matches!(spent, SpentCode::Again { session: Some(_), .. })), "{spent:?}");
}

/// `spend_code`: all others wait for the first, and see the session that it notes before its commit.
pub async fn of_a_crowd_all_but_the_first_are_told_its_session(it: StoreUnderTest) {
    let (attempt, session) = (an_attempt(), a_session_id());
    issued(&it, &attempt).await;
    let told = crowd(&it, |store| {
        let (id, code) = (attempt.id, code(&attempt));
        async move {
            let mut work = store.write().await.unwrap();
            let attempts = work.authorization_attempts();
            let told = match attempts.spend_code(&code, LATER).await.unwrap().unwrap() {
                SpentCode::First { .. } => attempts.note_session(id, session).await.map(|()| None).unwrap(),
                SpentCode::Again { session, .. } => Some(session),
            };
            work.commit().await.unwrap();
            told
        }
    });
    let told: Vec<_> = told.await.into_iter().flatten().collect();
    assert_eq!(told, [Some(session); CROWD - 1]);
}

/// `spend_code`, `note_session`
pub async fn a_spent_code_tells_its_session_once_that_is_noted(it: StoreUnderTest) {
    let (attempt, other, session) = (an_attempt(), an_attempt(), a_session_id());
    issued(&it, &attempt).await;
    issued(&it, &other).await;
    assert_eq!((again(&it, &attempt).await, again(&it, &other).await), (None, None));
    assert_eq!(again(&it, &attempt).await, Some(None));
    note(&it, &attempt, session).await.unwrap();
    assert_eq!(again(&it, &attempt).await, Some(Some(session)));
    assert_eq!(again(&it, &other).await, Some(None), "it is not noted of another");
}

/// `spent`: the whole attempt and the sealed identity, as often as asked for; `None` before the code is spent.
pub async fn what_was_spent_is_read_again_and_nothing_before_that(it: StoreUnderTest) {
    let ann = a_user("ann");
    it.having(&[&ann]).await;
    for attempt in plain_and_full(ann.id) {
        issued(&it, &attempt).await;
        assert!(it.write().await.authorization_attempts().spent(attempt.id).await.unwrap().is_none());
        spend(&it, &attempt).await.unwrap();
        for _ in 0..2 {
            let spent = it.write().await.authorization_attempts().spent(attempt.id).await.unwrap();
            assert_eq!(spent, Some((attempt.clone(), IDENTITY.to_vec())));
        }
    }
}

/// `note_session`: else an error, and the first stays.
pub async fn a_session_is_noted_once_and_of_a_spent_code_alone(it: StoreUnderTest) {
    let (attempt, session) = (an_attempt(), a_session_id());
    assert!(note(&it, &attempt, session).await.is_err(), "there is none");
    issued(&it, &attempt).await;
    assert!(note(&it, &attempt, session).await.is_err(), "its code is not spent");
    spend(&it, &attempt).await.unwrap();
    note(&it, &attempt, session).await.unwrap();
    assert!(note(&it, &attempt, a_session_id()).await.is_err(), "it has one");
    assert_eq!(again(&it, &attempt).await, Some(Some(session)));
}

/// `offer_link`: else an error, and the first offer stays.
pub async fn a_link_is_offered_once_and_after_the_code_is_spent_alone(it: StoreUnderTest) {
    let attempt = an_attempt();
    assert!(offer(&it, &attempt, START).await.is_err(), "there is none");
    issued(&it, &attempt).await;
    assert!(offer(&it, &attempt, START).await.is_err(), "its code is not spent");
    assert!(take(&it, &attempt).await.is_none());
    spend(&it, &attempt).await.unwrap();
    offer(&it, &attempt, START).await.unwrap();
    assert!(offer(&it, &attempt, LATER).await.is_err(), "it is offered");
    assert_eq!(take(&it, &attempt).await.unwrap().offered_at, START);
    assert!(offer(&it, &attempt, LATER).await.is_err(), "it is taken");
}

/// `take_link`: `None` if it was taken before, and no other is touched.
pub async fn a_link_is_taken_once(it: StoreUnderTest) {
    let (attempt, other) = (an_attempt(), an_attempt());
    offered(&it, &attempt).await;
    offered(&it, &other).await;
    assert!(take(&it, &attempt).await.is_some());
    assert!(take(&it, &attempt).await.is_none());
    assert!(take(&it, &other).await.is_some());
}

/// `take_link`: of any number of calls at once, exactly one takes it.
pub async fn of_a_crowd_one_takes_a_link(it: StoreUnderTest) {
    let attempt = an_attempt();
    offered(&it, &attempt).await;
    let taken = crowd(&it, |store| {
        let token = token(&attempt);
        async move {
            let mut work = store.write().await.unwrap();
            let taken = work.authorization_attempts().take_link(&token, LATER).await.unwrap();
            work.commit().await.unwrap();
            taken
        }
    });
    assert_eq!(taken.await.iter().flatten().count(), 1);
}

/// A step is part of its unit of work.
pub async fn a_step_that_is_not_committed_can_be_taken_again(it: StoreUnderTest) {
    let attempt = an_attempt();
    begin(&it, &attempt).await;
    let its_state = state(&attempt);
    let mut work = it.write().await;
    let attempts = work.authorization_attempts();
    assert!(attempts.answer(&its_state, &attempt.provider, None, START, START).await.unwrap().is_some());
    drop(work);
    assert!(answer(&it, &attempt).await.is_some());
    issue(&it, &attempt, START).await.unwrap();
    let mut work = it.write().await;
    assert!(work.authorization_attempts().spend_code(&code(&attempt), START).await.unwrap().is_some());
    drop(work);
    assert_eq!(again(&it, &attempt).await, None);
}

/// With whose account it was to be linked; an attempt to sign in belongs to no account, and stays.
pub async fn an_attempt_to_link_is_deleted_with_its_account(it: StoreUnderTest) {
    let (ann, bob) = (a_user("ann"), a_user("bob"));
    it.having(&[&ann, &bob]).await;
    let link = |user| AuthorizationAttempt { purpose: AttemptPurpose::Link(user), ..an_attempt() };
    let (hers, his, sign_in) = (link(ann.id), link(bob.id), an_attempt());
    for attempt in [&hers, &his, &sign_in] {
        begin(&it, attempt).await;
    }
    let mut work = it.write().await;
    assert!(work.users().delete(ann.id).await.unwrap());
    work.commit().await.unwrap();
    assert!(answer(&it, &hers).await.is_none());
    assert!(answer(&it, &his).await.is_some());
    assert!(answer(&it, &sign_in).await.is_some());
}

/// `purge`: what was begun before, in whatever state, and at most so many.
pub async fn a_purge_forgets_what_is_long_over_and_no_more_than_asked(it: StoreUnderTest) {
    let line = START.plus(Duration::from_hours(1));
    let begun = |at| AuthorizationAttempt { begun_at: at, ..an_attempt() };
    let kept = begun(line);
    begin(&it, &kept).await;
    for n in 1..=2 {
        begin(&it, &begun(line.minus(n * MICROSECOND))).await;
        issued(&it, &begun(line.minus(n * MICROSECOND))).await;
        offered(&it, &begun(START)).await;
    }
    let mut work = it.write().await;
    for expected in [4, 2, 0] {
        assert_eq!(work.authorization_attempts().purge(line, 4).await.unwrap(), expected);
    }
    work.commit().await.unwrap();
    assert!(answer(&it, &kept).await.is_some());
}
