use super::{current, having_values, opens_all, sharing, start, states, status, with_sealer};
use crate::world::{World, code, operator, sealer, sealer_of};
use doorward_crypto::SealingKey;
use doorward_ports::ErrorCode;
use doorward_testbed::{NEXT_SEALING_KEY, SEALING_KEY};
use std::sync::Arc;

const OTHER_KEY: &str = "//79/Pv6+fj39vX08/Lx8O/u7ezr6uno5+bl5OPi4eA=";

#[tokio::test]
async fn the_first_process_adds_its_key_and_the_next_one_takes_it() {
    let (world, folder) = (World::new().await, tempfile::tempdir().unwrap());
    let (one, other) = (sharing(&world, folder.path()), sharing(&world, folder.path()));
    start(&one).await.unwrap();
    having_values(&one).await;
    start(&other).await.unwrap();
    assert_eq!(states(&other).await, [("current", 2)]);
    assert_eq!(status(&other).await.nodes.len(), 2);
    opens_all(&other).await;
}

#[tokio::test]
async fn a_process_without_the_key_does_not_start_and_is_told_what_to_do() {
    let (world, folder, elsewhere) = (World::new().await, tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    start(&sharing(&world, folder.path())).await.unwrap();
    let refused = start(&sharing(&world, elsewhere.path())).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::SealingKeyMismatch);
    assert!(refused.detail.contains("sealing*.key") && refused.detail.contains("secrets.sealing_key"), "{refused}");
    let status = status(&sharing(&world, elsewhere.path())).await;
    assert_eq!(status.keys.iter().map(|key| key.known).collect::<Vec<_>>(), [false]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_crowd_with_different_keys_one_adds_the_first() {
    let world = World::new().await;
    let folders: Vec<_> = (0..32).map(|_| tempfile::tempdir().unwrap()).collect();
    let crowd = folders.iter().map(|folder| {
        let one = sharing(&world, folder.path());
        tokio::spawn(async move { one.sealing().prepare(&operator()).await.is_ok() })
    });
    let mut winners = 0;
    for one in crowd.collect::<Vec<_>>() {
        winners += u32::from(one.await.unwrap());
    }
    assert_eq!((winners, states(&world).await.len()), (1, 1));
}

#[tokio::test]
async fn of_several_keys_in_the_settings_the_database_decides_which_one_seals() {
    let world = World::new().await;
    let first = with_sealer(&world, sealer_of(&[SEALING_KEY], "nowhere".as_ref()));
    start(&first).await.unwrap();
    // The next key is written in front of it, as somebody may who expects it to seal at once.
    let both = with_sealer(&world, sealer_of(&[NEXT_SEALING_KEY, SEALING_KEY], "nowhere".as_ref()));
    start(&both).await.unwrap();
    assert_eq!(current(&both).await, SealingKey::from_base64(SEALING_KEY).unwrap().id());
    having_values(&both).await;
    opens_all(&first).await;
    let other = Arc::new(sealer(OTHER_KEY));
    let stranger = world.changed(|tools, _| tools.sealing_ring = other);
    assert_eq!(code(start(&stranger).await), ErrorCode::SealingKeyMismatch);
}
