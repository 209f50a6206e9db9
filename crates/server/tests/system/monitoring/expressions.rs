//! Expressions of Prometheus: where they are, and what they select.
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{rules, text};
use crate::metrics::scraped;
use crate::nodes::redis::RedisServer;
use crate::place::{Kind, Place};

/// An expression, and where it is.
pub struct Asked {
    pub place: String,
    pub expression: String,
}

/// A metric with its matchers: `up{job="doorward"}`.
#[derive(Debug, PartialEq, Eq)]
pub struct Selector {
    pub metric: String,
    pub matchers: String,
}

/// Those of the dashboard, with values for what Grafana fills in.
pub fn of_the_dashboard() -> Vec<Asked> {
    let dashboard: Value = super::dashboard::read();
    let list = |list: &Value| list.as_array().cloned().unwrap_or_default();
    let mut found = Vec::new();
    for panel in list(&dashboard["panels"]) {
        for target in list(&panel["targets"]) {
            found.push((format!("panel {} {}", panel["id"], panel["title"]), target["expr"].clone()));
        }
    }
    for annotation in list(&dashboard["annotations"]["list"]) {
        found.push((format!("annotation {}", annotation["name"]), annotation["expr"].clone()));
    }
    let filled_in =
        |(place, expression): (String, Value)| Some(Asked { place, expression: filled(expression.as_str()?) });
    found.into_iter().filter_map(filled_in).collect()
}

fn filled(expression: &str) -> String {
    let values = [("$__rate_interval", "5m"), ("$__range", "1h"), ("$job", ".*"), ("$instance", ".*")];
    values.iter().fold(expression.to_owned(), |expression, (name, value)| expression.replace(name, value))
}

/// Those of the recording rules and alerts.
pub fn of_the_rules() -> Vec<Asked> {
    let rules = rules::all().into_iter();
    rules.map(|rule| Asked { place: rule.name, expression: rule.expression }).collect()
}

/// What an expression selects.
pub fn selectors(expression: &str) -> Vec<Selector> {
    let (mut found, mut rest) = (Vec::new(), expression);
    while let Some(first) = rest.chars().next() {
        if first == '[' {
            rest = after(rest, ']');
        } else if first.is_ascii_digit() {
            rest = rest.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '.');
        } else if is_part_of_a_name(first) {
            let word = &rest[..rest.find(|c| !is_part_of_a_name(c)).unwrap_or(rest.len())];
            rest = rest[word.len()..].trim_start();
            if NAMES_LABELS.contains(&word) {
                rest = after(rest, ')');
            } else if !JOINS.contains(&word) && !is_a_function(rest) {
                let behind = if rest.starts_with('{') { after(rest, '}') } else { rest };
                let matchers = rest[..rest.len() - behind.len()].to_owned();
                found.push(Selector { metric: word.to_owned(), matchers });
                rest = behind;
            }
        } else {
            rest = &rest[first.len_utf8()..];
        }
    }
    found
}

const NAMES_LABELS: [&str; 6] = ["by", "without", "on", "ignoring", "group_left", "group_right"];
const JOINS: [&str; 5] = ["and", "or", "unless", "offset", "bool"];

const fn is_part_of_a_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == ':'
}

/// By what follows the word.
fn is_a_function(behind: &str) -> bool {
    ["(", "by ", "by(", "without"].iter().any(|start| behind.starts_with(start))
}

fn after(text: &str, end: char) -> &str {
    text.split_once(end).map_or("", |(_, behind)| behind)
}

#[test]
fn what_an_expression_selects_is_found() {
    let found = |expression| selectors(expression).into_iter().map(|it| (it.metric, it.matchers)).collect::<Vec<_>>();
    let pair = |metric: &str, matchers: &str| (metric.to_owned(), matchers.to_owned());
    let quantile = "histogram_quantile(0.99, sum by (job, le) (rate(a_bucket{b=~\"c.*\", d!=\"e\"}[5m])))";
    assert_eq!(found(quantile), [pair("a_bucket", "{b=~\"c.*\", d!=\"e\"}")]);
    let joined = "(sum (a) or vector(0)) / on (job) group_left (x) job:a:rate5m > 3 * 3600 unless b offset 1d";
    assert_eq!(found(joined), [pair("a", ""), pair("job:a:rate5m", ""), pair("b", "")]);
}

/// The families of metrics, with their types, of a server with everything that has metrics.
fn families(kind: Kind) -> BTreeMap<String, String> {
    let redis = RedisServer::start();
    let place = Place::on(kind).set("REDIS_URL", &redis.url());
    let server = place.start();
    scraped(server.client).families
}

/// The names of their series.
fn series(families: &BTreeMap<String, String>) -> BTreeSet<String> {
    let parts = |(name, kind): (&String, &String)| match kind.as_str() {
        "histogram" => ["_bucket", "_sum", "_count"].map(|part| format!("{name}{part}")).to_vec(),
        _ => vec![name.clone()],
    };
    families.iter().flat_map(parts).collect()
}

#[test]
fn every_metric_that_is_asked_for_is_exported_or_recorded() {
    let exported = families(Kind::Sqlite);
    assert_eq!(exported, families(Kind::Postgres));
    let mut known = series(&exported);
    known.extend(rules::all().into_iter().filter(|rule| !rule.is_alert).map(|rule| rule.name));
    // Prometheus makes it, for each target.
    known.insert("up".to_owned());
    for asked in of_the_dashboard().into_iter().chain(of_the_rules()) {
        for selector in selectors(&asked.expression) {
            assert!(known.contains(&selector.metric), "{}: there is no {}", asked.place, selector.metric);
        }
    }
}

#[test]
fn the_page_of_metrics_explains_all_that_are_exported() {
    let page = text("docs/features/metrics.md");
    let families = families(Kind::Sqlite);
    let missing: Vec<_> = families.keys().filter(|name| !page.contains(&format!("`{name}`"))).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
