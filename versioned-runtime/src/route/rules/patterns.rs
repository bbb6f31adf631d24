//! The patterns of a field as one automaton: from a value to the patterns that it is like.

use std::error::Error;
use std::fmt;

use regex_automata::dfa::{Automaton as _, StartKind, dense};
use regex_automata::nfa::thompson;
use regex_automata::util::pool::Pool;
use regex_automata::util::primitives::StateID;
use regex_automata::util::{start, syntax};
use regex_automata::{Anchored, Input, MatchKind, PatternSet, meta};

use super::field::SetAt;

/// The most bytes that the automaton of a field may take while it is made, and what a lazy one has worked out.
const AUTOMATON: usize = 256 * 1024;

/// The most bytes that an automaton may take that is worked out beforehand.
const DENSE: usize = 256 * 1024;

/// All patterns of a field, and the rules that each belongs to.
pub(super) struct Patterns {
    automaton: Automaton,
    rules: Box<[SetAt]>,
}

enum Automaton {
    /// Worked out when the table is made: one step a byte, and no room of its own.
    Dense {
        automaton: Box<dense::DFA<Vec<u32>>>,
        start: StateID,
    },
    /// Patterns that would take too much room, or look at the limits of words in other scripts, are worked out as values come.
    Lazy {
        regex: Box<meta::Regex>,
        /// Room for the patterns that match; each thread finds its own again.
        room: Room,
    },
}

type Room = Pool<
    PatternSet,
    Box<dyn Fn() -> PatternSet + Send + Sync + std::panic::UnwindSafe + std::panic::RefUnwindSafe>,
>;

impl Patterns {
    /// `expressions` stand for whole values, `\A…\z`; `rules` are the rules of each. Or why they make no automaton.
    pub(super) fn new(expressions: &[&str], rules: Box<[SetAt]>) -> Result<Self, String> {
        let automaton = match dense(expressions) {
            Some((automaton, start)) => Automaton::Dense {
                automaton: Box::new(automaton),
                start,
            },
            None => lazy(expressions)?,
        };
        Ok(Self { automaton, rules })
    }

    /// Tells the rules of each pattern that the value is like.
    #[inline]
    pub(super) fn each(&self, value: &[u8], mut tell: impl FnMut(SetAt)) {
        match &self.automaton {
            Automaton::Dense { automaton, start } => {
                let mut state = *start;
                for byte in value {
                    state = automaton.next_state(state, *byte);
                    // Most values are like no pattern, and that shows early.
                    if automaton.is_dead_state(state) {
                        return;
                    }
                }
                state = automaton.next_eoi_state(state);
                if automaton.is_match_state(state) {
                    for index in 0..automaton.match_len(state) {
                        tell(self.rules[automaton.match_pattern(state, index).as_usize()]);
                    }
                }
            }
            Automaton::Lazy { regex, room } => {
                let mut found = room.get();
                found.clear();
                regex.which_overlapping_matches(&Input::new(value), &mut found);
                found
                    .iter()
                    .for_each(|pattern| tell(self.rules[pattern.as_usize()]));
            }
        }
    }
}

/// The automaton that is worked out beforehand, with the state in which values begin; none where it would be too large.
pub(super) fn dense(expressions: &[&str]) -> Option<(dense::DFA<Vec<u32>>, StateID)> {
    let config = dense::Config::new()
        .match_kind(MatchKind::All)
        .start_kind(StartKind::Anchored)
        .accelerate(false)
        .dfa_size_limit(Some(DENSE))
        .determinize_size_limit(Some(2 * DENSE));
    let automaton = dense::Builder::new()
        .configure(config)
        .syntax(of_bytes())
        .thompson(
            thompson::Config::new()
                .utf8(false)
                .nfa_size_limit(Some(AUTOMATON)),
        )
        .build_many(expressions)
        .ok()?;
    let start = automaton
        .start_state(&start::Config::new().anchored(Anchored::Yes))
        .ok()?;
    Some((automaton, start))
}

/// What is at the bottom of an error: those above it say only that something could not be built.
fn cause(error: &dyn Error) -> String {
    error.source().map_or_else(|| error.to_string(), cause)
}

/// Parts of patterns speak of bytes: all values are text, and so is what these parts find.
fn of_bytes() -> syntax::Config {
    syntax::Config::new().utf8(false)
}

fn lazy(expressions: &[&str]) -> Result<Automaton, String> {
    let config = meta::Config::new()
        .match_kind(MatchKind::All)
        .utf8_empty(false)
        .nfa_size_limit(Some(AUTOMATON))
        .hybrid_cache_capacity(AUTOMATON);
    let regex = meta::Builder::new()
        .configure(config)
        .syntax(of_bytes())
        .build_many(expressions)
        .map_err(|error| cause(&error))?;
    let count = expressions.len();
    Ok(Automaton::Lazy {
        regex: Box::new(regex),
        room: Pool::new(Box::new(move || PatternSet::new(count))),
    })
}

impl fmt::Debug for Patterns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Patterns")
            .field("rules", &self.rules)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(expressions: &[&str], is_dense: bool, value: &str, expected: &[SetAt]) {
        let whole: Vec<String> = expressions
            .iter()
            .map(|expression| format!(r"\A(?:{expression})\z"))
            .collect();
        let whole: Vec<&str> = whole.iter().map(String::as_str).collect();
        let patterns = Patterns::new(&whole, (0..).take(whole.len()).collect()).expect("an automaton");
        let dense = matches!(patterns.automaton, Automaton::Dense { .. });
        assert_eq!(dense, is_dense, "{expressions:?}");
        let mut found = Vec::new();
        patterns.each(value.as_bytes(), |rules| found.push(rules));
        found.sort_unstable();
        assert_eq!(found, expected, "{expressions:?}: {value}");
    }

    #[test]
    fn a_value_is_like_whole_patterns() {
        let all = ["cn-.*", "cn-east|us", ".*east", "", "gr.ße", "[a-z-]{7}"];
        check(&all, true, "cn-east", &[0, 1, 2, 5]);
        check(&all, true, "cn-east\n", &[]);
        check(&all, true, "xcn-eas", &[5]);
        check(&all, true, "us", &[1]);
        check(&all, true, "", &[3]);
        check(&all, true, "größe", &[4]);
        check(&all, true, "gr\u{fffd}ße", &[4]);
    }

    #[test]
    fn hundreds_of_globs_are_worked_out_beforehand() {
        let all: Vec<String> = (0..400)
            .map(|number| format!("region-{number}-(?s-u:.*)"))
            .collect();
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        check(&all, true, "region-7-größe", &[7]);
        check(&all, true, "region-399-", &[399]);
        check(&all, true, "region-400-", &[]);
    }

    #[test]
    fn what_is_too_large_is_told() {
        let refused = Patterns::new(&[r"\A(?:\pL{1,64})\z"], [0].into()).err();
        let refused = refused.expect("too large");
        assert!(refused.contains("exceeded limit"), "{refused}");
    }

    #[test]
    fn what_cannot_be_worked_out_beforehand_is_found_all_the_same() {
        check(&[r"\bé.*", "x"], false, "école", &[0]);
        let wide = r"[01]*1[01]{14}";
        check(&[wide, "1+"], false, &"1".repeat(20), &[0, 1]);
        check(&[wide, "1+"], false, &"0".repeat(20), &[]);
    }
}
