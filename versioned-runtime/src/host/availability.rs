//! Moving the availability of versions: by a command, or because a date has come.

use std::sync::atomic::Ordering;

use super::error::AvailabilityCommandError as Error;
use super::{RunningHost, Snapshot};
use crate::resolve::{AvailabilityDocument, UnixTime};

impl RunningHost {
    /// What clients may ask of a version now, and what is announced of it, if this host serves the contract and it has the version.
    #[must_use]
    pub fn availability(&self, contract: &str, version: &str) -> Option<AvailabilityDocument> {
        let index = self.index(contract)?;
        let version = self.0.contracts[index].find(version)?;
        let snapshot = self.snapshot();
        let epoch = snapshot.table(index)?.epoch();
        snapshot
            .beside(index)?
            .plan
            .document(contract, version, epoch, self.now())
    }

    /// Moves the availability of a version, if the contract's routing table is at `epoch`: the table of the next epoch, which is the
    /// same one otherwise, is put in force with it by one swap. Requests that have begun finish as they began.
    ///
    /// # Errors
    /// See [`AvailabilityCommandError`](Error); everything stays as it was then.
    pub fn set_availability(
        &self,
        contract: &str,
        version: &str,
        epoch: u64,
        document: &AvailabilityDocument,
    ) -> Result<AvailabilityDocument, Error> {
        let unknown = || Error::UnknownContract {
            contract: contract.to_owned(),
        };
        let index = self.index(contract).ok_or_else(unknown)?;
        let hosted = &self.0.contracts[index];
        let version = hosted.find(version).ok_or_else(|| Error::UnknownVersion {
            contract: contract.to_owned(),
            version: version.to_owned(),
        })?;
        let _writer = self.writer();
        let (snapshot, now) = (self.0.swap.sight(), self.now());
        let (table, terms) = snapshot
            .table(index)
            .zip(snapshot.beside(index))
            .ok_or_else(unknown)?;
        let current = table.epoch();
        let mut expected = [Some(epoch), document.epoch].into_iter().flatten();
        if let Some(expected) = expected.find(|expected| *expected != current) {
            return Err(Error::Conflict { expected, current });
        }
        let plan = terms
            .plan
            .command(contract, version, table.default_version(), document, now)?;
        // Every operation of every version that may now be asked for must have an implementation: the table is made again.
        let shape = hosted.shape_at(&plan.at(now).versions);
        let table = table.replace(&shape, &table.document(&shape))?;
        let (from, to) = (
            terms.availability(version),
            plan.at(now).versions[version].availability,
        );
        tracing::info!(
            contract,
            version = %hosted.contracts[version].version,
            from = from.as_str(),
            to = to.as_str(),
            reason = document.reason.as_deref(),
            epoch = table.epoch(),
            "availability moved"
        );
        let put = self.put_in_force(index, table, plan);
        let (table, terms) = put.ok_or_else(unknown)?;
        let document = terms.plan.document(contract, version, table.epoch(), now);
        document.ok_or_else(unknown)
    }

    /// Puts in force what dates have changed until now; no epoch changes by that.
    #[cold]
    pub(super) fn advance(&self, now: UnixTime) {
        // Not the lock of those who command: every request that meets the date would wait for their table.
        let _publishing = self.publishing();
        let before = self.0.swap.sight();
        let mut snapshot = None;
        for (index, hosted) in self.0.contracts.iter().enumerate() {
            let Some((table, terms)) = before.table(index).zip(before.beside(index)) else {
                continue;
            };
            if terms.standing.until.is_none_or(|until| until > now) {
                continue;
            }
            let next = terms.next(terms.plan.clone(), now, table, hosted);
            for (before, after) in terms.versions().iter().zip(next.versions()) {
                if before != after {
                    tracing::info!(
                        contract = hosted.id(),
                        version = %after.semver,
                        from = before.availability.as_str(),
                        to = after.availability.as_str(),
                        brown_out = after.out_until.is_some(),
                        "availability moved by date"
                    );
                }
            }
            hosted.note_default(terms.versions(), next.versions(), table.default_version());
            let last: &Snapshot = snapshot.as_ref().unwrap_or(&before);
            snapshot = Some(last.replace_beside(index, next));
        }
        // Another thread may have been here first.
        if let Some(snapshot) = snapshot {
            self.0.publish(snapshot);
        }
        self.note_due();
    }

    /// Notes when the next date comes, after the snapshot was put in force: whoever sees the new moment sees that snapshot.
    pub(super) fn note_due(&self) {
        let snapshot = self.0.swap.sight();
        let dates = (0..self.0.contracts.len()).filter_map(|index| snapshot.beside(index)?.standing.until);
        let due = dates.min().map_or(i64::MAX, UnixTime::seconds);
        self.0.due.store(due, Ordering::Release);
    }

    /// What time it is.
    pub(crate) fn now(&self) -> UnixTime {
        self.0.settings.clock.now()
    }
}
