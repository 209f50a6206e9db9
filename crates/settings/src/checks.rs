//! Values that follow from others, and combinations that are refused although each value is good.

use std::net::SocketAddr;
use std::time::Duration;

use doorward_domain::{Email, Password, PasswordPolicy, PersonalContext};
use doorward_ports::Secret;
use ipnet::IpNet;

use crate::Check;
use crate::fault::{Fault, Source};
use crate::types::HttpUrl;
use crate::value::shown_duration;
use crate::values::Values;

const LEAST_COST_IN_PUBLIC: u32 = 10;

/// Fills in the keys whose default follows from another key.
pub(crate) fn follow(values: &mut Values) {
    public_url(values);
    drain_delay(values);
    if !values.is_set("tokens.issuer")
        && let Some(url) = values.peek::<HttpUrl>("http.public_url")
    {
        values.follow("tokens.issuer", "http.public_url", url.as_str().to_owned());
    }
}

/// No load balancer looks at a service that only its own machine reaches.
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
        "set it to the address people use, such as https://id.example.org, or bind to 127.0.0.1",
    ));
}

/// Every unsafe or senseless combination among values that are good by themselves.
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
        format!("{everyone} is every address there is, so that any client could claim any address"),
        "list the addresses of your proxies, or the network they are in",
    ))
}

fn metrics_in_the_way(values: &Values) -> Option<Fault> {
    let http = values.peek::<SocketAddr>("http.bind")?;
    // Port 0 is any that is free.
    let metrics = values.peek::<SocketAddr>("metrics.bind").filter(|it| it.port() == http.port() && it.port() != 0)?;
    let overlap = metrics.ip() == http.ip() || metrics.ip().is_unspecified() || http.ip().is_unspecified();
    overlap.then(|| {
        values.fault(
            "metrics.bind",
            format!(
                "{metrics} is what http.bind ({http}) listens on, where metrics are shown to those who may see them"
            ),
            "give it another port, or leave it unset",
        )
    })
}

/// RFC 6265bis §4.1.3.2: a `__Host-` cookie is a `Secure` one, which browsers take over TLS and on this machine alone.
fn cookies_over_http(values: &Values) -> Option<Fault> {
    values.peek::<bool>("http.session_cookie").filter(|on| *on)?;
    let url = values.peek::<HttpUrl>("http.public_url").filter(|url| !url.may_set_secure_cookies())?;
    Some(values.fault(
        "http.session_cookie",
        format!("browsers keep no session cookie from {url} (http.public_url), which is neither https nor loopback"),
        "serve people by https and say so in http.public_url, or leave cookies off",
    ))
}

fn refresh_shorter_than_access(values: &Values) -> Option<Fault> {
    let access = values.peek::<Duration>("tokens.access_ttl")?;
    let refresh = values.peek::<Duration>("tokens.refresh_ttl").filter(|refresh| *refresh <= access)?;
    let (shown_refresh, shown_access) = (shown_duration(refresh), shown_duration(access));
    Some(values.fault("tokens.refresh_ttl",
        format!(
            "{shown_refresh} is not longer than tokens.access_ttl, {shown_access}, so that no session could be refreshed"
        ),
        "make it longer than tokens.access_ttl",
    ))
}

/// Unless it was set, it means no more than to the end of the session.
fn refresh_beyond_the_session(values: &Values) -> Option<Fault> {
    let refresh = (values.source("tokens.refresh_ttl") != Source::Default).then_some("tokens.refresh_ttl")?;
    beyond_the_session(values, refresh, "no refresh token could be valid for so long")
}

fn idle_beyond_the_session(values: &Values) -> Option<Fault> {
    beyond_the_session(values, "sessions.idle_ttl", "no session could be idle for so long")
}

fn beyond_the_session(values: &Values, key: &'static str, so_that: &str) -> Option<Fault> {
    let absolute = values.peek::<Duration>("sessions.absolute_ttl")?;
    let ttl = values.peek::<Duration>(key).filter(|ttl| *ttl > absolute)?;
    let (ttl, absolute) = (shown_duration(ttl), shown_duration(absolute));
    let problem = format!("{ttl} is longer than sessions.absolute_ttl, {absolute}: {so_that}");
    Some(values.fault(key, problem, "make it shorter, or sessions.absolute_ttl longer"))
}

/// By the rules that it would be refused by when it is made an account's.
fn first_password(values: &Values) -> Option<Fault> {
    let typed = values.peek::<Secret>("bootstrap.admin_password")?;
    let policy = PasswordPolicy { min_length: values.peek("passwords.min_length")? };
    let email = values.peek::<Email>("bootstrap.admin_email");
    let owner = PersonalContext { email: email.as_ref(), ..PersonalContext::default() };
    let weaknesses = match Password::new(typed.expose().to_owned()) {
        Ok(password) => policy.check(&password, &owner).err()?.iter().map(ToString::to_string).collect(),
        Err(reason) => vec![reason.to_string()],
    };
    let cure = "choose another, or remove it: then one is made up and shown once";
    Some(values.fault("bootstrap.admin_password", weaknesses.join(" "), cure))
}

fn sentinels_nowhere(values: &Values) -> Option<Fault> {
    values.peek::<String>("redis.sentinel_master").filter(|_| !values.is_set("redis.url"))?;
    Some(values.fault(
        "redis.sentinel_master",
        "it names whom sentinels watch, and redis.url names no sentinel",
        "set redis.url to the addresses of the sentinels, separated by commas",
    ))
}

fn password_for_nobody(values: &Values) -> Option<Fault> {
    values.peek::<Secret>("redis.sentinel_password").filter(|_| !values.is_set("redis.sentinel_master"))?;
    Some(values.fault(
        "redis.sentinel_password",
        "it is for sentinels, and redis.sentinel_master is not set, so that none are asked",
        "set redis.sentinel_master, or write the password of Redis itself into redis.url",
    ))
}
