use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Which addresses may be called besides those of the public internet. Link-local addresses, where clouds offer the
/// credentials of the machine (169.254.169.254), are never called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reach {
    /// Addresses of this machine, also over plain HTTP: for development.
    pub loopback: bool,
    /// Addresses of private networks: RFC 1918, RFC 6598, and unique local ones of IPv6 (RFC 4193).
    pub private: bool,
}

impl Reach {
    /// Whether this address may be called.
    #[must_use]
    pub fn allows(self, address: IpAddr) -> bool {
        match scope(address) {
            Scope::Public => true,
            Scope::Loopback => self.loopback,
            Scope::Private => self.private,
            Scope::Special => false,
        }
    }
}

/// Whether it is an address of this machine.
pub fn is_loopback(address: IpAddr) -> bool {
    scope(address) == Scope::Loopback
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    Public,
    Loopback,
    Private,
    /// Every other address with a meaning of its own: link-local, multicast, documentation, tunnels.
    Special,
}

fn scope(address: IpAddr) -> Scope {
    match address {
        IpAddr::V4(address) => scope_v4(address),
        IpAddr::V6(address) => scope_v6(address),
    }
}

/// IANA IPv4 Special-Purpose Address Registry.
fn scope_v4(address: Ipv4Addr) -> Scope {
    match address.octets() {
        [127, ..] => Scope::Loopback,
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] | [100, 64..=127, ..] => Scope::Private,
        // "This network": Linux takes 0.0.0.0 for the machine itself.
        [0, ..]
        | [169, 254, ..]
        | [192, 0, 0 | 2, _]
        | [192, 88, 99, _]
        | [198, 18 | 19, ..]
        | [198, 51, 100, _]
        | [203, 0, 113, _]
        | [224..=255, ..] => Scope::Special,
        _ => Scope::Public,
    }
}

/// IANA IPv6 Special-Purpose Address Registry; outside of `2000::/3` nothing is assigned to the public internet.
fn scope_v6(address: Ipv6Addr) -> Scope {
    if let Some(embedded) = embedded_v4(address) {
        return scope_v4(embedded);
    }
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 1] => Scope::Loopback,
        [0xfc00..=0xfdff, ..] => Scope::Private,
        // Protocol assignments with Teredo, documentation (twice), 6to4.
        [0x2001, 0..=0x1ff, ..] | [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] | [0x2002, ..] => Scope::Special,
        [0x2000..=0x3fff, ..] => Scope::Public,
        _ => Scope::Special,
    }
}

/// The address of IPv4 that the system would call: mapped (RFC 4291 §2.5.5.2), or through a NAT64 gateway (RFC 6052
/// §2.1), behind which a private address is as private.
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    match address.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            Some(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ALL: Reach = Reach { loopback: true, private: true };

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn addresses_of_the_public_internet_are_called() {
        for text in [
            "8.8.8.8",
            "100.63.255.255",
            "100.128.0.0",
            "172.15.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "198.20.0.1",
            "223.255.255.255",
            "2606:4700::1111",
            "2a00:1450:4001::1",
            "2001:4860:4860::8888",
            "64:ff9b::8.8.8.8",
            "::ffff:8.8.8.8",
        ] {
            assert!(Reach::default().allows(address(text)), "{text}");
        }
    }

    #[test]
    fn addresses_of_this_machine_and_of_private_networks_are_called_only_if_that_is_allowed() {
        for text in ["127.0.0.1", "127.255.255.255", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1"] {
            assert!(!Reach { private: true, loopback: false }.allows(address(text)), "{text}");
            assert!(ALL.allows(address(text)) && is_loopback(address(text)), "{text}");
        }
        for text in [
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "100.64.0.1",
            "100.127.255.255",
            "fc00::1",
            "fdff::1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
        ] {
            assert!(!Reach { private: false, loopback: true }.allows(address(text)), "{text}");
            assert!(ALL.allows(address(text)) && !is_loopback(address(text)), "{text}");
        }
    }

    #[test]
    fn addresses_with_a_meaning_of_their_own_are_never_called() {
        for text in [
            "0.0.0.0",
            "0.1.2.3",
            "169.254.169.254",
            "192.0.0.1",
            "192.0.2.1",
            "192.88.99.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::127.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::1",
            "100::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001::1",
            "2001:20::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "4000::1",
            "fd00:ec2::254",
        ] {
            let private = text == "fd00:ec2::254";
            assert_eq!(ALL.allows(address(text)), private, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_mapped_address_is_judged_like_itself(bytes: [u8; 4], loopback: bool, private: bool) {
            let (reach, address) = (Reach { loopback, private }, Ipv4Addr::from(bytes));
            prop_assert_eq!(reach.allows(address.to_ipv6_mapped().into()), reach.allows(address.into()));
        }

        #[test]
        fn what_the_standard_library_calls_special_is_never_called(bytes: [u8; 16]) {
            let address = Ipv6Addr::from(bytes);
            if address.is_multicast() || address.is_unicast_link_local() || address.is_unspecified() {
                prop_assert!(!ALL.allows(address.into()));
            }
        }
    }
}
