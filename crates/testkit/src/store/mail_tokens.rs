//! What tokens of mails promise.
use super::{CROWD, StoreUnderTest};
use crate::{START, a_mail_token, a_user};
use doorward_domain::{MailToken, MailTokenPurpose, Timestamp, User};
use doorward_ports::outbound::Store;
use doorward_ports::{Secret, SecretDigest};
use std::sync::Arc;
use std::time::Duration;

const MICROSECOND: Duration = Duration::from_micros(1);

fn digest(text: &str) -> SecretDigest {
    SecretDigest::of(&Secret::new(text.to_owned()))
}

async fn issue(store: &dyn Store, token: &MailToken, secret: &str) {
    let mut work = store.write().await.unwrap();
    work.mail_tokens().issue(token, &digest(secret)).await.unwrap();
    work.commit().await.unwrap();
}

async fn spend(store: &dyn Store, secret: &str, purpose: MailTokenPurpose, now: Timestamp) -> Option<MailToken> {
    let mut work = store.write().await.unwrap();
    let spent = work.mail_tokens().spend(&digest(secret), purpose, now).await.unwrap();
    work.commit().await.unwrap();
    spent
}

async fn find(it: &StoreUnderTest, secret: &str, now: Timestamp) -> Option<MailToken> {
    it.store.read().await.unwrap().mail_tokens().find(&digest(secret), now).await.unwrap()
}

async fn verify(it: &StoreUnderTest, secret: &str) -> Option<MailToken> {
    spend(&*it.store, secret, MailTokenPurpose::VerifyEmail, START).await
}

fn report(user: &User, email: &str) -> MailToken {
    let email = email.parse().unwrap();
    MailToken { purpose: MailTokenPurpose::ReportTakeover, email, ..a_mail_token(user) }
}

/// `find`, `issue`, `spend`: a token is what was issued.
pub async fn a_token_is_read_back_to_the_microsecond(it: StoreUnderTest) {
    let ann = a_user("ann");
    it.having(&[&ann]).await;
    for (n, &purpose) in MailTokenPurpose::ALL.iter().enumerate() {
        let (issued_at, expires_at) = (START.plus(MICROSECOND), START.plus(Duration::from_micros(1_000_001)));
        let token = MailToken { purpose, issued_at, expires_at, ..a_mail_token(&ann) };
        issue(&*it.store, &token, &format!("secret {n}")).await;
        assert_eq!(find(&it, &format!("secret {n}"), START).await, Some(token.clone()));
        assert_eq!(spend(&*it.store, &format!("secret {n}"), purpose, START).await, Some(token));
    }
}

/// `spend`: none for another purpose, another digest, or a second time; `find` does not spend.
pub async fn a_token_is_spent_once_and_only_for_its_purpose(it: StoreUnderTest) {
    let ann = a_user("ann");
    it.having(&[&ann]).await;
    issue(&*it.store, &a_mail_token(&ann), "secret").await;
    for other in [MailTokenPurpose::ResetPassword, MailTokenPurpose::ChangeEmail, MailTokenPurpose::ReportTakeover] {
        assert_eq!(spend(&*it.store, "secret", other, START).await, None);
    }
    assert_eq!(verify(&it, "another").await, None);
    assert_eq!(verify(&it, "secret").await, Some(a_mail_token(&ann)));
    assert_eq!((verify(&it, "secret").await, find(&it, "secret", START).await), (None, None));
}

/// GHSA-hc7v-rggr-4hvx: a link that could be redeemed more than once.
pub async fn of_a_crowd_one_spends_a_token(it: StoreUnderTest) {
    let ann = a_user("ann");
    it.having(&[&ann]).await;
    issue(&*it.store, &a_mail_token(&ann), "secret").await;
    let stores = [&it.store, &it.other].into_iter().cycle().take(CROWD).cloned();
    let one = |store: Arc<dyn Store>| async move {
        spend(&*store, "secret", MailTokenPurpose::VerifyEmail, START).await.is_some()
    };
    let crowd: Vec<_> = stores.map(|store| tokio::spawn(one(store))).collect();
    let mut winners = 0;
    for member in crowd {
        winners += usize::from(member.await.unwrap());
    }
    assert_eq!(winners, 1);
}

