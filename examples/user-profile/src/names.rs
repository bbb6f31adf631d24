//! Full names and their two parts: the one place where 1.x and 2.0.0 of the contract differ in substance.

/// The space inside of a part: it keeps "van Gogh" together in a full name, as typographers write it.
const NO_BREAK_SPACE: &str = "\u{a0}";

/// The name of a person in its two parts, without blanks at the ends and with single plain spaces inside.
///
/// The given name comes first in a full name, and the last plain space of a full name is where the parts meet. A part that holds
/// spaces of its own is written with no-break spaces there, so that [`Name::from_full`] is the exact inverse of [`Name::full`].
/// Somebody with one name only has it as the given name, and an empty family name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    given: String,
    family: String,
}

impl Name {
    /// A name from its parts; a family name alone becomes the given name.
    #[must_use]
    pub fn new(given: &str, family: &str) -> Self {
        let (given, family) = (single_spaced(given), single_spaced(family));
        if given.is_empty() {
            Self {
                given: family,
                family: given,
            }
        } else {
            Self { given, family }
        }
    }

    /// The parts of a full name.
    #[must_use]
    pub fn from_full(full: &str) -> Self {
        let full = full.trim();
        let (given, family) = full.rsplit_once(' ').unwrap_or((full, ""));
        Self::new(given, family)
    }

    /// The full name.
    #[must_use]
    pub fn full(&self) -> String {
        if self.family.is_empty() {
            kept_together(&self.given)
        } else {
            format!("{} {}", self.given, kept_together(&self.family))
        }
    }

    /// The given name.
    #[must_use]
    pub fn given(&self) -> &str {
        &self.given
    }

    /// The family name; empty for somebody with one name only.
    #[must_use]
    pub fn family(&self) -> &str {
        &self.family
    }

    /// Whether there is no name at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.given.is_empty()
    }

    /// The two parts, taken out.
    #[must_use]
    pub fn into_parts(self) -> (String, String) {
        (self.given, self.family)
    }
}

fn single_spaced(part: &str) -> String {
    // No-break spaces are white space, too: they come out as plain spaces.
    part.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn kept_together(part: &str) -> String {
    part.replace(' ', NO_BREAK_SPACE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(full: &str, given: &str, family: &str) {
        let name = Name::from_full(full);
        assert_eq!((name.given(), name.family()), (given, family));
        assert_eq!(Name::new(given, family).full(), full);
    }

    #[test]
    fn splits_and_joins() {
        check("Ada Lovelace", "Ada", "Lovelace");
        check("Mary Ann Evans", "Mary Ann", "Evans");
        check("Vincent van\u{a0}Gogh", "Vincent", "van Gogh");
        check("Gabriel García\u{a0}Márquez", "Gabriel", "García Márquez");
        check("Sukarno", "Sukarno", "");
        check("Björk\u{a0}the\u{a0}Singer", "Björk the Singer", "");
        check("Þóra Jónsdóttir", "Þóra", "Jónsdóttir");
        check("", "", "");
    }

    #[test]
    fn blanks_do_not_count() {
        assert_eq!(
            Name::from_full("  Ada \t Lovelace "),
            Name::new("Ada", "Lovelace")
        );
        assert_eq!(Name::new("  ", "Plato"), Name::new("Plato", ""));
        assert!(Name::from_full(" \u{a0} ").is_empty());
    }

    proptest! {
        #[test]
        fn joining_then_splitting_changes_nothing(given in "\\PC{0,20}", family in "\\PC{0,20}") {
            let name = Name::new(&given, &family);
            prop_assert_eq!(Name::from_full(&name.full()), name);
        }

        #[test]
        fn splitting_then_joining_settles_at_once(full in "(\\PC|[ \u{a0}\t]){0,30}") {
            let once = Name::from_full(&full).full();
            prop_assert_eq!(Name::from_full(&once).full(), once);
        }

        #[test]
        fn names_with_single_spaces_survive(words in prop::collection::vec("[a-zà-ž]{1,8}", 1..5)) {
            let full = words.join(" ");
            prop_assert_eq!(Name::from_full(&full).full(), full);
        }
    }
}
