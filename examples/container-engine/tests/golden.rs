//! What each version sees of one value, in the bytes of its documented shape.

use container_engine::container_engine::{v40, v41, v42, v43, v44};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, from_value, json, to_value};
use versioned_runtime::{Downgrade, Upgrade};

#[track_caller]
fn check<Old, New>(old: &Value, new: &Value, up: impl Fn(Old) -> New)
where
    Old: DeserializeOwned,
    New: Serialize,
{
    let value = from_value(old.clone()).expect("the golden has the documented shape");
    assert_eq!(to_value(up(value)).expect("plain data"), *new);
}

#[test]
fn the_virtual_size_is_gone_in_44() {
    let old = json!({"Id": "sha256:1", "RepoTags": ["a:1"], "Created": 7, "Size": 9, "VirtualSize": 9});
    let new = json!({"Id": "sha256:1", "RepoTags": ["a:1"], "Created": 7, "Size": 9});
    check(&old, &new, |image: v43::ImageSummary| -> v44::ImageSummary {
        image.upgrade()
    });
    check(&new, &old, |image: v44::ImageSummary| -> v43::ImageSummary {
        image.downgrade()
    });
}

#[test]
fn the_limit_of_kernel_memory_is_ignored_from_42_on() {
    let old = json!({"Image": "a:1", "HostConfig": {"Memory": 5, "KernelMemory": 6}});
    let new = json!({"Image": "a:1", "HostConfig": {"Memory": 5}});
    let without = json!({"Image": "a:1", "HostConfig": {"Memory": 5, "KernelMemory": null}});
    check(&old, &new, |made: v41::CreateRequest| -> v42::CreateRequest {
        made.upgrade()
    });
    check(&new, &without, |made: v42::CreateRequest| -> v41::CreateRequest {
        made.downgrade()
    });
}

#[test]
fn annotations_come_with_43() {
    let old = json!({"Image": "a:1", "HostConfig": {"Memory": 5}});
    let new = json!({"Image": "a:1", "HostConfig": {"Memory": 5, "Annotations": {"k": "v"}}});
    let without = json!({"Image": "a:1", "HostConfig": {"Memory": 5, "Annotations": null}});
    check(&old, &without, |made: v42::CreateRequest| -> v43::CreateRequest {
        made.upgrade()
    });
    check(&new, &old, |made: v43::CreateRequest| -> v42::CreateRequest {
        made.downgrade()
    });
}

#[test]
fn the_parameter_filter_is_gone_in_41() {
    let old = json!({"all": true, "filter": "a"});
    check(
        &old,
        &json!({"all": true}),
        |query: v40::ImageQuery| -> v41::ImageQuery { query.upgrade() },
    );
}
