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
            } else {
                let what = format!("is no problem of `{}` any more", new.name);
                self.of_problem("problem-removed", was, &what);
            }
        }
        for now in &new.problems {
            if find(&old.problems, now).is_none() {
                let what = format!("is a problem of `{}` now, with status {}", new.name, now.status);
                self.of_problem("problem-added", now, &what);
            }
        }
    }

    fn problem(&mut self, was: &ProblemModel, now: &ProblemModel) {
        if !self
            .seen
            .insert((format!("{}::{}", now.owner, now.type_uri), Usage::Response))
        {
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

    fn of_problem(&mut self, id: &str, problem: &ProblemModel, what: &str) {
        if !self.seen.insert((
            format!("{id} {}::{}", problem.owner, problem.type_uri),
            Usage::Response,
        )) {
            return;
        }
        let subject = Subject::Variant {
            ty: problem.owner.clone(),
            variant: problem.name.clone(),
        };
        let text = format!("`{}` of `{}` {what}", problem.name, problem.owner);
        self.add(id, subject, Usage::Response, text);
    }
}
