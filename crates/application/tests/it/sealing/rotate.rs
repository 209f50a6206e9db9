use super::{begin, finished, having_values, load, opens_all, rotated, sharing, start, states, status, with_sealer};
use crate::world::{SECOND, World, code, operator, sealer_of};
use doorward_domain::{AuditAction, SealingKeyId};
use doorward_ports::ErrorCode;
use doorward_ports::inbound::{Begins, Rotation, RotationStep};
use doorward_ports::outbound::StoredKey;
use doorward_testbed::{NEXT_SEALING_KEY, SEALING_KEY};
use std::path::Path;
use tempfile::TempDir;

/// Two nodes that have started, and a command on the same machine.
async fn two_nodes(world: &World) -> (TempDir, [World; 2], World) {
    let folder = tempfile::tempdir().unwrap();
    let nodes = [sharing(world, folder.path()), sharing(world, folder.path())];
    for node in &nodes {
        start(node).await.unwrap();
    }
    having_values(&nodes[0]).await;
    let command = sharing(world, folder.path());
    command.sealing().prepare(&operator()).await.unwrap();
    (folder, nodes, command)
}

async fn advance(world: &World, rotation: Rotation) -> Rotation {
    world.sealing().advance(&operator(), rotation).await.unwrap()
}

fn actions(world: &World) -> Vec<&'static str> {
    world.journal.take().iter().map(|line| line.action.as_str()).filter(|name| name.contains("seal")).collect()
}

#[tokio::test]
async fn a_key_seals_once_all_nodes_know_it_and_then_everything_is_sealed_again() {
    let world = World::new().await;
    let (_folder, nodes, command) = two_nodes(&world).await;
    let old = status(&world).await.keys[0].record.id;
    let rotation = begin(&command).await.unwrap();
    assert_eq!((rotation.resumed, rotation.total), (false, 2));
    let rotation = advance(&command, rotation).await;
    assert_eq!(rotation.step, RotationStep::Waiting(2));
    load(&nodes[..1]).await;
    let rotation = advance(&command, rotation).await;
    assert_eq!(
        (&rotation.step, states(&command).await),
        (&RotationStep::Waiting(1), vec![("current", 2), ("upcoming", 0)])
    );
    load(&nodes).await;
    let rotation = advance(&command, rotation).await;
    assert_eq!(states(&command).await, [("previous", 2), ("current", 0)]);
    // Neither node seals with it yet, and both open what it has sealed.
    let rotation = advance(&command, rotation).await;
    assert_eq!(rotation.step, RotationStep::Waiting(2));
    command.keys().rotate(&operator(), Begins::Published).await.unwrap();
    opens_all(&nodes[0]).await;
    opens_all(&nodes[1]).await;
    load(&nodes).await;
    let done = finished(&command, rotation).await.unwrap();
    assert_eq!((done.resealed, done.unopened), (2, vec![]));
    assert_eq!(states(&command).await, [("previous", 0), ("current", 3)]);
    assert_eq!(actions(&world), ["sealing_key.rotated", "secrets.resealed"]);
    for node in &nodes {
        opens_all(node).await;
    }
    let others = status(&command).await.nodes.iter().filter(|node| node.current == old).count();
    assert_eq!(others, 0);
}

#[tokio::test]
async fn a_node_that_lacks_the_key_is_named_and_nothing_is_sealed_until_it_has_it() {
    let world = World::new().await;
    let (folder, nodes, command) = two_nodes(&world).await;
    let elsewhere = tempfile::tempdir().unwrap();
    std::fs::copy(folder.path().join("sealing.key"), elsewhere.path().join("sealing.key")).unwrap();
    let distant = sharing(&world, elsewhere.path());
    start(&distant).await.unwrap();
    let rotation = begin(&command).await.unwrap();
    load(&nodes).await;
    load(std::slice::from_ref(&distant)).await;
    let rotation = advance(&command, rotation).await;
    assert_eq!(rotation.step, RotationStep::Waiting(1));
    world.advance(11 * SECOND);
    let refused = command.sealing().advance(&operator(), rotation.clone()).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::SealingKeyNotReady);
    assert!(refused.detail.contains(&format!("sealing-{}.key", rotation.key)), "{refused}");
    assert_eq!(states(&command).await, [("current", 2), ("upcoming", 0)]);
    let file = format!("sealing-{}.key", rotation.key);
    std::fs::copy(folder.path().join(&file), elsewhere.path().join(&file)).unwrap();
    load(std::slice::from_ref(&distant)).await;
    let again = begin(&command).await.unwrap();
    assert_eq!((again.resumed, again.key), (true, rotation.key));
    let again = advance(&command, again).await;
    load(&nodes).await;
    load(std::slice::from_ref(&distant)).await;
    finished(&command, again).await.unwrap();
    opens_all(&distant).await;
}

#[tokio::test]
async fn a_node_that_was_killed_is_waited_for_ten_seconds_and_one_that_has_stopped_is_not() {
    let world = World::new().await;
    let (_folder, nodes, command) = two_nodes(&world).await;
    nodes[1].sealing().stop(&operator()).await.unwrap();
    let rotation = begin(&command).await.unwrap();
    let rotation = advance(&command, rotation).await;
    assert_eq!(rotation.step, RotationStep::Waiting(1));
    world.advance(11 * SECOND);
    let rotation = advance(&command, rotation).await;
    finished(&command, rotation).await.unwrap();
    assert_eq!(
        (states(&command).await, status(&command).await.nodes.len()),
        (vec![("previous", 0), ("current", 2)], 0)
    );
    // It was not dead after all, and says so again.
    load(&nodes[..1]).await;
    assert_eq!(status(&command).await.nodes.len(), 1);
}

