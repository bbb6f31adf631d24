//! The laws of the engine and of fingerprints, over made-up models.

mod base;

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use versioned_core::Compatibility;
use versioned_core::contract::{Method, Place};
use versioned_core::engine::{Change, Subject, Usage, compare, judge};
use versioned_core::model::{
    ContentModel, FieldModel, Model, OperationModel, ParameterModel, PayloadModel, ProblemModel,
    ResponseModel, TaggingModel, TypeModel, TypeRef, VariantModel,
};
use versioned_core::payload::Media;
use versioned_core::schema::{Matching, Presence};
use versioned_core::version::Step;

proptest! {
    #[test]
    fn a_model_does_not_differ_from_itself(model in model()) {
        prop_assert_eq!(compare(&model, &model), Vec::new());
    }

    #[test]
    fn a_patch_changes_nothing((old, new) in versions()) {
        let changes = compare(&old, &new);
        let verdicts = judge(Step::Patch, Compatibility::Backward, &changes);
        prop_assert_eq!(verdicts.len(), changes.len());
        prop_assert!(verdicts.iter().all(|verdict| verdict.code == "V0208" && !verdict.must_migrate));
    }

    #[test]
    fn a_major_migrates_what_backward_forbids((old, new) in versions(), promise in promise()) {
        let changes = compare(&old, &new);
        let forbidden = judge(Step::Minor, Compatibility::Backward, &changes);
        let migrated = judge(Step::Major, promise, &changes);
        prop_assert!(forbidden.iter().map(|v| v.change).eq(migrated.iter().map(|v| v.change)));
        prop_assert!(migrated.iter().all(|verdict| verdict.must_migrate));
    }

    #[test]
    fn full_is_both((old, new) in versions()) {
        let changes = compare(&old, &new);
        let of = |promise| broken(&changes, promise, |_| true);
        let both = &of(Compatibility::Backward) | &of(Compatibility::Forward);
        prop_assert_eq!(of(Compatibility::Full), both);
    }

    /// `forward` is `backward` seen in a mirror, but for one thing: an optional member of an answer may come
    /// under either promise, and may not go under `backward`, as clients may count on it where it is there.
    #[test]
    fn forward_mirrors_backward((old, new) in versions()) {
        let (forward, backward) = mirrored(&old, &new);
        prop_assert_eq!(forward, backward);
    }

    #[test]
    fn what_the_fingerprint_sees_the_engine_tells((old, new) in versions()) {
        if old.fingerprint() != new.fingerprint() {
            prop_assert!(!compare(&old, &new).is_empty());
        }
        // Names of the source are equal to those on the wire here, so the reverse holds, too.
        if compare(&old, &new).is_empty() {
            prop_assert_eq!(old.fingerprint(), new.fingerprint());
        }
    }

    #[test]
    fn the_order_of_the_source_is_not_on_the_wire(model in model()) {
        let mut reversed = model.clone();
        reversed.operations.reverse();
        for ty in reversed.types.values_mut() {
            match ty {
                TypeModel::Struct { fields, .. } => fields.reverse(),
                TypeModel::Enum { tagging, variants, .. } if *tagging != TaggingModel::Untagged => variants.reverse(),
                TypeModel::Enum { .. } | TypeModel::Transparent(_) | TypeModel::Constrained(..) => {}
            }
        }
        prop_assert_eq!(compare(&model, &reversed), Vec::new());
        prop_assert_eq!(model.fingerprint(), reversed.fingerprint());
    }

    #[test]
    fn names_of_the_source_are_not_on_the_wire(model in model()) {
        let mut renamed = model.clone();
        for (index, operation) in renamed.operations.iter_mut().enumerate() {
            operation.name = format!("renamed_{index}");
        }
        // `T0` becomes `Z_T0` everywhere, so that types are met in another order of names.
        let text = serde_json::to_string(&renamed).expect("a model is plain data");
        let renamed: Model = serde_json::from_str(&text.replace("\"T0\"", "\"Z_T0\"")).expect("it was just written");
        prop_assert_eq!(model.fingerprint(), renamed.fingerprint());
    }
}

/// The law of mirrors for each pair of ways to have a member, or none: made-up models rarely meet on most of them.
#[test]
fn forward_mirrors_backward_for_members_of_every_presence() {
    let ways = ways();
    for (was, now) in ways.iter().flat_map(|was| ways.iter().map(move |now| (was, now))) {
        for place in [in_struct, in_problem] {
            let (forward, backward) = mirrored(&place(was.as_ref()), &place(now.as_ref()));
            assert_eq!(forward, backward, "from {was:?} to {now:?}");
        }
    }
}

/// No member, and one of every presence, optional or not in each direction.
fn ways() -> Vec<Option<FieldModel>> {
    let mut ways = vec![None];
    for presence in PRESENCES {
        for (optional_in, optional_out) in [(false, false), (false, true), (true, false), (true, true)] {
            ways.push(Some(FieldModel {
                presence,
                optional_in,
                optional_out,
                ..base::field("member")
            }));
        }
    }
    ways
}

