//! Whom a service takes at their word, and whose address a request comes from.
//!
//! A connection tells the address of its peer, and nothing else is certain. What a request says of addresses before that one was
//! written by somebody, and counts as far as everybody from the peer on is on the list: from the right, the first address that is
//! not on it is the client's.

use std::net::{IpAddr, SocketAddr};

use http::HeaderMap;
use http::header::{FORWARDED, HeaderName};

use super::FactsError;
use super::networks::Networks;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Where allow-listed peers say whom they forward a request for.
///
/// Name the header that they write: another one may be the client's own, which they hand on as it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Forwarding {
    /// `X-Forwarded-For: 203.0.113.7, 10.0.0.1`: what most proxies write.
    #[default]
    XForwardedFor,
    /// `Forwarded: for=203.0.113.7` (RFC 7239).
    Forwarded,
    /// Nowhere: the peer is the client.
    Nowhere,
}

/// The peers that are taken at their word.
pub(super) struct Peers {
    networks: Networks<()>,
    forwarding: Forwarding,
}

impl Peers {
    pub(super) fn new(networks: &[String], forwarding: Forwarding) -> Result<Self, FactsError> {
        let networks = networks.iter().map(|network| (network.as_str(), ()));
        Ok(Self {
            networks: Networks::new(networks)?,
            forwarding,
        })
    }

    pub(super) fn trust(&self, peer: Option<IpAddr>) -> bool {
        peer.is_some_and(|peer| self.networks.contains(peer))
    }

    /// The address of the client; none where a hop that is believed does not tell it.
    pub(super) fn client(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> Option<IpAddr> {
        // A listener on both families tells an IPv4 peer as `::ffff:203.0.113.7`.
        let peer = peer?.to_canonical();
        let header = match self.forwarding {
            Forwarding::XForwardedFor => X_FORWARDED_FOR,
            Forwarding::Forwarded => FORWARDED,
            Forwarding::Nowhere => return Some(peer),
        };
        let mut client = peer;
        // Lines of one header are one list (RFC 9110 section 5.3).
        let lines = headers.get_all(header).iter().rev();
        let quotes = self.forwarding == Forwarding::Forwarded;
        let mut hops = lines.flat_map(|line| elements_from_the_end(line.as_bytes(), quotes));
        while self.networks.contains(client) {
            let Some(hop) = hops.next() else { break };
            let hop = std::str::from_utf8(hop).ok()?.trim();
            let hop = match self.forwarding {
                Forwarding::Forwarded => forwarded_for(hop)?,
                _ => hop,
            };
            client = address(hop)?;
        }
        Some(client)
    }
}

/// The elements of a list, the last one first; in quoted strings (RFC 9110 section 5.6.4), if there can be any, nothing is parted.
///
/// It is read from the end, because that is what the nearest proxy wrote: whatever a client begins, and does not end, stands before it. Of
/// what a proxy quotes, such as the client's `Host`, each quote has a backslash before it that counts.
fn elements_from_the_end(line: &[u8], can_quote: bool) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(line);
    std::iter::from_fn(move || {
        let list = rest?;
        let mut quoted = false;
        let comma = (0..list.len()).rev().find(|at| {
            quoted ^= can_quote && list[*at] == b'"' && !(quoted && is_escaped(list, *at));
            list[*at] == b',' && !quoted
        });
        rest = comma.map(|comma| &list[..comma]);
        Some(comma.map_or(list, |comma| &list[comma + 1..]))
    })
}

/// Whether an odd number of backslashes stands before a byte.
fn is_escaped(text: &[u8], at: usize) -> bool {
    let before = text[..at].iter().rev();
    before.take_while(|byte| **byte == b'\\').count() % 2 == 1
}

/// The node in `for=…` of an element of `Forwarded`; none where there are two (RFC 7239 section 4).
fn forwarded_for(element: &str) -> Option<&str> {
    let (mut quoted, mut escaped) = (false, false);
    let pairs = element.split(|c| {
        quoted ^= c == '"' && !escaped;
        escaped = quoted && c == '\\' && !escaped;
        c == ';' && !quoted
    });
    let pairs = pairs.filter_map(|pair| pair.trim().split_once('='));
    let mut nodes = pairs.filter(|(name, _)| name.eq_ignore_ascii_case("for"));
    let node = nodes.next().filter(|_| nodes.next().is_none());
    let (_, node) = node?;
    match node.strip_prefix('"') {
        Some(quoted) => quoted.strip_suffix('"'),
        None => Some(node),
    }
}

