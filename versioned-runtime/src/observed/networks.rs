//! Networks, as people write them, and what belongs to each: the longest prefix of an address decides.

use std::net::IpAddr;

use ipnet::IpNet;
use prefix_trie::joint::JointPrefixMap;

use super::FactsError;

/// What belongs to networks.
pub(super) struct Networks<T>(JointPrefixMap<IpNet, T>);

impl<T> Networks<T> {
    /// Reads networks (`10.0.0.0/8`, `2001:db8::/32`) and single addresses; of two that are the same, the later one counts.
    pub(super) fn new<'a>(networks: impl IntoIterator<Item = (&'a str, T)>) -> Result<Self, FactsError> {
        let mut map = JointPrefixMap::new();
        for (text, value) in networks {
            let network = read(text).ok_or_else(|| FactsError::Network {
                network: text.to_owned(),
            })?;
            map.insert(network, value);
        }
        Ok(Self(map))
    }

    /// What belongs to the smallest network that an address is in.
    pub(super) fn find(&self, address: IpAddr) -> Option<&T> {
        self.0
            .get_lpm(&IpNet::from(address.to_canonical()))
            .map(|(_, value)| value)
    }

    pub(super) fn contains(&self, address: IpAddr) -> bool {
        self.find(address).is_some()
    }
}

/// A network; one of IPv4 that is written in the form of IPv6 is one of IPv4, as its addresses are.
fn read(text: &str) -> Option<IpNet> {
    let text = text.trim();
    let network: IpNet = match text.parse() {
        Ok(network) => network,
        Err(_) => IpNet::from(text.parse::<IpAddr>().ok()?),
    };
    let mapped = match network {
        IpNet::V6(v6) => v6.addr().to_ipv4_mapped().zip(v6.prefix_len().checked_sub(96)),
        IpNet::V4(_) => None,
    };
    let network = match mapped {
        Some((address, length)) => IpNet::new(IpAddr::V4(address), length).ok()?,
        None => network,
    };
    // What stands behind the prefix means nothing.
    Some(network.trunc())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(address: &str, expected: Option<&str>) {
        let networks = Networks::new([
            ("10.0.0.0/8", "ten"),
            ("10.1.0.0/16", "ten-one"),
            ("10.1.2.3", "one"),
            ("::ffff:192.0.2.0/120", "mapped"),
            ("2001:db8::/32", "six"),
            ("2001:db8:1::7/48", "six-one"),
        ]);
        let networks = networks.expect("networks");
        let found = networks.find(address.parse().expect("an address"));
        assert_eq!(found.copied(), expected, "{address}");
    }

    #[test]
    fn the_longest_prefix_decides() {
        check("10.2.0.1", Some("ten"));
        check("10.1.0.1", Some("ten-one"));
        check("10.1.2.3", Some("one"));
        check("11.0.0.1", None);
        check("::ffff:10.1.2.3", Some("one"));
        check("192.0.2.9", Some("mapped"));
        check("192.0.3.9", None);
        check("2001:db8::1", Some("six"));
        check("2001:db8:1::1", Some("six-one"));
        check("::1", None);
    }

    #[test]
    fn what_is_no_network_is_named() {
        for text in [
            "",
            "10.0.0.0/33",
            "10.0.0/8",
            "localhost",
            "::/129",
            "10.0.0.0/-1",
        ] {
            let error = Networks::new([(text, ())]).err().expect(text);
            assert!(error.to_string().contains(&format!("`{text}`")), "{error}");
        }
    }

    proptest! {
        #[test]
        fn they_find_what_trying_all_finds(
            networks in prop::collection::vec((any::<[u8; 2]>(), 0_u8..=16), 1..24),
            address in any::<[u8; 2]>(),
        ) {
            let name = |net: &([u8; 2], u8)| format!("{}.{}.0.0/{}", net.0[0], net.0[1], net.1);
            let texts: Vec<String> = networks.iter().map(name).collect();
            let all = Networks::new(texts.iter().enumerate().map(|(at, text)| (text.as_str(), at))).expect("networks");
            let address: IpAddr = [address[0], address[1], 0, 1].into();
            let parsed = texts.iter().map(|text| text.parse::<IpNet>().expect("a network"));
            let slow = parsed.enumerate().filter(|(_, net)| net.contains(&address));
            let slow = slow.max_by_key(|(at, net)| (net.prefix_len(), *at)).map(|(at, _)| at);
            prop_assert_eq!(all.find(address).copied(), slow);
        }
    }
}
