//! The compose file, and what its services are given. No containers run here.
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use serde_json::json;
use yaml_rust2::Yaml;

use super::{in_repository, text, with, yaml};
use crate::client::{Client, access};
use crate::nginx;
use crate::place::{ADMIN, Kind, PASSWORD, Place, Port};

/// The keys and values of a map.
#[track_caller]
fn entries(of: &Yaml) -> BTreeMap<String, Yaml> {
    let map = of.as_hash().unwrap_or_else(|| panic!("{of:?} is no map"));
    map.iter().map(|(key, value)| (key.as_str().expect("keys are texts").to_owned(), value.clone())).collect()
}

fn words(of: &Yaml) -> Vec<String> {
    of.as_vec().into_iter().flatten().filter_map(|word| word.as_str().map(str::to_owned)).collect()
}

/// The services, those of `<<` included in each.
fn services() -> BTreeMap<String, BTreeMap<String, Yaml>> {
    let whole = entries(&entries(&yaml("docs/deploy/compose.yaml"))["services"]);
    let merged = |service: &Yaml| {
        let mut own = entries(service);
        for (key, value) in own.remove("<<").map(|shared| entries(&shared)).unwrap_or_default() {
            own.entry(key).or_insert(value);
        }
        own
    };
    whole.iter().map(|(name, service)| (name.clone(), merged(service))).collect()
}

#[test]
fn images_are_pinned_by_their_version() {
    for (name, service) in services() {
        let image = service["image"].as_str().expect("each service has an image");
        let (_, tag) = image.rsplit_once(':').unwrap_or_else(|| panic!("{image} has no version"));
        let is_whole = tag.trim_start_matches('v').split(['.', '-']).take(2).all(|part| part.parse::<u32>().is_ok());
        assert!(is_whole || (tag == "local" && !service["build"].is_badvalue()), "{name}: {image}");
    }
}

#[test]
fn every_service_has_a_health_check_or_is_watched_by_prometheus() {
    let watched = text("docs/deploy/prometheus/prometheus.yml");
    let mut without = Vec::new();
    for (name, service) in services() {
        match service.get("healthcheck") {
            Some(check) => assert!(words(&check["test"])[0].starts_with("CMD"), "{name}"),
            None => without.push(name),
        }
    }
    // There is nothing in its image that could ask it.
    assert_eq!(without, ["otel-collector"]);
    assert!(watched.contains("\"otel-collector:8888\""), "{watched}");
}

#[test]
fn a_container_without_compose_checks_its_health_in_the_same_way() {
    let file = text("Dockerfile");
    let (_, check) = file.split_once("HEALTHCHECK ").expect("the image has a health check");
    let (_, words_of_image) = check.split_once("CMD ").expect("it has a command");
    let words_of_image: Vec<String> = serde_json::from_str(words_of_image.lines().next().unwrap_or_default()).unwrap();
    let ours = services();
    for node in ["doorward-1", "doorward-2"] {
        assert_eq!(words(&ours[node]["healthcheck"]["test"])[1..], words_of_image, "{node}");
    }
}

#[test]
fn prometheus_reads_every_node_where_it_listens() {
    let ours = services();
    let nodes = ours.iter().filter(|(_, service)| service["image"].as_str() == Some("doorward:local"));
    let targets: Vec<String> = nodes.map(|(name, _)| format!("{name}:9100")).collect();
    let read = yaml("docs/deploy/prometheus/prometheus.yml");
    assert_eq!(words(&read["scrape_configs"][0]["static_configs"][0]["targets"]), targets);
    let settings = entries(&ours["doorward-1"]["environment"]);
    assert_eq!(settings["DOORWARD_METRICS__BIND"].as_str(), Some("0.0.0.0:9100"));
}

#[test]
fn the_files_that_containers_are_given_exist_where_grafana_looks_for_them() {
    let ours = services();
    let mounts = ours.values().filter_map(|service| service.get("volumes")).flat_map(words);
    let mounts: Vec<(String, String)> = mounts
        .filter(|mount| mount.starts_with("./"))
        .filter_map(|mount| mount.split_once(':').map(|(from, to)| (from.to_owned(), to.to_owned())))
        .collect();
    for (from, to) in &mounts {
        assert!(in_repository("docs/deploy").join(from).exists(), "{from}");
        assert!(to.ends_with(":ro"), "{from} can be written by a container");
    }
    let provider = yaml("docs/deploy/grafana/provisioning/dashboards/doorward.yaml");
    let path = provider["providers"][0]["options"]["path"].as_str().expect("it names a folder");
    assert!(mounts.contains(&("./grafana/dashboards".to_owned(), format!("{path}:ro"))), "{mounts:?}");
}

