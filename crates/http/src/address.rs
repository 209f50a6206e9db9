//! Whose address a request comes from, when proxies stand before the service.
use actix_web::http::header::{self, HeaderMap};
use ipnet::IpNet;
use std::net::{IpAddr, SocketAddr};

const X_FORWARDED_FOR: &str = "x-forwarded-for";
/// More hops than any real chain has; the rest was made up.
const MOST_HOPS: usize = 32;

/// The client, as far as it can be known.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Client {
    pub(crate) address: Option<IpAddr>,
    /// Whether a header on the client's address came from one whose word is not taken.
    pub(crate) ignored: bool,
}

/// The nearest address that no trusted proxy has: read from the right, because each proxy appends the one it saw, and
/// whatever stands further left came from the client himself.
pub(crate) fn client(peer: Option<IpAddr>, headers: &HeaderMap, trusted: &[IpNet]) -> Client {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|network| network.contains(address));
    let forwarded = headers.contains_key(X_FORWARDED_FOR) || headers.contains_key(header::FORWARDED);
    match peer {
        Some(proxy) if is_trusted(&proxy) => {
            let mut nearest = proxy;
            for hop in hops(headers).into_iter().rev().take(MOST_HOPS) {
                // Hidden, unknown or malformed: who is behind it can't be known, so the last hop that is known counts.
                let Some(address) = hop else { break };
                nearest = address;
                if !is_trusted(&address) {
                    break;
                }
            }
            Client { address: Some(nearest), ignored: false }
        }
        peer => Client { address: peer, ignored: forwarded },
    }
}

/// `X-Forwarded-For` where there is one: nearly every proxy appends to it, while many pass a `Forwarded` that the client
/// made up as it came.
fn hops(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    if headers.contains_key(X_FORWARDED_FOR) {
        return elements(headers, X_FORWARDED_FOR).map(node).collect();
    }
    elements(headers, header::FORWARDED.as_str()).map(|element| node(for_parameter(element)?)).collect()
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

/// An address, with or without quotes, brackets and port (RFC 7239 §6).
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
        let mut headers = HeaderMap::new();
        for (name, value) in sent {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        let trusted = ["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
        let client = client(Some(peer.parse().unwrap()), &headers, &trusted);
        (client.address.unwrap().to_string(), client.ignored)
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
        assert_eq!(seen("10.0.0.1", &[("forwarded", "For=\"[2001:db8::7]:4711\";proto=https")]).0, "2001:db8::7");
        assert_eq!(seen("fd00::1", &[("forwarded", "for=203.0.113.9:80, for=\"[fd00::2]\"")]).0, "203.0.113.9");
    }

    #[test]
    fn a_made_up_forwarded_does_not_outweigh_what_the_proxy_wrote() {
        let sent = [("forwarded", "for=6.6.6.6"), ("x-forwarded-for", "203.0.113.9")];
        assert_eq!(seen("10.0.0.1", &sent).0, "203.0.113.9");
    }

    #[test]
    fn a_hop_that_hides_itself_ends_the_walk_at_the_last_known_one() {
        assert_eq!(seen("10.0.0.1", &[("forwarded", "for=6.6.6.6, for=_hidden")]).0, "10.0.0.1");
        assert_eq!(seen("10.0.0.1", &[("x-forwarded-for", "unknown, 10.0.0.2")]).0, "10.0.0.2");
        assert_eq!(seen("10.0.0.1", &[("forwarded", "proto=https")]).0, "10.0.0.1");
    }

    #[test]
    fn ipv4_written_as_ipv6_is_ipv4() {
        assert_eq!(seen("10.0.0.1", &[("x-forwarded-for", "::ffff:203.0.113.9")]).0, "203.0.113.9");
    }
}
