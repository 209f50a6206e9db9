//! The architecture as a test. [`ARROWS`] is the table of who may know whom: changing the architecture means changing
//! it, in plain sight. To add a crate, give it a row.

#[path = "architecture/circles.rs"]
mod circles;
#[path = "architecture/hidden.rs"]
mod hidden;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};

const TABLE: &str = "the table ARROWS in crates/server/tests/architecture.rs";

/// What one crate of the workspace may name: in its own code, and besides that in its tests.
struct Row {
    from: &'static str,
    code: &'static [&'static str],
    tests: &'static [&'static str],
}

const ARROWS: &[Row] = &[
    Row { from: "doorward-domain", code: &[], tests: &[] },
    Row { from: "doorward-ports", code: &["doorward-domain"], tests: &[] },
    Row {
        from: "doorward-application",
        code: &["doorward-domain", "doorward-ports"],
        tests: &["doorward-testbed", "doorward-testkit", "doorward-sql-testing", "doorward-memory", "doorward-crypto"],
    },
    Row { from: "bcrypt-lanes", code: &[], tests: &[] },
    Row {
        from: "doorward-crypto",
        code: &["bcrypt-lanes", "doorward-domain", "doorward-ports"],
        tests: &["doorward-testkit"],
    },
    Row { from: "heap-trim", code: &[], tests: &[] },
    infrastructure("doorward-memory"),
    // These two know nothing of Doorward: whatever speaks TLS uses the first, whatever calls configured addresses the second.
    Row { from: "doorward-tls", code: &[], tests: &[] },
    Row { from: "doorward-outgoing", code: &["doorward-tls"], tests: &[] },
    infrastructure("doorward-redis"),
    Row {
        from: "doorward-oidc",
        code: &["doorward-domain", "doorward-outgoing", "doorward-ports"],
        tests: &["doorward-testkit"],
    },
    encrypted("doorward-postgres"),
    Row { from: "doorward-kms", code: &["doorward-outgoing", "doorward-ports"], tests: &["doorward-testkit"] },
    infrastructure("doorward-sqlite"),
    // Takes a URL and hands on to one of the two.
    Row {
        from: "doorward-sql",
        code: &["doorward-ports", "doorward-postgres", "doorward-sqlite"],
        tests: &["doorward-domain", "doorward-sql-testing", "doorward-testkit"],
    },
    Row { from: "doorward-sql-testing", code: &["doorward-ports", "doorward-sql"], tests: &[] },
    encrypted("doorward-telemetry"),
    encrypted("doorward-shipping"),
    infrastructure("doorward-notify"),
    Row { from: "doorward-connections", code: &[], tests: &[] },
    Row { from: "doorward-settings", code: &["doorward-domain", "doorward-ports"], tests: &[] },
    Row { from: "doorward-views", code: &["doorward-domain", "doorward-ports"], tests: &[] },
    // Knows no HTTP: `doorward-http` mounts it.
    Row {
        from: "doorward-graphql",
        code: &["doorward-domain", "doorward-ports", "doorward-views"],
        tests: &["doorward-application", "doorward-testbed", "doorward-testkit", "doorward-sql-testing"],
    },
    Row {
        from: "doorward-http",
        code: &["doorward-domain", "doorward-graphql", "doorward-ports", "doorward-views"],
        tests: &[
            "doorward-application",
            "doorward-testbed",
            "doorward-testkit",
            "doorward-sql-testing",
            "doorward-telemetry",
        ],
    },
    Row {
        from: "doorward-bench",
        code: &["bcrypt-lanes", "doorward-crypto", "doorward-domain", "doorward-ports"],
        tests: &[],
    },
    // Wires adapters, for tests alone: nothing names it in its code.
    Row {
        from: "doorward-testbed",
        code: &[
            "doorward-application",
            "doorward-crypto",
            "doorward-domain",
            "doorward-memory",
            "doorward-ports",
            "doorward-sql-testing",
            "doorward-testkit",
        ],
        tests: &[],
    },
    Row { from: "doorward-testkit", code: &["doorward-domain", "doorward-ports"], tests: &[] },
    Row {
        from: "doorward",
        code: &[
            "doorward-application",
            "doorward-connections",
            "doorward-crypto",
            "doorward-domain",
            "doorward-http",
            "doorward-kms",
            "doorward-memory",
            "doorward-notify",
            "doorward-oidc",
            "doorward-outgoing",
            "doorward-ports",
            "doorward-redis",
            "doorward-settings",
            "doorward-shipping",
            "doorward-sql",
            "doorward-telemetry",
            "doorward-views",
            "heap-trim",
        ],
        tests: &["doorward-sql-testing", "doorward-testbed", "doorward-testkit"],
    },
];

