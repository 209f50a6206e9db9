//! Every key there is. To add one, write it here, with a doc comment for the operator: what it does,
//! in which unit, and when to change it; then regenerate the page with `doorward config docs`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use doorward_domain::{Email, KeyAlgorithm, Quota, WebOrigin};
use doorward_ports::Secret;
use ipnet::IpNet;

use crate::define::{DefaultValue, Descriptor, Section, settings};
use crate::redis_url::RedisUrl;
use crate::types::{ClientAddressHeader, DatabaseUrl, HttpUrl, KeyPem, LogFilter, LogFormat};
use crate::value::SettingValue;
use crate::values::{Effective, Values};

settings! {
    /// Where the service listens and how it is reached.
    http: Http {
        /// The address and port to listen on. Stay on loopback behind a proxy on the same machine;
        /// `0.0.0.0:8000` or `[::]:8000` listens on every interface, for a container.
        bind: SocketAddr = "127.0.0.1:8000";
        /// The address under which people reach the service, without a query. Links, callback addresses
        /// and the issuer of tokens are built from it and never from a request's `Host` header. Set it
        /// whenever `http.bind` is not loopback.
        public_url: HttpUrl => "`http://` and `http.bind`, when that is loopback; else it must be set";
        /// The reverse proxies in front of the service, which are believed to name the client's address. Leave it empty when
        /// clients connect directly: a header from anyone else is ignored.
        trusted_proxies: Vec<IpNet> = "";
        /// The one header in which those proxies name the client's address. The other is ignored, because a proxy passes it
        /// on as the client made it up.
        client_address_header: ClientAddressHeader = "x-forwarded-for";
        /// The web origins whose pages may call the API from a browser (CORS). Empty allows none but
        /// pages of the service's own origin.
        allowed_origins: Vec<WebOrigin> = "";
        /// Whether browsers get the tokens of a sign-in in cookies that no script can read, instead of in the answer. Pages
        /// then send `X-CSRF-Token` with whatever changes something. `http.public_url` must be https, or loopback.
        session_cookie: bool = "false";
        /// How many threads answer requests; 0 is one for each core. Lower it to leave cores to
        /// other programs on the machine.
        workers: usize ["0", "1024"] = "0";
        /// How many connections a node has at once; one more waits until another has ended. Keep it below
        /// what the process may open (`ulimit -n`): each takes a descriptor, and some are for other things.
        max_connections: usize ["1", "1000000"] = "25000";
        /// How long a connection is kept for the next request. Make it longer than a load balancer in front keeps its own.
        keep_alive: Duration ["1s", "10m"] = "75s";
        /// How long a request may take before it is answered with 503. Raise it only for a slow database.
        request_timeout: Duration ["1s", "10m"] = "30s";
        /// How long after SIGTERM the service says at `/health/ready` that it is going away and serves on all the same, so
        /// that load balancers send nobody any more before the listener closes. Make it longer than they take to notice.
        drain_delay: Duration ["0s", "5m"] => "`0s` where `http.bind` is loopback, else `5s`";
        /// How long running requests may still take after that. Keep it below what the
        /// process supervisor waits before it kills.
        shutdown_timeout: Duration ["0s", "10m"] = "30s";
    }

    /// The store of accounts, sessions and audit events.
    database: Database {
        /// Where the data lives: an SQLite file, or a PostgreSQL server (13 or newer) for several nodes.
        /// A relative SQLite path starts at the working directory. The variable `DATABASE_URL` is honoured
        /// too; `DOORWARD_DATABASE__URL` is stronger.
        url: DatabaseUrl = "sqlite://data/doorward.db";
        /// How many connections a node keeps to the database. The sum over all nodes must stay
        /// below PostgreSQL's `max_connections`.
        pool_size: u32 ["1", "1000"] = "10";
        /// How long to wait for a connection, or for SQLite's write lock, before answering 503.
        timeout: Duration ["100ms", "5m"] = "5s";
    }

    /// What nodes share beside the database. Nothing is kept only there, and nothing fails without it.
    redis: Redis {
        /// The Redis (6.2 or newer) through which nodes tell each other at once of ended sessions and changed rights, and
        /// keep for each other what they have read. Several addresses, separated by commas, are nodes of one cluster
        /// (write one twice if there is no other); user, password and database are those of the first. Unset, each node
        /// is by itself. The variable `REDIS_URL` is honoured too; `DOORWARD_REDIS__URL` is stronger.
        url: Option<RedisUrl>;
        /// The name of the master that sentinels watch. When it is set, the addresses in `redis.url` are those of the
        /// sentinels, and user, password and database those of the servers that they watch.
        sentinel_master: Option<String>;
        /// The password of the sentinels themselves, if they have one.
        sentinel_password: Option<Secret>;
        /// A file with the certificate authorities, as PEM, of which one must have signed the certificate of a `rediss://`
        /// address. Unset, those that browsers know, which are compiled in.
        ca_file: Option<PathBuf>;
    }

    /// What a node remembers, so that most requests ask nobody. Nothing remembered is ever more than a second old.
    cache: Cache {
        /// How many sessions a node remembers; each takes about 350 bytes. Make it the number of those that are used within
        /// ten minutes.
        sessions: u64 ["0", "100000000"] = "100000";
        /// How many accounts a node remembers; each takes about a kilobyte.
        users: u64 ["0", "100000000"] = "20000";
        /// How many client apps' own grants a node remembers.
        clients: u64 ["0", "10000000"] = "10000";
        /// How many roles a node remembers.
        roles: u64 ["0", "1000000"] = "1000";
        /// How many access tokens a node remembers to have verified; each takes about 300 bytes, and saves the check of
        /// its signature.
        tokens: u64 ["0", "100000000"] = "100000";
    }

    /// Files that the service makes for itself.
    storage: Storage {
        /// The folder for key material, made with mode 0700 (its files 0600). A relative path starts at the
        /// working directory. Back it up apart from the database: without it, the keys in there can't be opened.
        data_dir: PathBuf = "data";
    }

    /// The first administrator, made when the database is empty and never afterwards.
    bootstrap: Bootstrap {
        /// The e-mail address of the first administrator.
        admin_email: Email = "admin@doorward.local";
        /// The password of the first administrator. Unset, one is made up and printed once, on standard
        /// output. It must satisfy the password rules.
        admin_password: Option<Secret>;
    }

    /// The tokens that a sign-in gives.
    tokens: Tokens {
        /// The `iss` claim of every token, which verifiers compare byte for byte. A change makes
        /// every token already issued invalid.
        issuer: HttpUrl => "`http.public_url`";
        /// The `aud` claim of access tokens: the name under which your applications expect them.
        audience: String = "doorward";
        /// How tokens are signed; `Ed25519` is `EdDSA` by its newer name (RFC 9864), which some libraries want and others do not
        /// know. After a change the next key signs so, once it was published for
        /// `tokens.publish_ahead`; tokens already issued stay valid.
        algorithm: KeyAlgorithm = "EdDSA";
        /// How old the newest signing key may become before the next one is made. Unset, keys are rotated only
        /// by `doorward keys rotate`.
        rotate_every: Option<Duration> ["1h", "3650d"];
        /// How long a new signing key is published before it signs. Applications keep a copy of
        /// `/.well-known/jwks.json` for five minutes; make it longer if some keep it longer.
        publish_ahead: Duration ["6m", "30d"] = "10m";
        /// How long an access token is valid. Shorter makes role changes felt sooner, and refreshes more frequent.
        access_ttl: Duration ["1s", "1d"] = "15m";
        /// How long a refresh token is valid: someone who stays away longer signs in again.
        refresh_ttl: Duration ["1s", "365d"] = "7d";
        /// How long a spent refresh token answers once more with the tokens it was exchanged for, so that two tabs
        /// or a lost answer don't end the session. `0s` turns that off.
        refresh_grace: Duration ["0s", "5m"] = "10s";
        /// The private key that signs tokens, as PKCS#8 PEM of the type that `tokens.algorithm` says. It alone signs
        /// then, and `doorward keys rotate` is refused. Unset, keys are kept in the database, sealed, for all nodes.
        signing_key: Option<KeyPem>;
    }

    /// How long a sign-in lasts.
    sessions: Sessions {
        /// How long a session lives that nobody uses. It ends up to two minutes later, for use is recorded once a minute.
        /// Unset, it lives as long as its refresh token.
        idle_ttl: Option<Duration> ["5m", "365d"];
        /// How long a session lives at all, however often it is used and refreshed: then its owner signs in again. A change
        /// counts for each session from its next refresh on.
        absolute_ttl: Duration ["1m", "3650d"] = "90d";
        /// How many sessions an account may have: one more sign-in ends its oldest. Unset, any number.
        limit: Option<usize> ["1", "10000"];
    }

    /// How secrets are kept in the database.
    secrets: Secrets {
        /// The key that seals them: 32 bytes in base64, as `openssl rand -base64 32` prints. Unset, one is made in
        /// `storage.data_dir` (`sealing.key`) at the first start. All nodes need the same one; what was sealed
        /// with another can't be opened.
        sealing_key: Option<Secret>;
    }

    /// How passwords are checked and stored.
    passwords: Passwords {
        /// The cost of bcrypt: one more doubles the time of a hash. Raise it as far as the machine bears; stored hashes
        /// follow at the next sign-in. Below 10 is refused unless `http.bind` is loopback.
        bcrypt_cost: u32 ["4", "18"] = "12";
        /// The least number of characters of a new password; passwords already stored stay valid.
        min_length: usize ["8", "128"] = "12";
        /// How many threads hash passwords; 0 is one for each core. Lower it when sign-ins should
        /// leave more of the machine to other requests.
        hash_threads: usize ["0", "1024"] = "0";
        /// How many passwords a thread hashes together, which takes little more time than one; 0 is as many as are
        /// quickest on this processor, found by trying at the start. Lower it when a single sign-in should not get slower
        /// while others come.
        hash_lanes: usize ["0", "4"] = "0";
        /// How many sign-ins may wait for a hash; one more is answered with 503 at once. Raise it when
        /// bursts of sign-ins are usual and people may wait longer.
        hash_queue: usize ["1", "100000"] = "64";
    }

    /// Who may make an account, and what the service tells about existing ones.
    registration: Registration {
        /// Whether people may register by themselves. When off, administrators make the accounts.
        enabled: bool = "true";
        /// Whether a registration answers alike, and after the same time, for a new and for a known
        /// e-mail address, so that nobody can find out who has an account. No mail is sent yet: somebody who registers
        /// with an address that is taken is told nothing, and can only try to sign in.
        hide_existing: bool = "false";
        /// Whether an account can't sign in before its e-mail address is verified. No mail with a link is sent yet: an
        /// administrator verifies an address (`PATCH /api/v1/users/{id}` with `email_verified`).
        require_verified_email: bool = "false";
    }

    /// How often something may be asked for: `10/m` is ten at once, and then one more each six seconds. With Redis all nodes
    /// count together.
    rate_limit: RateLimit {
        /// Whether limits hold. Turn it off only for load tests, never on a reachable service.
        enabled: bool = "true";
        /// How often an address (of IPv6 a /64) may call what takes a password or a code.
        login: Quota = "10/m";
        /// How many wrong passwords an account may see from one network (/24, or /64 of IPv6) before
        /// sign-ins from there are refused for a while. The owner can still sign in from elsewhere.
        account: Quota = "5/15m";
        /// How often an address may exchange tokens; a confidential client app is counted by its id.
        auth: Quota = "60/m";
        /// How often an account, or an address of which nobody is known, may call everything else.
        api: Quota = "300/m";
        /// How often an account may call what needs a permission.
        admin: Quota = "120/m";
    }

    /// What is counted and measured, for Prometheus.
    metrics: Metrics {
        /// An address and port of their own to show the metrics at, such as `127.0.0.1:9100`. Whoever can connect to it
        /// may read them, without a token: keep it on loopback, or on a network that only your monitoring reaches.
        /// Unset, they are at `/metrics` of `http.bind` alone, where others than this machine need `system:read`.
        bind: Option<SocketAddr>;
    }

    /// What the service says of itself while it runs.
    telemetry: Telemetry {
        /// How log lines are written, always to standard error: `text` for people, `json` for log collectors.
        log_format: LogFormat = "text";
        /// What is logged: a level, or levels for parts of the program, such as `info,doorward_postgres=debug`.
        log_level: LogFilter = "info,actix_server=warn,actix_http=off";
    }
}

/// Every key, in the order of the reference page.
pub fn describe() -> &'static [Descriptor] {
    DESCRIPTORS
}

/// Every section, in the order of the reference page.
pub fn sections() -> &'static [Section] {
    SECTIONS
}

pub(crate) fn read(values: &mut Values) -> Option<Settings> {
    Settings::read(values)
}

impl Settings {
    /// Every key with its value, secrets masked, and where the value comes from.
    pub fn effective(&self) -> &[Effective] {
        &self.effective
    }
}
