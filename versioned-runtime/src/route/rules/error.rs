//! Why rules cannot be compiled: the place, and what to write instead.

use super::super::dye::{FACTS, NAME, SCORES};
use super::RULES;

/// A mistake in `/rules`, or in what rules can name: `/facts`, `/scores`, `/labels`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("at `{pointer}`: {mistake}")]
pub struct RuleError {
    /// Where it stands: a JSON pointer (RFC 6901).
    pub pointer: String,
    /// What is wrong.
    pub mistake: RuleMistake,
}

/// What is wrong with a rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleMistake {
    /// More rules than a table can have.
    #[error("there are {0} rules; a table can have {RULES}, join some of them with lists of values")]
    TooManyRules(usize),
    /// More values than a table has room for.
    #[error("the rules write out more than {0} values; use globs, or fewer lists")]
    TooManyValues(usize),
    /// More facts than a dye key can have.
    #[error("a table can name {FACTS} facts with the built-in ones; leave some out")]
    TooManyFacts,
    /// More scores than a request can have.
    #[error("a table can name {SCORES} scores; leave some out")]
    TooManyScores,
    /// A name that cannot stand in a key.
    #[error("`{0}` cannot be a name; write lower-case letters, digits, `-` and `_`, {NAME} at most")]
    BadName(String),
    /// A place in a request that does not exist.
    #[error("`{name}` is no place in a request; {advice}")]
    BadSource {
        /// What was written.
        name: String,
        /// What to write.
        advice: &'static str,
    },
    /// A label that reads as an implementation.
    #[error("`{0}` is an implementation; choose another word for the label")]
    LabelIsImplementation(String),
    /// A rule without a name.
    #[error("the rule has no name; name it, so that it keeps its users when its weights change")]
    NoName,
    /// Two rules of one name.
    #[error("rule {other} has the name `{name}`, too; give this one another")]
    NameTwice {
        /// The name.
        name: String,
        /// The number of the rule before, from 0.
        other: usize,
    },
    /// A fact that the table does not name.
    #[error("there is no fact `{name}`; name one of {known}, or add it to `/facts`")]
    UnknownFact {
        /// What was written.
        name: String,
        /// What there is, the most similar first.
        known: String,
    },
    /// A score that the table does not name.
    #[error("there is no score `{name}`; name one of {known}, or add it to `/scores`")]
    UnknownScore {
        /// What was written.
        name: String,
        /// What there is, the most similar first.
        known: String,
    },
    /// A list without an entry.
    #[error("the list is empty, so nothing could match; leave it out, or write a value")]
    EmptyList,
    /// A value that no fact can have.
    #[error("no fact is empty or longer than 64 bytes, so this could not match; write another value")]
    NoValue,
    /// A key that no request can have.
    #[error("no dye key reads like this; {0}")]
    NotCanonical(String),
    /// A pattern that is none.
    #[error("the regular expression cannot be read: {0}")]
    BadRegex(String),
    /// Patterns that are too large together.
    #[error("the patterns of this field are too large together: {0}; simplify them")]
    PatternsTooLarge(String),
    /// A comparison that is none.
    #[error("`{0}` compares nothing; write an operator and a number, such as `> 0.92`: one of <, <=, >, >=")]
    BadComparison(String),
    /// A rule that sends nobody anywhere.
    #[error("the rule names no implementation; write one with its weight, such as `{{\"{0}\": 100}}`")]
    NoTarget(String),
    /// Weights over everything.
    #[error("the weights add up to {0} %; lower them to 100 at most")]
    Over(String),
    /// An implementation under two names.
    #[error("`{0}` is named twice, by a label; give it one weight")]
    TargetTwice(String),
}
