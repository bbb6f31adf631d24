//! Differences of what is promised of an operation, and demanded of its callers.

use super::Comparison;
use crate::model::OperationModel;

impl Comparison<'_> {
    pub(super) fn marks(&mut self, old: &OperationModel, new: &OperationModel) {
        // Another method promises something else by itself: that is told as another route.
        if old.method == new.method {
            match (old.marks.safe, new.marks.safe) {
                (false, true) => self.of_operation("operation-safety-promised", new, "only reads now"),
                (true, false) => {
                    self.of_operation("operation-safety-dropped", new, "does not only read any more");
                }
                _ => {}
            }
            match (old.marks.idempotent, new.marks.idempotent) {
                (false, true) => {
                    self.of_operation("operation-idempotence-promised", new, "may be repeated now");
                }
                (true, false) => {
                    let id = "operation-idempotence-dropped";
                    self.of_operation(id, new, "may not be repeated any more");
                }
                _ => {}
            }
        }
        if !new.marks.admits_all_of(&old.marks) {
            let what = "turns callers away that were let in";
            self.of_operation("operation-security-tightened", new, what);
        }
        if !old.marks.admits_all_of(&new.marks) {
            let what = "lets callers in that were turned away";
            self.of_operation("operation-security-loosened", new, what);
        }
    }
}
