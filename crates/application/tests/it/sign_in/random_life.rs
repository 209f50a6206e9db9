//! Sessions under random calls on two nodes, against a model that is too simple to be wrong.
use crate::keys::nodes::{list, load, node, signed_by};
use crate::world::{HOME, MINUTE, PASSWORD, Person, World, claims, code, from, operator};
use doorward_domain::{KeyId, KeyState, SessionId, Timestamp, UserId};
use doorward_ports::ErrorCode;
use doorward_ports::inbound::{Begins, TokenPair};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use std::collections::{BTreeSet, HashSet};
use std::num::NonZeroUsize;
use std::time::Duration;

const GRACE: Duration = Duration::from_secs(10);
const REFRESH: Duration = Duration::from_mins(10);
const ABSOLUTE: Duration = Duration::from_mins(12);
const IDLE: Duration = Duration::from_mins(5);
/// After so long without use a session is over, whatever of its use was not recorded.
const SURELY_IDLE: Duration = Duration::from_mins(7);
const LIMIT: usize = 3;
const NAMES: [&str; 2] = ["ann", "bob"];

/// What a step is done to: `who` picks the account, `which` the session or the key, `age` how old a token of it is shown.
#[derive(Debug, Clone)]
enum Step {
    SignIn { who: usize },
    Refresh { which: usize },
    ShowOld { which: usize, age: usize },
    LoseTheAnswer { which: usize },
    SignOut { which: usize },
    EndOthers { which: usize },
    Disable { who: usize },
    Enable { who: usize },
    RotateKeys,
    RetireKey { which: usize },
    RevokeKey,
    Wait { millis: u64 },
}

/// Waits are such that it is never in doubt whether a session is idle.
fn waits() -> impl Strategy<Value = u64> {
    let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap();
    prop_oneof![
        3 => 0_u64..5_000,
        3 => 9_000_u64..12_000,
        2 => millis(IDLE - MINUTE)..millis(IDLE),
        1 => millis(SURELY_IDLE)..millis(SURELY_IDLE + MINUTE),
    ]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let who = 0..NAMES.len();
    let which = 0_usize..8;
    let step = prop_oneof![
        4 => who.clone().prop_map(|who| Step::SignIn { who }),
        6 => which.clone().prop_map(|which| Step::Refresh { which }),
        3 => (which.clone(), 1_usize..4).prop_map(|(which, age)| Step::ShowOld { which, age }),
        3 => which.clone().prop_map(|which| Step::LoseTheAnswer { which }),
        1 => which.clone().prop_map(|which| Step::SignOut { which }),
        1 => which.clone().prop_map(|which| Step::EndOthers { which }),
        1 => who.clone().prop_map(|who| Step::Disable { who }),
        1 => who.prop_map(|who| Step::Enable { who }),
        2 => Just(Step::RotateKeys),
        1 => which.prop_map(|which| Step::RetireKey { which }),
        1 => Just(Step::RevokeKey),
        6 => waits().prop_map(|millis| Step::Wait { millis }),
    ];
    prop::collection::vec(step, 1..40)
}

/// A pair of tokens that a client was given.
struct Given {
    tokens: TokenPair,
    key: KeyId,
    ends_at: Timestamp,
}

/// A session as it should be.
struct Known {
    who: usize,
    id: SessionId,
    began: Timestamp,
    /// One a generation.
    given: Vec<Given>,
    spent_at: Option<Timestamp>,
    /// Whether nothing has ended it but time.
    live: bool,
}

impl Known {
    fn of(who: usize, tokens: TokenPair, now: Timestamp) -> Self {
        let mut known = Self { who, id: tokens.session, began: now, given: Vec::new(), spent_at: None, live: true };
        known.take(tokens, now);
        known
    }

    /// The client gets the tokens of the next generation.
    fn take(&mut self, tokens: TokenPair, now: Timestamp) {
        let end = self.began.whole_seconds().plus(ABSOLUTE);
        let ends_at = now.whole_seconds().plus(REFRESH).min(end);
        self.given.push(Given { key: signed_by(&tokens), tokens, ends_at });
    }
}

struct Model {
    nodes: [World; 2],
    steps: usize,
    people: Vec<Person>,
    enabled: [bool; NAMES.len()],
    sessions: Vec<Known>,
    generations: HashSet<String>,
    revoked: BTreeSet<KeyId>,
}

type Checked = Result<(), TestCaseError>;

fn generation(tokens: &TokenPair) -> String {
    claims(&tokens.refresh_token)["jti"].as_str().unwrap().to_owned()
}

