//! Values that follow from others, and combinations that are refused although each value is good.

use std::net::SocketAddr;
use std::time::Duration;

use doorward_crypto::{LONGEST_NAME_BYTES, SealingKey};
use ipnet::IpNet;

use super::fault::{Fault, Source};
use super::reader::Reader;
use super::types::{HttpUrl, Secret};
use super::value::shown_duration;

const LEAST_COST_IN_PUBLIC: u32 = 10;

/// Fills in the keys whose default follows from another key.
pub(super) fn follow(reader: &mut Reader) {
    public_url(reader);
    if !reader.is_set("tokens.issuer")
        && let Some(url) = reader.peek::<HttpUrl>("http.public_url")
    {
        reader.follow("tokens.issuer", "http.public_url", url.as_str().to_owned());
    }
}

fn public_url(reader: &mut Reader) {
    if reader.is_set("http.public_url") {
        return;
    }
    let Some(bind) = reader.peek::<SocketAddr>("http.bind") else {
        return;
    };
    if bind.ip().is_loopback() {
        return reader.follow("http.public_url", "http.bind", format!("http://{bind}"));
    }
    reader.faults.push(Fault::new(
        "http.public_url",
        Source::Unset,
        format!("it must be set when http.bind ({}) is {bind}, which is not loopback", reader.source("http.bind")),
        "set it to the address people use, such as https://id.example.org, or bind to 127.0.0.1",
    ));
}

/// Notes every unsafe or senseless combination among the values that are good by themselves.
pub(super) fn check(reader: &mut Reader) {
    let checks = [
        weak_hashes,
        everyone_a_proxy,
        metrics_in_the_way,
        cookies_over_http,
        issuer_too_long,
        audience_too_long,
        refresh_shorter_than_access,
        refresh_beyond_the_session,
        idle_beyond_the_session,
        administrator_address,
        key_not_pem,
        not_32_bytes,
        sentinels_nowhere,
        password_for_nobody,
    ];
    for check in checks {
        let fault = check(reader);
        reader.faults.extend(fault);
    }
}

/// OWASP's password storage guidance: bcrypt with a work factor of 10 or more.
fn weak_hashes(reader: &Reader) -> Option<Fault> {
    let cost = reader.peek::<u32>("passwords.bcrypt_cost").filter(|cost| (4..LEAST_COST_IN_PUBLIC).contains(cost))?;
    let bind = reader.peek::<SocketAddr>("http.bind").filter(|bind| !bind.ip().is_loopback())?;
    Some(Fault::new(
        "passwords.bcrypt_cost",
        reader.source("passwords.bcrypt_cost"),
        format!("a cost of {cost} makes stolen hashes cheap to break, and http.bind is {bind}, which is not loopback"),
        format!("set it to {LEAST_COST_IN_PUBLIC} or more (12 is the default), or bind to 127.0.0.1"),
    ))
}

fn everyone_a_proxy(reader: &Reader) -> Option<Fault> {
    let proxies = reader.peek::<Vec<IpNet>>("http.trusted_proxies")?;
    let everyone = proxies.iter().find(|network| network.prefix_len() == 0)?;
    Some(Fault::new(
        "http.trusted_proxies",
        reader.source("http.trusted_proxies"),
        format!("{everyone} is every address there is, so that any client could claim any address"),
        "list the addresses of your proxies, or the network they are in",
    ))
}

fn metrics_in_the_way(reader: &Reader) -> Option<Fault> {
    let http = reader.peek::<SocketAddr>("http.bind")?;
    // Port 0 is any that is free.
    let metrics = reader.peek::<SocketAddr>("metrics.bind").filter(|it| it.port() == http.port() && it.port() != 0)?;
    let overlap = metrics.ip() == http.ip() || metrics.ip().is_unspecified() || http.ip().is_unspecified();
    overlap.then(|| {
        Fault::new(
            "metrics.bind",
            reader.source("metrics.bind"),
            format!(
                "{metrics} is what http.bind ({http}) listens on, where metrics are shown to those who may see them"
            ),
            "give it another port, or leave it unset",
        )
    })
}

/// RFC 6265bis §4.1.3.2: a `__Host-` cookie is a `Secure` one, which browsers take over TLS and on this machine alone.
fn cookies_over_http(reader: &Reader) -> Option<Fault> {
    reader.peek::<bool>("http.session_cookie").filter(|on| *on)?;
    let url = reader.peek::<HttpUrl>("http.public_url").filter(|url| !url.may_set_secure_cookies())?;
    Some(Fault::new(
        "http.session_cookie",
        reader.source("http.session_cookie"),
        format!("browsers keep no session cookie from {url} (http.public_url), which is neither https nor loopback"),
        "serve people by https and say so in http.public_url, or leave cookies off",
    ))
}

fn issuer_too_long(reader: &Reader) -> Option<Fault> {
    too_long(reader, "tokens.issuer", reader.peek::<HttpUrl>("tokens.issuer")?.as_str())
}

