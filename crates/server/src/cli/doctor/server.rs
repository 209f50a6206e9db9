use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

use super::Finding;
use doorward_settings::Settings;

const SERVER: &str = "server";
/// Health waits for the database, and readiness too.
const PATIENCE: Duration = Duration::from_secs(10);
const LIVE_PATIENCE: Duration = Duration::from_secs(1);
const LONGEST_ANSWER: u64 = 64 * 1024;

/// The answer of a server.
struct Answer {
    status: u16,
    /// Any web server could answer; only Doorward sends a correlation id.
    by_doorward: bool,
    body: Value,
}

/// Checks that the server with these settings is ready. It is the only check of `--server`.
pub(super) fn ready(settings: &Settings) -> Finding {
    let bind = settings.http.bind;
    match ask(bind, "/health/ready", PATIENCE) {
        Ok(answer) if answer.by_doorward && answer.status == 200 => {
            Finding::ok(SERVER, format!("the server at {bind} is ready"))
        }
        Ok(answer) if answer.by_doorward => Finding::fail(
            SERVER,
            format!("the server at {bind} is not ready: {}", text(&answer.body["detail"])),
            "run `doorward doctor` without --server, which checks what the server needs",
        ),
        Ok(_) => {
            Finding::fail(SERVER, format!("another program answers at {bind}"), "set http.bind to another address")
        }
        Err(error) => Finding::fail(
            SERVER,
            format!("no server answers at {bind}: {error}"),
            "start it with `doorward serve`, or give the settings that it runs with",
        ),
    }
}

/// Asks a running server for its health, which includes its background jobs. A server need not run.
pub(super) fn healthy(settings: &Settings) -> Finding {
    let bind = settings.http.bind;
    match ask(bind, "/health", PATIENCE) {
        Ok(answer) if answer.by_doorward => of_health(&answer.body),
        _ => Finding::ok(SERVER, format!("none answers at {bind}")),
    }
}

fn of_health(health: &Value) -> Finding {
    let cure = "the other checks here and the log of the server show the cause";
    match health["status"].as_str() {
        Some("healthy") => Finding::ok(SERVER, "it is healthy"),
        Some("degraded") => Finding::warn(SERVER, format!("it is degraded{}", effects(health)), cure),
        _ => Finding::fail(SERVER, format!("it is unhealthy{}", effects(health)), cure),
    }
}

/// The components that are not healthy, with what users notice. The server shows them only to this machine.
fn effects(health: &Value) -> String {
    let components = health["components"].as_array().into_iter().flatten();
    let ill = components.filter(|component| component["status"] != "healthy");
    ill.map(|component| format!("; {}: {}", text(&component["name"]), text(&component["effect"]))).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Whether a Doorward server answers.
pub(super) fn is_doorward(bind: SocketAddr) -> bool {
    ask(bind, "/health/live", LIVE_PATIENCE).is_ok_and(|answer| answer.by_doorward && answer.status == 200)
}

fn ask(bind: SocketAddr, path: &str, patience: Duration) -> io::Result<Answer> {
    let mut stream = TcpStream::connect_timeout(&reachable(bind), LIVE_PATIENCE)?;
    stream.set_read_timeout(Some(patience))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.take(LONGEST_ANSWER).read_to_end(&mut answer)?;
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    Ok(Answer {
        status: head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default(),
        by_doorward: head.to_lowercase().contains("\r\nx-correlation-id:"),
        body: serde_json::from_str(body).unwrap_or_default(),
    })
}

/// An address that can be called, also if the server listens on all addresses.
fn reachable(bind: SocketAddr) -> SocketAddr {
    let mut address = bind;
    match bind {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::doctor::State;
    use serde_json::json;
    use std::net::TcpListener;

    #[test]
    fn a_server_on_every_address_is_called_on_this_machine() {
        for (bind, called) in
            [("0.0.0.0:80", "127.0.0.1:80"), ("[::]:80", "[::1]:80"), ("192.0.2.1:80", "192.0.2.1:80")]
        {
            assert_eq!(reachable(bind.parse().unwrap()), called.parse().unwrap());
        }
    }

    #[test]
    fn another_web_server_is_not_taken_for_ours() {
        let other = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = other.local_addr().unwrap();
        let answering = std::thread::spawn(move || {
            let (mut stream, _) = other.accept().unwrap();
            let mut request = [0; 16];
            stream.read_exact(&mut request).unwrap();
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").unwrap();
        });
        assert!(!is_doorward(address));
        answering.join().unwrap();
    }

    #[test]
    fn what_is_not_healthy_is_named_with_its_effect() {
        let component = |name: &str, status: &str| json!({"name": name, "status": status, "effect": "Nobody can …"});
        let health = |status: &str| json!({"status": status, "components": [component("redis", status)]});
        assert_eq!(of_health(&health("healthy")), Finding::ok(SERVER, "it is healthy"));
        let degraded = of_health(&health("degraded"));
        assert_eq!((degraded.state, degraded.found.as_str()), (State::Warn, "it is degraded; redis: Nobody can …"));
        let unhealthy = of_health(&json!({"status": "unhealthy"}));
        assert_eq!((unhealthy.state, unhealthy.found.as_str()), (State::Fail, "it is unhealthy"));
    }
}
