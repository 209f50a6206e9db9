//! Every route, asked as everybody. What must come of it follows from the table of access; what does come of it stands in
//! a snapshot, so that a changed requirement shows in a review.
pub mod callers;
pub mod examples;
mod methods;
pub mod routes;

use super::world::World;
use callers::{Callers, Column, Kind};
use doorward_application::RateLimits;
use doorward_domain::{FactorRequirement, Quota};
use doorward_ports::access::{Operation, Who};
use examples::Example;
use routes::Route;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::num::NonZeroU32;
use std::time::Duration;

/// What came of a request: its status, and if it was refused, why.
type Outcome = String;

/// One route, asked as everybody.
struct Row {
    route: Route,
    outcomes: Vec<(Kind, Outcome)>,
}

#[actix_web::test]
async fn every_route_lets_in_whom_the_table_of_access_names_and_nobody_else() {
    let world = World::by(|policies| {
        policies.limits = Some(generous());
        policies.mfa.required = FactorRequirement::ForRoles([callers::ENROLLING.parse().unwrap()].into());
    })
    .await;
    let callers = Callers::gather(&world).await;
    let mut rows = Vec::new();
    for route in routes::all() {
        let mut outcomes = Vec::new();
        for kind in callers.kinds() {
            outcomes.push((kind, ask(&world, &callers, &route, kind).await));
        }
        rows.push(Row { route, outcomes });
    }
    let faults: Vec<String> = rows.iter().flat_map(faults).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    insta::assert_snapshot!("matrix", render(&rows));
}

async fn ask(world: &World, callers: &Callers, route: &Route, kind: Kind) -> Outcome {
    let caller = callers.one(world, route, kind).await;
    let request = Example::of(world, route, &caller).await.request(route, caller.actor);
    let answer = world.send(request).await;
    assert!(!answer.status.is_server_error(), "{} as {kind:?}: {:?}", route.name(), answer.body);
    if answer.status.is_success() || answer.status.is_redirection() {
        assert_eq!(answer.checked, route.operation, "{} goes by the rule of another operation", route.name());
    }
    let told = answer.header("ratelimit-policy");
    match route.operation.and_then(Operation::limit) {
        Some((class, _)) => assert!(told.starts_with(&format!("\"{}\";", class.as_str())), "{}: {told}", route.name()),
        None => assert_eq!(told, "", "{} is not limited", route.name()),
    }
    // Health is told to everybody, its parts to some.
    let in_parts = route.operation == Some(Operation::ReadHealth) && answer.json()["components"].is_array();
    if in_parts { answer.outcome() + " with parts" } else { answer.outcome() }
}

/// Limits that count and refuse nobody.
fn generous() -> RateLimits {
    let quota = Quota { limit: NonZeroU32::new(1_000_000).unwrap(), per: Duration::from_secs(60) };
    RateLimits { login: quota, auth: quota, api: quota, admin: quota, public: quota }
}

/// What came out otherwise than the table of access says.
fn faults(row: &Row) -> Vec<String> {
    let wrong = row.outcomes.iter().filter(|(kind, outcome)| !is_right(&row.route, *kind, outcome));
    wrong.map(|(kind, outcome)| format!("{} as {kind:?}: {outcome}", row.route.name())).collect()
}

fn is_right(route: &Route, kind: Kind, outcome: &str) -> bool {
    let let_in = outcome.starts_with(['2', '3']);
    let Some(operation) = route.operation else { return let_in };
    let requirement = operation.requirement();
    match (operation, requirement.who, kind) {
        (Operation::ReadHealth, _, Kind::Refused(_)) => outcome == "401 invalid_token",
        (Operation::ReadHealth, Who::Permission(needed), _) if kind.holds(needed) => outcome == "200 with parts",
        (Operation::ReadHealth, ..) => outcome == "200",
        (_, Who::Anybody | Who::Client, _) => let_in,
        (_, _, Kind::Anonymous) => outcome == "401 authentication_required",
        (_, _, Kind::Refused(_)) => outcome == "401 invalid_token",
        // Their examples show a factor first.
        (Operation::ReplaceRecoveryCodes, _, Kind::Enrolling) => let_in,
        (Operation::DeleteFactor, _, Kind::Enrolling) => outcome == "409 last_factor",
        (_, _, Kind::Enrolling) if requirement.while_enrolling => let_in,
        (_, _, Kind::Enrolling) => outcome == "403 mfa_enrolment_required",
        (_, _, Kind::AnotherApp) if requirement.any_app => let_in,
        (_, _, Kind::AnotherApp) => outcome == "403 permission_denied",
        (_, Who::Account, Kind::Stale) if requirement.fresh.is_some() => outcome == "403 reauthentication_required",
        (_, Who::Account | Who::AccountOrClientApp, _) => let_in,
        (_, Who::Permission(_), Kind::Stale) if requirement.fresh.is_some() => {
            outcome == "403 reauthentication_required"
        }
        (_, Who::Permission(_) | Who::ClientAppOr(_), Kind::Admin | Kind::Stale) => let_in,
        // A caller who may create permissions still has none of those that they create.
        (Operation::DeletePermission, Who::Permission(needed), _) if kind.holds(needed) => {
            outcome == "403 exceeds_own_permissions"
        }
        (_, Who::Permission(needed) | Who::ClientAppOr(needed), _) if kind.holds(needed) => let_in,
        (_, Who::Permission(_) | Who::ClientAppOr(_) | Who::Operator, _) => outcome == "403 permission_denied",
    }
}

/// A line a route. Each cell names all the outcomes that its callers had: where the table of access is kept, one.
fn render(rows: &[Row]) -> String {
    let cells: usize = rows.iter().map(|row| row.outcomes.len()).sum();
    let mut text = format!("{} routes × {} callers = {cells} requests\n\n", rows.len(), rows[0].outcomes.len());
    line(&mut text, "", "needs", &Column::ALL.map(|column| column.name().to_owned()));
    for row in rows {
        line(&mut text, &row.route.name(), &row.route.needs(), &Column::ALL.map(|column| row.cell(column)));
    }
    let served: Vec<Operation> = rows.iter().filter_map(|row| row.route.operation).collect();
    let not_served = Operation::ALL.iter().filter(|operation| !served.contains(operation));
    let not_served: Vec<&str> = not_served.map(|operation| operation.as_str()).collect();
    writeln!(text, "\nNot asked for by REST: {}", not_served.join(", ")).unwrap();
    text
}

fn line(text: &mut String, route: &str, needs: &str, cells: &[String; Column::ALL.len()]) {
    let cells: String = cells.iter().map(|cell| format!("{cell:<14} ")).collect();
    writeln!(text, "{}", format!("{route:<57} {needs:<15} {cells}").trim_end()).unwrap();
}

impl Row {
    fn cell(&self, column: Column) -> String {
        let here = self.outcomes.iter().filter(|(kind, _)| kind.column(self.route.operation) == column);
        let outcomes: BTreeSet<&str> = here.map(|(_, outcome)| abridged(outcome)).collect();
        if outcomes.is_empty() { "-".to_owned() } else { Vec::from_iter(outcomes).join(" or ") }
    }
}

/// Without the codes that go without saying.
fn abridged(outcome: &str) -> &str {
    let usual = [" authentication_required", " invalid_token", " permission_denied"];
    usual.iter().find_map(|code| outcome.strip_suffix(code)).unwrap_or(outcome)
}
