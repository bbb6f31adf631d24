//! What one request sees: the tables of all contracts of the host.

use std::sync::Arc;

use super::Table;

/// The tables of all contracts, by the index of the contract in its host; immutable, so that who holds it sees one state.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    tables: Box<[Arc<Table>]>,
}

impl Snapshot {
    /// A snapshot of these tables.
    #[must_use]
    pub fn new(tables: impl IntoIterator<Item = Table>) -> Self {
        Self {
            tables: tables.into_iter().map(Arc::new).collect(),
        }
    }

    /// The table of a contract.
    #[must_use]
    pub fn table(&self, contract: usize) -> Option<&Arc<Table>> {
        self.tables.get(contract)
    }

    /// All tables, by the index of the contract.
    #[must_use]
    pub fn tables(&self) -> &[Arc<Table>] {
        &self.tables
    }

    /// The snapshot with another table of one contract; the others are shared. A contract that the host does not have
    /// changes nothing.
    #[must_use]
    pub fn with_table(&self, contract: usize, table: Table) -> Self {
        let mut tables = self.tables.clone();
        if let Some(place) = tables.get_mut(contract) {
            *place = Arc::new(table);
        }
        Self { tables }
    }
}
