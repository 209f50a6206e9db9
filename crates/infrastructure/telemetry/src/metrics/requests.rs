use super::Route;
use super::families::Families;
use prometheus::{Histogram, HistogramVec};
use std::collections::HashMap;
use std::sync::OnceLock;
use std::time::Duration;

/// From a cached read to a request that has reached its deadline.
const BUCKETS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];
/// The methods of RFC 9110 §9 and RFC 5789 that callers may send for good reason; all others count as one.
const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
/// The label for everything without a name here, as in the conventions of OpenTelemetry.
const OTHER: &str = "_OTHER";
/// The statuses of routes; others take a slower path.
const STATUSES: [u16; 24] = [
    200, 201, 202, 204, 302, 303, 304, 308, 400, 401, 403, 404, 405, 406, 408, 409, 412, 413, 415, 422, 429, 500, 501,
    503,
];

/// The duration of requests, by route.
///
/// Each series is looked up once by its labels. After that it is found by the pattern of the route and two indices,
/// without a lock and without a new text.
pub struct Requests {
    family: HistogramVec,
    routes: HashMap<String, Pattern>,
    elsewhere: Pattern,
}

/// The series of one route, by method and status.
struct Pattern {
    name: String,
    series: [[OnceLock<Histogram>; STATUSES.len()]; METHODS.len() + 1],
}

impl Requests {
    pub fn new(families: &Families<'_>, routes: &[Route]) -> Self {
        let family = families.durations_by(
            "http_server_request_duration_seconds",
            "Duration of requests, from the parsed head to the finished head of the answer.",
            BUCKETS,
            &["method", "route", "status"],
        );
        let known = routes.iter().map(|route| (route.pattern.clone(), Pattern::new(&route.pattern))).collect();
        let requests = Self { family, routes: known, elsewhere: Pattern::new(OTHER) };
        for route in routes {
            requests.with(route.method, Some(&route.pattern), route.status, |_| {});
        }
        requests.with("GET", None, 404, |_| {});
        requests
    }

    pub fn answered(&self, method: &str, route: Option<&str>, status: u16, took: Duration) {
        self.with(method, route, status, |series| series.observe(took.as_secs_f64()));
    }

    fn with(&self, method: &str, route: Option<&str>, status: u16, measure: impl FnOnce(&Histogram)) {
        let pattern = route.and_then(|route| self.routes.get(route)).unwrap_or(&self.elsewhere);
        let row = METHODS.iter().position(|known| *known == method).unwrap_or(METHODS.len());
        let method = METHODS.get(row).copied().unwrap_or(OTHER);
        let named = || self.family.with_label_values(&[method, &pattern.name, &status.to_string()]);
        match STATUSES.iter().position(|known| *known == status) {
            Some(column) => measure(pattern.series[row][column].get_or_init(named)),
            None => measure(&named()),
        }
    }
}

impl Pattern {
    fn new(name: &str) -> Self {
        Self { name: name.to_owned(), series: std::array::from_fn(|_| std::array::from_fn(|_| OnceLock::new())) }
    }
}