/// A member of a struct that is both sent and answered.
fn in_struct(member: Option<&FieldModel>) -> Model {
    let mut model = base::base();
    base::fields(&mut model, "Both").extend(member.cloned());
    model
}

fn in_problem(member: Option<&FieldModel>) -> Model {
    let mut model = base::base();
    model.operations[0].problems[0].members.extend(member.cloned());
    model
}

type Broken = BTreeSet<(Subject, Usage)>;

/// What `forward` forbids on the way there, and what `backward` forbids on the way back but for optional members of answers
/// that go.
fn mirrored(old: &Model, new: &Model) -> (Broken, Broken) {
    let (there, back) = (compare(old, new), compare(new, old));
    let came = |gone: &Change| {
        let mut added = there
            .iter()
            .filter(|change| change.rule.id == "field-added-optional");
        added.any(|change| (&change.subject, change.usage) == (&gone.subject, gone.usage))
    };
    // A member also goes from answers if only requests have it any more. That rule is the same for required members, so what
    // tells that it was optional is how it came.
    let optional_answer_went = |change: &Change| {
        let goes = matches!(
            change.rule.id,
            "field-removed-optional" | "field-became-write-only"
        );
        goes && change.usage == Usage::Response && came(change)
    };
    let forward = broken(&there, Compatibility::Forward, |_| true);
    let backward = broken(&back, Compatibility::Backward, |change| {
        !optional_answer_went(change)
    });
    (forward, backward)
}

fn broken(changes: &[Change], promise: Compatibility, keep: impl Fn(&Change) -> bool) -> Broken {
    let verdicts = judge(Step::Minor, promise, changes).into_iter();
    let kept = verdicts
        .map(|verdict| verdict.change)
        .filter(|change| keep(change));
    kept.map(|change| (change.subject.clone(), change.usage))
        .collect()
}

fn promise() -> impl Strategy<Value = Compatibility> {
    select(vec![
        Compatibility::Backward,
        Compatibility::Forward,
        Compatibility::Full,
    ])
}

/// The types that a model has. Strategies are boxed: by value, they are too large for the stacks of test threads.
const TYPES: [&str; 3] = ["T0", "T1", "T2"];

const PRESENCES: [Presence; 3] = [Presence::Both, Presence::Read, Presence::Written];

fn model() -> BoxedStrategy<Model> {
    parts().prop_map(Parts::model).boxed()
}

/// Two versions. Those of half the pairs have the same operations: others hardly ever meet on a type.
fn versions() -> BoxedStrategy<(Model, Model)> {
    (parts(), parts(), any::<bool>())
        .prop_map(|(old, mut new, alike)| {
            if alike {
                new.operations.clone_from(&old.operations);
            }
            (old.model(), new.model())
        })
        .boxed()
}

/// What a model is made of.
#[derive(Debug, Clone)]
struct Parts {
    /// Operations, each with whether it documents the problem.
    operations: Vec<(OperationModel, bool)>,
    /// One for all operations: it stands for a variant of an error type, which is the same wherever it is documented.
    problem: ProblemModel,
    types: [TypeModel; 3],
}

impl Parts {
    fn model(self) -> Model {
        let problems = |documented: bool| documented.then(|| self.problem.clone());
        let operations = self.operations.into_iter();
        Model {
            operations: operations
                .map(|(operation, documented)| OperationModel {
                    problems: problems(documented).into_iter().collect(),
                    ..operation
                })
                .collect(),
            types: TYPES
                .iter()
                .map(|name| (*name).to_owned())
                .zip(self.types)
                .collect(),
        }
    }
}

fn parts() -> BoxedStrategy<Parts> {
    let operations = [0, 1].map(|number| proptest::option::of((operation(number), any::<bool>())));
    let types = [type_model(), type_model(), type_model()];
    (operations, problem(), types)
        .prop_map(|(operations, problem, types)| Parts {
            operations: operations.into_iter().flatten().collect(),
            problem,
            types,
        })
        .boxed()
}

/// An operation without problems.
fn operation(number: usize) -> BoxedStrategy<OperationModel> {
    let method = select(vec![Method::Post, Method::Put]);
    let path = select(vec![
        format!("/o{number}/{{id}}"),
        format!("/o{number}/{{id}}/more"),
    ]);
    let facts = (method, path, any::<bool>());
    let types = (
        proptest::option::of(payload()),
        responses(),
        proptest::option::of(type_ref()),
    );
    (facts, types)
        .prop_map(
            move |((method, path, replaces), (body, responses, query))| OperationModel {
                name: format!("o{number}"),
                method,
                path,
                parameters: std::iter::once(parameter("id", Place::Path, TypeRef::Leaf("string".to_owned())))
                    .chain(query.map(|ty| parameter("q", Place::Query, ty)))
                    .collect(),
                body,
                responses,
                problems: Vec::new(),
                replaces,
                marks: versioned_core::model::MarksModel::default(),
            },
        )
        .boxed()
}

fn problem() -> BoxedStrategy<ProblemModel> {
    (select(vec![404, 409]), vec(field("id"), 0..2))
        .prop_map(|(status, members)| ProblemModel {
            owner: "Failure".to_owned(),
            name: "Missing".to_owned(),
            type_uri: "urn:missing".to_owned(),
            status,
            members,
        })
        .boxed()
}

