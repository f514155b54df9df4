//! Where a request comes from: what the socket knows, or what a proxy that is trusted says.

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::ConnectInfo,
    http::{Extensions, HeaderMap},
};

use crate::model::net::Net;

/// The caller's address. A header is anybody's to write, so it is read only of a peer that is a trusted proxy, and from its
/// end: each proxy adds the address it has seen, and the first one that is no proxy of ours is the caller.
pub fn of(extensions: &Extensions, headers: &HeaderMap, proxies: &[Net]) -> Option<IpAddr> {
    let peer = extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| address.ip().to_canonical())?;
    Some(behind(peer, headers, proxies))
}

/// What limits and counts of failures are kept by. Whoever has one IPv6 address has 2^64 of them: a network of that size counts as one.
pub fn counted(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((address.to_bits() & !u128::from(u64::MAX)).into()),
        v4 @ IpAddr::V4(_) => v4,
    }
}

fn behind(peer: IpAddr, headers: &HeaderMap, proxies: &[Net]) -> IpAddr {
    let is_trusted = |address: IpAddr| proxies.iter().any(|net| net.holds(address));
    if !is_trusted(peer) {
        return peer;
    }
    let lines: Vec<&str> = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok()).collect();
    let mut seen = peer;
    for said in lines.iter().flat_map(|line| line.split(',')).rev() {
        // What cannot be read was written by nobody we trust; neither was what stands before it.
        let Ok(address) = said.trim().parse::<IpAddr>() else { break };
        seen = address.to_canonical();
        if !is_trusted(seen) {
            break;
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_network_of_ipv6_count_as_one() {
        let of = |text: &str| counted(text.parse().unwrap()).to_string();
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(of("2001:db8:1:2:ffff::1"), of("2001:db8:1:2::9"));
        assert_ne!(of("2001:db8:1:3::1"), of("2001:db8:1:2::1"));
        assert_eq!(of("203.0.113.9"), "203.0.113.9");
        assert_eq!(of("::ffff:203.0.113.9"), "203.0.113.9");
    }

    #[test]
    fn a_header_is_believed_of_a_trusted_proxy_alone() {
        let proxies: Vec<Net> = ["127.0.0.1", "10.0.0.0/8"].iter().map(|net| net.parse().unwrap()).collect();
        for (peer, said, wanted) in [
            ("203.0.113.9", &["198.51.100.1"][..], "203.0.113.9"),
            ("127.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            ("127.0.0.1", &["1.1.1.1, 198.51.100.1"], "198.51.100.1"),
            ("127.0.0.1", &["1.1.1.1", "198.51.100.1, 10.0.0.7"], "198.51.100.1"),
            ("127.0.0.1", &["1.1.1.1, nonsense, 10.0.0.7"], "10.0.0.7"),
            ("127.0.0.1", &["::ffff:198.51.100.1"], "198.51.100.1"),
            ("127.0.0.1", &[], "127.0.0.1"),
        ] {
            let mut headers = HeaderMap::new();
            for line in said {
                headers.append("x-forwarded-for", line.parse().unwrap());
            }
            assert_eq!(
                behind(peer.parse().unwrap(), &headers, &proxies),
                wanted.parse::<IpAddr>().unwrap(),
                "{peer} {said:?}"
            );
            let unread = behind(peer.parse().unwrap(), &headers, &[]);
            assert_eq!(unread, peer.parse::<IpAddr>().unwrap());
        }
    }
}
