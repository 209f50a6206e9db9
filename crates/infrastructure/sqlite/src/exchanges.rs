use crate::store::Connections;
use crate::threads;
use doorward_domain::{Session, SessionId};
use doorward_ports::outbound::{Exchange, StoreError};
use doorward_ports::usage::Usage;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};
use tokio::sync::{mpsc, oneshot};

/// The largest number that may share one commit.
const MOST: usize = 64;

/// Exchanges of refresh tokens share commits: exchanges that arrive during a commit are made durable together, by the
/// next one. None waits for others.
///
/// They run on their own thread, so that the writer does not wait between two statements. The thread starts with the
/// first exchange: a command without exchanges has none.
pub struct Exchanges {
    connections: Connections,
    asking: OnceLock<mpsc::Sender<Asked>>,
}

struct Asked {
    id: SessionId,
    exchange: Exchange,
    usage: Option<Arc<Usage>>,
    answer: oneshot::Sender<Result<Option<Session>, StoreError>>,
}

impl Asked {
    fn tell(self, answer: Result<Option<Session>, StoreError>) {
        // A caller that has gone away gets no answer: this is the same as a lost answer.
        let _ = self.answer.send(answer);
    }
}

impl Exchanges {
    pub fn over(connections: &Connections) -> Self {
        Self { connections: connections.clone(), asking: OnceLock::new() }
    }

    /// The thread ends after the answers.
    fn begin(&self) -> mpsc::Sender<Asked> {
        let (asking, asked) = mpsc::channel(MOST);
        let connections = self.connections.clone();
        std::thread::spawn(move || serve(&connections, asked));
        asking
    }

    pub async fn exchange(&self, id: SessionId, exchange: &Exchange) -> Result<Option<Session>, StoreError> {
        let (answer, answered) = oneshot::channel();
        let asked = Asked { id, exchange: *exchange, usage: Usage::current(), answer };
        self.asking
            .get_or_init(|| self.begin())
            .send(asked)
            .await
            .map_err(|gone| StoreError::Unavailable(gone.into()))?;
        answered.await.unwrap_or_else(|gone| Err(StoreError::Unavailable(gone.into())))
    }
}

fn serve(connections: &Connections, mut asked: mpsc::Receiver<Asked>) {
    threads::stay_here();
    let mut turn = Vec::with_capacity(MOST);
    while connections.around.backend.block_on(asked.recv_many(&mut turn, MOST)) > 0 {
        let now = std::mem::take(&mut turn);
        let served =
            catch_unwind(AssertUnwindSafe(|| connections.around.backend.block_on(take_turn(connections, now))));
        if served.is_err() {
            tracing::error!("an exchange of refresh tokens panicked; later exchanges still work");
        }
    }
}

async fn take_turn(connections: &Connections, mut turn: Vec<Asked>) {
    match together(connections, &mut turn).await {
        Ok(sessions) => turn.into_iter().zip(sessions).for_each(|(asked, session)| asked.tell(Ok(session))),
        Err(error) if turn.len() < 2 || matches!(error, StoreError::Unavailable(_)) => refuse(turn, error),
        // An exchange that fails must not prevent the others.
        Err(_) => {
            for asked in turn {
                Box::pin(take_turn(connections, vec![asked])).await;
            }
        }
    }
}

fn refuse(mut turn: Vec<Asked>, error: StoreError) {
    let Some(last) = turn.pop() else { return };
    for asked in turn {
        asked.tell(Err(StoreError::Unavailable("the shared commit failed".into())));
    }
    last.tell(Err(error));
}

async fn together(connections: &Connections, turn: &mut Vec<Asked>) -> Result<Vec<Option<Session>>, StoreError> {
    let mut work = connections.write().await?;
    // If it ran all the same, a client that has stopped waiting would be left with a spent token.
    turn.retain(|asked| !asked.answer.is_closed());
    let mut sessions = Vec::with_capacity(turn.len());
    for asked in &*turn {
        let exchanging = work.exchange(asked.id, &asked.exchange);
        sessions.push(Usage::during(asked.usage.clone(), exchanging).await?);
    }
    work.finish().await?;
    Ok(sessions)
}
