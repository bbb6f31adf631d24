//! One scrape: the cells of all threads added up, and the routing tables in force.

use std::collections::BTreeMap;
use std::sync::PoisonError;
use std::time::Duration;

use super::callers::Called;
use super::series::{BOUNDS, STATUSES, Sum};
use super::text::{
    DEPRECATED, DURATION, DYES, EPOCH, FLIPS, Family, Format, HOOKS, IN_FLIGHT, INTENDED, OBSERVED, OVERFLOW,
    PANICS, Page, REFUSALS, REQUESTS, TIMEOUTS,
};
use super::{IN_PROCESS, Index, Metrics, Seen, UNKNOWN};
use crate::counters::Count;
use crate::dyes::Refused;
use crate::host::{Hosted, RunningHost, Snapshot};

/// The page of a host.
pub(crate) fn page(host: &RunningHost, format: Format) -> String {
    let mut page = Page::new(format);
    if let Some(metrics) = &host.0.metrics {
        requests(&mut page, host, metrics);
    }
    let snapshot = host.snapshot();
    routing(&mut page, host, &snapshot);
    if let Some(metrics) = &host.0.metrics {
        deprecated(&mut page, host, metrics);
    }
    let counted = [
        (&REFUSALS, Count::Refusal),
        (&PANICS, Count::Panic),
        (&TIMEOUTS, Count::Timeout),
        (&FLIPS, Count::Flip),
    ];
    for (family, count) in counted {
        page.family(family);
        page.sample(family, "", [], None, host.0.counting.sum(count));
    }
    page.family(&DYES);
    for refused in Refused::ALL {
        let count = host.0.counting.sum(Count::from(refused));
        page.sample(&DYES, "", [refused.as_str()], None, count);
    }
    page.family(&HOOKS);
    let hooks = [
        ("user_type", Count::UserTypeFailure),
        ("scores", Count::ScoresFailure),
        ("client_pin", Count::ClientPinFailure),
    ];
    for (hook, count) in hooks {
        page.sample(&HOOKS, "", [hook], None, host.0.counting.sum(count));
    }
    page.finish()
}

/// The values of the labels of a request.
fn labels<'a>(hosted: &Hosted, versions: &'a [String], seen: &Seen) -> [&'a str; 5] {
    let name = |version: Option<Index>| {
        let version = version.and_then(|version| versions.get(usize::from(version)));
        version.map_or("", String::as_str)
    };
    let operation = seen
        .resolved
        .zip(seen.operation)
        .and_then(|(version, operation)| hosted.operation(version.into(), operation.into()));
    [
        hosted.id(),
        operation.map_or("", |operation| operation.name),
        seen.asked.as_str(),
        name(seen.resolved),
        name(seen.serving),
    ]
}

/// What every series of a contract adds up to; those that nobody has counted are left out.
fn sums(metrics: &Metrics, contract: usize) -> Vec<(Seen, Sum)> {
    let Some(numbering) = metrics.numbering.get(contract) else {
        return Vec::new();
    };
    let series = numbering.all().filter_map(|(index, seen)| {
        let cells = metrics.shards.iter();
        let mut cells = cells
            .filter_map(|shard| shard.contracts.get(contract)?.get(index)?.get())
            .peekable();
        cells.peek()?;
        let mut sum = Sum::default();
        cells.for_each(|cell| cell.add_to(&mut sum));
        Some((seen, sum))
    });
    series.collect()
}

fn requests(page: &mut Page, host: &RunningHost, metrics: &Metrics) {
    let contracts = host.0.contracts.iter().enumerate();
    let sums: Vec<_> = contracts
        .map(|(index, hosted)| (hosted, versions(hosted), sums(metrics, index)))
        .collect();
    page.family(&REQUESTS);
    for (hosted, versions, sums) in &sums {
        for (seen, sum) in sums {
            for (status, count) in STATUSES.iter().zip(sum.statuses).filter(|(_, count)| *count > 0) {
                let labels = labels(hosted, versions, seen).into_iter().chain([*status]);
                page.sample(&REQUESTS, "", labels, None, count);
            }
        }
    }
    page.family(&DURATION);
    for (hosted, versions, sums) in &sums {
        for (seen, sum) in sums {
            let labels = labels(hosted, versions, seen);
            let mut cumulated = 0;
            let bounds = BOUNDS.iter().map(|(_, label)| *label).chain(["+Inf"]);
            for (le, count) in bounds.zip(sum.buckets) {
                cumulated += count;
                page.sample(&DURATION, "_bucket", labels, Some(("le", le)), cumulated);
            }
            let seconds = Duration::from_nanos(sum.nanos).as_secs_f64();
            page.sample(&DURATION, "_sum", labels, None, seconds);
            page.sample(&DURATION, "_count", labels, None, cumulated);
        }
    }
}

