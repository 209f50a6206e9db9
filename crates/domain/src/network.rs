use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A text that is not a network as we write them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NetworkError {
    /// Not an address, a slash, and 24 (IPv4) or 64 (IPv6).
    #[error("This is not a network; write an IPv4 /24 or an IPv6 /64, such as 203.0.113.0/24 or 2001:db8::/64.")]
    Malformed,
    /// Bits set beyond the prefix.
    #[error("The network's address has bits set beyond its prefix; set them to zero, as in 203.0.113.0/24.")]
    HostBits,
}

/// The neighbourhood an address is in, as the lockout counts it: an IPv4 /24 or an IPv6 /64.
///
/// Coarser than an address, because a household or an attacker has a whole IPv6 /64, and mobile addresses wander in a /24.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Network(IpAddr);

parsed!(Network, NetworkError);

impl Network {
    /// The network of an address. An IPv4 address written as IPv6 (RFC 4291 §2.5.5.2) is taken for what it is.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V4(v4) => IpAddr::V4(Ipv4Addr::from_bits(v4.to_bits() & !0xff)),
            IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX))),
        })
    }

    /// Reads what `Display` wrote.
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
