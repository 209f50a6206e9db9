//! Values that follow from others, and combinations that are refused although each value is valid.

use std::net::SocketAddr;
use std::time::Duration;

use doorward_domain::{Email, Password, PasswordPolicy, PersonalContext};
use doorward_ports::Secret;
use ipnet::IpNet;

use crate::fault::{Fault, Source};
use crate::ship_to::{ShipTo, SyslogTransport};
use crate::types::HttpUrl;
use crate::value::shown_duration;
use crate::values::Values;
use crate::{Check, mail};

const LEAST_COST_IN_PUBLIC: u32 = 10;

/// Fills in the keys whose default follows from another key.
pub(crate) fn follow(values: &mut Values) {
    public_url(values);
    drain_delay(values);
    mail::follow(values);
    if !values.is_set("tokens.issuer")
        && let Some(url) = values.peek::<HttpUrl>("http.public_url")
    {
        values.follow("tokens.issuer", "http.public_url", url.as_str().to_owned());
    }
}

/// A service that only its own machine can reach has no load balancer.
fn drain_delay(values: &mut Values) {
    if values.is_set("http.drain_delay") {
        return;
    }
    let local = values.peek::<SocketAddr>("http.bind").is_some_and(|bind| bind.ip().is_loopback());
    values.follow("http.drain_delay", "http.bind", if local { "0s" } else { "5s" }.to_owned());
}

fn public_url(values: &mut Values) {
    if values.is_set("http.public_url") {
        return;
    }
    let Some(bind) = values.peek::<SocketAddr>("http.bind") else {
        return;
    };
    if bind.ip().is_loopback() {
        return values.follow("http.public_url", "http.bind", format!("http://{bind}"));
    }
    values.faults.push(Fault::new(
        "http.public_url",
        Source::Unset,
        format!("it must be set when http.bind ({}) is {bind}, which is not loopback", values.source("http.bind")),
        "set it to the URL that people use, such as https://id.example.org, or bind to 127.0.0.1",
    ));
}

/// The unsafe and the useless combinations of values that are valid by themselves.
pub(crate) const CHECKS: &[Check] = &[
    weak_hashes,
    everyone_a_proxy,
    metrics_in_the_way,
    cookies_over_http,
    refresh_shorter_than_access,
    refresh_beyond_the_session,
    idle_beyond_the_session,
    first_password,
    sentinels_nowhere,
    password_for_nobody,
    headers_for_nobody,
    authorities_for_nobody,
    mail::server_missing,
    mail::server_for_nobody,
    mail::credentials_in_halves,
    mail::password_in_clear,
    mail::hidden_from_the_owner,
    token_for_no_vault,
    vault_without_token,
];

/// OWASP's password storage guidance: bcrypt with a work factor of 10 or more.
fn weak_hashes(values: &Values) -> Option<Fault> {
    let cost = values.peek::<u32>("passwords.bcrypt_cost").filter(|cost| (4..LEAST_COST_IN_PUBLIC).contains(cost))?;
    let bind = values.peek::<SocketAddr>("http.bind").filter(|bind| !bind.ip().is_loopback())?;
    Some(values.fault(
        "passwords.bcrypt_cost",
        format!("a cost of {cost} makes stolen hashes cheap to break, and http.bind is {bind}, which is not loopback"),
        format!("set it to {LEAST_COST_IN_PUBLIC} or more (12 is the default), or bind to 127.0.0.1"),
    ))
}

fn everyone_a_proxy(values: &Values) -> Option<Fault> {
    let proxies = values.peek::<Vec<IpNet>>("http.trusted_proxies")?;
    let everyone = proxies.iter().find(|network| network.prefix_len() == 0)?;
    Some(values.fault(
        "http.trusted_proxies",
        format!("{everyone} contains every IP address, so any caller could claim any IP address"),
        "list the IP addresses of your proxies, or their network",
    ))
}

fn metrics_in_the_way(values: &Values) -> Option<Fault> {
    let http = values.peek::<SocketAddr>("http.bind")?;
    // Port 0 means any free port.
    let metrics = values.peek::<SocketAddr>("metrics.bind").filter(|it| it.port() == http.port() && it.port() != 0)?;
    let overlap = metrics.ip() == http.ip() || metrics.ip().is_unspecified() || http.ip().is_unspecified();
    overlap.then(|| {
        values.fault(
            "metrics.bind",
            format!("http.bind ({http}) already listens on {metrics}, and shows metrics to callers with access"),
            "use another port, or remove it",
        )
    })
}

/// RFC 6265bis §4.1.3.2: a `__Host-` cookie is `Secure`, and browsers accept it only over TLS and from their own machine.
fn cookies_over_http(values: &Values) -> Option<Fault> {
    values.peek::<bool>("http.session_cookie").filter(|on| *on)?;
    let url = values.peek::<HttpUrl>("http.public_url").filter(|url| !url.may_set_secure_cookies())?;
    Some(values.fault(
        "http.session_cookie",
        format!("browsers store no session cookie from {url} (http.public_url), which is neither https nor loopback"),
        "serve https and set http.public_url to it, or disable cookies",
    ))
}