/// As after `kill -9`: the next command knows nothing of the last one but what is stored.
#[tokio::test]
async fn a_rotation_that_is_lost_after_any_step_is_finished_by_the_next_and_is_one() {
    for lost_after in 0..8 {
        let (world, folder) = (World::new().await, tempfile::tempdir().unwrap());
        let node = sharing(&world, folder.path());
        node.sealing().prepare(&operator()).await.unwrap();
        having_values(&node).await;
        let command = sharing(&world, folder.path());
        command.sealing().prepare(&operator()).await.unwrap();
        let mut rotation = begin(&command).await.unwrap();
        for _ in 0..lost_after {
            if rotation.step != RotationStep::Done {
                rotation = advance(&command, rotation).await;
            }
        }
        let was_done = rotation.step == RotationStep::Done;
        let next = sharing(&world, folder.path());
        next.sealing().prepare(&operator()).await.unwrap();
        let done = rotated(&next).await.unwrap();
        assert_eq!((done.resumed, done.key == rotation.key), (!was_done, !was_done), "lost after {lost_after}");
        assert_eq!(actions(&world).len(), if was_done { 4 } else { 2 }, "lost after {lost_after}");
        assert_eq!(states(&next).await.last(), Some(&("current", 2)));
        opens_all(&next).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_crowd_that_seals_again_each_value_is_sealed_once_and_the_log_says_so_once() {
    for world in [World::new().await, World::on_postgres(|_| {}).await] {
        let folder = tempfile::tempdir().unwrap();
        let node = sharing(&world, folder.path());
        node.sealing().prepare(&operator()).await.unwrap();
        having_values(&node).await;
        for _ in 0..20 {
            node.keys().rotate(&operator(), Begins::Published).await.unwrap();
        }
        let crowd = (0..32).map(|_| {
            let one = sharing(&world, folder.path());
            tokio::spawn(async move {
                one.sealing().prepare(&operator()).await.unwrap();
                rotated(&one).await.unwrap()
            })
        });
        let mut keys = std::collections::BTreeMap::<SealingKeyId, i64>::new();
        for one in crowd.collect::<Vec<_>>() {
            let done = one.await.unwrap();
            assert_eq!(done.unopened, []);
            *keys.entry(done.key).or_default() += done.resealed;
        }
        // Who comes when all is done begins a rotation of their own.
        let values = i64::try_from(keys.len()).unwrap() * 22;
        assert_eq!(keys.values().sum::<i64>(), values, "{keys:?}");
        assert_eq!(actions(&world).len(), 2 * keys.len());
        assert_eq!(states(&node).await.last(), Some(&("current", 22)));
        opens_all(&node).await;
    }
}

#[tokio::test]
async fn a_value_that_can_not_be_opened_is_named_and_stays_as_it_is() {
    let (world, folder) = (World::new().await, tempfile::tempdir().unwrap());
    let node = sharing(&world, folder.path());
    node.sealing().prepare(&operator()).await.unwrap();
    having_values(&node).await;
    let mut broken = world.tools.store.read().await.unwrap().signing_keys().all().await.unwrap().remove(0);
    let other = with_sealer(&world, sealer_of(&[NEXT_SEALING_KEY], Path::new("nowhere")));
    let place = doorward_ports::outbound::SealedPlace { table: "signing_keys", row: "x", column: "sealed_private" };
    let sealed = other.tools.sealer.seal(&place, b"secret");
    broken.sealed = Some(sealed.clone());
    save(&world, &broken).await;
    let done = rotated(&node).await.unwrap();
    assert_eq!(done.resealed, 1);
    let [unopened] = &done.unopened[..] else { panic!("{:?}", done.unopened) };
    assert_eq!((unopened.column.table, unopened.row.as_str()), ("signing_keys", broken.record.id.as_str()));
    let stored = world.tools.store.read().await.unwrap().signing_keys().all().await.unwrap().remove(0);
    assert_eq!(stored.sealed, Some(sealed));
    assert_eq!(status(&node).await.strangers.len(), 1);
}

async fn save(world: &World, key: &StoredKey) {
    let mut work = world.tools.store.write().await.unwrap();
    work.signing_keys().save(key).await.unwrap();
    work.commit().await.unwrap();
}

#[tokio::test]
async fn keys_from_the_settings_are_taken_in_turn_and_no_file_is_created() {
    let (world, folder) = (World::new().await, tempfile::tempdir().unwrap());
    let one = with_sealer(&world, sealer_of(&[SEALING_KEY], folder.path()));
    start(&one).await.unwrap();
    let refused = begin(&one).await;
    assert_eq!(code(refused), ErrorCode::SealingKeyNotReady);
    let both = with_sealer(&world, sealer_of(&[SEALING_KEY, NEXT_SEALING_KEY], folder.path()));
    both.sealing().prepare(&operator()).await.unwrap();
    let rotation = begin(&both).await.unwrap();
    load(std::slice::from_ref(&one)).await;
    world.advance(11 * SECOND);
    assert_eq!(code(both.sealing().advance(&operator(), rotation).await), ErrorCode::SealingKeyNotReady);
    one.sealing().stop(&operator()).await.unwrap();
    rotated(&both).await.unwrap();
    assert_eq!(states(&both).await, [("previous", 0), ("current", 0)]);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    assert!(actions(&world).contains(&AuditAction::SealingKeyRotated.as_str()));
}