/// An adapter knows the ports and the values they speak of, never another adapter.
const fn infrastructure(from: &'static str) -> Row {
    Row { from, code: &["doorward-domain", "doorward-ports"], tests: &["doorward-testkit"] }
}

/// An adapter that speaks TLS.
const fn encrypted(from: &'static str) -> Row {
    Row { from, code: &["doorward-domain", "doorward-ports", "doorward-tls"], tests: &["doorward-testkit"] }
}

/// Outside crates that only some of ours may name, for code or for tests.
const OWNED: &[(&str, &[&str])] = &[
    // `doorward-sql` looks at both databases by hand, in its tests.
    ("diesel", &["doorward-postgres", "doorward-sqlite", "doorward-sql"]),
    ("diesel-async", &["doorward-postgres", "doorward-sqlite"]),
    ("diesel_migrations", &["doorward-postgres", "doorward-sqlite"]),
    ("libsqlite3-sys", &["doorward-sqlite"]),
    ("tokio-postgres", &["doorward-postgres", "doorward-sql", "doorward-sql-testing"]),
    ("redis", &["doorward-redis"]),
    ("deadpool-redis", &["doorward-redis"]),
    ("bcrypt", &["bcrypt-lanes", "doorward-crypto", "doorward-bench"]),
    ("actix-web", &["doorward-http", "doorward-connections", "doorward", "doorward-bench"]),
    ("actix-http", &["doorward-connections"]),
    ("actix-service", &["doorward-connections"]),
    ("actix-cors", &["doorward-http"]),
    ("prometheus", &["doorward-telemetry"]),
    ("hyper", &["doorward-outgoing", "doorward-telemetry"]),
    ("hyper-util", &["doorward-outgoing", "doorward-telemetry"]),
    ("http-body-util", &["doorward-outgoing", "doorward-telemetry"]),
    ("webpki-roots", &["doorward-tls"]),
    ("juniper", &["doorward-graphql"]),
    ("lettre", &["doorward-notify"]),
    (
        "tokio-rustls",
        &["doorward-kms", "doorward-notify", "doorward-outgoing", "doorward-shipping", "doorward-telemetry"],
    ),
    ("oauth2", &["doorward-oidc"]),
    ("openidconnect", &["doorward-oidc"]),
    // The tests' collector reads what is sent by the published definitions.
    ("opentelemetry-proto", &["doorward-telemetry", "doorward-testkit"]),
    ("prost", &["doorward-telemetry", "doorward-testkit"]),
    ("libc", &["heap-trim"]),
    ("tikv-jemallocator", &["doorward"]),
    ("utoipa", &["doorward-http", "doorward-ports", "doorward-views"]),
];

/// TLS is rustls and PostgreSQL is spoken in Rust: nothing here links a system library of either.
const NOWHERE: &[&str] = &["openssl", "openssl-sys", "native-tls", "pq-sys"];

/// What would make the domain more than values and rules, by the first part of the crate's name.
const FOREIGN_TO_THE_DOMAIN: &[&str] = &["tokio", "actix", "diesel"];

/// More files than these that name each other in a circle can only be understood all at once.
const LARGEST_CIRCLE: usize = 3;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    Code,
    Tests,
}

/// `from` names `to` in its Cargo.toml.
struct Arrow {
    from: String,
    to: String,
    used_by: Use,
}

impl fmt::Display for Arrow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tests = if self.used_by == Use::Tests { " (dev-dependency)" } else { "" };
        write!(f, "{} -> {}{tests}", self.from, self.to)
    }
}

/// The arrows among the table's crates that the table does not allow.
fn forbidden<'a>(arrows: &'a [Arrow], table: &[Row]) -> Vec<&'a Arrow> {
    let allows = |row: &Row, arrow: &Arrow| {
        let to = arrow.to.as_str();
        row.code.contains(&to) || (arrow.used_by == Use::Tests && row.tests.contains(&to))
    };
    let ours = |name: &str| table.iter().any(|row| row.from == name);
    // A crate's tests may name the crate itself, to have one of its features.
    let itself = |arrow: &Arrow| arrow.from == arrow.to && arrow.used_by == Use::Tests;
    arrows
        .iter()
        .filter(|arrow| ours(&arrow.to) && !itself(arrow))
        .filter(|arrow| !table.iter().any(|row| row.from == arrow.from && allows(row, arrow)))
        .collect()
}

/// The arrows to an outside crate from one that is not among its owners.
fn trespassing<'a>(arrows: &'a [Arrow], owned: &[(&str, &[&str])]) -> Vec<&'a Arrow> {
    let trespasses = |arrow: &Arrow| {
        let owners = owned.iter().find(|(name, _)| *name == arrow.to);
        owners.is_some_and(|(_, owners)| !owners.contains(&arrow.from.as_str()))
    };
    arrows.iter().filter(|arrow| trespasses(arrow)).collect()
}