impl Model {
    async fn new() -> Self {
        let world = World::by(|policies| {
            policies.lifetimes.access_ttl = 2 * ABSOLUTE;
            policies.lifetimes.refresh_ttl = REFRESH;
            policies.lifetimes.absolute_ttl = ABSOLUTE;
            policies.lifetimes.idle_ttl = Some(IDLE);
            policies.session_limit = NonZeroUsize::new(LIMIT);
        });
        let here = node(&world.await);
        let nodes = [here.clone(), node(&here).neighbour()];
        for node in &nodes {
            node.keys().prepare(&operator()).await.unwrap();
        }
        let mut model = Self {
            nodes,
            steps: 0,
            people: Vec::new(),
            enabled: [true; NAMES.len()],
            sessions: Vec::new(),
            generations: HashSet::new(),
            revoked: BTreeSet::new(),
        };
        for (who, name) in NAMES.into_iter().enumerate() {
            let person = here.person(name).await;
            model.sessions.push(Known::of(who, person.tokens.clone(), here.now()));
            model.generations.insert(generation(&person.tokens));
            model.people.push(person);
        }
        model
    }

    /// Now this node serves, now the other.
    fn node(&self) -> &World {
        &self.nodes[self.steps % 2]
    }

    async fn run(&mut self, step: &Step) -> Checked {
        self.steps += 1;
        let sessions = self.sessions.len();
        match *step {
            Step::SignIn { who } => self.sign_in(who).await?,
            Step::Refresh { which } => self.show(which % sessions, 0, true).await?,
            Step::LoseTheAnswer { which } => self.show(which % sessions, 0, false).await?,
            Step::ShowOld { which, age } => self.show(which % sessions, age, true).await?,
            Step::SignOut { which } => self.sign_out(which % sessions).await?,
            Step::EndOthers { which } => self.end_others(which % sessions).await?,
            Step::Disable { who } => self.set_active(who, false).await,
            Step::Enable { who } => self.set_active(who, true).await,
            Step::RotateKeys => drop(self.node().keys().rotate(&operator(), Begins::AtOnce).await.unwrap()),
            Step::RetireKey { which } => self.retire_key(which).await?,
            Step::RevokeKey => self.revoke_key().await,
            Step::Wait { millis } => self.wait(Duration::from_millis(millis)),
        }
        self.every_session_is_as_it_should_be().await
    }

    fn wait(&mut self, time: Duration) {
        self.nodes[0].advance(time);
        if time >= SURELY_IDLE {
            self.sessions.iter_mut().for_each(|session| session.live = false);
        }
    }

    fn user(&self, who: usize) -> UserId {
        self.people[who].id()
    }

    /// Newest first, as the store has them.
    async fn live(&self, who: usize) -> Vec<SessionId> {
        self.nodes[0].live(self.user(who)).await.into_iter().map(|session| session.id).collect()
    }

    /// A new session ends as many of the oldest of the same account as are too many then.
    async fn sign_in(&mut self, who: usize) -> Checked {
        self.nodes[0].advance(Duration::from_millis(1));
        let mut expected = self.live(who).await;
        let answer = self.node().sign_in(HOME, NAMES[who], PASSWORD).await;
        prop_assert_eq!(answer.is_ok(), self.enabled[who]);
        let Ok(tokens) = answer else { return Ok(()) };
        expected.insert(0, tokens.session);
        for ended in expected.split_off(LIMIT.min(expected.len())) {
            self.sessions.iter_mut().filter(|session| session.id == ended).for_each(|session| session.live = false);
        }
        prop_assert_eq!(self.live(who).await, expected);
        prop_assert!(self.generations.insert(generation(&tokens)));
        self.sessions.push(Known::of(who, tokens, self.nodes[0].now()));
        Ok(())
    }

    /// Whether the tokens by themselves are good: in their time, and by a key that counts.
    fn is_good(&self, given: &Given) -> bool {
        self.nodes[0].now() < given.ends_at && !self.revoked.contains(&given.key)
    }

