use crate::store::Connections;
use crate::threads;
use doorward_domain::{Session, SessionId};
use doorward_ports::outbound::{Exchange, StoreError};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;
use tokio::sync::{mpsc, oneshot};

/// How many may share one commit.
const MOST: usize = 64;

/// Exchanges of refresh tokens, which share commits: those that come while others are made durable are made durable
/// together, by the next commit. Nobody waits for company.
///
/// They are done on a thread of their own, so that the one writer is not kept waiting between a statement and the next. It
/// starts with the first: a command that exchanges nothing has none.
pub struct Exchanges {
    connections: Connections,
    asking: OnceLock<mpsc::Sender<Asked>>,
}

struct Asked {
    id: SessionId,
    exchange: Exchange,
    answer: oneshot::Sender<Result<Option<Session>, StoreError>>,
}

impl Asked {
    fn tell(self, answer: Result<Option<Session>, StoreError>) {
        // Nobody is told whose client has gone away: it is as with an answer that is lost on the way.
        let _ = self.answer.send(answer);
    }
}

impl Exchanges {
    pub fn over(connections: &Connections) -> Self {
        Self { connections: connections.clone(), asking: OnceLock::new() }
    }

    /// The thread ends with the answered.
    fn begin(&self) -> mpsc::Sender<Asked> {
        let (asking, asked) = mpsc::channel(MOST);
        let connections = self.connections.clone();
        std::thread::spawn(move || serve(&connections, asked));
        asking
    }

    pub async fn exchange(&self, id: SessionId, exchange: &Exchange) -> Result<Option<Session>, StoreError> {
        let (answer, answered) = oneshot::channel();
        let asked = Asked { id, exchange: *exchange, answer };
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
            tracing::error!("an exchange of refresh tokens panicked; those that come later are served all the same");
        }
    }
}

async fn take_turn(connections: &Connections, mut turn: Vec<Asked>) {
    match together(connections, &mut turn).await {
        Ok(sessions) => turn.into_iter().zip(sessions).for_each(|(asked, session)| asked.tell(Ok(session))),
        Err(error) if turn.len() < 2 || matches!(error, StoreError::Unavailable(_)) => refuse(turn, error),
        // One that cannot be done must not keep the others from it.
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
        asked.tell(Err(StoreError::Unavailable("the commit that it was to share failed".into())));
    }
    last.tell(Err(error));
}

async fn together(connections: &Connections, turn: &mut Vec<Asked>) -> Result<Vec<Option<Session>>, StoreError> {
    let mut work = connections.write().await?;
    // Done all the same it would leave a client that gave up while it waited with a spent token.
    turn.retain(|asked| !asked.answer.is_closed());
    let mut sessions = Vec::with_capacity(turn.len());
    for asked in &*turn {
        sessions.push(work.exchange(asked.id, &asked.exchange).await?);
    }
    work.finish().await?;
    Ok(sessions)
}
