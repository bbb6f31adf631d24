//! What is odd about a table in its host: what the rules say by themselves, and what they ask for that nobody here tells.

use super::{Hosted, RunningHost};
use crate::route::{Finding, Table, TableDocument};

impl RunningHost {
    /// A table with what is odd about it. Finding that out compares all rules: it is no work for whoever puts tables in force.
    pub(super) fn told(&self, contract: usize, table: &Table) -> TableDocument {
        let hosted = &self.0.contracts[contract];
        let mut document = table.document(&hosted.shape);
        document.findings = table.findings().to_vec();
        document.findings.extend(untold(hosted, table, &document));
        document
    }
}

/// Where rules ask for facts and scores that no request here can have.
fn untold(hosted: &Hosted, table: &Table, document: &TableDocument) -> Vec<Finding> {
    // What is believed may tell everything.
    if hosted.dyes.is_some() {
        return Vec::new();
    }
    let is_told = |name: &str, score: bool| {
        let observed = hosted.observer.as_ref();
        table.has_place(name, score) || observed.is_some_and(|observer| observer.tells(name, score))
    };
    let mut found: Vec<Finding> = Vec::new();
    for (number, rule) in document.rules.iter().enumerate() {
        let facts = rule.matches.facts.keys().map(|name| (name, "facts", false));
        let scores = rule.matches.scores.keys().map(|name| (name, "scores", true));
        for (name, kind, score) in facts
            .chain(scores)
            .filter(|(name, _, score)| !is_told(name, *score))
        {
            let what = if score { "score" } else { "fact" };
            let detail = format!(
                "no request tells the {what} `{name}`, so that this matches in-process calls alone; name a place for it in `/{kind}`, \
                 or have it found out (`FactSources`) or believed (`Dyes`)"
            );
            // Once for all rules that ask for it.
            if found.iter().all(|known| known.detail != detail) {
                let pointer = format!("/rules/{number}/match/{kind}/{name}");
                found.push(Finding { pointer, detail });
            }
        }
    }
    found
}
