//! What rules ask of scores.

use std::cmp::Ordering;

use super::document::MatchDocument;

/// A comparison with a threshold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Comparison {
    pub(super) operator: Operator,
    pub(super) threshold: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Less,
    AtMost,
    More,
    AtLeast,
}

impl Operator {
    /// Whether what is larger than something that it holds for is something that it holds for.
    pub(super) fn is_lower_bound(self) -> bool {
        matches!(self, Operator::More | Operator::AtLeast)
    }

    /// Whether it holds for a number that compares so with the threshold.
    pub(super) fn holds(self, order: Ordering) -> bool {
        match self {
            Operator::Less => order.is_lt(),
            Operator::AtMost => order.is_le(),
            Operator::More => order.is_gt(),
            Operator::AtLeast => order.is_ge(),
        }
    }
}

impl Comparison {
    /// Reads `> 0.92`.
    pub(super) fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let forms = [
            ("<=", Operator::AtMost),
            (">=", Operator::AtLeast),
            ("<", Operator::Less),
            (">", Operator::More),
        ];
        let (rest, operator) = forms
            .into_iter()
            .find_map(|(sign, operator)| Some((text.strip_prefix(sign)?, operator)))?;
        let threshold: f64 = rest.trim().parse().ok()?;
        // Minus nothing is nothing.
        threshold.is_finite().then_some(Self {
            operator,
            threshold: threshold + 0.0,
        })
    }

    pub(super) fn holds(self, score: f64) -> bool {
        score
            .partial_cmp(&self.threshold)
            .is_some_and(|order| self.operator.holds(order))
    }
}

/// Whether every score that `inner` is content with is one for `outer`, too.
pub(super) fn scores_imply(inner: &MatchDocument, outer: &MatchDocument) -> bool {
    outer.scores.iter().all(|(name, text)| {
        let own = inner.scores.get(name).and_then(|own| Comparison::read(own));
        own.zip(Comparison::read(text))
            .is_some_and(|(own, outer)| implies(own, outer))
    })
}

fn implies(inner: Comparison, outer: Comparison) -> bool {
    use Operator::{AtLeast, AtMost, Less, More};
    match (inner.operator, outer.operator) {
        (More, More | AtLeast) | (AtLeast, AtLeast) => inner.threshold >= outer.threshold,
        (AtLeast, More) => inner.threshold > outer.threshold,
        (Less, Less | AtMost) | (AtMost, AtMost) => inner.threshold <= outer.threshold,
        (AtMost, Less) => inner.threshold < outer.threshold,
        _ => false,
    }
}

/// Whether both are content with some scores.
pub(super) fn scores_meet(one: &MatchDocument, other: &MatchDocument) -> bool {
    use Operator::{AtLeast, AtMost};
    one.scores.iter().all(|(name, text)| {
        let Some((one, other)) =
            Comparison::read(text).zip(other.scores.get(name).and_then(|other| Comparison::read(other)))
        else {
            return true;
        };
        let (low, high) = match (one.operator.is_lower_bound(), other.operator.is_lower_bound()) {
            (true, false) => (one, other),
            (false, true) => (other, one),
            _ => return true,
        };
        let touch = low.operator == AtLeast && high.operator == AtMost;
        low.threshold
            .partial_cmp(&high.threshold)
            .is_some_and(|order| order.is_lt() || touch && order.is_eq())
    })
}
