//! The differences of the problems that operations document: their kinds, the status of each, and its further members.

use super::Comparison;
use crate::engine::{Subject, Usage};
use crate::model::{OperationModel, ProblemModel};

impl Comparison<'_> {
    /// Clients are ready for any problem (the `default` response), but which kinds there are is a fact, and of a kind that is known its
    /// status and members are promised. What an error type says is told once, however many operations have it.
    pub(super) fn problems(&mut self, old: &OperationModel, new: &OperationModel) {
        let find = |all: &[ProblemModel], kind: &ProblemModel| {
            let mut all = all.iter();
            all.find(|other| other.type_uri == kind.type_uri).cloned()
        };
        for was in &old.problems {
            if let Some(now) = find(&new.problems, was) {
                self.problem(was, &now);
            } else if self.is_first("removed", was) {
                let what = format!("is no problem of `{}` any more", new.name);
                self.of_problem("problem-removed", was, &what);
            }
        }
        for now in &new.problems {
            if find(&old.problems, now).is_none() && self.is_first("added", now) {
                let what = format!("is a problem of `{}` now, with status {}", new.name, now.status);
                self.of_problem("problem-added", now, &what);
            }
        }
    }

    fn problem(&mut self, was: &ProblemModel, now: &ProblemModel) {
        // One error type may be what several were.
        let pair = format!("{}::{}, {} of {}", now.owner, now.type_uri, was.status, was.owner);
        if !self.seen.insert((pair, Usage::Response)) {
            return;
        }
        if was.status != now.status {
            let what = format!("has status {} instead of {}", now.status, was.status);
            self.of_problem("problem-status-changed", now, &what);
        }
        self.fields(
            &now.owner,
            Some(&now.name),
            &was.members,
            &now.members,
            Usage::Response,
        );
    }

    /// Whether that was not said of the kind yet.
    fn is_first(&mut self, what: &str, problem: &ProblemModel) -> bool {
        let key = format!("{what} {}::{}", problem.owner, problem.type_uri);
        self.seen.insert((key, Usage::Response))
    }

    fn of_problem(&mut self, id: &str, problem: &ProblemModel, what: &str) {
        let subject = Subject::Variant {
            ty: problem.owner.clone(),
            variant: problem.name.clone(),
        };
        let text = format!("`{}` of `{}` {what}", problem.name, problem.owner);
        self.add(id, subject, Usage::Response, text);
    }
}
