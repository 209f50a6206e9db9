//! Whatever happens, nothing that is answered is older than a second.
use super::world::{Database, Node, SharedBytes, user};
use doorward_ports::outbound::{LogPosition, Revocation};
use proptest::prelude::*;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

const BOUND: Duration = Duration::from_secs(1);
const USERS: u8 = 3;
const NODES: usize = 2;

#[derive(Debug, Clone)]
enum Step {
    /// Changed by a node, which forgets at once; the other may be told at once too.
    Write {
        node: usize,
        user: u8,
        told: bool,
    },
    /// By another process: a place is taken now, and it is committed some steps later.
    WriteLate {
        user: u8,
        steps: usize,
    },
    /// By itself, or together with all the others.
    Read {
        node: usize,
        user: u8,
        together: bool,
    },
    Wait(Duration),
    /// The database can't be reached for so long.
    Outage(Duration),
    /// What is shared is lost.
    Lose,
}

fn step() -> impl Strategy<Value = Step> {
    let (node, user) = (0..NODES, 0..USERS);
    let long = (30..200_u64).prop_map(Duration::from_secs);
    prop_oneof![
        2 => (node.clone(), user.clone(), any::<bool>()).prop_map(|(node, user, told)| Step::Write { node, user, told }),
        1 => (user.clone(), 1..6_usize).prop_map(|(user, steps)| Step::WriteLate { user, steps }),
        8 => (node, user, any::<bool>()).prop_map(|(node, user, together)| Step::Read { node, user, together }),
        4 => (1..900_u64).prop_map(|ms| Step::Wait(Duration::from_millis(ms))),
        1 => long.prop_map(Step::Wait),
        1 => (1..5_000_u64).prop_map(|ms| Step::Outage(Duration::from_millis(ms))),
        1 => Just(Step::Lose),
    ]
}

struct World {
    database: Arc<Database>,
    shared: SharedBytes,
    nodes: [Node; NODES],
    /// Whose which version was committed, and when.
    committed: Vec<(u8, i64, Instant)>,
    /// What each node has committed itself.
    own: Vec<(usize, u8, i64)>,
    /// What is to be committed at which step.
    late: Vec<(usize, u8, LogPosition)>,
}

impl World {
    async fn new() -> Self {
        let (database, shared) = (Database::with_users(USERS), SharedBytes::default());
        let nodes = [Node::sharing(&database, &shared).await, Node::sharing(&database, &shared).await];
        Self { database, shared, nodes, committed: Vec::new(), own: Vec::new(), late: Vec::new() }
    }

    fn commit(&mut self, user: u8, place: LogPosition) -> i64 {
        let version = self.database.commit(user, place);
        self.committed.push((user, version, Instant::now()));
        version
    }

    fn commit_what_is_due(&mut self, step: usize) {
        let due: Vec<_> = self.late.extract_if(.., |&mut (at, ..)| at <= step).collect();
        for (_, user, place) in due {
            self.commit(user, place);
        }
    }

    fn write(&mut self, node: usize, whose: u8, told: bool) {
        let version = self.commit(whose, self.database.take_place());
        self.own.push((node, whose, version));
        let told = (0..NODES).filter(|&other| told || other == node);
        told.for_each(|node| self.nodes[node].hear(Revocation::User(user(whose))));
    }

    /// The oldest version that the node may still answer.
    fn least(&self, node: usize, user: u8) -> i64 {
        let known = self.committed.iter().filter(|&&(whose, _, at)| whose == user && at.elapsed() > BOUND);
        let own = self.own.iter().filter(|&&(by, whose, _)| by == node && whose == user);
        known.map(|&(_, version, _)| version).chain(own.map(|&(_, _, version)| version)).max().unwrap_or(1)
    }

    async fn wait(&self, time: Duration) {
        tokio::time::sleep(time).await;
        self.nodes.iter().for_each(|node| node.advance_clock(time));
    }

    async fn take(&mut self, number: usize, step: Step) -> Result<(), TestCaseError> {
        self.commit_what_is_due(number);
        match step {
            Step::Write { node, user, told } => self.write(node, user, told),
            Step::WriteLate { user, steps } => self.late.push((number + steps, user, self.database.take_place())),
            Step::Read { node, user, together } => {
                let among: &[u8] = if together { &[0, 1, 2] } else { &[] };
                let (seen, least) = (self.nodes[node].sees_among(user, among).await.unwrap(), self.least(node, user));
                prop_assert!(seen >= least, "step {number}: node {node} answers {seen}, and {least} was known");
            }
            Step::Wait(time) => self.wait(time).await,
            Step::Outage(time) => {
                self.database.set_up(false);
                self.wait(time).await;
                self.database.set_up(true);
            }
            Step::Lose => self.shared.0.lock().unwrap().clear(),
        }
        Ok(())
    }
}

async fn drive(steps: Vec<Step>) -> Result<(), TestCaseError> {
    let mut world = World::new().await;
    for (number, step) in steps.into_iter().enumerate() {
        world.take(number, step).await?;
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn nothing_that_is_answered_is_older_than_a_second(steps in prop::collection::vec(step(), 1..80)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(drive(steps))?;
    }
}
