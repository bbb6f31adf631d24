//! What a step may change: changes → verdicts.

use super::{Change, Level};
use crate::contract::Compatibility;
use crate::version::Step;

/// A change that the step to its version does not allow by itself.
#[derive(Debug, Clone, Copy)]
pub struct Verdict<'a> {
    /// The change.
    pub change: &'a Change,
    /// The code under which it is refused.
    pub code: &'static str,
    /// Whether a migration makes it good: so in a major version, never in a minor or patch version.
    pub must_migrate: bool,
}

/// Judges the changes of one step: a patch may change nothing on the wire, a minor version keeps the promise, a major version
/// may break it and must migrate what it breaks.
#[must_use]
pub fn judge(step: Step, compatibility: Compatibility, changes: &[Change]) -> Vec<Verdict<'_>> {
    let broken = |change: &Change, promise| change.rule.level(promise, change.usage) == Level::Break;
    let verdicts = changes.iter().filter_map(|change| match step {
        Step::Patch => Some(Verdict {
            change,
            code: "V0208",
            must_migrate: false,
        }),
        Step::Minor => broken(change, compatibility).then_some(Verdict {
            change,
            code: change.rule.code,
            must_migrate: false,
        }),
        // Whatever was promised, what needs a migration is that older clients are answered by newer implementations.
        Step::Major => broken(change, Compatibility::Backward).then_some(Verdict {
            change,
            code: change.rule.code,
            must_migrate: true,
        }),
    });
    verdicts.collect()
}
