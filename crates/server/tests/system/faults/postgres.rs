use super::cluster::Cluster;
use super::{Ann, says_when_to_return};
use crate::place::{Kind, Place};
use crate::server::{Server, wait_until};

/// A place on a PostgreSQL of its own, which has the address of a place that nothing else is done with.
fn place_on(cluster: &Cluster) -> Place {
    Place::on(Kind::Sqlite).set("DATABASE_URL", &cluster.url()).set("DOORWARD_DATABASE__TIMEOUT", "1s")
}

#[test]
fn a_restart_of_postgres_is_503_and_then_as_before() {
    let address = Place::on(Kind::Sqlite);
    let mut cluster = Cluster::start(address.address());
    let place = place_on(&cluster);
    let server = place.start();
    let ann = Ann::on(&server);
    cluster.stop();
    says_when_to_return(&ann.writes());
    says_when_to_return(&ann.reads());
    says_when_to_return(&server.client.get("/health/ready").send());
    server.client.get("/health/live").send().expect_status(200);
    assert_eq!(server.client.get("/health").send().expect_status(503).json()["status"], "unhealthy");
    cluster.resume();
    wait_until("the server is ready again", || server.is_ready());
    ann.reads().expect_status(200);
    ann.writes().expect_status(200);
    let (_, log) = server.stop();
    assert!(log.contains("WARN") && log.contains("store_unavailable"), "{log}");
}

#[test]
fn connections_that_are_cut_are_replaced() {
    let address = Place::on(Kind::Sqlite);
    let cluster = Cluster::start(address.address());
    let place = place_on(&cluster);
    let server = place.start();
    let ann = Ann::on(&server);
    for _ in 0..5 {
        cluster.cut_all_connections();
        // The first to use a connection that was cut may be told to come back, never that the fault is ours.
        for answer in [ann.reads(), ann.writes(), ann.reads(), ann.writes()] {
            assert!(matches!(answer.status, 200 | 503), "{answer:?}");
        }
        wait_until("it answers as before", || ann.reads().status == 200 && ann.writes().status == 200);
    }
}

#[test]
fn a_database_that_does_not_exist_ends_the_start_and_is_named() {
    let address = Place::on(Kind::Sqlite);
    let cluster = Cluster::start(address.address());
    let url = cluster.url().strip_suffix("postgres").expect("it names a database").to_owned() + "accounts";
    let place = Place::on(Kind::Sqlite).set("DATABASE_URL", &url);
    let (status, out, log) = Server::spawn(place.command(&[]), place.client()).ended();
    assert_eq!((status.code(), out.as_str()), (Some(1), ""), "{log}");
    assert!(log.contains("database.url") && log.contains("accounts"), "{log}");
}
