//! The rules, one row each: what kind of change, under which code it is told, and what each promise says of it.

mod constraints;
mod merged;
mod responses;

use super::Usage;
use crate::contract::Compatibility;

/// One kind of change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// The stable id.
    pub id: &'static str,
    /// The code under which a macro refuses it.
    pub code: &'static str,
    /// What changed.
    pub title: &'static str,
    /// Why it is judged so.
    pub explanation: &'static str,
    /// What `backward` says of it, in requests and in answers.
    pub backward: Levels,
    /// What `forward` says of it, in requests and in answers.
    pub forward: Levels,
}

/// A level per direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Levels {
    /// Of what clients send.
    pub request: Level,
    /// Of what clients get.
    pub response: Level,
}

/// What a promise says of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The promise holds.
    Allowed,
    /// The promise is broken.
    Break,
}

impl Rule {
    /// What a promise says of this change.
    #[must_use]
    pub fn level(&self, compatibility: Compatibility, usage: Usage) -> Level {
        let of = |levels: &Levels| match usage {
            Usage::Request => levels.request,
            Usage::Response => levels.response,
        };
        match compatibility {
            Compatibility::Backward => of(&self.backward),
            Compatibility::Forward => of(&self.forward),
            Compatibility::Full => of(&self.backward).max(of(&self.forward)),
        }
    }
}

const ALLOWED: Levels = Levels {
    request: Level::Allowed,
    response: Level::Allowed,
};
const BREAK: Levels = Levels {
    request: Level::Break,
    response: Level::Break,
};
const REQUEST: Levels = Levels {
    request: Level::Break,
    response: Level::Allowed,
};
const RESPONSE: Levels = Levels {
    request: Level::Allowed,
    response: Level::Break,
};

/// All rules, by id.
pub static RULES: &[Rule] = &merged::merged();

