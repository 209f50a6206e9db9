//! A real Prometheus, by the configuration that is delivered, reads real servers while the tour of README.md is taken: every panel
//! of the dashboard has something to show, every rule selects something, and no alert is raised.
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use super::expressions::{Asked, of_the_dashboard, of_the_rules, selectors};
use super::{in_repository, program, rules, text, with};
use crate::client::Client;
use crate::nodes::redis::RedisServer;
use crate::place::{Kind, Place, Port};
use crate::server::{Server, wait_until};
use crate::tour;

/// What these panels show has happened on the tour.
const MOVED: [&str; 11] = [
    "\"Requests\"",
    "\"Sign-ins in 24 hours\"",
    "\"Sign-ins and failures\"",
    "\"Registrations\"",
    "\"Token refreshes\"",
    "\"Latency, p99\"",
    "\"Hashing time\"",
    "\"Requests by status\"",
    "\"Audit lines\"",
    "\"Runs of jobs\"",
    "\"Memory\"",
];

struct Prometheus {
    promtool: PathBuf,
    client: Client,
    _running: Server,
    _folder: TempDir,
    _port: Port,
}

impl Prometheus {
    /// One that reads these nodes, every second.
    fn start(prometheus: PathBuf, promtool: PathBuf, nodes: [&str; 2]) -> Self {
        let (folder, port) = (tempfile::tempdir().expect("a folder can be made"), Port::take());
        let client = Client { address: ([127, 0, 0, 1], port.number).into() };
        let own = client.address.to_string();
        let mut settings = text("docs/deploy/prometheus/prometheus.yml");
        // Nobody collects traces here.
        let collector = ("otel-collector:8888", own.as_str());
        let replaced = [("15s", "1s"), ("doorward-1:9100", nodes[0]), ("doorward-2:9100", nodes[1]), collector];
        for (old, new) in replaced.into_iter().chain([("127.0.0.1:9090", own.as_str())]) {
            settings = with(&settings, old, new);
        }
        let rules = in_repository("docs/deploy/prometheus/rules").canonicalize().expect("it is there");
        settings = with(&settings, "rules/*.yml", &format!("{}/*.yml", rules.display()));
        let file = folder.path().join("prometheus.yml");
        std::fs::write(&file, settings).expect("the folder is ours");
        let mut command = Command::new(prometheus);
        command.arg(format!("--config.file={}", file.display())).arg(format!("--web.listen-address={own}"));
        command.arg(format!("--storage.tsdb.path={}", folder.path().join("data").display())).arg("--log.level=warn");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let running = Server::spawn(command, client);
        wait_until("Prometheus is ready", || {
            client.get("/-/ready").try_send().is_ok_and(|answer| answer.status == 200)
        });
        Self { promtool, client, _running: running, _folder: folder, _port: port }
    }

    /// What it answers now: the values of all series.
    #[track_caller]
    fn values(&self, expression: &str) -> Vec<f64> {
        let mut command = Command::new(&self.promtool);
        command.args(["query", "instant", "--format=json", &format!("http://{}", self.client.address), expression]);
        let done = command.output().expect("promtool can be started");
        assert!(done.status.success(), "{expression}: {}", String::from_utf8_lossy(&done.stderr));
        let answer: Value = serde_json::from_slice(&done.stdout).unwrap_or_else(|error| panic!("{error}: {done:?}"));
        let series = answer.as_array().unwrap_or_else(|| panic!("{expression}: {answer}")).iter();
        let value = |series: &Value| series["value"][1].as_str().and_then(|value| value.parse().ok());
        series.map(|series| value(series).unwrap_or_else(|| panic!("{series}"))).collect()
    }

    /// `NaN` is no number: Grafana shows it as nothing.
    fn shows(&self, asked: &Asked) -> bool {
        let moved = MOVED.iter().any(|title| asked.place.ends_with(title));
        self.values(&asked.expression).iter().any(|value| value.is_finite() && (*value > 0.0 || !moved))
    }
}

/// A node, and where its metrics are.
struct Node {
    place: Place,
    metrics: String,
    _port: Port,
}

impl Node {
    fn at(place: Place) -> Self {
        let port = Port::take();
        let metrics = format!("127.0.0.1:{}", port.number);
        Self { place: place.set("DOORWARD_METRICS__BIND", &metrics), metrics, _port: port }
    }
}

/// One node on PostgreSQL with Redis, on which the tour is taken, and one on SQLite.
#[test]
fn the_dashboard_shows_the_tour_and_no_alert_is_raised_until_a_node_is_gone() {
    let (Some(prometheus), Some(promtool)) = (program("prometheus"), program("promtool")) else { return };
    let redis = RedisServer::start();
    let one = Node::at(Place::on(Kind::Postgres).with_default_limits().set("REDIS_URL", &redis.url()));
    let two = Node::at(Place::on(Kind::Sqlite));
    let (server, other) = (one.place.start(), two.place.start());
    let prometheus = Prometheus::start(prometheus, promtool, [&one.metrics, &two.metrics]);
    wait_until("both nodes are read", || prometheus.values("count(doorward_build_info) == 2").len() == 1);
    tour::is_taken(&one.place, &server);
    for asked in of_the_dashboard().into_iter().filter(|asked| asked.place.starts_with("panel")) {
        wait_until(&format!("{} shows something: {}", asked.place, asked.expression), || prometheus.shows(&asked));
    }
    every_rule_selects_something(&prometheus);
    // How long requests take depends on the machine of the test.
    let wrong = "ALERTS{alertname!~\"DoorwardSlow|DoorwardConnectionsLent\"}";
    wait_until("no alert is pending or firing", || prometheus.values(wrong).is_empty());
    let failed = "sum(prometheus_rule_evaluation_failures_total)";
    wait_until("Prometheus tells whether rules failed", || prometheus.values(failed) == [0.0]);
    other.stop();
    let alert = "ALERTS{alertname=\"DoorwardNodeDown\", alertstate=\"pending\"}";
    wait_until("the node that has stopped is missed", || prometheus.values(alert).len() == 1);
}

/// Except for failures, of which there was none.
fn every_rule_selects_something(prometheus: &Prometheus) {
    for rule in rules::all().iter().filter(|rule| !rule.is_alert) {
        wait_until(&format!("{} is recorded", rule.name), || !prometheus.values(&rule.name).is_empty());
    }
    for asked in of_the_rules().into_iter().chain(of_the_dashboard()) {
        for selector in selectors(&asked.expression) {
            if !selector.matchers.contains("status=~\"5..\"") {
                let selected = format!("{}{}", selector.metric, selector.matchers);
                assert!(!prometheus.values(&selected).is_empty(), "{}: {selected} selects nothing", asked.place);
            }
        }
    }
}
