//! The store's callers live on the HTTP workers' single-threaded runtimes, which come and go; its connections do not.
use doorward_ports::outbound::OpenedStore;
use doorward_sql_testing::{TestDatabase, opening_on};
use doorward_testkit::{a_session, a_user};
use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use tokio::runtime::{Builder, Runtime};

fn worker() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

async fn poll_once<F: Future + ?Sized>(mut future: Pin<Box<F>>) {
    poll_fn(|cx| {
        drop(future.as_mut().poll(cx));
        Poll::Ready(())
    })
    .await;
}

/// What a worker does whose client hangs up, at every kind of call.
async fn give_up_on_everything(opened: &OpenedStore, name: &str) {
    let ann = a_user(name);
    poll_once(opened.store.write()).await;
    poll_once(opened.store.snapshot()).await;
    poll_once(opened.session_states.find(&a_session(&ann).id)).await;
    let mut read = opened.store.read().await.unwrap();
    poll_once(read.users().by_id(ann.id)).await;
    drop(read);
    let mut work = opened.store.write().await.unwrap();
    poll_once(work.users().insert(&ann, None)).await;
    drop(work);
    let mut work = opened.store.write().await.unwrap();
    work.users().insert(&ann, None).await.unwrap();
    drop(work);
    let mut work = opened.store.write().await.unwrap();
    work.users().insert(&ann, None).await.unwrap();
    poll_once(work.commit()).await;
    // The next writer's turn comes after the commit's.
    drop(opened.store.write().await.unwrap());
}

fn outlives_its_callers(make: impl AsyncFnOnce() -> TestDatabase) {
    let backend = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let database = backend.block_on(make());
    let opened = database.open_by(opening_on(backend.handle().clone()));
    for n in 0..3 {
        let worker = worker();
        worker.block_on(give_up_on_everything(&opened, &format!("ann{n}")));
        // With it dies whatever was opened on it.
        drop(worker);
    }
    worker().block_on(async {
        let mut read = opened.store.read().await.unwrap();
        for n in 0..3 {
            let email = format!("ann{n}@example.com").parse().unwrap();
            assert!(read.users().credentials(&email).await.unwrap().is_some(), "ann{n} was committed");
        }
    });
}

#[test]
fn sqlite_outlives_the_workers_that_give_up_on_it() {
    outlives_its_callers(TestDatabase::sqlite);
}

#[test]
fn postgres_outlives_the_workers_that_give_up_on_it() {
    outlives_its_callers(TestDatabase::postgres);
}
