//! Slows down guessing of passwords, by address, so that no stranger can lock a user out.

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::time::Duration;

use actix_web::HttpRequest;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::error::{Error, Result};

/// Tries at one login from one address before it slows down.
const LOGIN_BURST: u32 = 8;
/// Tries from one address, an office behind one address included.
const ADDRESS_BURST: u32 = 60;

/// Wrong codes of one person, from wherever they come: only whoever has the password gets there.
const CODE_BURST: u32 = 10;

/// Counts of tries, in memory alone.
pub struct Throttle {
    by_person: DefaultKeyedRateLimiter<String>,
    by_login: DefaultKeyedRateLimiter<(String, IpAddr)>,
    by_address: DefaultKeyedRateLimiter<IpAddr>,
    clock: DefaultClock,
}

impl Default for Throttle {
    fn default() -> Self {
        Self {
            by_person: RateLimiter::keyed(quota(CODE_BURST, Duration::from_secs(60))),
            by_login: RateLimiter::keyed(quota(LOGIN_BURST, Duration::from_secs(30))),
            by_address: RateLimiter::keyed(quota(ADDRESS_BURST, Duration::from_secs(2))),
            clock: DefaultClock::default(),
        }
    }
}

fn quota(burst: u32, refill: Duration) -> Quota {
    let burst = NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN);
    Quota::with_period(refill).unwrap_or(Quota::per_minute(burst)).allow_burst(burst)
}

impl Throttle {
    /// Counts a try to sign in as the folded `login` from `address`.
    ///
    /// # Errors
    /// Too many, with the seconds to wait.
    pub fn check(&self, login: &str, address: IpAddr) -> Result<()> {
        // What has recovered is forgotten, so that the maps stay small under attack.
        if self.by_login.len() > 10_000 {
            self.by_login.retain_recent();
            self.by_address.retain_recent();
            self.by_person.retain_recent();
        }
        let (now, address) = (self.clock.now(), network(address));
        let wait = |until: governor::NotUntil<_>| Error::TooMany {
            retry_after: until.wait_time_from(now).as_secs().saturating_add(1),
        };
        self.by_address.check_key(&address).map_err(wait)?;
        let login: String = login.chars().take(64).collect();
        self.by_login.check_key(&(login, address)).map_err(wait)
    }

    /// Counts a try to enter a code of the person with this login.
    ///
    /// # Errors
    /// Too many, with the seconds to wait.
    pub fn check_code(&self, login: &str) -> Result<()> {
        let now = self.clock.now();
        self.by_person.check_key(&login.to_owned()).map_err(|until| Error::TooMany {
            retry_after: until.wait_time_from(now).as_secs().saturating_add(1),
        })
    }
}

/// What one line of a network provider has: an address of IPv4, or a whole /64 of IPv6, in which each machine takes
/// a new address as often as it likes.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).into(),
        address => address,
    }
}

/// The address of the client: the peer, or what the trusted proxy says last.
pub fn client_address(request: &HttpRequest, trusted_proxy: Option<IpAddr>) -> IpAddr {
    let unknown = IpAddr::from([0, 0, 0, 0]);
    let peer = request.peer_addr().map_or(unknown, |peer| peer.ip().to_canonical());
    if Some(peer) != trusted_proxy {
        return peer;
    }
    let headers = request.headers().get_all("x-forwarded-for");
    let last =
        headers.filter_map(|value| value.to_str().ok()).last().and_then(|list| list.rsplit(',').next());
    last.and_then(|address| address.trim().parse().ok()).unwrap_or(peer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stranger_elsewhere_cannot_lock_a_user_out() {
        let throttle = Throttle::default();
        let (stranger, office) = (IpAddr::from([203, 0, 113, 9]), IpAddr::from([198, 51, 100, 7]));
        let tries = (0..20).filter(|_| throttle.check("an", stranger).is_ok()).count();
        assert_eq!(tries, 8);
        assert!(matches!(throttle.check("an", stranger), Err(Error::TooMany { retry_after: 1.. })));
        assert!(throttle.check("an", office).is_ok());
        assert!(throttle.check("binh", stranger).is_ok());
    }

    #[test]
    fn a_guesser_with_a_network_of_ipv6_is_one_guesser() {
        let throttle = Throttle::default();
        let from = |address: &str| throttle.check("an", address.parse().unwrap()).is_ok();
        let tries = (0..20).filter(|host| from(&format!("2001:db8:0:1:{host:x}::{host:x}"))).count();
        assert_eq!(tries, 8);
        assert!(from("2001:db8:0:2::1"), "another line");
        assert!(from("::ffff:198.51.100.7") && from("::ffff:198.51.100.8"));
        let mapped = (0..20).filter(|_| from("::ffff:203.0.113.9") || from("203.0.113.9")).count();
        assert_eq!(mapped, 8, "an address of IPv4 is one however it is written");
    }

    #[test]
    fn only_the_trusted_proxy_is_believed() {
        let proxy = IpAddr::from([10, 0, 0, 1]);
        let from = |peer: &str| {
            actix_web::test::TestRequest::default()
                .peer_addr(peer.parse().unwrap())
                .insert_header(("x-forwarded-for", "192.0.2.1, 203.0.113.9"))
                .to_http_request()
        };
        assert_eq!(client_address(&from("10.0.0.1:5"), Some(proxy)).to_string(), "203.0.113.9");
        assert_eq!(client_address(&from("10.0.0.2:5"), Some(proxy)).to_string(), "10.0.0.2");
        assert_eq!(client_address(&from("10.0.0.1:5"), None), proxy);
        let mapped = client_address(&from("[::ffff:10.0.0.1]:5"), Some(proxy));
        assert_eq!(mapped.to_string(), "203.0.113.9", "a service on [::] sees IPv4 so");
    }
}
