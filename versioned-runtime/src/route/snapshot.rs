//! What one request sees: the tables of all contracts of the host, and what else is in force for them.

use std::sync::Arc;

use super::Table;

/// The tables of all contracts, by the index of the contract in its host; immutable, so that who holds it sees one state.
///
/// `T` is what the host keeps beside each table, and replaces together with it.
#[derive(Debug, Clone, Default)]
pub struct Snapshot<T = ()> {
    tables: Box<[Arc<Table>]>,
    beside: Box<[Arc<T>]>,
}

impl Snapshot {
    /// A snapshot of these tables, with nothing beside them.
    #[must_use]
    pub fn new(tables: impl IntoIterator<Item = Table>) -> Self {
        Self::with_beside(tables.into_iter().map(|table| (table, ())))
    }
}

impl<T> Snapshot<T> {
    /// A snapshot of these tables, and of what stands beside each.
    #[must_use]
    pub fn with_beside(contracts: impl IntoIterator<Item = (Table, T)>) -> Self {
        let contracts = contracts
            .into_iter()
            .map(|(table, beside)| (Arc::new(table), Arc::new(beside)));
        let (tables, beside): (Vec<_>, Vec<_>) = contracts.unzip();
        Self {
            tables: tables.into(),
            beside: beside.into(),
        }
    }

    /// The table of a contract.
    #[must_use]
    pub fn table(&self, contract: usize) -> Option<&Arc<Table>> {
        self.tables.get(contract)
    }

    /// What stands beside the table of a contract.
    #[must_use]
    pub fn beside(&self, contract: usize) -> Option<&Arc<T>> {
        self.beside.get(contract)
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
        let mut next = self.share();
        if let Some(place) = next.tables.get_mut(contract) {
            *place = Arc::new(table);
        }
        next
    }

    /// The snapshot with something else beside the table of one contract; everything else is shared.
    #[must_use]
    pub fn replace_beside(&self, contract: usize, beside: T) -> Self {
        let mut next = self.share();
        if let Some(place) = next.beside.get_mut(contract) {
            *place = Arc::new(beside);
        }
        next
    }

    /// The same snapshot: a clone, whatever stands beside the tables.
    fn share(&self) -> Self {
        Self {
            tables: self.tables.clone(),
            beside: self.beside.clone(),
        }
    }
}
