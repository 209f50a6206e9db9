//! What one node has learned, on another.
use super::world::{Database, NOW, Node, SharedBytes, a_moment, session_of, user};
use crate::shared::Shared;
use doorward_domain::GrantId;
use doorward_ports::outbound::{CacheKey, Lookup as _, Revocation};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

struct World {
    database: Arc<Database>,
    shared: SharedBytes,
    one: Node,
    other: Node,
}

impl World {
    /// Two nodes that have listened for long enough, of which one has just learned of user 0.
    async fn new() -> Self {
        let (database, shared) = (Database::with_users(2), SharedBytes::default());
        let (one, other) = (Node::sharing(&database, &shared).await, Node::sharing(&database, &shared).await);
        tokio::time::sleep(Shared::OLDEST + Duration::from_millis(2)).await;
        one.sees(0).await;
        a_moment().await;
        Self { database, shared, one, other }
    }

    /// What the other node answers of the user, and how often the database was asked for it.
    async fn other_sees(&self, n: u8) -> (Option<i64>, u32) {
        let before = self.database.asked_for_users();
        (self.other.sees(n).await, self.database.asked_for_users() - before)
    }
}

#[tokio::test(start_paused = true)]
async fn what_one_node_has_learned_another_need_not_ask_the_database_for() {
    assert_eq!(World::new().await.other_sees(0).await, (Some(1), 0));
}

#[tokio::test(start_paused = true)]
async fn a_node_that_has_just_started_asks_the_database() {
    let world = World::new().await;
    let newcomer = Node::sharing(&world.database, &world.shared).await;
    newcomer.sees(0).await;
    assert_eq!(world.database.asked_for_users(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_was_revoked_lately_is_not_taken_from_another_node() {
    for revocation in [Revocation::User(user(0)), Revocation::Account(user(0)), Revocation::Everyone] {
        let world = World::new().await;
        world.database.change_silently(0);
        world.other.hear(revocation);
        assert_eq!(world.other_sees(0).await, (Some(2), 1), "{revocation:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_old_entry_that_somebody_brings_back_does_not_count() {
    let world = World::new().await;
    for (_, until) in world.shared.0.lock().unwrap().values_mut() {
        *until = Instant::now() + Duration::from_secs(86_400);
    }
    world.other.advance_clock(Duration::from_secs(120));
    assert_eq!(world.other_sees(0).await, (Some(1), 1));
}

#[tokio::test(start_paused = true)]
async fn an_entry_from_a_clock_that_is_too_far_ahead_does_not_count() {
    let world = World::new().await;
    world.one.advance_clock(Duration::from_secs(61));
    world.one.sees(1).await;
    a_moment().await;
    assert_eq!(world.other_sees(1).await, (Some(1), 1));
}

#[tokio::test(start_paused = true)]
async fn an_entry_does_not_count_at_anothers_place() {
    let world = World::new().await;
    let stolen = world.shared.0.lock().unwrap().remove(&CacheKey::new("users", user(0))).unwrap();
    world.shared.0.lock().unwrap().insert(CacheKey::new("users", user(1)), stolen);
    assert_eq!(world.other_sees(1).await, (Some(1), 1));
}

#[tokio::test(start_paused = true)]
async fn other_bytes_count_for_nothing() {
    for bytes in [&b""[..], b"{}", &[0xff; 100]] {
        let world = World::new().await;
        for (kept, _) in world.shared.0.lock().unwrap().values_mut() {
            *kept = bytes.to_vec();
        }
        assert_eq!(world.other_sees(0).await, (Some(1), 1), "{bytes:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn that_there_is_none_is_not_shared() {
    let world = World::new().await;
    let grant = GrantId::mint(NOW, [1; 10]);
    world.one.clients.find(&grant).await.unwrap();
    a_moment().await;
    assert!(!world.shared.0.lock().unwrap().contains_key(&CacheKey::new("clients", grant)));
}

#[tokio::test(start_paused = true)]
async fn sessions_are_shared_as_well() {
    let world = World::new().await;
    world.one.sessions.find(&session_of(0)).await.unwrap();
    a_moment().await;
    assert!(world.other.sessions.find(&session_of(0)).await.unwrap().is_some());
    assert_eq!(world.database.asked_for_sessions(), 1);
}
