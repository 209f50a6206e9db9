//! All settings. To add one, write it here, with a doc comment for the operator: its effect, its unit, and when to change it.
//! Then write the page again with `doorward config docs`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use doorward_domain::{
    ClaimName, ConsoleId, Description, Email, EmailDomain, GroupRole, Issuer, KeyAlgorithm, LinkingPolicy, Preset,
    ProviderClientId, ProviderIcon, ProviderKind, ProviderName, Quota, RedirectUri, RoleName, Scope, Tenant, TenantId,
    WebOrigin,
};
use doorward_ports::Secret;
use doorward_ports::outbound::ConfiguredProvider;
use ipnet::IpNet;

use crate::byte_size::ByteSize;
use crate::define::{DefaultValue, Descriptor, Section, named, settings};
use crate::mail::{MailTransport, SmtpSecurity};
use crate::providers::{ClientKeyPem, configured};
use crate::redis_url::RedisUrl;
use crate::ship_to::ShipTo;
use crate::traces::{OtlpProtocol, ResourceAttribute, SecretHeaders, Share};
use crate::types::{ClientAddressHeader, DatabaseUrl, HttpUrl, KeyPem, LogFilter, LogFormat};
use crate::value::SettingValue;
use crate::values::{Effective, Values};

settings! {
    /// How the service listens, and how it is reached.
    http: Http {
        /// The IP address and port on which the service listens. Keep it on loopback behind a proxy on the same
        /// machine. For a container, use `0.0.0.0:8000` or `[::]:8000`, which listen on every interface.
        bind: SocketAddr = "127.0.0.1:8000";
        /// The URL at which people reach the service, without a query. Doorward builds links, callback URLs and the
        /// issuer of tokens from it, and never from the `Host` header of a request. Set it if `http.bind` is not
        /// loopback.
        public_url: HttpUrl => "`http://` and `http.bind`, if that is loopback; otherwise it must be set";
        /// The reverse proxies in front of the service. Doorward believes only them when they name the IP address of a
        /// caller. Leave it empty if callers connect directly: the headers of all others are ignored.
        trusted_proxies: Vec<IpNet> = "";
        /// The header in which the trusted proxies name the IP address of a caller. The other header is ignored,
        /// because a proxy would pass on what a caller has written into it.
        client_address_header: ClientAddressHeader = "x-forwarded-for";
        /// The web origins whose pages may call the API from a browser (CORS). If it is empty, only pages of the
        /// service's own origin may.
        allowed_origins: Vec<WebOrigin> = "";
        /// Whether browsers get the tokens of a sign-in in cookies that scripts can't read, instead of in the body.
        /// Pages must then send `X-CSRF-Token` with every request that changes something. `http.public_url` must be
        /// https or loopback.
        session_cookie: bool = "false";
        /// The number of threads that answer requests; 0 means one for each core. Lower it to leave cores to other
        /// programs on the machine.
        workers: usize ["0", "1024"] = "0";
        /// The largest number of open connections of a node; further connections wait until others end. Keep it below
        /// the limit of open files of the process (`ulimit -n`): each connection needs one, and other things need some.
        max_connections: usize ["1", "1000000"] = "25000";
        /// The largest number of open connections of an IP address, or of a /64 of IPv6; one more is closed at once.
        /// 0 means no bound. Connections from `http.trusted_proxies` are not counted, because they belong to many
        /// clients. Raise it if more people than that share one IP address.
        max_connections_per_address: usize ["0", "1000000"] = "1000";
        /// How many bytes of answers may wait in memory for clients that do not read them, over all connections of a
        /// node. Beyond that, the connections of clients that have read nothing for the longest time are closed. Raise
        /// it only for many clients with slow networks.
        max_unsent: ByteSize ["64KiB", "64GiB"] = "32MiB";
        /// How long an idle connection stays open for the next request. Make it longer than the same timeout of a load
        /// balancer in front.
        keep_alive: Duration ["1s", "10m"] = "75s";
        /// How long a request may take before it is answered with 503. Raise it only for a slow database.
        request_timeout: Duration ["1s", "10m"] = "30s";
        /// How long a client may read nothing of an answer that waits for it, before its connection is closed. Raise it
        /// only for clients whose network pauses for longer.
        write_timeout: Duration ["1s", "10m"] = "10s";
        /// How long the service still serves requests after SIGTERM while `/health/ready` reports that it is stopping.
        /// Load balancers stop sending requests before the listener closes. Make it longer than they need to notice.
        drain_delay: Duration ["0s", "5m"] => "`0s` if `http.bind` is loopback, otherwise `5s`";
        /// How long running requests may take after the listener has closed. Keep it shorter than the time after which
        /// the process supervisor kills the process.
        shutdown_timeout: Duration ["0s", "10m"] = "30s";
    }

    /// The database of accounts, sessions and the audit log.
    database: Database {
        /// The location of the database: an SQLite file, or a PostgreSQL server (13 or newer) for several nodes. A
        /// relative path of an SQLite file starts at the working directory. The variable `DATABASE_URL` works too;
        /// `DOORWARD_DATABASE__URL` overrides it.
        url: DatabaseUrl = "sqlite://data/doorward.db";
        /// The largest number of database connections of a node. The sum over all nodes must stay below PostgreSQL's
        /// `max_connections`.
        pool_size: u32 ["1", "1000"] = "10";
        /// How long a request waits for a database connection, or for the write lock of SQLite, before it is answered
        /// with 503.
        timeout: Duration ["100ms", "5m"] = "5s";
    }

    /// What nodes share in addition to the database. Redis contains no durable data, and Doorward works without it.
    redis: Redis {
        /// The URL of Redis (6.2 or newer). Through Redis, nodes learn at once of ended sessions and changed rights,
        /// and share what they have read. Several URLs, separated by commas, are nodes of one cluster (write one twice
        /// if there is no other); user, password and database of the first are used for all. If it is not set, nodes do
        /// not share anything. The variable `REDIS_URL` works too; `DOORWARD_REDIS__URL` overrides it.
        url: Option<RedisUrl>;
        /// The name of the master that sentinels watch. If it is set, `redis.url` contains the addresses of the
        /// sentinels, and the user, password and database of the servers that they watch.
        sentinel_master: Option<String>;
        /// The password of the sentinels themselves, if they have one.
        sentinel_password: Option<Secret>;
        /// A PEM file with the certificate authorities that Doorward trusts for `rediss://` URLs. If it is not set,
        /// Doorward trusts the authorities that are compiled in, which are those of browsers.
        ca_file: Option<PathBuf>;
    }

    /// What a node caches, so that most requests need no round trip. An answer from the cache is never more than one
    /// second out of date.
    cache: Cache {
        /// The largest number of cached sessions; each takes about 350 bytes. Set it to the number of sessions that are
        /// used within ten minutes.
        sessions: u64 ["0", "100000000"] = "100000";
        /// The largest number of cached accounts; each takes about one kilobyte.
        users: u64 ["0", "100000000"] = "20000";
        /// The largest number of cached grants of client apps.
        clients: u64 ["0", "10000000"] = "10000";
        /// The largest number of cached roles.
        roles: u64 ["0", "1000000"] = "1000";
        /// The largest number of cached access tokens; each takes about 300 bytes, and saves the verification of its
        /// signature.
        tokens: u64 ["0", "100000000"] = "100000";
    }

    /// Files that the service creates for itself.
    storage: Storage {
        /// The folder for key material, created with mode 0700 (its files with 0600). A relative path starts at the
        /// working directory. Back it up separately from the database: without it, the keys in the database can't be
        /// opened.
        data_dir: PathBuf = "data";
    }

    /// The GraphQL API at `/graphql`.
    graphql: Graphql {
        /// Whether clients may read the schema from the API (introspection). Tools need it; `doorward graphql-schema`
        /// prints the schema in any case.
        introspection: bool = "true";
    }

    /// The first administrator, which Doorward creates only while the database is empty.
    bootstrap: Bootstrap {
        /// The e-mail address of the first administrator.
        admin_email: Email = "admin@doorward.local";
        /// The password of the first administrator. If it is not set, Doorward generates one and prints it once, on
        /// standard output. It must satisfy the password rules.
        admin_password: Option<Secret>;
    }

    /// The tokens of a sign-in.
    tokens: Tokens {
        /// The `iss` claim of every token, which verifiers compare byte for byte. A change invalidates all tokens that
        /// were already issued.
        issuer: HttpUrl => "`http.public_url`";
        /// The `aud` claim of access tokens: the name under which your applications expect them.
        audience: String = "doorward";
        /// The algorithm that signs tokens. `Ed25519` is the newer name of `EdDSA` (RFC 9864), which some libraries
        /// require and others do not know. After a change, a key for the new algorithm is created, and signs after
        /// `tokens.publish_ahead`; tokens that were already issued stay valid.
        algorithm: KeyAlgorithm = "EdDSA";
        /// The age of the newest signing key at which the next key is created. If it is not set, only `doorward keys
        /// rotate` rotates keys.
        rotate_every: Option<Duration> ["1h", "3650d"];
        /// How long a new signing key is published before it signs. Applications keep a copy of
        /// `/.well-known/jwks.json` for five minutes; make this longer if some of them keep it longer.
        publish_ahead: Duration ["6m", "30d"] = "10m";
        /// How long an access token is valid. With a shorter time, changes of roles reach applications sooner, and
        /// refreshes are more frequent.
        access_ttl: Duration ["1s", "1d"] = "15m";
        /// How long a refresh token is valid. After a longer absence, people must sign in again.
        refresh_ttl: Duration ["1s", "365d"] = "7d";
        /// How long a spent refresh token still returns the tokens that it was exchanged for, so that a second tab or a
        /// lost answer does not end the session. `0s` disables this.
        refresh_grace: Duration ["0s", "5m"] = "10s";
        /// The private key that signs tokens, as PKCS#8 PEM of the type that `tokens.algorithm` selects. If it is set,
        /// only this key signs, and `doorward keys rotate` is refused. If it is not set, the keys are in the database,
        /// sealed, for all nodes.
        signing_key: Option<KeyPem>;
    }

    /// How long a session lasts.
    sessions: Sessions {
        /// How long an unused session stays live. It ends up to two minutes late, because use is recorded once a
        /// minute. If it is not set, a session stays live as long as its refresh token.
        idle_ttl: Option<Duration> ["5m", "365d"];
        /// How long a session can stay live in total, however often it is used and refreshed. Then its owner must sign
        /// in again. A change applies to each session from its next refresh.
        absolute_ttl: Duration ["1m", "3650d"] = "90d";
        /// The largest number of live sessions of an account: one more sign-in ends the oldest. If it is not set, there
        /// is no limit.
        limit: Option<usize> ["1", "10000"];
    }

    /// How secrets are stored in the database.
    secrets: Secrets {
        /// The key that seals secrets in the database: 32 bytes in base64, as `openssl rand -base64 32` prints them; or
        /// several keys with commas in between, of which `doorward secrets rotate` takes the next one. If it is not set,
        /// the first start creates a key in `storage.data_dir` (`sealing.key`). All nodes need the same keys; secrets
        /// that another key has sealed can't be opened.
        sealing_key: Option<Secret>;
        /// The URL of HashiCorp Vault or OpenBao, such as `https://vault.example.com:8200`, whose transit engine encrypts
        /// new sealing keys. They are stored in the database, and each node has them decrypted at its start, so nodes need
        /// no files of keys. Private addresses are allowed; plain HTTP only to this machine.
        vault_url: Option<HttpUrl>;
        /// The path of the transit engine in Vault.
        vault_mount: String = "transit";
        /// The name of the key in the transit engine. Doorward never creates it.
        vault_key: String = "doorward";
        /// The file with the token for Vault. It is read at each call, because an agent may renew it. The token needs
        /// `update` of `MOUNT/encrypt/KEY` and `MOUNT/decrypt/KEY`.
        vault_token_file: Option<PathBuf>;
        /// The namespace in Vault, if it has some.
        vault_namespace: Option<String>;
        /// A PEM file with the certificate authorities that Doorward trusts for Vault. If it is not set, Doorward trusts the
        /// authorities that are compiled in, which are those of browsers.
        vault_ca_file: Option<PathBuf>;
    }

    /// How passwords are checked and stored.
    passwords: Passwords {
        /// The cost of bcrypt: each step doubles the time of a hash. Raise it as far as the machine allows; stored
        /// hashes follow at the next sign-in. A cost below 10 is refused unless `http.bind` is loopback.
        bcrypt_cost: u32 ["4", "18"] = "12";
        /// The smallest number of characters of a new password; passwords that are already stored stay valid.
        min_length: usize ["8", "128"] = "12";
        /// The number of threads that hash passwords; 0 means one for each core. Lower it if sign-ins should leave more
        /// of the machine to other requests.
        hash_threads: usize ["0", "1024"] = "0";
        /// The number of passwords that a thread hashes together, which takes little more time than one. 0 means the
        /// fastest number for this processor, which is measured at the start. Lower it if the time of a single sign-in
        /// under load matters more to you than the number of sign-ins.
        hash_lanes: usize ["0", "4"] = "0";
        /// The number of sign-ins that may wait for a hash; one more is answered with 503 at once. Raise it if many
        /// sign-ins often come together and people may wait longer.
        hash_queue: usize ["1", "100000"] = "64";
    }

    /// Who may register an account, and what the service reveals about existing accounts.
    registration: Registration {
        /// Whether people may register themselves. If not, administrators create the accounts.
        enabled: bool = "true";
        /// Whether a registration gets the same answer, after the same time, for a new and for a known e-mail address,
        /// so that nobody can find out who has an account. A mail tells the owner of the address which of the two it was.
        /// It needs mails (`mail.transport`).
        hide_existing: bool = "false";
        /// Whether the e-mail address of an account must be verified before its owner can sign in: with the link in the
        /// mail that a registration sends, or by an administrator (`PATCH /api/v1/users/{id}` with `email_verified`). It
        /// needs mails (`mail.transport`), unless only administrators create accounts.
        require_verified_email: bool = "false";
    }

    /// Second factors of accounts.
    mfa: Mfa {
        /// The name of this service in the authenticators of people, beside their e-mail address. Authenticators that
        /// are enrolled already keep the name that they have got.
        issuer: Description = "Doorward";
        /// Whether every account must have a second factor. A session without one can then do nothing else than enrol
        /// one: enable it after people have been told.
        required: bool = "false";
        /// The roles whose accounts must have a second factor, if not all must. `admin` is a good beginning.
        required_roles: Vec<RoleName> = "";
    }

    /// Mails to the owners of accounts.
    mail: Mail {
        /// How mails are sent: `smtp` uses a mail server; `folder` writes each mail into a file, for development; `none` sends
        /// none, and refuses what needs one.
        transport: MailTransport => "`folder` if `http.public_url` is loopback, otherwise `none`";
        /// The address that mails come from. The mail server must accept it as a sender.
        from: Email => "`no-reply@` and the host of `http.public_url`";
        /// The name of the service in mails: as their sender, and in their texts.
        from_name: Description = "Doorward";
        /// The folder of the files, if `mail.transport` is `folder`. It is created with mode 0700, its files with 0600,
        /// because they contain links that let others into an account.
        folder: PathBuf => "`mails` in `storage.data_dir`";
        /// The name of the mail server, which its certificate must have.
        smtp_host: Option<String>;
        /// The port of the mail server. If it is not set, it is 587 for `starttls`, 465 for `tls`, and 25 for `none`.
        smtp_port: Option<u16> ["1", "65535"];
        /// Whether the connection to the mail server is encrypted: `starttls` after a greeting in clear (a server without it
        /// is refused), `tls` from the first byte, `none` not at all. Use `none` only on a network that nobody else can read,
        /// because mails contain links that let others into an account.
        smtp_security: SmtpSecurity = "starttls";
        /// The user at the mail server, if it asks for one.
        smtp_user: Option<String>;
        /// The password of this user.
        smtp_password: Option<Secret>;
        /// A PEM file with certificate authorities that Doorward trusts for the mail server, besides those that are compiled
        /// in, which are those of browsers.
        smtp_ca_file: Option<PathBuf>;
        /// How long the mail server may take for each step. Mails wait for it, and requests never do.
        smtp_timeout: Duration ["1s", "1m"] = "10s";
        /// How long Doorward tries to send a mail, again and again, before it gives it up.
        give_up_after: Duration ["5m", "7d"] = "1d";
        /// A folder with templates that replace those of Doorward, one by one: `de/reset_password.txt`, and the same with
        /// `.html`.
        templates_dir: Option<PathBuf>;
        /// How long a link to verify the address of a new account works.
        verify_ttl: Duration ["5m", "30d"] = "3d";
        /// How long a link to set a new password works.
        reset_ttl: Duration ["5m", "1d"] = "1h";
        /// How long the link of an invitation works.
        invite_ttl: Duration ["1h", "30d"] = "7d";
        /// How long a link to confirm a new address works.
        change_ttl: Duration ["5m", "7d"] = "1d";
        /// How long the link of "this wasn't me" works. Within this time, the owner of a former address can take an account
        /// back.
        report_ttl: Duration ["1h", "90d"] = "7d";
        /// The page of your own front end that verifies an address. `?token=…` is appended; the page sends the token to
        /// `POST /api/v1/auth/email/verify` when the owner presses a button.
        links_verify as "links.verify": HttpUrl => "`/verify` of `http.public_url`, a page that is built in";
        /// The same for a new password: `POST /api/v1/auth/password/reset`.
        links_reset as "links.reset": HttpUrl => "`/reset` of `http.public_url`, a page that is built in";
        /// The same for an invitation, whose owner sets the first password: `POST /api/v1/auth/password/reset`.
        links_invite as "links.invite": HttpUrl => "`/invite` of `http.public_url`, a page that is built in";
        /// The same for a new address: `POST /api/v1/auth/email/verify`.
        links_change as "links.change": HttpUrl => "`/change-email` of `http.public_url`, a page that is built in";
        /// The same for "this wasn't me": `POST /api/v1/auth/email/report`.
        links_report as "links.report": HttpUrl => "`/not-me` of `http.public_url`, a page that is built in";
    }

    /// How many requests are allowed: `10/m` means ten at once, and then one more every six seconds. With Redis, all
    /// nodes count together.
    rate_limit: RateLimit {
        /// Whether rate limits apply. Disable them only for load tests, never on a service that others can reach.
        enabled: bool = "true";
        /// How often an IP address (for IPv6, a /64) may call routes that take a password or a code.
        login: Quota = "10/m";
        /// How many wrong passwords are allowed for an account from one network (/24, or /64 for IPv6). After that,
        /// sign-ins from this network are refused for a while. The owner can still sign in from elsewhere.
        account: Quota = "5/15m";
        /// How many mails of each kind somebody can have sent to an address, with or without an account. More requests are
        /// answered in the same way, and send nothing.
        mail: Quota = "5/h";
        /// How often an IP address may exchange tokens; a confidential client app is counted by its id.
        auth: Quota = "60/m";
        /// How often an account may call all other routes; requests without an account are counted by IP address.
        api: Quota = "300/m";
        /// How often an account may call routes that need a permission.
        admin: Quota = "120/m";
        /// How often an IP address may read what is public: the documentation, the OpenAPI document, the public keys and
        /// the metadata. Each node counts this by itself. Raise it if many programs behind one IP address read the keys
        /// without a cache.
        public: Quota = "3000/m";
    }

    /// The client `doorward`, which is built in: your own front ends sign people in with it.
    oauth: Oauth {
        /// The redirect URIs of the client `doorward`: where it may get the codes of sign-ins. The URI of a request must
        /// be one of them, byte for byte. An `http` URI must lead to the user's own machine.
        allowed_redirect_uris: Vec<RedirectUri> = "";
    }

    /// Metrics for Prometheus.
    metrics: Metrics {
        /// A separate IP address and port for metrics, such as `127.0.0.1:9100`. Everybody who can connect to it can
        /// read them, without a token: keep it on loopback, or on a network that only your monitoring can reach. If it
        /// is not set, metrics are only at `/metrics` of `http.bind`, where callers from other machines need
        /// `system:read`.
        bind: Option<SocketAddr>;
    }

    /// The audit log.
    audit: Audit {
        /// How long audit lines are kept after they were sealed; older lines are deleted, and the rest of the log can still
        /// be verified. If it is not set, no line is ever deleted. Set it where the law limits how long you may keep them.
        retention: Option<Duration> ["1d", "36500d"];
        /// Where each line is shipped as soon as it is sealed: to a file, or as a message of syslog (RFC 5424). Ship it to another
        /// machine, so that an attacker who has this one can't hide what they did. Over UDP, lines can get lost.
        ship_to: Option<ShipTo>;
        /// A PEM file with the certificate authorities that Doorward trusts for a `syslog+tls` receiver. If it is not set,
        /// Doorward trusts the authorities that are compiled in, which are those of browsers.
        ship_ca_file: Option<PathBuf>;
    }

    /// What the service logs, and where it sends traces.
    telemetry: Telemetry {
        /// The format of log lines, which go to standard error: `text` for people, `json` for log collectors.
        log_format: LogFormat = "text";
        /// What is logged: a level, or levels for parts of the program, such as `info,doorward_postgres=debug`.
        /// Libraries log at most at `info`, because their further lines contain what people send.
        log_level: LogFilter = "info,actix_server=warn,actix_http=off";
        /// The URL of a collector for traces that speaks OTLP, such as `http://127.0.0.1:4318`; `/v1/traces` is
        /// appended. If it is not set, no request is traced.
        otlp_endpoint: Option<HttpUrl>;
        /// How traces are sent to the collector. gRPC is not supported: collectors accept HTTP on another port.
        otlp_protocol: OtlpProtocol = "http/protobuf";
        /// Headers for the collector, such as its key: `authorization=Bearer%20KEY`. Without https, everybody between
        /// the two can read them.
        otlp_headers: Option<SecretHeaders>;
        /// A PEM file with the certificate authorities that Doorward trusts for an `https` collector. If it is not set,
        /// Doorward trusts the authorities that are compiled in, which are those of browsers.
        otlp_ca_file: Option<PathBuf>;
        /// The share of requests that are traced, drawn by lot. A proxy in `http.trusted_proxies` that sends
        /// `traceparent` decides for its requests. Lower it if the collector should get less.
        sampling: Share = "1.0";
        /// The name of this service in traces.
        service_name: String = "doorward";
        /// Further attributes of this process in traces. All nodes have a different `service.instance.id` in any case.
        resource_attributes: Vec<ResourceAttribute> = "";
    }

    blocks

    /// The identity providers that people can sign in with: one block for each, `[providers.NAME]`, under a name of your
    /// choice. NAME is part of the callback URL, `PUBLIC_URL/api/v1/auth/callback/NAME`, which you register at the
    /// provider.
    providers[ProviderName]: ProviderKeys => Vec<ConfiguredProvider>, configured {
        /// The kind of the provider: `entra` is Microsoft Entra ID, and `oidc` is any other provider that speaks OpenID
        /// Connect.
        kind: ProviderKind => "`oidc` with a `preset`; otherwise it must be set";
        /// A provider that many people use, whose display name, issuer, scopes, claims and peculiarities are known; its kind
        /// is `oidc`. Other keys override what it sets. `auth0` and `keycloak` also need `issuer`; `apple` needs `team_id`,
        /// `key_id` and `client_key`.
        preset: Option<&'static Preset>;
        /// The name of the provider on sign-in pages.
        display_name: Description => "the usual name of the preset or the kind; for `oidc`, NAME";
        /// The issuer of the provider, byte for byte as its discovery document contains it; for `github`, the URL of
        /// the server. For `entra`, set `tenant` instead, unless it is a national cloud. Plain HTTP and this machine are
        /// allowed only while `http.public_url` is loopback.
        issuer: Issuer => "from `preset` where it has one, from `tenant` for `entra`, `https://accounts.google.com` for \
                           `google`, `https://github.com` for `github`; otherwise it must be set";
        /// Only for `entra`: whose people may sign in: those of one tenant, by its id; those of all organizations
        /// (`organizations`); those with personal Microsoft accounts (`consumers`); or all of them (`common`).
        tenant: Option<Tenant>;
        /// Only for `entra`, and several tenants: the tenants whose people may sign in. If it is empty, people of every
        /// tenant may.
        tenants: Vec<TenantId> = "";
        /// Only for `google`: the Workspace domain whose people may sign in. If it is not set, everybody with a Google
        /// account may.
        hosted_domain: Option<EmailDomain>;
        /// The client id that the provider has issued for Doorward.
        client_id: ProviderClientId => required;
        /// The client secret that the provider has issued for Doorward. `google` and `github` require it.
        client_secret: Option<Secret>;
        /// Only for `apple`: the id of the team, which the console shows at the top right.
        team_id: Option<ConsoleId>;
        /// Only for `apple`: the id of the key with which Doorward signs its client secret.
        key_id: Option<ConsoleId>;
        /// Only for `apple`: this key, as the console lets you download it once (`.p8`).
        client_key: Option<ClientKeyPem>;
        /// The scopes that the provider is asked for. Except for `github` and `discord`, `openid` must be one of them.
        scopes: Vec<Scope> => "from `preset`; otherwise `openid,email,profile`, and for `github`, `read:user,user:email`";
        /// The claim that contains the e-mail address. Like all keys of claims, not for `github`, which has none.
        claim_email: ClaimName = "email";
        /// The claim that is true if the provider has verified the e-mail address.
        claim_email_verified: ClaimName = "email_verified";
        /// The claim that contains the full name.
        claim_name: ClaimName = "name";
        /// The claim that contains the username which a new account gets.
        claim_username: ClaimName = "preferred_username";
        /// The claim that contains the language tag.
        claim_locale: ClaimName = "locale";
        /// The claim that contains the groups of the person.
        claim_groups: ClaimName = "groups";
        /// Which roles the groups at the provider give: `GROUP=ROLE` for each. Whoever signs in with it gets the roles that
        /// their groups give, and loses those of this list that they don't, also if somebody has granted them here. No other
        /// role is touched. Not for `github`, which states no groups.
        roles: Vec<GroupRole> = "";
        /// Whether `roles` may give the role `admin`: whoever manages that group at the provider then controls Doorward.
        roles_may_give_admin: bool = "false";
        /// The icon of the provider on sign-in pages.
        icon: Option<ProviderIcon>;
        /// Whether people without an account get one when they sign in with this provider.
        registration: bool = "true";
        /// What happens when somebody signs in for the first time with the e-mail address of an account: `ask` lets the
        /// owner link it by signing in to the account; `verified_email` links it at once, if both the provider and
        /// Doorward have verified the address; with `never`, only a signed-in owner can link it.
        linking: LinkingPolicy = "ask";
        /// The domains whose e-mail addresses may register or be linked; a subdomain is another domain. If it is empty,
        /// all may.
        email_domains: Vec<EmailDomain> = "";
        /// Whether people can sign in with it. Disable it to keep its configuration for later.
        enabled: bool = "true";
        /// Its position on sign-in pages, from small to large; with the same position, names decide.
        position: u16 ["0", "65535"] = "0";
        /// Whether each sign-in with it updates the full name and the locale of the account.
        sync_profile: bool = "false";
    }
}

/// Every key, in the order of the reference page.
pub fn describe() -> impl Iterator<Item = &'static Descriptor> + Clone {
    sections().iter().flat_map(|section| section.keys)
}

/// Every section, in the order of the reference page.
pub fn sections() -> &'static [Section] {
    SECTIONS
}

pub(crate) fn read(values: &mut Values) -> Option<Settings> {
    Settings::read(values)
}

impl Settings {
    /// Every key with its value and its source; secrets are masked.
    pub fn effective(&self) -> &[Effective] {
        &self.effective
    }
}
