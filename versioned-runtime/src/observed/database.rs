//! Regions from a database in the format `MaxMind DB`: the country, and its first subdivision where the database knows it.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use maxminddb::{MaxMindDbError, Reader, path};

use super::FactsError;

/// A database in memory, and where it was read from.
pub(super) struct Database {
    file: PathBuf,
    reader: ArcSwap<Reader<Vec<u8>>>,
}

impl Database {
    pub(super) fn open(file: &Path) -> Result<Self, FactsError> {
        Ok(Self {
            reader: ArcSwap::from_pointee(read(file)?),
            file: file.to_owned(),
        })
    }

    /// Reads the file anew; where that fails, what was read before stays in use.
    pub(super) fn reload(&self) -> Result<(), FactsError> {
        self.reader.store(Arc::new(read(&self.file)?));
        Ok(())
    }

    /// `cn`, or `us-ca`: the codes of ISO 3166-1 and 3166-2, in lower case.
    pub(super) fn find(&self, address: IpAddr) -> Option<String> {
        let reader = self.reader.load();
        let found = region(&reader, address);
        found.unwrap_or_else(|error| {
            tracing::debug!(%error, "the database of regions cannot be read for an address");
            None
        })
    }
}

fn read(file: &Path) -> Result<Reader<Vec<u8>>, FactsError> {
    let file = || file.to_owned();
    let reader = Reader::open_readfile(file()).map_err(|error| match error {
        MaxMindDbError::Io(source) => FactsError::DatabaseFile { file: file(), source },
        error => FactsError::Database {
            file: file(),
            reason: error.to_string(),
        },
    })?;
    // All of it is looked at once, so that nothing is found out by a request.
    reader.verify().map_err(|error| FactsError::Database {
        file: file(),
        reason: error.to_string(),
    })?;
    Ok(reader)
}

fn region(reader: &Reader<Vec<u8>>, address: IpAddr) -> Result<Option<String>, MaxMindDbError> {
    // One of IPv4 knows no address of IPv6, and says so by an error.
    if address.is_ipv6() && reader.metadata().ip_version == 4 {
        return Ok(None);
    }
    let found = reader.lookup(address)?;
    let Some(mut region) = found.decode_path::<String>(&path!["country", "iso_code"])? else {
        return Ok(None);
    };
    if let Some(part) = found.decode_path::<&str>(&path!["subdivisions", 0, "iso_code"])? {
        region.push('-');
        region.push_str(part);
    }
    region.make_ascii_lowercase();
    Ok(Some(region))
}
