use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A text that is not a network in Doorward's form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NetworkError {
    /// It is not an IP address, a slash, and 24 (IPv4) or 64 (IPv6).
    #[error("This is not a network; write an IPv4 /24 or an IPv6 /64, such as 203.0.113.0/24 or 2001:db8::/64.")]
    Malformed,
    /// It has bits set beyond the prefix.
    #[error("The network's address has bits set beyond its prefix; set them to zero, as in 203.0.113.0/24.")]
    HostBits,
}

/// The network of an IP address, as the lockout counts it: an IPv4 /24 or an IPv6 /64.
///
/// It is coarser than an IP address, because a household or an attacker has a whole IPv6 /64, and mobile devices change
/// their address within a /24.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Network(IpAddr);

parsed!(Network, NetworkError);

impl Network {
    /// The network of an IP address. An IPv4 address that is written as IPv6 (RFC 4291 §2.5.5.2) counts as IPv4.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V4(v4) => IpAddr::V4(Ipv4Addr::from_bits(v4.to_bits() & !0xff)),
            IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX))),
        })
    }

    /// Reads the form of `Display`.
    ///
    /// # Errors
    /// [`NetworkError`] for any other form.
    pub fn parse(text: &str) -> Result<Self, NetworkError> {
        let (address, prefix) = text.split_once('/').ok_or(NetworkError::Malformed)?;
        let address: IpAddr = address.parse().map_err(|_| NetworkError::Malformed)?;
        let network = Self::of(address);
        if prefix != network.prefix_text() {
            return Err(NetworkError::Malformed);
        }
        if network.0 != address {
            return Err(NetworkError::HostBits);
        }
        Ok(network)
    }

    fn prefix_text(self) -> &'static str {
        if self.0.is_ipv4() { "24" } else { "64" }
    }
}

impl From<IpAddr> for Network {
    fn from(address: IpAddr) -> Self {
        Self::of(address)
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.0, self.prefix_text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::laws;
    use proptest::prelude::*;

    fn of(address: &str) -> String {
        Network::of(address.parse().unwrap()).to_string()
    }

    #[test]
    fn neighbours_share_a_network() {
        assert_eq!(of("203.0.113.7"), "203.0.113.0/24");
        assert_eq!(of("203.0.113.255"), "203.0.113.0/24");
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        assert_ne!(of("203.0.114.7"), of("203.0.113.7"));
        assert_ne!(of("2001:db8:1:3::1"), of("2001:db8:1:2::1"));
    }

    #[test]
    fn an_ipv4_address_written_as_ipv6_is_no_way_round() {
        assert_eq!(of("::ffff:203.0.113.7"), "203.0.113.0/24");
    }

    #[test]
    fn only_the_written_form_is_read() {
        for text in ["", "203.0.113.0", "203.0.113.0/16", "203.0.113.0/024", "2001:db8::/24", "example.com/24"] {
            assert_eq!(Network::parse(text), Err(NetworkError::Malformed), "{text:?}");
        }
        assert_eq!(Network::parse("203.0.113.7/24"), Err(NetworkError::HostBits));
        assert_eq!(Network::parse("2001:db8::1/64"), Err(NetworkError::HostBits));
    }

    proptest! {
        #[test]
        fn every_networks_text_is_read_back(address in any::<IpAddr>()) {
            let network = Network::from(address);
            prop_assert_eq!(Network::parse(&network.to_string()), Ok(network));
        }

        #[test]
        fn any_text_is_a_network_or_refused(text in laws::texts("[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}\\.0/24")) {
            laws::parsing_settles::<Network>(&text)?;
        }
    }
}