/// Every crate that `root` reaches in the lock file, its tests' dependencies included.
fn reached_from<'a>(root: &'a str, lock: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut ahead = vec![root];
    while let Some(name) = ahead.pop() {
        if reached.insert(name) {
            ahead.extend(lock.get(name).into_iter().flatten());
        }
    }
    reached
}

/// Crate → what it depends on, from Cargo.lock. Versions of one crate are taken together.
fn locked(text: &str) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut lock: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut current = "";
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("name = \"") {
            current = name.trim_end_matches('"');
            lock.entry(current).or_default();
        } else if let Some(entry) = line.strip_prefix(" \"") {
            let dependency = entry.split(['"', ' ']).next().expect("split yields at least one piece");
            lock.entry(current).or_default().insert(dependency);
        }
    }
    lock
}

/// The names in the `[workspace.dependencies]` table, our own crates left out.
fn workspace_dependencies(manifest: &str) -> BTreeSet<&str> {
    let table = manifest.lines().skip_while(|line| *line != "[workspace.dependencies]").skip(1);
    table
        .take_while(|line| !line.starts_with('['))
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('=').map(|(name, _)| name.trim()))
        .filter(|name| !name.starts_with("doorward-"))
        .collect()
}

/// The names in the first column of the table in docs/dependencies.md.
fn documented_dependencies(page: &str) -> BTreeSet<&str> {
    page.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What the manifests declare: asking for no more needs neither a network nor other platforms' crates.
fn workspace() -> Metadata {
    MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .no_deps()
        .exec()
        .expect("cargo metadata reads the workspace")
}

fn arrows(workspace: &Metadata) -> Vec<Arrow> {
    let of_package = |package: &cargo_metadata::Package| {
        let from = package.name.to_string();
        let arrow = move |dependency: &cargo_metadata::Dependency| Arrow {
            from: from.clone(),
            to: dependency.name.clone(),
            used_by: if dependency.kind == DependencyKind::Development { Use::Tests } else { Use::Code },
        };
        package.dependencies.iter().map(arrow).collect::<Vec<_>>()
    };
    workspace.packages.iter().flat_map(of_package).collect()
}

fn listed(arrows: &[&Arrow]) -> String {
    arrows.iter().map(|arrow| format!("\n  {arrow}")).collect()
}

#[test]
fn every_arrow_between_our_crates_is_in_the_table() {
    let arrows = arrows(&workspace());
    let forbidden = forbidden(&arrows, ARROWS);
    assert!(forbidden.is_empty(), "not allowed by {TABLE}:{}", listed(&forbidden));
}

#[test]
fn every_crate_has_a_row_in_the_table_and_every_row_a_crate() {
    let workspace = workspace();
    let crates: BTreeSet<&str> = workspace.packages.iter().map(|package| package.name.as_str()).collect();
    let rows: BTreeSet<&str> = ARROWS.iter().map(|row| row.from).collect();
    assert_eq!(crates, rows, "the crates of the workspace (left) and the rows of {TABLE} (right) differ");
}

#[test]
fn outside_crates_are_named_by_their_owners_alone() {
    let arrows = arrows(&workspace());
    let trespassing = trespassing(&arrows, OWNED);
    assert!(trespassing.is_empty(), "not allowed by OWNED, beside {TABLE}:{}", listed(&trespassing));
}

#[test]
fn the_domain_reaches_no_runtime_web_framework_or_database() {
    let text = read("Cargo.lock");
    let reached = reached_from("doorward-domain", &locked(&text));
    assert!(reached.contains("zxcvbn"), "the walk through Cargo.lock ends before the domain's own dependencies");
    let foreign = |name: &&&str| FOREIGN_TO_THE_DOMAIN.iter().any(|part| name.split(['-', '_']).next() == Some(part));
    let found: Vec<_> = reached.iter().filter(foreign).collect();
    assert!(found.is_empty(), "doorward-domain reaches {found:?}; see FOREIGN_TO_THE_DOMAIN, beside {TABLE}");
}

#[test]
fn nothing_links_openssl_or_libpq() {
    let text = read("Cargo.lock");
    let lock = locked(&text);
    let users = |banned: &str| lock.iter().filter(|(_, needs)| needs.contains(banned)).map(|(name, _)| *name).collect();
    for banned in NOWHERE {
        let users: Vec<&str> = users(banned);
        assert!(!lock.contains_key(banned), "{banned} is in Cargo.lock, brought in by {users:?}");
    }
}

#[test]
fn every_workspace_dependency_has_a_row_in_the_docs() {
    let (manifest, page) = (read("Cargo.toml"), read("docs/dependencies.md"));
    let declared = workspace_dependencies(&manifest);
    assert!(declared.contains("serde"), "the table in Cargo.toml was not found");
    let documented = documented_dependencies(&page);
    assert_eq!(declared, documented, "Cargo.toml (left) and the rows of docs/dependencies.md (right) differ");
}

#[test]
fn no_large_circle_of_files_name_each_other() {
    let mut found = String::new();
    for package in workspace().packages {
        let library = package.targets.iter().find(|target| target.is_lib() || target.is_bin()).expect("it has code");
        let circles = circles::circles(library.src_path.as_std_path());
        let largest = circles.first().map_or(0, Vec::len);
        if largest > LARGEST_CIRCLE {
            found += &format!("\n  {}: {largest} files: {:?}", package.name, circles.first());
        }
    }
    assert!(found.is_empty(), "see LARGEST_CIRCLE:{found}");
}

/// [`hidden`] says what to use instead.
#[test]
fn no_derived_debug_shows_what_is_secret_or_personal_by_its_name() {
    let found = hidden::open_fields(&root());
    assert!(found.is_empty(), "let their types hide these:\n  {}", found.join("\n  "));
}

mod the_checker {
    use super::*;

    fn arrow(from: &str, to: &str, used_by: Use) -> Arrow {
        Arrow { from: from.to_owned(), to: to.to_owned(), used_by }
    }

    fn refused(arrow: Arrow) -> bool {
        let [from, to] = [arrow.from.clone(), arrow.to.clone()];
        let arrows = [arrow];
        let refused = forbidden(&arrows, ARROWS);
        assert!(refused.iter().all(|arrow| arrow.from == from && arrow.to == to));
        !refused.is_empty()
    }

    #[test]
    fn refuses_arrows_that_point_outward() {
        assert!(refused(arrow("doorward-domain", "doorward-application", Use::Code)));
        assert!(refused(arrow("doorward-application", "doorward-sql", Use::Code)));
        assert!(refused(arrow("doorward-http", "doorward-sql", Use::Code)));
        assert!(refused(arrow("doorward-http", "doorward", Use::Code)));
    }

    #[test]
    fn refuses_one_adapter_that_knows_another() {
        assert!(refused(arrow("doorward-postgres", "doorward-sqlite", Use::Code)));
        assert!(refused(arrow("doorward-redis", "doorward-crypto", Use::Tests)));
        assert!(refused(arrow("doorward-memory", "doorward-http", Use::Code)));
    }

    #[test]
    fn lets_tests_name_what_code_may_not() {
        assert!(!refused(arrow("doorward-application", "doorward-sql-testing", Use::Tests)));
        assert!(refused(arrow("doorward", "doorward-testkit", Use::Code)));
        assert!(!refused(arrow("doorward", "doorward-testkit", Use::Tests)));
    }

    #[test]
    fn allows_the_arrows_that_point_inward_and_leaves_outside_crates_alone() {
        assert!(!refused(arrow("doorward-application", "doorward-domain", Use::Code)));
        assert!(!refused(arrow("doorward", "doorward-sql", Use::Code)));
        assert!(!refused(arrow("doorward-domain", "serde", Use::Code)));
    }

    #[test]
    fn refuses_an_unknown_crate_that_names_one_of_ours() {
        assert!(refused(arrow("doorward-newcomer", "doorward-domain", Use::Code)));
    }

    #[test]
    fn names_the_arrow_that_it_refuses() {
        let arrow = arrow("doorward-http", "doorward-testkit", Use::Tests);
        assert_eq!(listed(&[&arrow]), "\n  doorward-http -> doorward-testkit (dev-dependency)");
    }

    #[test]
    fn refuses_an_outside_crate_named_by_a_stranger() {
        let stranger = [arrow("doorward-http", "diesel", Use::Tests)];
        assert_eq!(trespassing(&stranger, OWNED).len(), 1);
        let owner = [arrow("doorward-sqlite", "diesel", Use::Code)];
        assert!(trespassing(&owner, OWNED).is_empty());
    }

    #[test]
    fn follows_the_lock_file_to_its_leaves() {
        let text = "[[package]]\nname = \"a\"\ndependencies = [\n \"b 1.0.0\",\n]\n\n\
                    [[package]]\nname = \"b\"\ndependencies = [\n \"c\",\n]\n\n[[package]]\nname = \"c\"\n\
                    \n[[package]]\nname = \"d\"\n";
        assert_eq!(reached_from("a", &locked(text)), BTreeSet::from(["a", "b", "c"]));
    }

    #[test]
    fn reads_both_tables_of_dependencies() {
        let manifest =
            "[workspace.dependencies]\ndoorward-sql = 1\n# why\nserde = { version = \"1\" }\n\n[lints]\nx = 1\n";
        assert_eq!(workspace_dependencies(manifest), BTreeSet::from(["serde"]));
        assert_eq!(documented_dependencies("| crate | for |\n| `serde` | all |\n"), BTreeSet::from(["serde"]));
    }
}
