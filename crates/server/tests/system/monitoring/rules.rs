//! The recording rules and alerts.
use std::collections::BTreeSet;

use yaml_rust2::Yaml;

use super::{text, yaml};

const FILES: [&str; 2] = ["docs/deploy/prometheus/rules/alerts.yml", "docs/deploy/prometheus/rules/recording.yml"];
const RUNBOOKS: &str = "https://doorward.dev/deploy/runbooks#";

/// A recording rule or an alert.
pub struct Rule {
    pub name: String,
    pub is_alert: bool,
    pub expression: String,
    whole: Yaml,
}

/// All of them.
pub fn all() -> Vec<Rule> {
    let groups = FILES.iter().flat_map(|file| list(&yaml(file)["groups"]));
    groups.flat_map(|group| list(&group["rules"])).map(read).collect()
}

fn read(whole: Yaml) -> Rule {
    let is_alert = !whole["alert"].is_badvalue();
    let name = string(&whole[if is_alert { "alert" } else { "record" }]);
    Rule { name, is_alert, expression: string(&whole["expr"]), whole }
}

fn list(of: &Yaml) -> Vec<Yaml> {
    of.as_vec().cloned().unwrap_or_default()
}

#[track_caller]
fn string(of: &Yaml) -> String {
    of.as_str().unwrap_or_else(|| panic!("{of:?} is no text")).to_owned()
}

fn alerts() -> Vec<Rule> {
    all().into_iter().filter(|rule| rule.is_alert).collect()
}

#[test]
fn every_alert_says_what_is_wrong_and_links_to_its_runbook() {
    let page = text("docs/deploy/runbooks.md");
    let sections: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    let alerts = alerts();
    for alert in &alerts {
        let (labels, annotations) = (&alert.whole["labels"], &alert.whole["annotations"]);
        assert!(["critical", "warning"].contains(&string(&labels["severity"]).as_str()), "{}", alert.name);
        for text in ["summary", "description"] {
            assert!(string(&annotations[text]).ends_with('.'), "the {text} of {} is no sentence", alert.name);
        }
        // Headings have the fragment that GitHub gives them.
        let link = format!("{RUNBOOKS}{}", alert.name.to_lowercase());
        assert_eq!(string(&annotations["runbook_url"]), link);
    }
    let names: Vec<&str> = alerts.iter().map(|alert| alert.name.as_str()).collect();
    assert_eq!(sections, names, "the sections of runbooks.md (left) and the alerts (right), in their order");
}

#[test]
fn every_alert_has_a_test_in_which_it_fires_and_one_in_which_it_does_not() {
    let tests = list(&yaml("tests/alerts/alerts.yml")["tests"]);
    let expectations: Vec<Yaml> = tests.iter().flat_map(|test| list(&test["alert_rule_test"])).collect();
    let tested = |fires: bool| -> BTreeSet<String> {
        let of = expectations.iter().filter(|it| list(&it["exp_alerts"]).is_empty() != fires);
        of.map(|it| string(&it["alertname"])).collect()
    };
    let names: BTreeSet<String> = alerts().into_iter().map(|alert| alert.name).collect();
    assert_eq!((tested(true), tested(false)), (names.clone(), names));
}

/// Those that run once an hour are late only after several hours.
#[test]
fn the_alert_for_jobs_knows_which_run_once_an_hour() {
    let page = text("docs/features/jobs.md");
    let row = |line: &str| {
        let (name, rest) = line.strip_prefix("| `")?.split_once("` | ")?;
        rest.starts_with("1 h").then(|| name.to_owned())
    };
    let hourly: BTreeSet<String> = page.lines().filter_map(row).collect();
    let alert = alerts().into_iter().find(|alert| alert.name == "DoorwardJobFails").expect("there is such an alert");
    let (_, names) = alert.expression.split_once("{name!~\"").expect("it leaves some out");
    let (names, _) = names.split_once('"').expect("the text ends");
    assert_eq!(names.split('|').map(str::to_owned).collect::<BTreeSet<_>>(), hourly);
}
