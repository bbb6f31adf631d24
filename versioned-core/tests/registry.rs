//! The registry: sorted whatever the order of linking, conflicts told with both places, a manifest that is checked.

mod library;

use library::{V1, V1_1, field, origin, structure};
use versioned_core::Registry;
use versioned_core::contract::{Compatibility, Contract, Operation};
use versioned_core::engine;
use versioned_core::model::Model;
use versioned_core::registry::RegistryError;
use versioned_core::response::{ResponseSpec, Responses};
use versioned_core::schema::{Link, Node, Schema, Shape};
use versioned_core::version::Semver;

static BILLING: Contract = Contract {
    id: "billing",
    version: Semver::new(0, 2, 0),
    name: "v0_2",
    index: 0,
    released: None,
    deprecation: None,
    compatibility: Compatibility::Full,
    doc: "",
    operations: &[],
    migrations: &[],
    previous: None,
    origin: origin("billing", 1),
};

/// The same declaration as `V1`, linked a second time.
static TWICE: Contract = Contract {
    origin: origin("library_api::library", 7),
    ..copy(&V1, V1.operations)
};

/// Another declaration of 1.0.0.
static OTHER: Contract = Contract {
    origin: origin("other_api::library", 3),
    ..copy(&V1, ONE_LESS)
};
const ONE_LESS: &[Operation] = &[list_nothing()];

const fn list_nothing() -> Operation {
    Operation {
        name: "list_books",
        trait_name: "Library",
        method: versioned_core::contract::Method::Get,
        path: "/books",
        status: 200,
        doc: "",
        parameters: &[],
        body: None,
        responses: <Vec<String> as Responses>::RESPONSES,
        problems: &[],
        replaces: false,
        conversions: &[],
        marks: versioned_core::contract::Marks::NONE,
        examples: &[],
    }
}

const fn copy(of: &Contract, operations: &'static [Operation]) -> Contract {
    Contract {
        id: of.id,
        version: of.version,
        name: of.name,
        index: of.index,
        released: None,
        deprecation: None,
        compatibility: of.compatibility,
        doc: of.doc,
        operations,
        migrations: &[],
        previous: None,
        origin: of.origin,
    }
}

#[test]
fn sorts_by_contract_and_version() {
    for linked in [[&V1, &V1_1, &BILLING, &TWICE], [&TWICE, &BILLING, &V1_1, &V1]] {
        let registry = Registry::collect(linked).expect("nothing contradicts");
        let names: Vec<String> = registry
            .contracts()
            .map(|c| format!("{}@{}", c.id, c.version))
            .collect();
        assert_eq!(names, ["billing@0.2.0", "library@1.0.0", "library@1.1.0"]);
        let versions: Vec<&str> = registry.versions("library").map(|c| c.name).collect();
        assert_eq!(versions, ["v1", "v1_1"]);
        assert_eq!(registry.find("library", "1.1.0").map(|c| c.name), Some("v1_1"));
        assert!(registry.find("library", "1.2.0").is_none());
        assert_eq!(registry.versions("unknown").count(), 0);
    }
}

#[test]
fn refuses_two_meanings_of_one_version_naming_both_places() {
    let expected = "contract `library` 1.0.0 is declared twice with different content: in library_api::library (src/lib.rs:7), \
                    and in other_api::library (src/lib.rs:3)";
    for linked in [[&V1, &OTHER], [&OTHER, &V1]] {
        let error = Registry::collect(linked).expect_err("two meanings");
        let text = error.to_string();
        assert!(text.starts_with(expected), "{text}");
        assert!(
            text.contains("parameter `page` of `list_books` was removed"),
            "{text}"
        );
    }
}

