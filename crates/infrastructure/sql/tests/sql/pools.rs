//! What the store shows of its pools of connections.
use doorward_ports::outbound::{OpenedStore, PoolState};
use doorward_sql::Opening;
use doorward_sql_testing::{TestDatabase, opening};

/// The connections of each pool: in use, idle, at most, and how many wait.
fn shown(opened: &OpenedStore) -> Vec<(&'static str, [usize; 4])> {
    let figures = |state: PoolState| (state.pool, [state.in_use, state.idle, state.max, state.waiting]);
    opened.pools.pools().into_iter().map(figures).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_has_one_connection_that_writes_and_a_pool_that_reads() {
    let database = TestDatabase::sqlite().await;
    let opened = database.open_by(Opening { pool_size: 3, ..opening() });
    assert_eq!(shown(&opened), [("database_write", [0, 0, 1, 0]), ("database_read", [0, 0, 3, 0])]);
    let (writing, reading) = (opened.store.write().await.unwrap(), opened.store.read().await.unwrap());
    assert_eq!(shown(&opened), [("database_write", [1, 0, 1, 0]), ("database_read", [1, 0, 3, 0])]);
    writing.commit().await.unwrap();
    drop(reading);
    assert_eq!(shown(&opened), [("database_write", [0, 1, 1, 0]), ("database_read", [0, 1, 3, 0])]);
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_has_one_pool_and_shows_who_waits_for_it() {
    let database = TestDatabase::postgres().await;
    let opened = database.open_by(Opening { pool_size: 1, ..opening() });
    let writing = opened.store.write().await.unwrap();
    assert_eq!(shown(&opened), [("database", [1, 0, 1, 0])]);
    let store = opened.store.clone();
    let waiting = tokio::spawn(async move { store.read().await.map(drop) });
    while shown(&opened) != [("database", [1, 0, 1, 1])] {
        tokio::task::yield_now().await;
    }
    writing.commit().await.unwrap();
    waiting.await.unwrap().unwrap();
    assert_eq!(shown(&opened), [("database", [0, 1, 1, 0])]);
}
