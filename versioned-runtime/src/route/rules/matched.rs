//! The rules that match a request: a few by their numbers, many as a set.

use super::RULES;

/// How many rules are listed; few tables have more that match one request.
const FEW: usize = 8;

/// The rules that match, in their order, where they are few.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Matched {
    rules: [u16; FEW],
    /// More than [`FEW`] where they are not listed.
    count: u8,
}

impl Matched {
    pub(super) const NONE: Self = Self {
        rules: [0; FEW],
        count: 0,
    };

    /// Adds a rule; rules come in their order.
    pub(super) fn push(&mut self, rule: usize) {
        debug_assert!(rule < RULES);
        if let (Some(place), Ok(rule)) = (self.rules.get_mut(usize::from(self.count)), u16::try_from(rule)) {
            *place = rule;
        }
        self.count = self.count.saturating_add(1);
    }

    /// The rules; none where they are many.
    pub(super) fn few(&self) -> Option<&[u16]> {
        self.rules.get(..usize::from(self.count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_are_listed() {
        let mut matched = Matched::NONE;
        assert_eq!(matched.few(), Some(&[][..]));
        for rule in 0..FEW {
            matched.push(rule * 100);
        }
        assert_eq!(matched.few(), Some(&[0, 100, 200, 300, 400, 500, 600, 700][..]));
        for rule in FEW..RULES {
            matched.push(rule);
            assert_eq!(matched.few(), None);
        }
    }
}
