//! Changes, as tools read them.

mod base;

use base::{base, fields};
use versioned_core::engine::compare;

#[test]
fn a_change_is_one_flat_object_in_json() {
    let (old, mut new) = (base(), base());
    fields(&mut new, "Told").remove(0);
    let changes = serde_json::to_value(compare(&old, &new)).expect("changes are plain data");
    let expected = serde_json::json!([{
        "rule": "field-removed", "code": "V0201", "kind": "field", "type": "Told", "field": "a", "usage": "response",
        "text": "field `a` of `Told` was removed",
    }]);
    assert_eq!(changes, expected);
}
