use diesel_async::sync_connection_wrapper::SpawnBlocking;
use doorward_ports::usage::Usage;
use std::cell::Cell;
use std::error::Error;
use std::future::ready;
use std::pin::Pin;
use tokio::runtime::Handle;

type Answer<'a, R> = Pin<Box<dyn Future<Output = Result<R, Box<dyn Error + Send + Sync>>> + Send + 'a>>;

thread_local! {
    static HERE: Cell<bool> = const { Cell::new(false) };
}

/// Lets this thread run SQLite's calls itself from now on: for a thread that does nothing else.
pub fn stay_here() {
    HERE.set(true);
}

/// Runs SQLite's blocking calls on the backend runtime, or on the thread for them.
///
/// When the future of a call is dropped, the spawner of diesel-async waits with `block_in_place`, which panics on the
/// current-thread runtimes of the HTTP workers: there, a caller that goes away would end the worker. This spawner lets
/// the call finish by itself; the unit of work never returns a connection with a running call to the pool.
pub struct BackendThreads(pub Handle);

impl SpawnBlocking for BackendThreads {
    fn spawn_blocking<'a, R: Send + 'static>(&mut self, task: impl FnOnce() -> R + Send + 'static) -> Answer<'a, R> {
        if HERE.get() {
            return Box::pin(ready(Ok(task())));
        }
        let usage = Usage::current();
        let call = self.0.spawn_blocking(move || Usage::during_here(usage, task));
        Box::pin(async move { call.await.map_err(Into::into) })
    }

    fn get_runtime() -> Self {
        Self(Handle::current())
    }
}