/// `find`, `spend`: none from the moment on at which it expires.
pub async fn an_expired_token_is_good_for_nothing(it: StoreUnderTest) {
    let ann = a_user("ann");
    it.having(&[&ann]).await;
    let token = a_mail_token(&ann);
    issue(&*it.store, &token, "secret").await;
    let end = token.expires_at;
    assert_eq!(find(&it, "secret", end).await, None);
    assert_eq!(spend(&*it.store, "secret", token.purpose, end).await, None);
    assert_eq!(spend(&*it.store, "secret", token.purpose, end.minus(MICROSECOND)).await, Some(token));
}

/// `issue`: in the place of the one of the same account and slot.
pub async fn a_token_replaces_the_one_of_its_slot(it: StoreUnderTest) {
    let (ann, bob) = (a_user("ann"), a_user("bob"));
    it.having(&[&ann, &bob]).await;
    issue(&*it.store, &a_mail_token(&bob), "of bob").await;
    issue(&*it.store, &a_mail_token(&ann), "first").await;
    let second = MailToken { issued_at: START.plus(MICROSECOND), ..a_mail_token(&ann) };
    issue(&*it.store, &second, "second").await;
    assert_eq!((verify(&it, "first").await, verify(&it, "second").await), (None, Some(second)));
    assert!(verify(&it, "of bob").await.is_some());
}

/// `issue`: whoever has taken over an account could otherwise cause another mail, whose report undoes less.
pub async fn a_report_keeps_the_time_of_the_one_that_it_replaces(it: StoreUnderTest) {
    let ann = a_user("ann");
    it.having(&[&ann]).await;
    let first = report(&ann, "ann@example.com");
    let issued = |after: Duration| MailToken {
        issued_at: first.issued_at.plus(after),
        expires_at: first.expires_at.plus(after),
        ..first.clone()
    };
    issue(&*it.store, &first, "first").await;
    issue(&*it.store, &issued(MICROSECOND), "second").await;
    let spent = spend(&*it.store, "second", first.purpose, START).await.unwrap();
    assert_eq!((spent.issued_at, spent.expires_at), (first.issued_at, first.expires_at.plus(MICROSECOND)));
}

/// `issue`: a report that replaces an expired one, or one of another account or address, has its own time.
pub async fn a_report_keeps_no_time_of_an_expired_or_of_another_one(it: StoreUnderTest) {
    let (ann, bob) = (a_user("ann"), a_user("bob"));
    it.having(&[&ann, &bob]).await;
    issue(&*it.store, &report(&ann, "ann@example.com"), "expired").await;
    issue(&*it.store, &report(&ann, "eve@example.com"), "of another address").await;
    issue(&*it.store, &report(&bob, "ann@example.com"), "of another account").await;
    let end = report(&ann, "ann@example.com").expires_at;
    let later = MailToken { issued_at: end, expires_at: end.plus(MICROSECOND), ..report(&ann, "ann@example.com") };
    issue(&*it.store, &later, "later").await;
    assert_eq!(spend(&*it.store, "later", later.purpose, end).await, Some(later));
}

/// `issue`: tokens with another slot stay.
pub async fn reports_of_different_addresses_are_kept(it: StoreUnderTest) {
    let ann = a_user("ann");
    it.having(&[&ann]).await;
    issue(&*it.store, &report(&ann, "ann@example.com"), "old").await;
    issue(&*it.store, &report(&ann, "eve@example.com"), "new").await;
    for secret in ["old", "new"] {
        assert!(spend(&*it.store, secret, MailTokenPurpose::ReportTakeover, START).await.is_some(), "{secret}");
    }
}