/// An address, with its port or without, in brackets or without; `unknown` and made-up names are none.
fn address(node: &str) -> Option<IpAddr> {
    let bracketed = |node: &str| node.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    let address = node
        .parse()
        .ok()
        .or_else(|| node.parse::<SocketAddr>().ok().map(|address| address.ip()))
        .or_else(|| bracketed(node).map(IpAddr::V6))?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(forwarding: Forwarding, peer: &str, lines: &[(&'static str, &str)], expected: Option<&str>) {
        let trusted = ["10.0.0.0/8".to_owned(), "2001:db8::/32".to_owned()];
        let peers = Peers::new(&trusted, forwarding).expect("networks");
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().expect("a value"));
        }
        let found = peers.client(peer.parse().ok(), &headers);
        let expected = expected.map(|address| address.parse().expect("an address"));
        assert_eq!(found, expected, "{peer} {lines:?}");
    }

    #[test]
    fn the_last_hop_that_is_not_on_the_list_is_the_client() {
        let check = |peer, value, expected| {
            check(
                Forwarding::XForwardedFor,
                peer,
                &[("x-forwarded-for", value)],
                expected,
            );
        };
        check("203.0.113.9", "198.51.100.1", Some("203.0.113.9"));
        check("10.0.0.1", "198.51.100.1", Some("198.51.100.1"));
        check("::ffff:10.0.0.1", "198.51.100.1", Some("198.51.100.1"));
        check("10.0.0.1", "1.1.1.1, 198.51.100.1", Some("198.51.100.1"));
        check(
            "10.0.0.1",
            "1.1.1.1, 198.51.100.1,10.2.3.4 , 10.9.9.9",
            Some("198.51.100.1"),
        );
        check("10.0.0.1", "10.2.3.4, 10.9.9.9", Some("10.2.3.4"));
        check("10.0.0.1", "198.51.100.1:4711", Some("198.51.100.1"));
        check("10.0.0.1", "[2001:db9::7]:80", Some("2001:db9::7"));
        check("10.0.0.1", "2001:db9::7", Some("2001:db9::7"));
        check("2001:db8::1", "::ffff:198.51.100.1", Some("198.51.100.1"));
        check("10.0.0.1", "198.51.100.1, unknown", None);
        check("10.0.0.1", "", None);
        check("", "198.51.100.1", None);
        // A listener on both families.
        check("::ffff:203.0.113.9", "198.51.100.1", Some("203.0.113.9"));
    }

    #[test]
    fn lines_are_one_list() {
        let lines = [
            ("x-forwarded-for", "1.1.1.1, 198.51.100.1"),
            ("x-forwarded-for", "10.0.0.7"),
        ];
        check(
            Forwarding::XForwardedFor,
            "10.0.0.1",
            &lines,
            Some("198.51.100.1"),
        );
        check(Forwarding::XForwardedFor, "10.0.0.1", &[], Some("10.0.0.1"));
    }

    #[test]
    fn forwarded_is_read_where_it_is_named() {
        let check = |value, expected| {
            check(
                Forwarding::Forwarded,
                "10.0.0.1",
                &[("forwarded", value)],
                expected,
            );
        };
        check("for=198.51.100.1", Some("198.51.100.1"));
        check(
            "by=10.0.0.1;FOR=\"198.51.100.1:80\" ; proto=https",
            Some("198.51.100.1"),
        );
        check(
            "for=1.1.1.1, for=198.51.100.1, for=10.0.0.2",
            Some("198.51.100.1"),
        );
        check("for=\"[2001:db9::7]:4711\"", Some("2001:db9::7"));
        check("for=\"[2001:db9::7]\"", Some("2001:db9::7"));
        check("for=_hidden", None);
        check("for=\"198.51.100.1", None);
        check("proto=https", None);
        // What a proxy quotes is the client's, and no list.
        check("for=198.51.100.1;host=\"x,for=6.6.6.6;y\"", Some("198.51.100.1"));
        check(
            "proto=http;host=\"x,for=6.6.6.6;y\";for=198.51.100.1",
            Some("198.51.100.1"),
        );
        check(
            r#"host="\",for=6.6.6.6;y\\\"";for=198.51.100.1"#,
            Some("198.51.100.1"),
        );
        check("for=198.51.100.1;for=6.6.6.6", None);
        // What a client begins, and does not end, hides nothing of what the proxy writes.
        check("for=1.1.1.1;x=\", for=198.51.100.1", Some("198.51.100.1"));
    }

    #[test]
    fn the_other_header_is_not_read() {
        let both = [("x-forwarded-for", "1.1.1.1"), ("forwarded", "for=2.2.2.2")];
        check(Forwarding::XForwardedFor, "10.0.0.1", &both, Some("1.1.1.1"));
        check(Forwarding::Forwarded, "10.0.0.1", &both, Some("2.2.2.2"));
        check(Forwarding::Nowhere, "10.0.0.1", &both, Some("10.0.0.1"));
    }

    proptest! {
        #[test]
        fn nothing_that_a_proxy_quotes_moves_it(host in "[ -~]{0,20}", after in any::<bool>(), written in "[ -~]{0,20}") {
            let host: String = host.chars().flat_map(|c| ['\\'].into_iter().filter(move |_| "\"\\".contains(c)).chain([c])).collect();
            let own = if after {
                format!("host=\"{host}\";for=198.51.100.1")
            } else {
                format!("for=198.51.100.1;host=\"{host}\"")
            };
            let peers = Peers::new(&["10.0.0.0/8".to_owned()], Forwarding::Forwarded).expect("networks");
            let mut headers = HeaderMap::new();
            headers.append("forwarded", format!("{written},{own}").parse().expect("a value"));
            let client = peers.client("10.0.0.1".parse().ok(), &headers);
            prop_assert_eq!(client, "198.51.100.1".parse().ok());
        }

        #[test]
        fn nothing_that_a_client_writes_moves_it(written in prop::collection::vec("[ -~]{0,40}", 0..4)) {
            for (forwarding, header, own) in [
                (Forwarding::XForwardedFor, "x-forwarded-for", "198.51.100.1"),
                (Forwarding::Forwarded, "forwarded", "for=198.51.100.1"),
            ] {
                let peers = Peers::new(&["10.0.0.0/8".to_owned()], forwarding).expect("networks");
                let mut headers = HeaderMap::new();
                for line in &written {
                    headers.append(header, line.parse().expect("a value"));
                }
                // What a proxy adds, to the last line or in one of its own.
                let last = written.last().map_or_else(|| own.to_owned(), |line| format!("{line},{own}"));
                headers.append(header, last.parse().expect("a value"));
                let client = peers.client("10.0.0.1".parse().ok(), &headers);
                prop_assert_eq!(client, "198.51.100.1".parse().ok());
            }
        }
    }
}
