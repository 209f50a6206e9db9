//! What the service reports while it runs: log lines on standard error, metrics for Prometheus ([`metrics`]), and traces
//! for a collector ([`traces`]).
//!
//! It is not a logging façade (code logs with `tracing`, never with this crate), and never writes to standard output,
//! which belongs to the answers of commands.
//!
//! To add a log format, add a variant to [`LogFormat`] and an arm to [`init`].

pub mod metrics;
pub mod traces;

use std::io::{self, IsTerminal};

use tracing::{Level, Metadata};
use tracing_subscriber::filter::{EnvFilter, LevelFilter, filter_fn};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// The format of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Lines for people, coloured if standard error is a terminal.
    Text,
    /// One JSON object on each line, for log collectors.
    Json,
}

/// Why logging could not be started.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A directive of the filter is not valid.
    #[error(
        "`{directive}` is not a log filter; write a level (error, warn, info, debug, trace, off), \
         or target=level pairs such as `info,doorward_http=debug`"
    )]
    Filter {
        /// The directive as it was written.
        directive: String,
    },
    /// Logging was already started in this process.
    #[error("logging was already started in this process")]
    AlreadyStarted(#[source] tracing_subscriber::util::TryInitError),
}

/// Starts logging to standard error for the whole process.
///
/// `filter` is a list of `tracing` directives: `info`, `warn,doorward_postgres=debug`.
///
/// # Errors
/// If the filter is not valid, or logging was already started.
pub fn init(format: LogFormat, filter: &str) -> Result<(), Error> {
    let colours = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
    subscriber(format, check_filter(filter)?, colours, io::stderr).try_init().map_err(Error::AlreadyStarted)
}

/// Parses a filter without starting anything, so that a check of settings can refuse it.
///
/// # Errors
/// If a directive is not valid. A single word that is not a level is refused too: `tracing` would treat the mistyped
/// `inof` as the name of a module, and silence everything else.
pub fn check_filter(filter: &str) -> Result<EnvFilter, Error> {
    let refuse = |directive: &str| Error::Filter { directive: directive.to_owned() };
    for directive in filter.split(',').map(str::trim) {
        let bare = !directive.contains(['=', '[']);
        if directive.is_empty() || (bare && directive.parse::<LevelFilter>().is_err()) {
            return Err(refuse(directive));
        }
    }
    EnvFilter::builder().parse(filter).map_err(|_| refuse(filter))
}

fn subscriber<W>(
    format: LogFormat,
    filter: EnvFilter,
    colours: bool,
    writer: W,
) -> Box<dyn tracing::Subscriber + Send + Sync>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer);
    let discreet = filter_fn(is_discreet);
    match format {
        LogFormat::Text => Box::new(lines.with_ansi(colours).finish().with(discreet)),
        LogFormat::Json => Box::new(lines.json().flatten_event(true).finish().with(discreet)),
    }
}

/// Whether a line can't contain a secret. At `debug` and `trace`, libraries log what they carry: the arguments of
/// statements (tokio-postgres), headers that are malformed (actix-http). Our own crates keep secrets in types that hide
/// them, so all their lines are shown.
fn is_discreet(line: &Metadata<'_>) -> bool {
    line.target().starts_with("doorward") || *line.level() <= Level::INFO
}

#[cfg(test)]
mod tests {
    use super::*;
    use doorward_testkit::Log;

    fn logged(format: LogFormat, filter: &str) -> String {
        let log = Log::default();
        let writer = log.clone();
        let filter = check_filter(filter).unwrap();
        let subscriber = subscriber(format, filter, false, move || writer.clone());
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(port = 8000, "listening");
            tracing::debug!("detail");
        });
        log.text()
    }

    #[test]
    fn text_lines_carry_level_message_and_fields_without_colour_codes() {
        let lines = logged(LogFormat::Text, "info");
        assert!(lines.contains("INFO") && lines.contains("listening port=8000"), "{lines}");
        assert!(!lines.contains('\u{1b}'), "{lines}");
    }

    #[test]
    fn json_lines_hold_one_object_each() {
        let lines = logged(LogFormat::Json, "debug");
        assert_eq!(lines.lines().count(), 2, "{lines}");
        assert!(lines.lines().all(|line| line.starts_with('{') && line.ends_with('}')), "{lines}");
        assert!(lines.contains(r#""message":"listening""#) && lines.contains(r#""port":8000"#), "{lines}");
    }

    #[test]
    fn the_filter_keeps_lesser_levels_out() {
        assert!(!logged(LogFormat::Text, "info").contains("detail"));
        assert!(logged(LogFormat::Text, "debug").contains("detail"));
    }

    #[test]
    fn libraries_log_at_most_at_info_whatever_the_filter_says() {
        let log = Log::default();
        let writer = log.clone();
        let filter = check_filter("trace,tokio_postgres=trace").unwrap();
        let subscriber = subscriber(LogFormat::Text, filter, false, move || writer.clone());
        tracing::subscriber::with_default(subscriber, || {
            tracing::debug!(target: "tokio_postgres::query", "executing statement with parameters: [97, 110]");
            tracing::trace!(target: "actix_http::h1", "illegal Content-Length: hunter2");
            tracing::info!(target: "actix_server::server", "starting workers");
            tracing::trace!(target: "doorward_ports::usage", "port call");
        });
        let lines = log.text();
        assert!(lines.contains("starting workers") && lines.contains("port call"), "{lines}");
        assert_eq!(lines.lines().count(), 2, "{lines}");
    }

    #[test]
    fn a_line_that_is_not_wanted_costs_no_more_than_a_comparison() {
        let subscriber = subscriber(LogFormat::Json, check_filter("info").unwrap(), false, io::sink);
        assert_eq!(subscriber.max_level_hint(), Some(LevelFilter::INFO));
    }

    #[test]
    fn a_misspelt_level_is_refused_by_its_name() {
        for bad in ["inof", "info,wran", "", "info,", "doorward_http=loud"] {
            assert!(check_filter(bad).is_err(), "{bad}");
        }
        let refusal = check_filter("info,wran").unwrap_err().to_string();
        assert!(refusal.starts_with("`wran` is not a log filter"), "{refusal}");
    }

    #[test]
    fn levels_and_targets_are_accepted() {
        for good in ["info", "off", "warn,doorward_postgres=debug", "info,doorward_http[request]=trace"] {
            assert!(check_filter(good).is_ok(), "{good}");
        }
    }
}
