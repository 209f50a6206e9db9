//! Sessions under random calls, against a model that is too simple to be wrong.
use crate::world::{HOME, Person, World, from};
use doorward_application::ErrorCode;
use doorward_application::ports::inbound::TokenPair;
use doorward_domain::Timestamp;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use std::time::Duration;

const GRACE: Duration = Duration::from_secs(10);
const NAMES: [&str; 2] = ["ann", "bob"];

/// What a step is done to: `who` picks the account, `which` the session, `age` how old a token of it is shown.
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
    Wait { millis: u64 },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let who = 0..NAMES.len();
    let which = 0_usize..6;
    let step = prop_oneof![
        3 => who.clone().prop_map(|who| Step::SignIn { who }),
        6 => which.clone().prop_map(|which| Step::Refresh { which }),
        3 => (which.clone(), 1_usize..4).prop_map(|(which, age)| Step::ShowOld { which, age }),
        3 => which.clone().prop_map(|which| Step::LoseTheAnswer { which }),
        1 => which.clone().prop_map(|which| Step::SignOut { which }),
        1 => which.prop_map(|which| Step::EndOthers { which }),
        1 => who.clone().prop_map(|who| Step::Disable { who }),
        1 => who.prop_map(|who| Step::Enable { who }),
        4 => prop_oneof![0_u64..5_000, 9_000_u64..12_000].prop_map(|millis| Step::Wait { millis }),
    ];
    prop::collection::vec(step, 1..40)
}

/// A session as it should be.
struct Known {
    who: usize,
    tokens: Vec<TokenPair>,
    spent_at: Option<Timestamp>,
    live: bool,
}

struct Model<'a> {
    world: &'a World,
    people: Vec<Person>,
    enabled: [bool; NAMES.len()],
    sessions: Vec<Known>,
}

type Checked = Result<(), TestCaseError>;

impl Model<'_> {
    async fn run(&mut self, step: &Step) -> Checked {
        let sessions = self.sessions.len();
        match *step {
            Step::SignIn { who } => self.sign_in(who).await?,
            Step::Disable { who } => self.set_active(who, false).await,
            Step::Enable { who } => self.set_active(who, true).await,
            Step::Wait { millis } => self.world.advance(Duration::from_millis(millis)),
            _ if sessions == 0 => {}
            Step::Refresh { which } => self.show(which % sessions, 0, true).await?,
            Step::LoseTheAnswer { which } => self.show(which % sessions, 0, false).await?,
            Step::ShowOld { which, age } => self.show(which % sessions, age, true).await?,
            Step::SignOut { which } => self.sign_out(which % sessions).await,
            Step::EndOthers { which } => self.end_others(which % sessions).await?,
        }
        self.every_session_is_as_it_should_be().await
    }

    async fn sign_in(&mut self, who: usize) -> Checked {
        let answer = self.world.sign_in(HOME, NAMES[who], crate::world::PASSWORD).await;
        prop_assert_eq!(answer.is_ok(), self.enabled[who]);
        if let Ok(tokens) = answer {
            self.sessions.push(Known { who, tokens: vec![tokens], spent_at: None, live: true });
        }
        Ok(())
    }

    /// Shows a token of a session: the newest that the client has seen, or an older one. An answer that was lost is one
    /// that the client has not seen.
    async fn show(&mut self, which: usize, age: usize, seen: bool) -> Checked {
        let now = self.world.now();
        let session = &mut self.sessions[which];
        let Some(index) = (session.tokens.len() - 1).checked_sub(age) else { return Ok(()) };
        let newest = session.tokens.len() - 1;
        let answer = self.world.refresh(&session.tokens[index]).await;
        let within_grace = session.spent_at.is_some_and(|at| now.since(at) <= GRACE);
        if !session.live {
            prop_assert_eq!(answer.unwrap_err().code, ErrorCode::InvalidToken);
        } else if index == newest {
            session.tokens.push(answer.unwrap());
            session.spent_at = Some(now);
            if !seen {
                self.show_again(which).await?;
            }
        } else if index + 1 == newest && within_grace {
            prop_assert_eq!(&answer.unwrap().refresh_token, &session.tokens[newest].refresh_token);
        } else {
            prop_assert_eq!(answer.unwrap_err().code, ErrorCode::RefreshTokenReused);
            session.live = false;
        }
        Ok(())
    }

    /// The answer was lost: the client shows at once what it had before, and gets what was lost.
    async fn show_again(&self, which: usize) -> Checked {
        let tokens = &self.sessions[which].tokens;
        let again = self.world.refresh(&tokens[tokens.len() - 2]).await.unwrap();
        prop_assert_eq!(&again.refresh_token, &tokens[tokens.len() - 1].refresh_token);
        Ok(())
    }

    async fn sign_out(&mut self, which: usize) {
        let session = &mut self.sessions[which];
        let any = session.tokens[0].refresh_token.clone();
        self.world.auth().sign_out(&from(HOME), Some(any)).await.unwrap();
        session.live = false;
    }

    async fn end_others(&mut self, which: usize) -> Checked {
        let (who, live) = (self.sessions[which].who, self.sessions[which].live);
        let newest = self.sessions[which].tokens.last().unwrap();
        let caller = self.world.identify(newest).await;
        prop_assert_eq!(caller.is_ok(), live);
        let Ok(caller) = caller else { return Ok(()) };
        self.world.sessions().end_own_others(&caller).await.unwrap();
        for (index, session) in self.sessions.iter_mut().enumerate() {
            session.live &= session.who != who || index == which;
        }
        Ok(())
    }

    async fn set_active(&mut self, who: usize, is_active: bool) {
        self.world.set_active(self.people[who].id(), is_active).await;
        self.enabled[who] = is_active;
        for session in self.sessions.iter_mut().filter(|session| session.who == who && !is_active) {
            session.live = false;
        }
    }

    async fn every_session_is_as_it_should_be(&self) -> Checked {
        for session in &self.sessions {
            let held = self.world.identify(session.tokens.last().unwrap()).await.is_ok();
            prop_assert_eq!(held, session.live);
        }
        Ok(())
    }
}

async fn live_through(steps: Vec<Step>) -> Checked {
    let world = World::new().await;
    let people = vec![world.person("ann").await, world.person("bob").await];
    let first = people.iter().enumerate();
    let sessions =
        first.map(|(who, person)| Known { who, tokens: vec![person.tokens.clone()], spent_at: None, live: true });
    let mut model = Model { world: &world, sessions: sessions.collect(), people, enabled: [true; NAMES.len()] };
    for step in steps {
        model.run(&step).await?;
    }
    Ok(())
}

#[test]
fn a_spent_token_an_ended_session_and_a_neighbours_end_are_what_they_should_be_in_any_order() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let config = Config { cases: 24, failure_persistence: None, ..Config::default() };
    TestRunner::new(config).run(&steps(), |steps| runtime.block_on(live_through(steps))).unwrap();
}
