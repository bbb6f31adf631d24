//! The differences of bodies: what an operation reads, and what it answers with.

use super::Comparison;
use super::constraints::Whose;
use crate::engine::{Subject, Usage};
use crate::model::{OperationModel, PayloadModel, ResponseModel};

impl Comparison<'_> {
    /// What clients send.
    pub(super) fn request_body(&mut self, old: &OperationModel, new: &OperationModel) {
        match (&old.body, &new.body) {
            (Some(was), Some(now)) => {
                let name = format!("the body of operation `{}`", new.name);
                self.payload(new, was, now, Usage::Request, name);
            }
            (None, None) => {}
            (None, Some(_)) => self.of_operation("operation-body-changed", new, "reads a body now"),
            (Some(_), None) => self.of_operation("operation-body-changed", new, "reads no body any more"),
        }
    }

    /// What clients get, status by status; of the only answers, the one is what the other was.
    pub(super) fn responses(&mut self, old: &OperationModel, new: &OperationModel) {
        if let ([was], [now]) = (&old.responses[..], &new.responses[..]) {
            if was.status != now.status {
                let what = format!("succeeds with {} instead of {}", now.status, was.status);
                self.of_operation("operation-status-changed", new, &what);
            }
            self.response(new, was, now, &format!("the answer of operation `{}`", new.name));
            return;
        }
        let with = |operation: &OperationModel, status| {
            let mut responses = operation.responses.iter();
            responses.find(|response| response.status == status).cloned()
        };
        for was in &old.responses {
            if let Some(now) = with(new, was.status) {
                let name = format!("the answer {} of operation `{}`", was.status, new.name);
                self.response(new, was, &now, &name);
            } else {
                let what = format!("does not answer with {} any more", was.status);
                self.of_answer("response-removed", new, &what);
            }
        }
        for now in &new.responses {
            if with(old, now.status).is_none() {
                let what = format!("answers with {}, too", now.status);
                self.of_answer("response-added", new, &what);
            }
        }
    }

    fn response(&mut self, new: &OperationModel, was: &ResponseModel, now: &ResponseModel, name: &str) {
        let id = "operation-output-changed";
        match (&was.body, &now.body) {
            (Some(was), Some(now)) => self.payload(new, was, now, Usage::Response, name.to_owned()),
            (None, None) => {}
            (None, Some(_)) => self.of_answer(id, new, "answers with a body now"),
            (Some(_), None) => self.of_answer(id, new, "answers without a body now"),
        }
        match (&was.headers, &now.headers) {
            (Some(was), Some(now)) => {
                let whose = Whose {
                    subject: Subject::Operation {
                        name: new.name.clone(),
                    },
                    name: format!("the headers of {name}"),
                };
                self.of_types(was, now, Usage::Response, &whose, |comparison| {
                    comparison.of_answer(id, new, "answers with other headers");
                });
            }
            (None, None) => {}
            (None, Some(_)) => {
                self.of_answer("response-headers-added", new, "answers with headers of its own");
            }
            (Some(_), None) => {
                self.of_answer(
                    "response-headers-removed",
                    new,
                    "answers without headers of its own",
                );
            }
        }
    }

    fn payload(
        &mut self,
        new: &OperationModel,
        was: &PayloadModel,
        now: &PayloadModel,
        usage: Usage,
        name: String,
    ) {
        if was.media != now.media {
            let id = "operation-media-type-changed";
            match usage {
                Usage::Request => {
                    let what = format!("reads {} instead of {}", now.media, was.media);
                    self.of_operation(id, new, &what);
                }
                Usage::Response => {
                    let what = format!("answers with {} instead of {}", now.media, was.media);
                    self.of_answer(id, new, &what);
                }
            }
            // What an item was and a document is cannot be compared.
            return;
        }
        let whose = Whose {
            subject: Subject::Operation {
                name: new.name.clone(),
            },
            name,
        };
        self.of_types(&was.ty, &now.ty, usage, &whose, |comparison| match usage {
            Usage::Request => comparison.of_operation("operation-body-changed", new, "reads another body"),
            Usage::Response => {
                comparison.of_answer("operation-output-changed", new, "answers with another type");
            }
        });
    }
}