#[test]
fn a_manifest_says_what_is_missing_and_how_to_mend_it() {
    #[track_caller]
    fn check(registry: &Registry, manifest: &[&str], missing: Option<(&str, &str)>) {
        match (registry.require(manifest.iter().copied()), missing) {
            (Ok(()), None) => {}
            (Err(error @ RegistryError::Missing { .. }), Some((entry, remedy))) => {
                let text = error.to_string();
                assert!(
                    text.starts_with(&format!("contract `{entry}` is not registered")),
                    "{text}"
                );
                assert!(text.contains(remedy), "{text}");
            }
            (result, _) => panic!("{result:?}"),
        }
    }
    let registry = Registry::collect([&V1, &V1_1]).expect("nothing contradicts");
    check(&registry, &[], None);
    check(&registry, &["library", "library@1.1.0"], None);
    check(
        &registry,
        &["library", "user-profile"],
        Some(("user-profile", "use user_profile as _;")),
    );
    check(
        &registry,
        &["books@1.2.0"],
        Some(("books@1.2.0", "registered: library@1.0.0, library@1.1.0")),
    );
    let version = registry.require(["library@1.2.0"]).expect_err("no such version");
    assert!(
        version.to_string().starts_with(
            "contract `library` is registered in 1.0.0, 1.1.0, and not in `1.2.0`: require one of these"
        ),
        "{version}"
    );
    let nameless = registry.require(["@1.2.0"]).expect_err("no name");
    assert!(
        nameless.to_string().contains("`@1.2.0` names no contract"),
        "{nameless}"
    );
    check(
        &Registry::default(),
        &["library"],
        Some(("library", "registered: nothing")),
    );
}

#[test]
fn the_constants_become_a_model() {
    let model = Model::from(&V1_1);
    // Types of the contract by their plain name, those of others by their identity.
    let names: Vec<&str> = model.types.keys().map(String::as_str).collect();
    assert_eq!(names, ["Book", "Page", "shelves::State"]);
    let problems = model.operations[1].problems.iter();
    let problems: Vec<(&str, u16)> = problems.map(|problem| (&*problem.name, problem.status)).collect();
    assert_eq!(problems, [("NotFound", 404), ("Lent", 409), ("Stale", 409)]);
    let written = serde_json::to_string(&model).expect("a model is plain data");
    let read: Model = serde_json::from_str(&written).expect("it was just written");
    assert_eq!(read, model);
}

/// A crate may have the name of its contract: its own types are none of the contract's.
#[test]
fn types_of_a_crate_named_as_its_contract_are_its_own() {
    static OF_THE_CRATE: Node = structure("library::Book", "Book", &[field("x", bool::NODE)], false);
    static OF_A_MODULE: Node = structure("library::api::Book", "Book", &[field("y", bool::NODE)], false);
    static UNCHANGED: Node = structure("library::v1::Book", "Book", &[field("z", bool::NODE)], false);
    static LATER: Contract = Contract {
        name: "v1_1",
        index: 1,
        previous: Some(&V1),
        ..copy(
            &V1,
            &[Operation {
                responses: &[ResponseSpec::json(Link::of(&ALL))],
                ..list_nothing()
            }],
        )
    };
    static ALL: Node = Node::anonymous(Shape::Tuple(&[
        Link::of(&OF_THE_CRATE),
        Link::of(&UNCHANGED),
        Link::of(&OF_A_MODULE),
    ]));
    let model = Model::from(&LATER);
    let names: Vec<&str> = model.types.keys().map(String::as_str).collect();
    assert_eq!(names, ["Book", "library::Book", "library::api::Book"]);
}

#[test]
fn an_addition_is_a_change_and_no_break() {
    let changes = engine::compare(&Model::from(&V1), &Model::from(&V1_1));
    let rules: Vec<&str> = changes.iter().map(|change| change.rule.id).collect();
    assert_eq!(rules, ["field-added-required", "field-added-optional"]);
    assert_eq!(engine::breaks(&V1, &V1_1), []);
    assert_eq!(
        engine::breaks(&V1_1, &V1).len(),
        2,
        "the field goes in both directions"
    );
    assert_ne!(V1.fingerprint(), V1_1.fingerprint());
    assert_eq!(V1.fingerprint(), TWICE.fingerprint());
}
