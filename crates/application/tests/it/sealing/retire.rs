use super::{begin, having_values, load, opens_all, rotated, sharing, start, states, status};
use crate::world::{World, code, operator};
use doorward_ports::ErrorCode;
use doorward_ports::inbound::Begins;
use std::path::Path;

fn files(folder: &Path) -> usize {
    std::fs::read_dir(folder).unwrap().count()
}

async fn retire(world: &World, id: &str) -> doorward_ports::Result<()> {
    world.sealing().retire(&operator(), id).await.map(drop)
}

#[tokio::test]
async fn a_key_that_seals_nothing_any_more_is_retired_and_its_file_deleted() {
    let (world, folder) = (World::new().await, tempfile::tempdir().unwrap());
    let node = sharing(&world, folder.path());
    node.sealing().prepare(&operator()).await.unwrap();
    having_values(&node).await;
    let old = status(&node).await.keys[0].record.id.to_string();
    assert_eq!(code(retire(&node, &old).await), ErrorCode::SealingKeyInUse);
    rotated(&node).await.unwrap();
    world.journal.take();
    for _ in ["first", "again"] {
        retire(&node, &old).await.unwrap();
        assert_eq!((states(&node).await, files(folder.path())), (vec![("retired", 0), ("current", 2)], 1));
    }
    let lines: Vec<_> = world.journal.take().iter().map(|line| line.action.as_str()).collect();
    assert_eq!(lines, ["sealing_key.retired"]);
    // A process that starts now does not know it, and creates none in its place.
    let next = sharing(&world, folder.path());
    start(&next).await.unwrap();
    opens_all(&next).await;
    assert_eq!(files(folder.path()), 1);
    assert_eq!(status(&next).await.keys.iter().map(|key| key.known).collect::<Vec<_>>(), [false, true]);
}

#[tokio::test]
async fn a_key_that_a_node_seals_with_is_not_retired_and_what_it_has_sealed_late_is_sealed_again() {
    let (world, folder) = (World::new().await, tempfile::tempdir().unwrap());
    let (late, command) = (sharing(&world, folder.path()), sharing(&world, folder.path()));
    start(&late).await.unwrap();
    having_values(&late).await;
    late.sealing().stop(&operator()).await.unwrap();
    command.sealing().prepare(&operator()).await.unwrap();
    let old = status(&command).await.keys[0].record.id.to_string();
    rotated(&command).await.unwrap();
    // It has not heard of the rotation.
    late.keys().rotate(&operator(), Begins::Published).await.unwrap();
    assert_eq!(states(&command).await, [("previous", 1), ("current", 2)]);
    retire(&command, &old).await.unwrap();
    assert_eq!(states(&command).await, [("retired", 0), ("current", 3)]);
    load(std::slice::from_ref(&late)).await;
    opens_all(&late).await;
}

#[tokio::test]
async fn an_unknown_key_is_not_found_and_a_rotation_can_be_given_up() {
    let (world, folder) = (World::new().await, tempfile::tempdir().unwrap());
    let node = sharing(&world, folder.path());
    node.sealing().prepare(&operator()).await.unwrap();
    for id in ["", "copper", "00c0ffee00c0ffee"] {
        assert_eq!(code(retire(&node, id).await), ErrorCode::SealingKeyNotFound);
    }
    let rotation = begin(&node).await.unwrap();
    retire(&node, &rotation.key.to_string()).await.unwrap();
    assert_eq!((states(&node).await, files(folder.path())), (vec![("current", 0), ("retired", 0)], 1));
    assert_ne!(rotated(&node).await.unwrap().key, rotation.key);
}
