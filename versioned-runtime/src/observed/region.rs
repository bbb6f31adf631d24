//! Where a client is, by its address: a database in the format `MaxMind DB` (feature `geoip`), or else a table of networks.

use std::borrow::Cow;
use std::net::IpAddr;

use super::networks::Networks;
use super::{FactsError, is_value};

/// The regions of addresses.
pub(super) struct Regions {
    #[cfg(feature = "geoip")]
    pub(super) database: Option<super::database::Database>,
    networks: Networks<Box<str>>,
}

impl Regions {
    pub(super) fn new(
        #[cfg(feature = "geoip")] database: Option<&std::path::Path>,
        networks: &[(String, String)],
    ) -> Result<Self, FactsError> {
        for (_, region) in networks {
            if !is_value(region) {
                return Err(FactsError::Region {
                    region: region.clone(),
                });
            }
        }
        let networks = networks
            .iter()
            .map(|(network, region)| (network.as_str(), region.as_str().into()));
        Ok(Self {
            #[cfg(feature = "geoip")]
            database: database.map(super::database::Database::open).transpose()?,
            networks: Networks::new(networks)?,
        })
    }

    /// The region of an address, where one of the two knows it.
    pub(super) fn find(&self, address: IpAddr) -> Option<Cow<'_, str>> {
        #[cfg(feature = "geoip")]
        if let Some(region) = self.database.as_ref().and_then(|database| database.find(address)) {
            return Some(Cow::Owned(region));
        }
        self.networks.find(address).map(|region| Cow::Borrowed(&**region))
    }
}