fn versions(hosted: &Hosted) -> Vec<String> {
    hosted
        .contracts
        .iter()
        .map(|contract| contract.version.to_string())
        .collect()
}

/// Parts by implementation, as a family.
fn shares(page: &mut Page, family: &Family, shares: &[(&str, BTreeMap<String, f64>)]) {
    page.family(family);
    for (contract, shares) in shares {
        for (implementation, share) in shares {
            page.sample(family, "", [*contract, implementation.as_str()], None, share);
        }
    }
}

fn routing(page: &mut Page, host: &RunningHost, snapshot: &Snapshot) {
    let contracts = || host.0.contracts.iter().enumerate();
    page.family(&EPOCH);
    for (index, hosted) in contracts() {
        if let Some(table) = snapshot.table(index) {
            page.sample(&EPOCH, "", [hosted.id()], None, table.epoch());
        }
    }
    let (mut intended, mut observed) = (Vec::new(), Vec::new());
    for (index, hosted) in contracts() {
        let Some(table) = snapshot.table(index) else {
            continue;
        };
        let document = table.document(&hosted.shape);
        // Who is rolled back gets nothing, whatever the table says of its share.
        let given = document
            .shares
            .iter()
            .filter(|(name, _)| !document.rolled_back.contains(name));
        let mut shares: BTreeMap<String, f64> =
            given.map(|(name, ppm)| (name.clone(), f64::from(*ppm))).collect();
        let rest = 1e6 - shares.values().sum::<f64>();
        for share in shares.values_mut() {
            *share /= 1e6;
        }
        // Without a stable implementation each version has one of its own; where that one is rolled back, the newest of the others.
        let stable = document.stable.as_ref();
        let rest_to = match stable.filter(|stable| !document.rolled_back.contains(stable)) {
            Some(stable) => stable.clone(),
            None => stable
                .and_then(|_| hosted.contracts.get(table.only_rest()?))
                .map_or_else(|| "nearest".to_owned(), |contract| contract.version.to_string()),
        };
        *shares.entry(rest_to).or_default() += rest / 1e6;
        intended.push((hosted.id(), shares));
        let routed = host.routed(index);
        #[expect(
            clippy::cast_precision_loss,
            reason = "a part of so many requests is exact enough"
        )]
        let part = |count: u64, all: u64| count as f64 / all as f64;
        let all = routed.iter().sum();
        let given = versions(hosted)
            .into_iter()
            .zip(routed)
            .filter(|(_, count)| *count > 0);
        observed.push((
            hosted.id(),
            given.map(|(name, count)| (name, part(count, all))).collect(),
        ));
    }
    shares(page, &INTENDED, &intended);
    shares(page, &OBSERVED, &observed);
    page.family(&IN_FLIGHT);
    for (index, hosted) in contracts() {
        let drains = host.drains(index);
        let newest = drains.last().map(|counts| counts.epoch);
        for counts in drains {
            if counts.in_flight > 0 || Some(counts.epoch) == newest {
                let epoch = counts.epoch.to_string();
                page.sample(
                    &IN_FLIGHT,
                    "",
                    [hosted.id(), epoch.as_str()],
                    None,
                    counts.in_flight,
                );
            }
        }
    }
}

fn deprecated(page: &mut Page, host: &RunningHost, metrics: &Metrics) {
    let mut called = Called::default();
    // Who adds up first tells first: an older sum would tell less of the overflow.
    let mut told = metrics.told.lock().unwrap_or_else(PoisonError::into_inner);
    for shard in &metrics.shards {
        let callers = shard.callers.lock().unwrap_or_else(PoisonError::into_inner);
        callers.add_to(&mut called);
    }
    told.tell(&mut called);
    drop(told);
    let names = |contract: usize, version: usize, operation: Option<usize>| {
        let hosted = host.0.contracts.get(contract)?;
        let operation = operation.and_then(|operation| hosted.operation(version, operation));
        let operation = operation.map_or("", |operation| operation.name);
        Some((
            hosted.id(),
            hosted.contracts.get(version)?.version.to_string(),
            operation,
        ))
    };
    page.family(&DEPRECATED);
    for (caller, calls) in &called.kept {
        if let Some((contract, version, operation)) = names(caller.contract, caller.version, caller.operation)
        {
            let client = match caller.client {
                UNKNOWN => "unknown".to_owned(),
                IN_PROCESS => "in_process".to_owned(),
                hash => format!("{hash:016x}"),
            };
            page.sample(
                &DEPRECATED,
                "",
                [contract, version.as_str(), operation, client.as_str()],
                None,
                calls,
            );
        }
    }
    page.family(&OVERFLOW);
    for ((contract, version), calls) in &called.overflow {
        if let Some((contract, version, _)) = names(*contract, *version, None) {
            page.sample(&OVERFLOW, "", [contract, version.as_str()], None, calls);
        }
    }
}
