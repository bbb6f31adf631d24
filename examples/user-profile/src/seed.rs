//! The records of the first start: generated, plausible, and the same each time.
//!
//! They are written in batches. Each batch counts its records in the transaction that writes them, so that a seed that was
//! interrupted at any moment goes on exactly where the disk says that it stopped.

mod people;

use std::ops::Range;

use tracing::debug;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::names::Name;
use crate::store::modern::{Details, Row, Status};
use crate::store::{Store, StoreError};
use people::{MONONYMS, PEOPLES, Spelled};

/// How many records the first start writes.
pub const SEED_SIZE: u64 = 5_000;
/// How many records one transaction writes: few enough to be short, enough not to wait for the disk at each record.
const BATCH: u64 = 500;

/// Writes what is missing of the first `size` records and says how many that were.
pub fn fill(store: &Store, size: u64) -> Result<u64, StoreError> {
    let begin = store.seeded()?;
    let mut done = begin;
    while done < size {
        let end = size.min(done.saturating_add(BATCH));
        write_batch(store, done..end)?;
        done = end;
        debug!(done, size, "a batch was written");
    }
    Ok(done.saturating_sub(begin))
}

fn write_batch(store: &Store, records: Range<u64>) -> Result<(), StoreError> {
    store.write(|both| {
        records
            .into_iter()
            .try_for_each(|index| both.seed(&record(index)))
    })
}

/// The record of this number, the same in every process.
#[must_use]
pub fn record(index: u64) -> Row {
    let dice = Dice(index);
    let people = dice.pick(Purpose::People, PEOPLES);
    let given = dice.pick(Purpose::Given, people.given);
    let family = dice.pick(Purpose::Family, people.family);
    let (name, mailbox) = if dice.permille(Purpose::Mononym) < 15 {
        let only = dice.pick(Purpose::Given, MONONYMS);
        (Name::new(only.name, ""), only.mailbox.to_owned())
    } else {
        (Name::new(given.name, family.name), mailbox(given, family))
    };
    let domain = dice.pick(
        Purpose::Domain,
        &["example.com", "example.net", "example.org", "mail.example.com"],
    );
    // The number keeps addresses distinct, as the store demands.
    let email = (dice.permille(Purpose::Email) < 920).then(|| format!("{mailbox}.{index}@{domain}"));
    let locale = (dice.permille(Purpose::Locale) < 700).then(|| people.locale.to_owned());
    let status = match dice.permille(Purpose::Status) {
        0..900 => Status::Active,
        900..960 => Status::Suspended,
        _ => Status::Dormant,
    };
    Row {
        details: Details { name, email, locale },
        status,
        revision: 1,
    }
}

fn mailbox(given: &Spelled, family: &Spelled) -> String {
    format!("{}.{}", given.mailbox, family.mailbox)
}

/// What is decided about a record; each decision is independent of the others.
#[derive(Clone, Copy)]
enum Purpose {
    People,
    Given,
    Family,
    Mononym,
    Email,
    Domain,
    Locale,
    Status,
}

/// Decides by a frozen hash of the record's number.
struct Dice(u64);

impl Dice {
    fn roll(&self, purpose: Purpose, sides: u64) -> u64 {
        xxh3_64_with_seed(&self.0.to_le_bytes(), purpose as u64) % sides.max(1)
    }

    fn permille(&self, purpose: Purpose) -> u64 {
        self.roll(purpose, 1000)
    }

    fn pick<'a, T>(&self, purpose: Purpose, from: &'a [T]) -> &'a T {
        // The lists are constants of this crate and are not empty; a roll is below their length.
        let place = self.roll(purpose, from.len() as u64);
        &from[usize::try_from(place).unwrap_or(0)]
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::rules;

    fn open() -> (tempfile::TempDir, Store) {
        let directory = tempfile::tempdir().expect("a directory");
        let store = Store::open(&directory.path().join("seed.redb")).expect("a store");
        (directory, store)
    }

    fn everything(store: &Store) -> Vec<(u64, Row)> {
        store
            .accounts()
            .list(None, usize::MAX - 1)
            .expect("a listing")
            .rows
    }

    #[test]
    fn every_record_is_acceptable_and_addresses_are_distinct() {
        let mut addresses = HashSet::new();
        for index in 0..SEED_SIZE {
            let Details { name, email, locale } = record(index).details;
            assert!(rules::name(name.clone()).is_ok(), "{name:?}");
            assert_eq!(Name::from_full(&name.full()), name);
            assert!(rules::language(locale).is_ok());
            if let Some(address) = rules::address(email).expect("an address") {
                assert!(addresses.insert(address.to_lowercase()), "{address} stands twice");
            }
        }
    }

    #[test]
    fn records_are_diverse() {
        let records: Vec<Row> = (0..SEED_SIZE).map(record).collect();
        let share = |what: &dyn Fn(&Row) -> bool| records.iter().filter(|row| what(row)).count();
        assert!(share(&|row| !row.details.name.full().is_ascii()) > 1000);
        assert!(share(&|row| row.details.name.family().is_empty()) > 20);
        assert!(share(&|row| row.details.name.family().contains(' ')) > 50);
        assert!(share(&|row| row.status == Status::Dormant) > 100);
        assert!(share(&|row| row.details.email.is_none()) > 200);
        let names: HashSet<String> = records.iter().map(|row| row.details.name.full()).collect();
        assert!(names.len() > 800, "{}", names.len());
    }

    #[test]
    fn an_interrupted_seed_goes_on_where_it_stopped() {
        let (_whole_directory, whole) = open();
        assert_eq!(fill(&whole, 1_200).expect("a seed"), 1_200);

        let (directory, store) = open();
        write_batch(&store, 0..BATCH).expect("a batch");
        // A batch that is cut off before its commit leaves nothing behind.
        let cut_off: Result<(), StoreError> = store.write(|both| {
            (BATCH..BATCH + 100).try_for_each(|index| both.seed(&record(index)))?;
            Err(StoreError::Missing { id: 0 })
        });
        assert!(cut_off.is_err());
        let path = directory.path().join("seed.redb");
        drop(store);
        let store = Store::open(&path).expect("a store");
        assert_eq!(store.seeded().expect("a count"), BATCH);
        assert_eq!(fill(&store, 1_200).expect("a seed"), 1_200 - BATCH);
        assert_eq!(everything(&store), everything(&whole));
    }

    #[test]
    fn a_second_start_writes_nothing() {
        let (_directory, store) = open();
        assert_eq!(fill(&store, 10).expect("a seed"), 10);
        store
            .accounts()
            .remove(3, &crate::precondition::Precondition::Any)
            .expect("a removal");
        assert_eq!(fill(&store, 10).expect("a seed"), 0);
        assert_eq!(everything(&store).len(), 9);
    }
}
