//! What a request uses is counted for it, and for no other.
use crate::world::{HOME, Person, WRONG, World};
use doorward_ports::usage::{CallKind, Usage};
use std::sync::Arc;
use std::time::Duration;

/// Requests of three kinds, with the statements that each sends on either database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Request {
    SignIn,
    WrongPassword,
    Refresh,
}

impl Request {
    const ALL: [Self; 3] = [Self::SignIn, Self::WrongPassword, Self::Refresh];

    const fn statements(self) -> u64 {
        match self {
            Self::SignIn => 18,
            Self::WrongPassword => 8,
            Self::Refresh => 2,
        }
    }

    async fn send(self, world: &World, name: &str, person: &Person) {
        match self {
            Self::SignIn => drop(world.sign_in(HOME, name, crate::world::PASSWORD).await.unwrap()),
            Self::WrongPassword => drop(world.sign_in(HOME, name, WRONG).await.unwrap_err()),
            Self::Refresh => drop(world.refresh(&person.tokens).await.unwrap()),
        }
    }
}

async fn used(request: Request, world: &World, name: &str, person: &Person) -> Arc<Usage> {
    let usage = Arc::<Usage>::default();
    Usage::during(Some(usage.clone()), request.send(world, name, person)).await;
    usage
}

async fn alone_and_among_others(world: World) {
    let ann = world.person("ann").await;
    let mut statements = Vec::new();
    for request in Request::ALL {
        let usage = used(request, &world, "ann", &ann).await;
        statements.push((request, usage.statements()));
        assert!(usage.waited(CallKind::Store) > Duration::ZERO, "{request:?}: {usage:?}");
        for kind in [CallKind::HashQueue, CallKind::Hash] {
            assert_eq!(usage.waited(kind).is_zero(), request == Request::Refresh, "{request:?}: {usage:?}");
        }
    }
    assert_eq!(statements, Request::ALL.map(|request| (request, request.statements())));
    let mut people = Vec::new();
    for number in 0..32 {
        let name = format!("person-{number}");
        people.push((world.person(&name).await, name, Request::ALL[number % 3]));
    }
    let running = people.into_iter().map(|(person, name, request)| {
        let world = world.clone();
        (request, tokio::spawn(async move { used(request, &world, &name, &person).await }))
    });
    for (request, running) in running.collect::<Vec<_>>() {
        let usage = running.await.unwrap();
        assert_eq!(usage.statements(), request.statements(), "{request:?}: {usage:?}");
        assert_eq!(usage.waited(CallKind::Hash).is_zero(), request == Request::Refresh, "{request:?}: {usage:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_at_once_on_sqlite_are_counted_as_each_alone() {
    alone_and_among_others(World::new().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_at_once_on_postgres_are_counted_as_each_alone() {
    alone_and_among_others(World::on_postgres(|_| {}).await).await;
}
