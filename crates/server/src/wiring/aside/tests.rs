use super::*;
use doorward_domain::{CorrelationId, Verified};
use doorward_ports::{Actor, ErrorCode, Origin};
use std::sync::Mutex;
use std::thread::ThreadId;
use tokio::sync::oneshot;

/// A log whose verification does what the test wants, and notes its thread.
struct Log {
    does: Does,
    on: Arc<Mutex<Option<ThreadId>>>,
    ended: Mutex<Option<oneshot::Sender<()>>>,
}

enum Does {
    Verify,
    Hang,
    Panic,
}

#[async_trait]
impl AuditLog for Log {
    async fn seal(&self, _: &Caller) -> Result<usize> {
        Ok(7)
    }

    async fn head(&self, _: &Caller) -> Result<SignedHead> {
        Err(Error::new(ErrorCode::AuditLogUnsealed, "It is empty."))
    }

    async fn verify(&self, _: &Caller, _: Option<SignedHead>, to: VerifiedTo<'_>) -> Result<AuditVerdict> {
        *self.on.lock().unwrap() = Some(std::thread::current().id());
        // Dropped with the verification.
        let _ended = self.ended.lock().unwrap().take();
        match self.does {
            Does::Verify => [1, 2].into_iter().for_each(to),
            Does::Hang => std::future::pending().await,
            Does::Panic => panic!("as the test wants it"),
        }
        Ok(AuditVerdict { result: Ok(Verified { pruned_to: 0, last_seq: 2 }), unsealed: 0 })
    }

    async fn prune(&self, _: &Caller, _: &str) -> Result<Pruned> {
        Ok(Pruned { to: 3, lines: 2 })
    }

    async fn prune_expired(&self, _: &Caller) -> Result<Pruned> {
        Ok(Pruned { to: 5, lines: 2 })
    }
}

fn aside(does: Does) -> (VerifiedAside, Arc<Mutex<Option<ThreadId>>>, oneshot::Receiver<()>) {
    let (on, (ended, end)) = (Arc::default(), oneshot::channel());
    let log = Log { does, on: Arc::clone(&on), ended: Mutex::new(Some(ended)) };
    (VerifiedAside::new(Arc::new(log), Handle::current()), on, end)
}

fn operator() -> Caller {
    let correlation_id = CorrelationId::parse("the-test-itself").unwrap();
    Caller {
        actor: Actor::Operator,
        origin: Origin { address: None, user_agent: None, correlation_id, language: None },
    }
}

#[tokio::test]
async fn a_verification_runs_on_another_thread_and_tells_how_far_it_is() {
    let (aside, on, _end) = aside(Does::Verify);
    let heard = Mutex::new(Vec::new());
    let verdict = aside.verify(&operator(), None, &|seq| heard.lock().unwrap().push(seq)).await.unwrap();
    assert_eq!((verdict.result.unwrap().last_seq, heard.into_inner().unwrap()), (2, vec![1, 2]));
    assert_ne!(on.lock().unwrap().unwrap(), std::thread::current().id());
}

#[tokio::test]
async fn a_verification_ends_when_nobody_waits_for_it() {
    let (aside, on, end) = aside(Does::Hang);
    let (caller, started) = (operator(), || on.lock().unwrap().is_some());
    tokio::select! {
        _ = aside.verify(&caller, None, &|_| ()) => panic!("it hangs"),
        () = async { while !started() { tokio::task::yield_now().await; } } => {}
    }
    assert!(end.await.is_err(), "its sender is dropped with it");
}

#[tokio::test]
#[should_panic(expected = "as the test wants it")]
async fn a_panic_of_a_verification_is_one_of_the_caller() {
    let (aside, ..) = aside(Does::Panic);
    drop(aside.verify(&operator(), None, &|_| ()).await);
}

#[tokio::test]
async fn everything_else_is_passed_on() {
    let (aside, ..) = aside(Does::Verify);
    let caller = operator();
    assert_eq!(aside.seal(&caller).await.unwrap(), 7);
    assert_eq!(aside.head(&caller).await.unwrap_err().code, ErrorCode::AuditLogUnsealed);
    assert_eq!(aside.prune(&caller, "").await.unwrap(), Pruned { to: 3, lines: 2 });
    assert_eq!(aside.prune_expired(&caller).await.unwrap(), Pruned { to: 5, lines: 2 });
}