fn audience_too_long(reader: &Reader) -> Option<Fault> {
    too_long(reader, "tokens.audience", &reader.peek::<String>("tokens.audience")?)
}

/// Every token says it, and a token has room for so much.
fn too_long(reader: &Reader, key: &'static str, name: &str) -> Option<Fault> {
    (name.len() > LONGEST_NAME_BYTES).then(|| {
        let problem = format!("it has {} bytes, and every token holds it", name.len());
        Fault::new(key, reader.source(key), problem, format!("give a name of up to {LONGEST_NAME_BYTES} bytes"))
    })
}

fn refresh_shorter_than_access(reader: &Reader) -> Option<Fault> {
    let access = reader.peek::<Duration>("tokens.access_ttl")?;
    let refresh = reader.peek::<Duration>("tokens.refresh_ttl").filter(|refresh| *refresh <= access)?;
    let (shown_refresh, shown_access) = (shown_duration(refresh), shown_duration(access));
    Some(Fault::new(
        "tokens.refresh_ttl",
        reader.source("tokens.refresh_ttl"),
        format!(
            "{shown_refresh} is not longer than tokens.access_ttl, {shown_access}, so that no session could be refreshed"
        ),
        "make it longer than tokens.access_ttl",
    ))
}

/// Unless it was set, it means no more than to the end of the session.
fn refresh_beyond_the_session(reader: &Reader) -> Option<Fault> {
    let refresh = (reader.source("tokens.refresh_ttl") != Source::Default).then_some("tokens.refresh_ttl")?;
    beyond_the_session(reader, refresh, "no refresh token could be valid for so long")
}

fn idle_beyond_the_session(reader: &Reader) -> Option<Fault> {
    beyond_the_session(reader, "sessions.idle_ttl", "no session could be idle for so long")
}

fn beyond_the_session(reader: &Reader, key: &'static str, so_that: &str) -> Option<Fault> {
    let absolute = reader.peek::<Duration>("sessions.absolute_ttl")?;
    let ttl = reader.peek::<Duration>(key).filter(|ttl| *ttl > absolute)?;
    let (ttl, absolute) = (shown_duration(ttl), shown_duration(absolute));
    let problem = format!("{ttl} is longer than sessions.absolute_ttl, {absolute}: {so_that}");
    Some(Fault::new(key, reader.source(key), problem, "make it shorter, or sessions.absolute_ttl longer"))
}

/// The shape alone; the account's own rules are stricter and are told when it is made.
fn administrator_address(reader: &Reader) -> Option<Fault> {
    let address = reader.peek::<String>("bootstrap.admin_email")?;
    let shaped = address.rsplit_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty());
    (!shaped || address.contains(char::is_whitespace)).then(|| {
        let problem = format!("{address:?} is not an e-mail address");
        Fault::new(
            "bootstrap.admin_email",
            reader.source("bootstrap.admin_email"),
            problem,
            "write one, such as admin@example.org",
        )
    })
}

fn key_not_pem(reader: &Reader) -> Option<Fault> {
    let key = reader.peek::<Secret>("tokens.signing_key")?;
    let pem = key.expose().trim_start().starts_with("-----BEGIN PRIVATE KEY-----");
    (!pem).then(|| {
        Fault::new(
            "tokens.signing_key",
            reader.source("tokens.signing_key"),
            "it is not a private key as PKCS#8 PEM, which begins with -----BEGIN PRIVATE KEY-----",
            "make one by `openssl genpkey -algorithm ed25519`, and name its file by tokens.signing_key_file",
        )
    })
}

fn not_32_bytes(reader: &Reader) -> Option<Fault> {
    let key = reader.peek::<Secret>("secrets.sealing_key")?;
    SealingKey::from_base64(key.expose()).err().map(|_| {
        Fault::new(
            "secrets.sealing_key",
            reader.source("secrets.sealing_key"),
            "it is not 32 bytes in base64",
            "make one by `openssl rand -base64 32` for a new database; for an old one, put its own back",
        )
    })
}

fn sentinels_nowhere(reader: &Reader) -> Option<Fault> {
    reader.peek::<String>("redis.sentinel_master").filter(|_| !reader.is_set("redis.url"))?;
    Some(Fault::new(
        "redis.sentinel_master",
        reader.source("redis.sentinel_master"),
        "it names whom sentinels watch, and redis.url names no sentinel",
        "set redis.url to the addresses of the sentinels, separated by commas",
    ))
}

fn password_for_nobody(reader: &Reader) -> Option<Fault> {
    reader.peek::<Secret>("redis.sentinel_password").filter(|_| !reader.is_set("redis.sentinel_master"))?;
    Some(Fault::new(
        "redis.sentinel_password",
        reader.source("redis.sentinel_password"),
        "it is for sentinels, and redis.sentinel_master is not set, so that none are asked",
        "set redis.sentinel_master, or write the password of Redis itself into redis.url",
    ))
}
