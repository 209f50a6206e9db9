//! Finds the IP address of the caller when proxies are in front of the service.
use crate::app::ClientAddressHeader;
use actix_web::http::header::{self, HeaderMap};
use ipnet::IpNet;
use std::net::{IpAddr, SocketAddr};

const X_FORWARDED_FOR: &str = "x-forwarded-for";
/// A caller that sends one of these headers is a proxy, or claims to be one.
const WRITTEN_BY_PROXIES: [&str; 6] =
    [X_FORWARDED_FOR, "forwarded", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via"];
/// More hops than any real chain has; further ones are invented.
const MOST_HOPS: usize = 32;

/// The IP address of the caller, as far as it can be known.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Client {
    pub(crate) address: Option<IpAddr>,
    /// Whether a header with an IP address came from a peer that is not trusted.
    pub(crate) ignored: bool,
    /// Whether any header says that a proxy has passed the request on.
    pub(crate) passed_on: bool,
    /// Whether the peer is a trusted proxy.
    pub(crate) by_proxy: bool,
}

/// Which proxies are trusted to name the IP address of a caller, and in which header.
pub(crate) struct Trusted<'a> {
    pub(crate) proxies: &'a [IpNet],
    pub(crate) header: ClientAddressHeader,
}

/// The nearest address that does not belong to a trusted proxy: read from the right, because each proxy appends the
/// address that it saw, and everything further left came from the caller.
pub(crate) fn client(peer: Option<IpAddr>, headers: &HeaderMap, trusted: &Trusted<'_>) -> Client {
    let is_trusted = |address: &IpAddr| trusted.proxies.iter().any(|network| network.contains(address));
    let passed_on = WRITTEN_BY_PROXIES.iter().any(|name| headers.contains_key(*name));
    let forwarded = headers.contains_key(X_FORWARDED_FOR) || headers.contains_key(header::FORWARDED);
    match peer {
        Some(proxy) if is_trusted(&proxy) => {
            let mut nearest = proxy;
            for hop in hops(headers, trusted.header).into_iter().rev().take(MOST_HOPS) {
                // Hidden, unknown or malformed: the address behind it can't be known, so the last known hop counts.
                let Some(address) = hop else { break };
                nearest = address;
                if !is_trusted(&address) {
                    break;
                }
            }
            Client { address: Some(nearest), ignored: false, passed_on, by_proxy: true }
        }
        peer => Client { address: peer, ignored: forwarded, passed_on, by_proxy: false },
    }
}

/// The addresses that proxies have seen, from the one header that the trusted proxies write. The other header came from
/// the caller, who could otherwise choose the address for rate limits and lockouts.
fn hops(headers: &HeaderMap, header: ClientAddressHeader) -> Vec<Option<IpAddr>> {
    match header {
        ClientAddressHeader::XForwardedFor => elements(headers, X_FORWARDED_FOR).map(node).collect(),
        ClientAddressHeader::Forwarded => {
            elements(headers, header::FORWARDED.as_str()).map(|element| node(for_parameter(element)?)).collect()
        }
    }
}

fn elements<'a>(headers: &'a HeaderMap, name: &'a str) -> impl Iterator<Item = &'a str> {
    headers.get_all(name).flat_map(|value| value.to_str().unwrap_or("unknown").split(','))
}

/// The `for` of one element (RFC 7239 §4).
fn for_parameter(element: &str) -> Option<&str> {
    element.split(';').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.trim().eq_ignore_ascii_case("for").then_some(value)
    })
}

