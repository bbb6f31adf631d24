//! The rules of bodies and answers: media types, statuses, headers as a whole, and problems.

use super::{ALLOWED, BREAK, RESPONSE, Rule};

/// By id.
pub(super) const RESPONSES: [Rule; 8] = [
    Rule {
        id: "operation-media-type-changed",
        code: "V0207",
        title: "a body has another media type",
        explanation: "clients write and read the media type that their version describes",
        backward: BREAK,
        forward: BREAK,
    },
    Rule {
        id: "problem-added",
        code: "V0207",
        title: "a kind of problem was added",
        explanation: "clients are ready for any problem: the `default` response covers it",
        backward: ALLOWED,
        forward: ALLOWED,
    },
    Rule {
        id: "problem-removed",
        code: "V0207",
        title: "a kind of problem was removed",
        explanation: "clients are ready for any problem, and for none",
        backward: ALLOWED,
        forward: ALLOWED,
    },
    Rule {
        id: "problem-status-changed",
        code: "V0207",
        title: "a kind of problem has another status",
        explanation: "clients act on the status of a problem before they read it",
        backward: RESPONSE,
        forward: RESPONSE,
    },
    Rule {
        id: "response-added",
        code: "V0207",
        title: "an operation answers with another status, too",
        explanation: "a client of the earlier version does not know what that answer means and holds, and one of this version acts on a status that the earlier one never answers with",
        backward: RESPONSE,
        forward: RESPONSE,
    },
    Rule {
        id: "response-headers-added",
        code: "V0210",
        title: "an answer has headers",
        explanation: "clients pass over headers that they do not know; the earlier version does not send them",
        backward: ALLOWED,
        forward: RESPONSE,
    },
    Rule {
        id: "response-headers-removed",
        code: "V0207",
        title: "an answer has no headers of its own any more",
        explanation: "clients of the earlier version count on getting them",
        backward: RESPONSE,
        forward: ALLOWED,
    },
    Rule {
        id: "response-removed",
        code: "V0207",
        title: "an operation does not answer with a status any more",
        explanation: "clients act on the statuses that their version describes, and the earlier version still answers with this one",
        backward: RESPONSE,
        forward: RESPONSE,
    },
];