/// `issue`: of several at once, one is left.
pub async fn of_tokens_that_are_issued_at_once_one_is_left(it: StoreUnderTest) {
    let ann = a_user("ann");
    it.having(&[&ann]).await;
    let issuing = (0..CROWD).map(|n| {
        let (store, token) = ([&it.store, &it.other][n % 2].clone(), a_mail_token(&ann));
        tokio::spawn(async move { issue(&*store, &token, &format!("secret {n}")).await })
    });
    for issued in issuing.collect::<Vec<_>>() {
        issued.await.unwrap();
    }
    let mut good = 0;
    for n in 0..CROWD {
        good += usize::from(verify(&it, &format!("secret {n}")).await.is_some());
    }
    assert_eq!(good, 1);
}

/// `revoke`: of this account, for these purposes, issued then or later.
pub async fn tokens_are_revoked_by_account_purpose_and_time(it: StoreUnderTest) {
    let (ann, bob) = (a_user("ann"), a_user("bob"));
    it.having(&[&ann, &bob]).await;
    let reset = MailToken { purpose: MailTokenPurpose::ResetPassword, ..a_mail_token(&ann) };
    issue(&*it.store, &a_mail_token(&ann), "verify").await;
    issue(&*it.store, &reset, "reset").await;
    issue(&*it.store, &MailToken { user: bob.id, ..reset }, "of bob").await;
    let mut work = it.write().await;
    let tokens = work.mail_tokens();
    let purposes = [MailTokenPurpose::ResetPassword, MailTokenPurpose::ChangeEmail];
    assert_eq!(tokens.revoke(ann.id, &purposes, START.plus(MICROSECOND)).await.unwrap(), 0);
    assert_eq!(tokens.revoke(ann.id, &purposes, START).await.unwrap(), 1);
    work.commit().await.unwrap();
    let left = [find(&it, "verify", START).await, find(&it, "reset", START).await, find(&it, "of bob", START).await];
    assert_eq!(left.map(|token| token.is_some()), [true, false, true]);
}

/// `spend`: a unit of work that is dropped has spent nothing.
pub async fn a_token_that_is_not_committed_as_spent_is_still_good(it: StoreUnderTest) {
    let ann = a_user("ann");
    it.having(&[&ann]).await;
    issue(&*it.store, &a_mail_token(&ann), "secret").await;
    let mut work = it.write().await;
    let spent = work.mail_tokens().spend(&digest("secret"), MailTokenPurpose::VerifyEmail, START).await.unwrap();
    assert!(spent.is_some());
    drop(work);
    assert!(verify(&it, "secret").await.is_some());
}

/// They are deleted with their account.
pub async fn tokens_are_deleted_with_their_account(it: StoreUnderTest) {
    let ann = a_user("ann");
    it.having(&[&ann]).await;
    issue(&*it.store, &a_mail_token(&ann), "secret").await;
    let mut work = it.write().await;
    assert!(work.users().delete(ann.id).await.unwrap());
    work.commit().await.unwrap();
    assert_eq!(find(&it, "secret", START).await, None);
}

/// `purge`: what expired before, and at most so many.
pub async fn a_purge_deletes_expired_tokens_and_no_more_than_asked(it: StoreUnderTest) {
    let people: Vec<User> = (0..4).map(|n| a_user(&format!("n{n}"))).collect();
    it.having(&people.iter().collect::<Vec<_>>()).await;
    for (n, user) in people.iter().enumerate() {
        let expires_at = if n == 0 { START } else { START.minus(MICROSECOND) };
        issue(&*it.store, &MailToken { expires_at, ..a_mail_token(user) }, &format!("secret {n}")).await;
    }
    let mut work = it.write().await;
    let mut purged = Vec::new();
    for _ in 0..3 {
        purged.push(work.mail_tokens().purge(START, 2).await.unwrap());
    }
    work.commit().await.unwrap();
    assert_eq!(purged, [2, 1, 0]);
    assert!(find(&it, "secret 0", START.minus(MICROSECOND)).await.is_some());
}