fn refresh_shorter_than_access(values: &Values) -> Option<Fault> {
    let access = values.peek::<Duration>("tokens.access_ttl")?;
    let refresh = values.peek::<Duration>("tokens.refresh_ttl").filter(|refresh| *refresh <= access)?;
    let (shown_refresh, shown_access) = (shown_duration(refresh), shown_duration(access));
    Some(values.fault(
        "tokens.refresh_ttl",
        format!(
            "{shown_refresh} is not longer than tokens.access_ttl, {shown_access}, so no session could be refreshed"
        ),
        "make it longer than tokens.access_ttl",
    ))
}

/// The default is limited to the end of the session, so only a value that was set can be too long.
fn refresh_beyond_the_session(values: &Values) -> Option<Fault> {
    let refresh = (values.source("tokens.refresh_ttl") != Source::Default).then_some("tokens.refresh_ttl")?;
    beyond_the_session(values, refresh, "no refresh token can be valid for so long")
}

fn idle_beyond_the_session(values: &Values) -> Option<Fault> {
    beyond_the_session(values, "sessions.idle_ttl", "no session can be idle for so long")
}

fn beyond_the_session(values: &Values, key: &'static str, so_that: &str) -> Option<Fault> {
    let absolute = values.peek::<Duration>("sessions.absolute_ttl")?;
    let ttl = values.peek::<Duration>(key).filter(|ttl| *ttl > absolute)?;
    let (ttl, absolute) = (shown_duration(ttl), shown_duration(absolute));
    let problem = format!("{ttl} is longer than sessions.absolute_ttl, {absolute}: {so_that}");
    Some(values.fault(key, problem, "make it shorter, or sessions.absolute_ttl longer"))
}

/// Checks the password with the rules that apply when the account is created.
fn first_password(values: &Values) -> Option<Fault> {
    let typed = values.peek::<Secret>("bootstrap.admin_password")?;
    let policy = PasswordPolicy { min_length: values.peek("passwords.min_length")? };
    let email = values.peek::<Email>("bootstrap.admin_email");
    let owner = PersonalContext { email: email.as_ref(), ..PersonalContext::default() };
    let weaknesses = match Password::new(typed.expose().to_owned()) {
        Ok(password) => policy.check(&password, &owner).err()?.iter().map(ToString::to_string).collect(),
        Err(reason) => vec![reason.to_string()],
    };
    let cure = "choose another password, or remove the setting: then Doorward generates one and prints it once";
    Some(values.fault("bootstrap.admin_password", weaknesses.join(" "), cure))
}

fn sentinels_nowhere(values: &Values) -> Option<Fault> {
    values.peek::<String>("redis.sentinel_master").filter(|_| !values.is_set("redis.url"))?;
    Some(values.fault(
        "redis.sentinel_master",
        "it names the master of sentinels, but redis.url names no sentinel",
        "set redis.url to the addresses of the sentinels, separated by commas",
    ))
}

fn password_for_nobody(values: &Values) -> Option<Fault> {
    values.peek::<Secret>("redis.sentinel_password").filter(|_| !values.is_set("redis.sentinel_master"))?;
    Some(values.fault(
        "redis.sentinel_password",
        "it is the password of sentinels, but redis.sentinel_master is not set, so there are no sentinels",
        "set redis.sentinel_master, or write the password of Redis itself into redis.url",
    ))
}

fn headers_for_nobody(values: &Values) -> Option<Fault> {
    let lost = ["telemetry.otlp_headers", "telemetry.otlp_ca_file"].into_iter().find(|key| values.is_set(key))?;
    (!values.is_set("telemetry.otlp_endpoint")).then(|| {
        values.fault(
            lost,
            "it is for the collector of traces, but telemetry.otlp_endpoint is not set, so no traces are sent",
            "set telemetry.otlp_endpoint to the URL of the collector, or remove it",
        )
    })
}

fn token_for_no_vault(values: &Values) -> Option<Fault> {
    let others = ["secrets.vault_token_file", "secrets.vault_namespace", "secrets.vault_ca_file"];
    let lost = others.into_iter().find(|key| values.is_set(key))?;
    (!values.is_set("secrets.vault_url")).then(|| {
        values.fault(
            lost,
            "it is for Vault, but secrets.vault_url is not set, so Vault encrypts no key",
            "set secrets.vault_url to the URL of Vault, or remove it",
        )
    })
}

fn vault_without_token(values: &Values) -> Option<Fault> {
    let without = values.is_set("secrets.vault_url") && !values.is_set("secrets.vault_token_file");
    without.then(|| {
        values.fault(
            "secrets.vault_token_file",
            "it is not set, and Vault answers nobody without a token",
            "set it to the file in which your agent of Vault writes the token, or remove secrets.vault_url",
        )
    })
}

fn authorities_for_nobody(values: &Values) -> Option<Fault> {
    let over_tls = |to: &ShipTo| matches!(to, ShipTo::Syslog { transport: SyslogTransport::Tls, .. });
    let useless =
        values.is_set("audit.ship_ca_file") && !values.peek::<ShipTo>("audit.ship_to").is_some_and(|to| over_tls(&to));
    useless.then(|| {
        values.fault(
            "audit.ship_ca_file",
            "it is for a receiver over TLS, and audit.ship_to names none, so nobody's certificate is checked",
            "set audit.ship_to to a receiver such as syslog+tls://HOST:6514, or remove it",
        )
    })
}
