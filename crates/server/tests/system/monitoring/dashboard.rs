//! The dashboard, as a file that Grafana imports.
use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::expressions::selectors;
use super::{text, yaml};

/// From this version of the format on, all data sources are objects with a type and a uid.
const OLDEST_SCHEMA: u64 = 36;
const COLUMNS: u64 = 24;

/// All of it.
pub fn read() -> Value {
    serde_json::from_str(&text("docs/deploy/grafana/dashboards/doorward.json")).expect("it is JSON")
}

#[track_caller]
fn list(of: &Value) -> &[Value] {
    of.as_array().unwrap_or_else(|| panic!("{of} is no list"))
}

/// Rows are headings, all others show something.
fn panels(of: &Value) -> Vec<&Value> {
    list(&of["panels"]).iter().filter(|panel| panel["type"] != "row").collect()
}

#[test]
fn it_can_be_imported_anywhere() {
    let dashboard = read();
    assert!(dashboard["schemaVersion"].as_u64() >= Some(OLDEST_SCHEMA));
    assert_eq!((&dashboard["id"], &dashboard["uid"]), (&Value::Null, &json!("doorward")));
    let variables = list(&dashboard["templating"]["list"]).iter().map(|it| json!([it["name"], it["type"]]));
    let expected = json!([["datasource", "datasource"], ["job", "query"], ["instance", "query"]]);
    assert_eq!(variables.collect::<Value>(), expected);
}

#[test]
fn every_panel_has_an_id_of_its_own_and_says_what_it_shows() {
    let dashboard = read();
    let all = list(&dashboard["panels"]);
    let ids: BTreeSet<_> = all.iter().filter_map(|panel| panel["id"].as_u64()).collect();
    assert_eq!(ids.len(), all.len(), "two panels have one id, or one has none");
    for panel in panels(&dashboard) {
        let title = panel["title"].as_str().filter(|title| !title.is_empty()).expect("each panel has a title");
        let description = panel["description"].as_str().unwrap_or_default();
        assert!(description.ends_with('.'), "{title} is not described");
        assert!(panel["fieldConfig"]["defaults"]["unit"].is_string(), "{title} has no unit");
        assert!(["stat", "timeseries", "piechart"].contains(&panel["type"].as_str().unwrap_or_default()), "{title}");
    }
}

#[test]
fn every_query_goes_to_the_data_source_and_the_nodes_that_were_chosen() {
    let (dashboard, source) = (read(), json!({"type": "prometheus", "uid": "${datasource}"}));
    for panel in panels(&dashboard) {
        let targets = list(&panel["targets"]);
        let names: BTreeSet<_> = targets.iter().filter_map(|target| target["refId"].as_str()).collect();
        assert!(!targets.is_empty() && names.len() == targets.len(), "the queries of {}", panel["title"]);
        assert_eq!(panel["datasource"], source, "{}", panel["title"]);
        for target in targets {
            assert_eq!(target["datasource"], source, "{}", panel["title"]);
            let selected = selectors(target["expr"].as_str().expect("a query is a text"));
            assert!(!selected.is_empty(), "{}", panel["title"]);
            for selector in selected {
                let chosen = r#"job=~"$job", instance=~"$instance""#;
                assert!(selector.matchers.contains(chosen), "{}: {selector:?}", panel["title"]);
            }
        }
    }
}

#[test]
fn no_panel_covers_another() {
    let dashboard = read();
    let mut taken = BTreeSet::new();
    for panel in list(&dashboard["panels"]) {
        let [x, y, w, h] = ["x", "y", "w", "h"].map(|side| panel["gridPos"][side].as_u64().expect("it has a place"));
        assert!(w > 0 && h > 0 && x + w <= COLUMNS, "{}", panel["title"]);
        let cells = (y..y + h).flat_map(|row| (x..x + w).map(move |column| (row, column)));
        cells.for_each(|cell| assert!(taken.insert(cell), "{} covers another at {cell:?}", panel["title"]));
    }
}

/// So that `$__rate_interval` is long enough for the intervals at which Prometheus reads.
#[test]
fn grafana_knows_how_often_prometheus_reads() {
    let source = yaml("docs/deploy/grafana/provisioning/datasources/prometheus.yaml");
    let source = &source["datasources"][0];
    let prometheus = yaml("docs/deploy/prometheus/prometheus.yml");
    assert_eq!(source["jsonData"]["timeInterval"], prometheus["global"]["scrape_interval"]);
    assert_eq!(source["type"].as_str(), Some("prometheus"));
}