/// An IP address, with or without quotes, brackets and port (RFC 7239 §6).
fn node(text: &str) -> Option<IpAddr> {
    let text = text.trim().trim_matches('"');
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let address = bare.parse::<IpAddr>().or_else(|_| text.parse::<SocketAddr>().map(|socket| socket.ip())).ok()?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::{HeaderName, HeaderValue};

    fn seen(peer: &str, sent: &[(&'static str, &'static str)]) -> (String, bool) {
        seen_by(ClientAddressHeader::XForwardedFor, peer, sent)
    }

    fn forwarded(peer: &str, sent: &[(&'static str, &'static str)]) -> String {
        seen_by(ClientAddressHeader::Forwarded, peer, sent).0
    }

    fn seen_by(header: ClientAddressHeader, peer: &str, sent: &[(&'static str, &'static str)]) -> (String, bool) {
        let client = read(header, peer, sent);
        (client.address.unwrap().to_string(), client.ignored)
    }

    fn read(header: ClientAddressHeader, peer: &str, sent: &[(&'static str, &'static str)]) -> Client {
        let mut headers = HeaderMap::new();
        for (name, value) in sent {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        let proxies = ["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
        client(Some(peer.parse().unwrap()), &headers, &Trusted { proxies: &proxies, header })
    }

    #[test]
    fn an_unlisted_peer_is_the_client_whatever_it_says() {
        assert_eq!(seen("203.0.113.9", &[("x-forwarded-for", "1.2.3.4")]), ("203.0.113.9".to_owned(), true));
        assert_eq!(seen("203.0.113.9", &[("forwarded", "for=1.2.3.4")]), ("203.0.113.9".to_owned(), true));
        assert_eq!(seen("203.0.113.9", &[]), ("203.0.113.9".to_owned(), false));
    }

    #[test]
    fn what_the_client_made_up_stands_further_left_and_is_not_reached() {
        assert_eq!(seen("10.0.0.1", &[("x-forwarded-for", "6.6.6.6, 203.0.113.9")]).0, "203.0.113.9");
        assert_eq!(seen("10.0.0.1", &[("x-forwarded-for", "6.6.6.6, 203.0.113.9, 10.0.0.2")]).0, "203.0.113.9");
        assert_eq!(
            seen("10.0.0.1", &[("x-forwarded-for", "6.6.6.6"), ("x-forwarded-for", "203.0.113.9")]).0,
            "203.0.113.9"
        );
    }

    #[test]
    fn forwarded_is_read_with_quotes_brackets_and_ports() {
        assert_eq!(forwarded("10.0.0.1", &[("forwarded", "For=\"[2001:db8::7]:4711\";proto=https")]), "2001:db8::7");
        assert_eq!(forwarded("fd00::1", &[("forwarded", "for=203.0.113.9:80, for=\"[fd00::2]\"")]), "203.0.113.9");
    }

    #[test]
    fn a_made_up_forwarded_does_not_outweigh_what_the_proxy_wrote() {
        let sent = [("forwarded", "for=6.6.6.6"), ("x-forwarded-for", "203.0.113.9")];
        assert_eq!(seen("10.0.0.1", &sent).0, "203.0.113.9");
    }

    /// With `option forwarded`, `HAProxy` writes only that header, and passes on everything else that the caller has
    /// sent.
    #[test]
    fn behind_proxies_that_write_forwarded_a_made_up_x_forwarded_for_is_not_believed() {
        let sent = [("x-forwarded-for", "6.6.6.6"), ("forwarded", "for=203.0.113.9")];
        assert_eq!(forwarded("10.0.0.1", &sent), "203.0.113.9");
        assert_eq!(forwarded("10.0.0.1", &sent[..1]), "10.0.0.1");
        assert_eq!(seen("10.0.0.1", &sent[1..]).0, "10.0.0.1");
    }

    #[test]
    fn what_a_proxy_writes_tells_that_one_has_passed_it_on() {
        let read =
            |sent: &[(&'static str, &'static str)]| read(ClientAddressHeader::Forwarded, "127.0.0.1", sent).passed_on;
        assert!(!read(&[("user-agent", "curl/8.5")]));
        for name in WRITTEN_BY_PROXIES {
            assert!(read(&[(name, "x")]), "{name}");
        }
    }

    #[test]
    fn a_hop_that_hides_itself_ends_the_walk_at_the_last_known_one() {
        assert_eq!(forwarded("10.0.0.1", &[("forwarded", "for=6.6.6.6, for=_hidden")]), "10.0.0.1");
        assert_eq!(seen("10.0.0.1", &[("x-forwarded-for", "unknown, 10.0.0.2")]).0, "10.0.0.2");
        assert_eq!(forwarded("10.0.0.1", &[("forwarded", "proto=https")]), "10.0.0.1");
    }

    #[test]
    fn ipv4_written_as_ipv6_is_ipv4() {
        assert_eq!(seen("10.0.0.1", &[("x-forwarded-for", "::ffff:203.0.113.9")]).0, "203.0.113.9");
    }
}
