//! Sends the mails of the outbox, outside of any unit of work.
//!
//! A mail is taken, sent, and removed. Only a process that dies between the last two sends it twice; the mail has the same
//! `Message-ID` then.
use super::content;
use crate::services::Act;
use doorward_domain::{Timestamp, mail_pause};
use doorward_ports::outbound::{Mail, MailAttempt, MailOutcome, Mailer, NotSent, WaitingMail};
use doorward_ports::{Error, Result, SecretDigest};
use std::time::Duration;

/// For how long a node has a mail to itself: longer than an attempt may take.
const CLAIM: Duration = Duration::from_mins(3);

/// After so many attempts, a refusal is taken as final: a server that is set up wrongly for a moment refuses everything.
const REFUSALS: u32 = 3;

/// What became of an attempt.
struct Attempt {
    outcome: MailOutcome,
    /// Whether others can be sent now.
    go_on: bool,
    /// Why it was not sent.
    why: Option<Error>,
}

pub(super) async fn deliver(mut act: Act<'_>) -> Result<usize> {
    let Some(mailer) = act.tools().mailer.clone() else { return Ok(0) };
    let mut sent = 0;
    while let Some(taken) = claim(&mut act).await? {
        let attempt = attempt(&act, &*mailer, &taken).await?;
        settle(&mut act, &taken, attempt.outcome).await?;
        note(&act, &taken, &attempt);
        sent += usize::from(attempt.outcome == MailOutcome::Sent);
        if !attempt.go_on {
            break;
        }
    }
    Ok(sent)
}

async fn claim(act: &mut Act<'_>) -> Result<Option<WaitingMail>> {
    let mut work = act.begin().await?;
    let now = work.now;
    let taken = work.outbox().claim(now, now.plus(CLAIM)).await?;
    work.commit().await?;
    Ok(taken)
}

async fn attempt(act: &Act<'_>, mailer: &dyn Mailer, taken: &WaitingMail) -> Result<Attempt> {
    let now = act.now();
    if taken.mail.expires_at <= now {
        return Ok(Attempt { outcome: MailOutcome::GivenUp, go_on: true, why: None });
    }
    let mail = match content::open(&*act.tools().sealer, taken) {
        Ok(mail) => mail,
        Err(sealed) => return Ok(Attempt { outcome: later(taken, now), go_on: true, why: Some(sealed) }),
    };
    if is_void(act, &mail, now).await? {
        return Ok(Attempt { outcome: MailOutcome::Void, go_on: true, why: None });
    }
    let answer = mailer.send(&mail).await;
    act.tools().mail_observer.reachable(!matches!(answer, Err(NotSent::Unavailable(_))));
    let now = act.now();
    Ok(match answer {
        Ok(()) => Attempt { outcome: MailOutcome::Sent, go_on: true, why: None },
        Err(why @ NotSent::Refused(_)) => {
            let outcome = if taken.attempts < REFUSALS { later(taken, now) } else { MailOutcome::GivenUp };
            Attempt { outcome, go_on: true, why: Some(Error::internal(why)) }
        }
        Err(why @ NotSent::Deferred(_)) => {
            Attempt { outcome: later(taken, now), go_on: true, why: Some(Error::internal(why)) }
        }
        Err(why @ NotSent::Unavailable(_)) => {
            Attempt { outcome: later(taken, now), go_on: false, why: Some(Error::internal(why)) }
        }
    })
}

/// Whether its link was replaced or spent meanwhile.
async fn is_void(act: &Act<'_>, mail: &Mail, now: Timestamp) -> Result<bool> {
    let Some(link) = &mail.link else { return Ok(false) };
    let found = act.read().await?.mail_tokens().find(&SecretDigest::of(&link.token), now).await?;
    Ok(found.is_none())
}

/// It is given up when the next attempt would come too late.
fn later(taken: &WaitingMail, now: Timestamp) -> MailOutcome {
    let too_late = taken.mail.expires_at <= now.plus(mail_pause(taken.attempts));
    if too_late { MailOutcome::GivenUp } else { MailOutcome::Failed }
}

async fn settle(act: &mut Act<'_>, taken: &WaitingMail, outcome: MailOutcome) -> Result<()> {
    let mut work = act.begin().await?;
    let due_at = work.now.plus(mail_pause(taken.attempts));
    // False if another node has taken it since, because this one was too slow: then it is the other's.
    match outcome {
        MailOutcome::Failed => work.outbox().postpone(taken, due_at).await?,
        MailOutcome::Sent | MailOutcome::GivenUp | MailOutcome::Void => work.outbox().remove(taken).await?,
    };
    Ok(work.commit().await?)
}

fn note(act: &Act<'_>, taken: &WaitingMail, attempt: &Attempt) {
    act.tools().mail_observer.tried(&MailAttempt {
        id: taken.mail.id,
        kind: taken.mail.kind,
        attempts: taken.attempts,
        outcome: attempt.outcome,
        why: attempt.why.as_ref().map(|why| why as &(dyn std::error::Error + 'static)),
    });
}