/// A copy of `docs/deploy/start`, with a `docker` that does nothing but note what it is asked for.
fn start_script(folder: &Path) -> Command {
    let bin = folder.join("bin");
    std::fs::create_dir_all(&bin).expect("the folder is ours");
    std::fs::write(bin.join("docker"), "#!/bin/sh\necho \"$@\" >>docker.log\n").expect("the folder is ours");
    std::fs::copy(in_repository("docs/deploy/start"), folder.join("start")).expect("the folder is ours");
    for file in [bin.join("docker"), folder.join("start")] {
        std::fs::set_permissions(file, PermissionsExt::from_mode(0o755)).expect("one's own file");
    }
    let mut command = Command::new(folder.join("start"));
    let path = std::env::var("PATH").expect("there is a PATH");
    command.arg("--quiet-pull").env("PATH", format!("{}:{path}", bin.display()));
    command
}

#[test]
fn the_start_script_makes_every_secret_once_and_the_settings_are_accepted_with_them() {
    let place = Place::on(Kind::Sqlite);
    let mut start = start_script(place.folder());
    assert!(start.output().expect("it can be started").status.success());
    let secrets = place.folder().join("secrets");
    let mode = |file: &Path| std::fs::metadata(file).map(|it| it.permissions().mode() & 0o777).unwrap_or_default();
    assert_eq!(mode(&secrets), 0o700);
    let read = || -> BTreeMap<String, String> {
        let named = entries(&yaml("docs/deploy/compose.yaml")["secrets"]);
        let path = |secret: &Yaml| place.folder().join(secret["file"].as_str().expect("each secret is a file"));
        named.iter().map(|(name, it)| (name.clone(), std::fs::read_to_string(path(it)).expect("it was made"))).collect()
    };
    let made = read();
    assert!(made.keys().all(|name| mode(&secrets.join(name)) == 0o444), "{made:?}");
    assert!(start.output().expect("it can be started").status.success());
    assert_eq!(read(), made, "a second start changes no secret");
    let asked = std::fs::read_to_string(place.folder().join("docker.log")).expect("it was started");
    assert_eq!(asked, "compose up --build --detach --wait --quiet-pull\n".repeat(2));
    let mut check = place.command(&["config", "check"]);
    check.env_remove("DOORWARD_PASSWORDS__BCRYPT_COST");
    for (name, value) in entries(&services()["doorward-1"]["environment"]) {
        let value = value.as_str().unwrap_or_else(|| panic!("{name} is no text"));
        check.env(name, filled_in(value).replace("/run/secrets", &secrets.display().to_string()));
    }
    let done = check.output().expect("the binary can be started");
    assert!(done.status.success(), "{done:?}");
}

/// `${NAME:-default}` is the default.
fn filled_in(value: &str) -> String {
    let default = value.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')?.split_once(":-"));
    default.map_or(value, |(_, default)| default).to_owned()
}

/// One of the two nodes does not run.
#[test]
fn the_proxy_passes_on_who_asks_and_leads_to_no_metrics() {
    let (place, proxy, nobody) = (Place::on(Kind::Sqlite).with_known_admin(), Port::take(), Port::take());
    let place = place.set("DOORWARD_HTTP__TRUSTED_PROXIES", "127.0.0.1");
    let _server = place.start();
    let client = Client { address: ([127, 0, 0, 1], proxy.number).into() };
    let servers = with(&text("docs/deploy/nginx/doorward.conf"), "doorward-1:8000", &place.address().to_string());
    let servers = with(&servers, "doorward-2:8000", &format!("127.0.0.1:{}", nobody.number));
    let servers = with(&servers, "listen 8080", &format!("listen {}", client.address));
    let folder = tempfile::tempdir().expect("a folder can be made");
    let _nginx = nginx::start(&servers, client, folder.path());
    for _ in 0..4 {
        client.get("/health/ready").send().expect_status(200);
    }
    let metrics = client.get("/metrics").send().expect_status(404);
    assert_eq!(metrics.code(), "", "nginx itself answers");
    let known = json!({"identifier": ADMIN, "password": PASSWORD});
    let claims_an_address = client.post("/api/v1/auth/login", &known).header("X-Forwarded-For", "203.0.113.9");
    let tokens = claims_an_address.send().expect_status(200).json();
    let sessions = client.get("/api/v1/users/me/sessions").bearer(access(&tokens)).send().expect_status(200).json();
    assert_eq!(sessions["items"][0]["address"], "127.0.0.1");
}