fn payload() -> BoxedStrategy<PayloadModel> {
    let media = select(vec![Media::Json, Media::Json, Media::Ndjson]);
    (media, type_ref())
        .prop_map(|(media, ty)| PayloadModel { media, ty })
        .boxed()
}

/// One answer, or two of different statuses.
fn responses() -> BoxedStrategy<Vec<ResponseModel>> {
    let response = (proptest::option::of(type_ref()), proptest::option::of(payload()));
    let statuses = select(vec![vec![200], vec![201], vec![200, 202], vec![202, 200]]);
    (statuses, [response.clone(), response])
        .prop_map(|(statuses, forms)| {
            let responses = statuses.into_iter().zip(forms);
            responses
                .map(|(status, (headers, body))| ResponseModel {
                    status,
                    headers,
                    body,
                })
                .collect()
        })
        .boxed()
}

fn parameter(name: &str, place: Place, ty: TypeRef) -> ParameterModel {
    ParameterModel {
        name: name.to_owned(),
        wire: name.to_owned(),
        place,
        optional: matches!(ty, TypeRef::Option(_)),
        ty,
    }
}

fn type_ref() -> BoxedStrategy<TypeRef> {
    let flat = prop_oneof![
        select(vec!["string", "u8"]).prop_map(|leaf| TypeRef::Leaf(leaf.to_owned())),
        select(TYPES.to_vec()).prop_map(|name| TypeRef::Named(name.to_owned())),
    ];
    flat.prop_recursive(2, 4, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|inner| TypeRef::Option(Box::new(inner))),
            inner.clone().prop_map(|inner| TypeRef::List(Box::new(inner))),
            inner.clone().prop_map(|inner| TypeRef::Map(Box::new(inner))),
            vec(inner, 2).prop_map(TypeRef::Tuple),
        ]
    })
    .boxed()
}

fn type_model() -> BoxedStrategy<TypeModel> {
    let tagging = prop_oneof![
        Just(TaggingModel::External),
        Just(TaggingModel::Untagged),
        Just(TaggingModel::Internal {
            tag: "tag".to_owned()
        }),
    ];
    prop_oneof![
        4 => (fields(), any::<bool>()).prop_map(|(fields, deny_unknown_fields)| {
            TypeModel::Struct { fields, deny_unknown_fields }
        }),
        3 => (tagging, variants()).prop_map(|(tagging, variants)| TypeModel::Enum {
            tagging,
            variants,
            deny_unknown_fields: false,
        }),
        1 => type_ref().prop_map(TypeModel::Transparent),
    ]
    .boxed()
}

fn fields() -> BoxedStrategy<Vec<FieldModel>> {
    let [a, b, c] = ["a", "b", "c"].map(|name| proptest::option::of(field(name)));
    (a, b, c)
        .prop_map(|(a, b, c)| [a, b, c].into_iter().flatten().collect())
        .boxed()
}

fn field(name: &'static str) -> BoxedStrategy<FieldModel> {
    let flatten = proptest::bool::weighted(0.1);
    (type_ref(), any::<[bool; 3]>(), presence(), flatten)
        .prop_map(
            move |(ty, [optional_in, optional_out, alias], presence, flatten)| FieldModel {
                name: name.to_owned(),
                wire: name.to_owned(),
                aliases: if alias {
                    vec![format!("{name}2")]
                } else {
                    Vec::new()
                },
                optional_in: optional_in || matches!(ty, TypeRef::Option(_)),
                optional_out,
                // Flattened structs are tested apart: here all have members of the same names.
                ty: if flatten {
                    TypeRef::Map(Box::new(TypeRef::Leaf(name.to_owned())))
                } else {
                    ty
                },
                presence,
                flatten,
            },
        )
        .boxed()
}

fn presence() -> BoxedStrategy<Presence> {
    let [both, read, written] = PRESENCES.map(Just);
    prop_oneof![6 => both, 1 => read, 1 => written].boxed()
}

fn variants() -> BoxedStrategy<Vec<VariantModel>> {
    let content = || {
        prop_oneof![
            Just(ContentModel::Unit),
            type_ref().prop_map(ContentModel::Newtype),
            fields().prop_map(ContentModel::Struct),
            vec(type_ref(), 2).prop_map(ContentModel::Tuple),
        ]
    };
    let variant = |name: &'static str| {
        let matching = prop_oneof![4 => Just(Matching::Named), 1 => Just(Matching::Other)];
        let made =
            (content(), presence(), matching).prop_map(move |(content, presence, matching)| VariantModel {
                name: name.to_owned(),
                wire: name.to_owned(),
                aliases: Vec::new(),
                content,
                presence,
                matching,
            });
        proptest::option::of(made)
    };
    let some = (variant("A"), variant("B"), variant("C"));
    some.prop_map(|(a, b, c)| [a, b, c].into_iter().flatten().collect::<Vec<_>>())
        .prop_shuffle()
        .boxed()
}