/// The rules of operations, types and their members, by id.
const SHAPES: [Rule; 46] = [
    Rule {
        id: "aliases-added",
        code: "V0210",
        title: "another name is read",
        explanation: "a client of this version may send a name that the earlier version does not read",
        backward: ALLOWED,
        forward: REQUEST,
    },
    Rule {
        id: "aliases-removed",
        code: "V0210",
        title: "a name that was read is not read any more",
        explanation: "clients may send the member under any name that a version reads",
        backward: REQUEST,
        forward: ALLOWED,
    },
    Rule {
        id: "enum-closed",
        code: "V0210",
        title: "unknown names are not taken any more",
        explanation: "a client may send a name that was read as the other variant, and one that expects unknown names is none the worse without",
        backward: REQUEST,
        forward: RESPONSE,
    },
    Rule {
        id: "enum-opened",
        code: "V0210",
        title: "names that no variant has are taken",
        explanation: "a client of this version may send names that the earlier one refuses, and has to expect names that an earlier client does not",
        backward: RESPONSE,
        forward: REQUEST,
    },
    Rule {
        id: "field-added-optional",
        code: "V0210",
        title: "an optional field was added",
        explanation: "clients ignore members that they do not know; an earlier version would drop what a client sends in it",
        backward: ALLOWED,
        forward: REQUEST,
    },
    Rule {
        id: "field-added-required",
        code: "V0202",
        title: "a required field was added",
        explanation: "clients of the earlier version do not send it; a client of this version counts on getting it",
        backward: REQUEST,
        forward: BREAK,
    },
    Rule {
        id: "field-became-not-read-only",
        code: "V0210",
        title: "a field that belonged to the service may be sent",
        explanation: "an earlier version ignores what a client of this one sends in it",
        backward: ALLOWED,
        forward: REQUEST,
    },
    Rule {
        id: "field-became-not-write-only",
        code: "V0210",
        title: "a field that was only sent is answered, too",
        explanation: "clients ignore members that they do not know; a client of this version may count on getting it",
        backward: ALLOWED,
        forward: RESPONSE,
    },
    Rule {
        id: "field-became-optional",
        code: "V0210",
        title: "a required field became optional",
        explanation: "a client counts on getting a member that was always there; an earlier version insists on being sent it",
        backward: RESPONSE,
        forward: REQUEST,
    },
    Rule {
        id: "field-became-read-only",
        code: "V0210",
        title: "a required field belongs to the service now",
        explanation: "what clients of the earlier version send in it is ignored, and the earlier version insists on being sent it",
        backward: REQUEST,
        forward: REQUEST,
    },
    Rule {
        id: "field-became-read-only-optional",
        code: "V0210",
        title: "an optional field belongs to the service now",
        explanation: "what clients of the earlier version send in it is ignored",
        backward: REQUEST,
        forward: ALLOWED,
    },
    Rule {
        id: "field-became-required",
        code: "V0210",
        title: "an optional field became required",
        explanation: "clients of the earlier version may leave it out; an earlier version may leave it out of its answers",
        backward: REQUEST,
        forward: RESPONSE,
    },
    Rule {
        id: "field-became-write-only",
        code: "V0210",
        title: "a field is not answered any more",
        explanation: "a client of the earlier version may count on reading it",
        backward: RESPONSE,
        forward: ALLOWED,
    },
    Rule {
        id: "field-removed",
        code: "V0201",
        title: "a required field was removed",
        explanation: "a client may read it in answers, and what it sends in it would be dropped; an earlier version insists on being sent it",
        backward: BREAK,
        forward: REQUEST,
    },
    Rule {
        id: "field-removed-optional",
        code: "V0201",
        title: "an optional field was removed",
        explanation: "a client may count on reading it where it is there, and what it sends in it would be dropped",
        backward: BREAK,
        forward: ALLOWED,
    },
    Rule {
        id: "field-type-changed",
        code: "V0203",
        title: "the type of a field changed",
        explanation: "both sides write and read the member as the version says that they know",
        backward: BREAK,
        forward: BREAK,
    },
    Rule {
        id: "operation-added",
        code: "V0209",
        title: "an operation was added",
        explanation: "a client of this version may call it, and the earlier version does not have it",
        backward: ALLOWED,
        forward: BREAK,
    },
    Rule {
        id: "operation-body-changed",
        code: "V0207",
        title: "the body of an operation changed",
        explanation: "clients send the body that their version describes",
        backward: BREAK,
        forward: BREAK,
    },
    Rule {
        id: "operation-idempotence-dropped",
        code: "V0207",
        title: "an operation may not be repeated any more",
        explanation: "clients of the earlier version repeat it when an answer is lost",
        backward: BREAK,
        forward: ALLOWED,
    },
    Rule {
        id: "operation-idempotence-promised",
        code: "V0207",
        title: "an operation may be repeated",
        explanation: "clients of this version repeat it when an answer is lost, and the earlier version would act twice",
        backward: ALLOWED,
        forward: BREAK,
    },
    Rule {
        id: "operation-output-changed",
        code: "V0207",
        title: "the answer of an operation changed",
        explanation: "clients read the answer that their version describes",
        backward: BREAK,
        forward: BREAK,
    },
    Rule {
        id: "operation-removed",
        code: "V0206",
        title: "an operation was removed",
        explanation: "clients of the earlier version call it",
        backward: BREAK,
        forward: ALLOWED,
    },
    Rule {
        id: "operation-renamed",
        code: "V0210",
        title: "an operation has another name",
        explanation: "its name is not on the wire: clients go on calling its route, and only what is generated from the document is named otherwise",
        backward: ALLOWED,
        forward: ALLOWED,
    },
    Rule {
        id: "operation-replaces-changed",
        code: "V0207",
        title: "an operation began or ceased to replace",
        explanation: "what becomes of the stored value is part of what an operation means",
        backward: BREAK,
        forward: BREAK,
    },
    Rule {
        id: "operation-route-changed",
        code: "V0207",
        title: "the method or path of an operation changed",
        explanation: "clients of the earlier version call the old route",
        backward: BREAK,
        forward: BREAK,
    },
    Rule {
        id: "operation-safety-dropped",
        code: "V0207",
        title: "an operation does not only read any more",
        explanation: "clients of the earlier version call it without meaning to change anything",
        backward: BREAK,
        forward: ALLOWED,
    },
    Rule {
        id: "operation-safety-promised",
        code: "V0207",
        title: "an operation only reads",
        explanation: "clients of this version call it without meaning to change anything, and the earlier version changes something",
        backward: ALLOWED,
        forward: BREAK,
    },
    Rule {
        id: "operation-security-loosened",
        code: "V0207",
        title: "callers are let in that were turned away",
        explanation: "a client of this version may show less than the earlier one demands",
        backward: ALLOWED,
        forward: BREAK,
    },
    Rule {
        id: "operation-security-tightened",
        code: "V0207",
        title: "callers are turned away that were let in",
        explanation: "clients of the earlier version show what it demands, and that is not enough any more",
        backward: BREAK,
        forward: ALLOWED,
    },
    Rule {
        id: "operation-status-changed",
        code: "V0207",
        title: "the status of success changed",
        explanation: "clients tell success by the status that their version describes",
        backward: BREAK,
        forward: BREAK,
    },
    Rule {
        id: "parameter-added-optional",
        code: "V0207",
        title: "an optional parameter was added",
        explanation: "the earlier version would ignore it",
        backward: ALLOWED,
        forward: BREAK,
    },
    Rule {
        id: "parameter-added-required",
        code: "V0207",
        title: "a required parameter was added",
        explanation: "clients of the earlier version do not send it",
        backward: BREAK,
        forward: BREAK,
    },
    Rule {
        id: "parameter-became-optional",
        code: "V0207",
        title: "a required parameter became optional",
        explanation: "a client of this version may leave it out, and the earlier version insists on it",
        backward: ALLOWED,
        forward: BREAK,
    },
    Rule {
        id: "parameter-became-required",
        code: "V0207",
        title: "an optional parameter became required",
        explanation: "clients of the earlier version may leave it out",
        backward: BREAK,
        forward: ALLOWED,
    },
    Rule {
        id: "parameter-removed",
        code: "V0207",
        title: "a required parameter was removed",
        explanation: "what clients of the earlier version send in it would be ignored; the earlier version insists on it",
        backward: BREAK,
        forward: BREAK,
    },
    Rule {
        id: "parameter-removed-optional",
        code: "V0207",
        title: "an optional parameter was removed",
        explanation: "what clients of the earlier version send in it would be ignored",
        backward: BREAK,
        forward: ALLOWED,
    },
    Rule {
        id: "parameter-type-changed",
        code: "V0207",
        title: "the type of a parameter changed",
        explanation: "clients write the parameter as their version says",
        backward: BREAK,
        forward: BREAK,
    },
    Rule {
        id: "type-kind-changed",
        code: "V0203",
        title: "a type became another kind of type",
        explanation: "a struct, an enum and a plain value are written differently",
        backward: BREAK,
        forward: BREAK,
    },
    Rule {
        id: "type-tagging-changed",
        code: "V0210",
        title: "the variants of an enum are told apart differently",
        explanation: "both sides find the variant where their version says that it stands",
        backward: BREAK,
        forward: BREAK,
    },
    Rule {
        id: "unknown-fields-allowed",
        code: "V0210",
        title: "unknown members are not refused any more",
        explanation: "the earlier version refuses members that a client of this version may send",
        backward: ALLOWED,
        forward: REQUEST,
    },
    Rule {
        id: "unknown-fields-denied",
        code: "V0210",
        title: "unknown members are refused",
        explanation: "clients of the earlier version may send members that were ignored",
        backward: REQUEST,
        forward: ALLOWED,
    },
    Rule {
        id: "variant-added",
        code: "V0204",
        title: "a variant was added",
        explanation: "clients of the earlier version cannot read it in answers; the earlier version cannot read it in requests",
        backward: RESPONSE,
        forward: REQUEST,
    },
    Rule {
        id: "variant-added-open",
        code: "V0204",
        title: "variant added to an enum that takes unknown names",
        explanation: "clients were told to expect names that they do not know, and the earlier version reads the new name as its other variant",
        backward: ALLOWED,
        forward: ALLOWED,
    },
    Rule {
        id: "variant-content-changed",
        code: "V0203",
        title: "what a variant holds changed",
        explanation: "both sides write and read the content that their version describes",
        backward: BREAK,
        forward: BREAK,
    },
    Rule {
        id: "variant-removed",
        code: "V0205",
        title: "a variant was removed",
        explanation: "clients of the earlier version may send it; the earlier version may answer with it",
        backward: REQUEST,
        forward: RESPONSE,
    },
    Rule {
        id: "variant-removed-open",
        code: "V0205",
        title: "variant removed from an enum that takes unknown names",
        explanation: "what clients still send is read as the other variant, and clients of this version expect names that they do not know",
        backward: ALLOWED,
        forward: ALLOWED,
    },
];

/// The rule of an id that stands in this crate.
pub(super) fn rule(id: &str) -> &'static Rule {
    RULES
        .iter()
        .find(|rule| rule.id == id)
        .expect("rules are named by ids of the table")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_rule_has_an_id_of_its_own_and_a_documented_code() {
        let ids: HashSet<&str> = RULES.iter().map(|rule| rule.id).collect();
        assert_eq!(ids.len(), RULES.len());
        assert!(RULES.is_sorted_by_key(|rule| rule.id));
        for rule in RULES {
            assert!(crate::codes::find(rule.code).is_some(), "{}", rule.code);
            assert!(!rule.title.is_empty() && !rule.explanation.is_empty());
        }
    }
}