    /// Shows a token of a session: the newest that the client has seen, or an older one. An answer that was lost is one
    /// that the client has not seen.
    async fn show(&mut self, which: usize, age: usize, seen: bool) -> Checked {
        let (now, session) = (self.nodes[0].now(), &self.sessions[which]);
        let newest = session.given.len() - 1;
        let Some(index) = newest.checked_sub(age) else { return Ok(()) };
        let shown = &session.given[index];
        let answer = self.node().refresh(&shown.tokens).await;
        let within_grace = session.spent_at.is_some_and(|at| now.since(at) <= GRACE);
        if !session.live || !self.is_good(shown) {
            prop_assert_eq!(code(answer), ErrorCode::InvalidToken);
        } else if index == newest {
            let next = answer.unwrap();
            prop_assert!(self.generations.insert(generation(&next)), "a generation was answered twice");
            self.sessions[which].take(next, now);
            self.sessions[which].spent_at = Some(now);
            if !seen {
                let other = &self.nodes[(self.steps + 1) % 2];
                let again = other.refresh(&self.shown_last(which)).await.unwrap();
                self.is_repeated(which, again)?;
            }
        } else if index + 1 == newest && within_grace {
            self.is_repeated(which, answer.unwrap())?;
        } else {
            prop_assert_eq!(code(answer), ErrorCode::RefreshTokenReused);
            self.sessions[which].live = false;
        }
        Ok(())
    }

    /// What a client has that lost the newest answer.
    fn shown_last(&self, which: usize) -> TokenPair {
        let given = &self.sessions[which].given;
        given[given.len() - 2].tokens.clone()
    }

    /// The same generation as before; what signs it may be another key by now.
    fn is_repeated(&mut self, which: usize, answer: TokenPair) -> Checked {
        let newest = self.sessions[which].given.last_mut().unwrap();
        prop_assert_eq!(generation(&answer), generation(&newest.tokens));
        (newest.key, newest.tokens) = (signed_by(&answer), answer);
        Ok(())
    }

    /// Any token of the session will do that is good by itself.
    async fn sign_out(&mut self, which: usize) -> Checked {
        let first = &self.sessions[which].given[0];
        let (is_good, token) = (self.is_good(first), first.tokens.refresh_token.clone());
        let answer = self.node().auth().sign_out(&from(HOME), Some(token)).await;
        prop_assert_eq!(answer.is_ok(), is_good);
        self.sessions[which].live &= !is_good;
        Ok(())
    }

    async fn end_others(&mut self, which: usize) -> Checked {
        let session = &self.sessions[which];
        let newest = session.given.last().unwrap();
        let caller = self.node().identify(&newest.tokens).await;
        prop_assert_eq!(caller.is_ok(), session.live && self.is_good(newest));
        let (Ok(caller), who) = (caller, session.who) else { return Ok(()) };
        self.node().sessions().end_own_others(&caller).await.unwrap();
        for (index, session) in self.sessions.iter_mut().enumerate() {
            session.live &= session.who != who || index == which;
        }
        Ok(())
    }

    async fn set_active(&mut self, who: usize, is_active: bool) {
        self.node().set_active(self.user(who), is_active).await;
        self.enabled[who] = is_active;
        for session in self.sessions.iter_mut().filter(|session| session.who == who && !is_active) {
            session.live = false;
        }
    }

    /// What it has signed stays good.
    async fn retire_key(&self, which: usize) -> Checked {
        let keys = list(self.node()).await;
        let kid = &keys[which % keys.len()].record.id;
        let answer = self.node().keys().retire(&operator(), kid.as_str()).await;
        prop_assert!(answer.is_ok() || code(answer) == ErrorCode::OnlySigningKey);
        Ok(())
    }

    /// The key that signs: nothing that it has signed is good any more, and no session has ended.
    async fn revoke_key(&mut self) {
        let keys = list(self.node()).await.into_iter();
        let signing = keys.map(|key| (key.state, key.record.id)).find(|(state, _)| *state == KeyState::Signing);
        let (_, kid) = signing.unwrap();
        self.node().keys().revoke(&operator(), kid.as_str()).await.unwrap();
        self.revoked.insert(kid);
    }

    /// Every token that is good by itself is let in on both nodes while its session lives, and no other. To ask is to use.
    async fn every_session_is_as_it_should_be(&self) -> Checked {
        load(&self.nodes).await;
        for session in &self.sessions {
            for given in &session.given {
                let node = &self.nodes[self.steps / 2 % 2];
                let held = node.identify(&given.tokens).await.is_ok();
                prop_assert_eq!(held, session.live && self.is_good(given));
            }
        }
        for node in &self.nodes {
            node.system().record_sightings(&operator()).await.unwrap();
        }
        Ok(())
    }
}

async fn live_through(steps: Vec<Step>) -> Checked {
    let mut model = Model::new().await;
    for step in steps {
        model.run(&step).await?;
    }
    Ok(())
}

#[test]
fn a_spent_token_an_ended_session_and_a_neighbours_end_are_what_they_should_be_in_any_order() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let config = Config { cases: 32, failure_persistence: None, ..Config::default() };
    TestRunner::new(config).run(&steps(), |steps| runtime.block_on(live_through(steps))).unwrap();
}
