use super::cluster::Cluster;
use super::{Ann, says_when_to_return};
use crate::database::sql;
use crate::nodes::proxy::{Proxy, Way};
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

/// A primary and its hot standby, and a way that leads to one or the other.
struct Pair {
    /// Whose addresses the two servers have.
    _addresses: [Place; 2],
    primary: Cluster,
    standby: Cluster,
    way: Proxy,
}

impl Pair {
    fn start() -> Self {
        let addresses = [Place::on(Kind::Sqlite), Place::on(Kind::Sqlite)];
        let primary = Cluster::start(addresses[0].address());
        let standby = Cluster::standby_of(&primary, addresses[1].address());
        let way = Proxy::to(primary.address());
        Self { _addresses: addresses, primary, standby, way }
    }

    fn place(&self, parameters: &str) -> Place {
        let url = format!("postgres://postgres@{}/postgres{parameters}", self.way.address());
        Place::on(Kind::Sqlite).set("DATABASE_URL", &url).set("DOORWARD_DATABASE__TIMEOUT", "1s")
    }

    /// As when the address of the database is given to another server: every connection ends, new ones lead there.
    fn fail_over_to(&self, server: &Cluster) {
        self.way.lead_to(server.address());
        self.way.set(Way::Cut);
        crate::server::pause(std::time::Duration::from_millis(100));
        self.way.set(Way::Open);
    }
}

/// Nothing can be written, and everybody who asks is told so.
#[track_caller]
fn is_told_to_all(server: &Server, ann: &Ann, place: &Place) {
    wait_until("it is found out", || !server.is_ready());
    for _ in 0..12 {
        says_when_to_return(&ann.writes());
        says_when_to_return(&server.client.get("/health/ready").send());
    }
    assert_eq!(server.client.get("/health").send().expect_status(503).json()["status"], "unhealthy");
    let doctor = place.command(&["doctor"]).output().expect("the binary can be started");
    let told = String::from_utf8_lossy(&doctor.stdout).into_owned();
    assert_eq!(doctor.status.code(), Some(1), "{told}");
    assert!(told.contains("FAIL  database: "), "{told}");
}

#[track_caller]
fn is_as_before(server: &Server, ann: &Ann) {
    wait_until("the server is ready again", || server.is_ready());
    for _ in 0..12 {
        ann.writes().expect_status(200);
        ann.reads().expect_status(200);
    }
    wait_until("it is seen that writing works again", || server.client.get("/health").send().status == 200);
}

#[test]
fn a_database_that_fails_over_to_a_standby_is_503_until_the_primary_is_back() {
    let pair = Pair::start();
    let place = pair.place("");
    let server = place.start();
    let ann = Ann::on(&server);
    pair.fail_over_to(&pair.standby);
    is_told_to_all(&server, &ann, &place);
    pair.fail_over_to(&pair.primary);
    is_as_before(&server, &ann);
}

/// Nobody ends the connections to the standby, and they were opened although it takes no writes: the server must not stay
/// with them when there is a better one to be had.
#[test]
fn connections_to_a_standby_are_given_up_for_such_to_the_primary() {
    let pair = Pair::start();
    let place = pair.place("?target_session_attrs=any");
    let server = place.start();
    let ann = Ann::on(&server);
    pair.fail_over_to(&pair.standby);
    is_told_to_all(&server, &ann, &place);
    pair.way.lead_to(pair.primary.address());
    is_as_before(&server, &ann);
}

#[test]
fn of_a_standby_and_a_primary_the_primary_is_taken() {
    let pair = Pair::start();
    let both = format!("postgres://postgres@{},{}/postgres", pair.standby.address(), pair.primary.address());
    let place = Place::on(Kind::Sqlite).set("DATABASE_URL", &both);
    let server = place.start();
    let ann = Ann::on(&server);
    ann.writes().expect_status(200);
    ann.reads().expect_status(200);
}

/// The start says what PostgreSQL says, and what to do; `doctor` says the same.
#[track_caller]
fn is_refused(place: &Place, why: &str, cure: &str) {
    for command in ["serve", "migrate", "doctor"] {
        let output = place.command(&[command]).output().expect("the binary can be started");
        let told = [output.stdout, output.stderr].concat();
        let told = String::from_utf8_lossy(&told).into_owned();
        assert_eq!(output.status.code(), Some(1), "{command}: {told}");
        assert!(told.contains(why) && told.contains(cure), "{command}: {told}");
        assert!(!told.contains("s3cret") && !told.contains("db error"), "{command}: {told}");
    }
}

#[test]
fn why_postgres_admits_nobody_is_told_at_the_terminal() {
    let address = Place::on(Kind::Sqlite);
    let cluster = Cluster::start(address.address());
    sql(&cluster.url(), "CREATE ROLE ann LOGIN PASSWORD 'another'");
    cluster.admit("host all postgres 127.0.0.1/32 trust\nhost postgres ann 127.0.0.1/32 scram-sha-256\n");
    let place = |rest: &str| {
        let url = format!("postgres://{}/{rest}", format_args!("ann:s3cret@{}", cluster.address()));
        Place::on(Kind::Sqlite).set("DATABASE_URL", &url)
    };
    is_refused(
        &place("postgres"),
        "password authentication failed for user \"ann\"",
        "check the user and the password",
    );
    is_refused(&place("template1"), "pg_hba.conf", "allows it from this machine");
}
