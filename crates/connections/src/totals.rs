//! What the workers count together.
use ipnet::IpNet;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Options;
use super::observer::{Cut, Observer};

/// The connections of each IP address, and what waits for all peers.
pub(super) struct Totals {
    addresses: Addresses,
    unsent: AtomicUsize,
    max_unsent: usize,
    observer: Arc<dyn Observer>,
}

impl Totals {
    pub(super) fn new(options: &Options, observer: Arc<dyn Observer>) -> Arc<Self> {
        let addresses = Addresses {
            most: options.max_connections_per_address,
            unbounded: options.proxies.clone(),
            open: Mutex::default(),
        };
        Arc::new(Self { addresses, unsent: AtomicUsize::new(0), max_unsent: options.max_unsent, observer })
    }

    pub(super) fn cut(&self, why: Cut) {
        self.observer.cut(why);
    }

    /// What waits for one peer has grown or shrunk.
    pub(super) fn unsent_from(&self, before: usize, after: usize) {
        if after >= before {
            self.unsent.fetch_add(after - before, Ordering::Relaxed);
        } else {
            self.unsent.fetch_sub(before - after, Ordering::Relaxed);
        }
        let signed = |bytes: usize| i64::try_from(bytes).unwrap_or(i64::MAX);
        self.observer.unsent(signed(after) - signed(before));
    }

    pub(super) fn is_too_much_unsent(&self) -> bool {
        self.unsent.load(Ordering::Relaxed) > self.max_unsent
    }
}

/// An open connection; it counts until it is dropped.
pub(super) struct Opened {
    totals: Arc<Totals>,
    address: Option<IpAddr>,
}

impl Opened {
    /// None if the IP address of the peer has too many already.
    pub(super) fn count(totals: &Arc<Totals>, peer: Option<SocketAddr>) -> Option<Self> {
        let address = peer.and_then(|peer| totals.addresses.bounded(peer.ip()));
        if let Some(address) = address
            && !totals.addresses.enter(address)
        {
            totals.observer.refused(address);
            return None;
        }
        totals.observer.opened();
        Some(Self { totals: totals.clone(), address })
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        if let Some(address) = self.address {
            self.totals.addresses.leave(address);
        }
        self.totals.observer.closed();
    }
}

/// One lock for all addresses: it is taken twice for each connection, for less time than the kernel needs to accept one.
struct Addresses {
    most: usize,
    unbounded: Vec<IpNet>,
    /// Only addresses with a connection.
    open: Mutex<HashMap<IpAddr, usize>>,
}

impl Addresses {
    /// The address that the connection counts for; none if it has no bound. One household, or one attacker, has a whole
    /// /64 of IPv6.
    fn bounded(&self, address: IpAddr) -> Option<IpAddr> {
        let address = address.to_canonical();
        if self.most == 0 || self.unbounded.iter().any(|network| network.contains(&address)) {
            return None;
        }
        Some(match address {
            IpAddr::V4(_) => address,
            IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).into(),
        })
    }

    fn enter(&self, address: IpAddr) -> bool {
        let mut open = self.open();
        let count = open.entry(address).or_default();
        let enters = *count < self.most;
        *count += usize::from(enters);
        enters
    }

    fn leave(&self, address: IpAddr) {
        if let Entry::Occupied(mut count) = self.open().entry(address) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }

    fn open(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::Duration;

    const MOST: usize = 3;

    fn totals(most: usize) -> Arc<Totals> {
        let options = Options {
            workers: 1,
            max_connections: 1,
            max_connections_per_address: most,
            proxies: vec!["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()],
            max_unsent: 0,
            keep_alive: Duration::ZERO,
            request_timeout: Duration::ZERO,
            write_timeout: Duration::ZERO,
            shutdown_timeout: Duration::ZERO,
        };
        Totals::new(&options, Arc::new(()))
    }

    fn from(totals: &Arc<Totals>, address: &str) -> Option<Opened> {
        Opened::count(totals, Some(SocketAddr::new(address.parse().unwrap(), 4711)))
    }

    fn fit(most: usize, addresses: &[&str]) -> Vec<bool> {
        let totals = totals(most);
        let open: Vec<_> = addresses.iter().map(|address| from(&totals, address)).collect();
        open.iter().map(Option::is_some).collect()
    }

    #[test]
    fn an_address_has_its_number_of_connections_and_others_have_their_own() {
        let one = "203.0.113.7";
        assert_eq!(fit(2, &[one, one, one, "203.0.113.8"]), [true, true, false, true]);
        assert_eq!(fit(1, &[one, "::ffff:203.0.113.7"]), [true, false], "ipv4 written as ipv6 is ipv4");
    }

    #[test]
    fn the_addresses_of_one_64_of_ipv6_count_together() {
        let addresses = ["2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:3::1"];
        assert_eq!(fit(1, &addresses), [true, false, true]);
    }

    #[test]
    fn proxies_have_no_bound_and_nobody_has_one_if_it_is_zero() {
        assert_eq!(fit(1, &["10.1.2.3", "10.1.2.3", "::ffff:10.1.2.3", "fd00::1", "fd00::1"]), [true; 5]);
        assert_eq!(fit(0, &["203.0.113.7"; 100]), [true; 100]);
    }

    #[test]
    fn many_threads_together_enter_no_more_than_fit_and_leave_nothing_behind() {
        let totals = totals(MOST);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..2_000 {
                        let open = [from(&totals, "203.0.113.7"), from(&totals, "2001:db8::1")];
                        assert!(totals.addresses.open().values().all(|count| *count <= MOST));
                        drop(open);
                    }
                });
            }
        });
        assert!(totals.addresses.open().is_empty());
    }

    proptest! {
        /// As a simple count of each address says, whoever comes and goes in whatever order.
        #[test]
        fn the_count_is_right_after_any_connections_have_come_and_gone(
            steps in prop::collection::vec((0..4_u8, any::<bool>(), any::<prop::sample::Index>()), 0..200),
        ) {
            let totals = totals(MOST);
            let mut open: Vec<(u8, Opened)> = Vec::new();
            for (address, comes, which) in steps {
                if comes {
                    let before = open.iter().filter(|(of, _)| *of == address).count();
                    let entered = from(&totals, &format!("203.0.113.{address}"));
                    prop_assert_eq!(entered.is_some(), before < MOST);
                    open.extend(entered.map(|entered| (address, entered)));
                } else if !open.is_empty() {
                    open.swap_remove(which.index(open.len()));
                }
            }
            open.clear();
            prop_assert!(totals.addresses.open().is_empty());
        }
    }
}
