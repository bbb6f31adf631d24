//! Edits of the base model, and what the engine tells of each, there and back.

use versioned_core::contract::{Method, Place};
use versioned_core::model::{
    ContentModel, FieldModel, Model, PayloadModel, ResponseModel, TaggingModel, TypeModel, TypeRef,
};
use versioned_core::payload::Media;
use versioned_core::schema::Presence;

use crate::base::{deny, field, fields, leaf, parameter, problem, variant, variants};

/// Edits of the base model; each is compared there and back.
pub(crate) struct Case {
    pub(crate) edit: fn(&mut Model),
    /// What is found from the base to the edited model: rule, subject, usage, and the promises that it breaks.
    pub(crate) there: &'static [&'static str],
    /// The same from the edited model to the base.
    pub(crate) back: &'static [&'static str],
}

pub(crate) const CASES: &[Case] = &[
    Case {
        edit: |m| m.operations[0].marks.safe = true,
        there: &["operation-safety-promised ask in request breaks forward"],
        back: &["operation-safety-dropped ask in request breaks backward"],
    },
    Case {
        edit: |m| m.operations[0].marks.idempotent = true,
        there: &["operation-idempotence-promised ask in request breaks forward"],
        back: &["operation-idempotence-dropped ask in request breaks backward"],
    },
    Case {
        edit: |m| demand(m, &[&["bearer"]]),
        there: &["operation-security-tightened ask in request breaks backward"],
        back: &["operation-security-loosened ask in request breaks forward"],
    },
    // To let everybody in is to demand nothing, but it is stated.
    Case {
        edit: |m| demand(m, &[&["bearer"], &[]]),
        there: &[],
        back: &[],
    },
    Case {
        edit: |m| drop(fields(m, "Asked").remove(0)),
        there: &["field-removed Asked.a in request breaks both"],
        back: &["field-added-required Asked.a in request breaks both"],
    },
    Case {
        edit: |m| drop(fields(m, "Told").remove(0)),
        there: &["field-removed Told.a in response breaks backward"],
        back: &["field-added-required Told.a in response breaks forward"],
    },
    Case {
        edit: |m| {
            fields(m, "Asked").push(FieldModel {
                optional_in: true,
                ..field("b")
            });
        },
        there: &["field-added-optional Asked.b in request breaks forward"],
        back: &["field-removed-optional Asked.b in request breaks backward"],
    },
    Case {
        // What may be missing in answers may come, but not go: a client may count on it where it is there.
        edit: |m| {
            fields(m, "Told").push(FieldModel {
                optional_out: true,
                ..field("b")
            });
        },
        there: &["field-added-optional Told.b in response breaks nothing"],
        back: &["field-removed-optional Told.b in response breaks backward"],
    },
    Case {
        edit: |m| fields(m, "Both")[0].ty = leaf("u64"),
        there: &[
            "field-type-changed Both.a in request breaks both",
            "field-type-changed Both.a in response breaks both",
        ],
        back: &[
            "field-type-changed Both.a in request breaks both",
            "field-type-changed Both.a in response breaks both",
        ],
    },
    Case {
        // `String` to `Option<String>`.
        edit: |m| {
            let field = &mut fields(m, "Both")[0];
            field.ty = TypeRef::Option(Box::new(field.ty.clone()));
            field.optional_in = true;
        },
        there: &[
            "field-became-optional Both.a in request breaks forward",
            "field-became-optional Both.a in response breaks backward",
        ],
        back: &[
            "field-became-required Both.a in request breaks backward",
            "field-became-required Both.a in response breaks forward",
        ],
    },
    Case {
        // What belongs to the service may be sent, and is ignored.
        edit: |m| {
            let field = &mut fields(m, "Both")[0];
            (field.presence, field.optional_in) = (Presence::Written, true);
        },
        there: &["field-became-read-only Both.a in request breaks both"],
        back: &["field-added-required Both.a in request breaks both"],
    },
    Case {
        // `#[serde(default)]` is not seen in answers.
        edit: |m| fields(m, "Both")[0].optional_in = true,
        there: &["field-became-optional Both.a in request breaks forward"],
        back: &["field-became-required Both.a in request breaks backward"],
    },
    Case {
        // Nor are other names.
        edit: |m| fields(m, "Both")[0].aliases.push("other".to_owned()),
        there: &["aliases-added Both.a in request breaks forward"],
        back: &["aliases-removed Both.a in request breaks backward"],
    },
    Case {
        edit: |m| variants(m)[0].aliases.push("other".to_owned()),
        there: &["aliases-added Kind::One in request breaks forward"],
        back: &["aliases-removed Kind::One in request breaks backward"],
    },
    Case {
        edit: |m| variants(m).push(variant("Three", ContentModel::Unit)),
        there: &[
            "variant-added Kind::Three in request breaks forward",
            "variant-added Kind::Three in response breaks backward",
        ],
        back: &[
            "variant-removed Kind::Three in request breaks backward",
            "variant-removed Kind::Three in response breaks forward",
        ],
    },
    Case {
        edit: |m| variants(m)[0].content = ContentModel::Newtype(leaf("u8")),
        there: &[
            "variant-content-changed Kind::One in request breaks both",
            "variant-content-changed Kind::One in response breaks both",
        ],
        back: &[
            "variant-content-changed Kind::One in request breaks both",
            "variant-content-changed Kind::One in response breaks both",
        ],
    },
    Case {
        edit: |m| match &mut variants(m)[1].content {
            ContentModel::Struct(fields) => fields[0].ty = leaf("u8"),
            other => panic!("{other:?}"),
        },
        there: &[
            "field-type-changed Kind::Two.x in request breaks both",
            "field-type-changed Kind::Two.x in response breaks both",
        ],
        back: &[
            "field-type-changed Kind::Two.x in request breaks both",
            "field-type-changed Kind::Two.x in response breaks both",
        ],
    },
    Case {
        edit: |m| match m.types.get_mut("Kind") {
            Some(TypeModel::Enum { tagging, .. }) => *tagging = TaggingModel::Untagged,
            other => panic!("{other:?}"),
        },
        there: &[
            "type-tagging-changed Kind in request breaks both",
            "type-tagging-changed Kind in response breaks both",
        ],
        back: &[
            "type-tagging-changed Kind in request breaks both",
            "type-tagging-changed Kind in response breaks both",
        ],
    },
    Case {
        edit: |m| {
            m.types
                .insert("Told".to_owned(), TypeModel::Transparent(leaf("u8")));
        },
        there: &["type-kind-changed Told in response breaks both"],
        back: &["type-kind-changed Told in response breaks both"],
    },
    Case {
        // What is only answered refuses nothing.
        edit: |m| {
            deny(m, "Asked");
            deny(m, "Told");
        },
        there: &["unknown-fields-denied Asked in request breaks backward"],
        back: &["unknown-fields-allowed Asked in request breaks forward"],
    },
    Case {
        edit: |m| drop(m.operations.remove(0)),
        there: &["operation-removed ask in request breaks backward"],
        back: &["operation-added ask in request breaks forward"],
    },
    Case {
        // Clients know the route: another name is none of theirs.
        edit: |m| "wonder".clone_into(&mut m.operations[0].name),
        there: &["operation-renamed wonder in request breaks nothing"],
        back: &["operation-renamed ask in request breaks nothing"],
    },
    Case {
        edit: |m| m.operations[0].path.push_str("/more"),
        there: &["operation-route-changed ask in request breaks both"],
        back: &["operation-route-changed ask in request breaks both"],
    },
    Case {
        edit: |m| m.operations[0].method = Method::Put,
        there: &["operation-route-changed ask in request breaks both"],
        back: &["operation-route-changed ask in request breaks both"],
    },
    Case {
        edit: |m| m.operations[0].responses[0].status = 202,
        there: &["operation-status-changed ask in request breaks both"],
        back: &["operation-status-changed ask in request breaks both"],
    },
    Case {
        edit: |m| m.operations[0].replaces = true,
        there: &["operation-replaces-changed ask in request breaks both"],
        back: &["operation-replaces-changed ask in request breaks both"],
    },
    Case {
        edit: |m| m.operations[0].body = None,
        there: &["operation-body-changed ask in request breaks both"],
        back: &["operation-body-changed ask in request breaks both"],
    },
    Case {
        edit: |m| media(&mut m.operations[0].body, Media::Ndjson),
        there: &["operation-media-type-changed ask in request breaks both"],
        back: &["operation-media-type-changed ask in request breaks both"],
    },
    Case {
        edit: |m| media(&mut m.operations[0].responses[0].body, Media::Events),
        there: &["operation-media-type-changed ask in response breaks both"],
        back: &["operation-media-type-changed ask in response breaks both"],
    },
    Case {
        edit: |m| {
            m.operations[0]
                .responses
                .push(ResponseModel::json(202, TypeRef::Unit));
        },
        there: &["response-added ask in response breaks both"],
        back: &["response-removed ask in response breaks both"],
    },
    Case {
        edit: |m| m.operations[0].responses[0].headers = Some(TypeRef::Named("Told".to_owned())),
        there: &["response-headers-added ask in response breaks forward"],
        back: &["response-headers-removed ask in response breaks backward"],
    },
    Case {
        edit: |m| m.operations[0].responses[0].body = None,
        there: &["operation-output-changed ask in response breaks both"],
        back: &["operation-output-changed ask in response breaks both"],
    },
    Case {
        edit: |m| m.operations[0].responses = vec![ResponseModel::json(200, leaf("u8"))],
        there: &["operation-output-changed ask in response breaks both"],
        back: &["operation-output-changed ask in response breaks both"],
    },
    Case {
        edit: |m| m.operations[0].problems.push(problem("taken", 409)),
        there: &["problem-added Failure::taken in response breaks nothing"],
        back: &["problem-removed Failure::taken in response breaks nothing"],
    },
    Case {
        edit: |m| m.operations[0].problems[0].status = 410,
        there: &["problem-status-changed Failure::missing in response breaks both"],
        back: &["problem-status-changed Failure::missing in response breaks both"],
    },
    Case {
        edit: |m| m.operations[0].problems[0].members.clear(),
        there: &["field-removed Failure::missing.id in response breaks backward"],
        back: &["field-added-required Failure::missing.id in response breaks forward"],
    },
    Case {
        edit: |m| {
            m.operations[0]
                .parameters
                .push(parameter("q", Place::Query, true));
        },
        there: &["parameter-added-optional ask(q) in request breaks forward"],
        back: &["parameter-removed-optional ask(q) in request breaks backward"],
    },
    Case {
        edit: |m| {
            m.operations[0]
                .parameters
                .push(parameter("q", Place::Query, false));
        },
        there: &["parameter-added-required ask(q) in request breaks both"],
        back: &["parameter-removed ask(q) in request breaks both"],
    },
    Case {
        edit: |m| m.operations[0].parameters[1] = parameter("If-Match", Place::Header, true),
        there: &["parameter-became-optional ask(If-Match) in request breaks forward"],
        back: &["parameter-became-required ask(If-Match) in request breaks backward"],
    },
    Case {
        edit: |m| m.operations[0].parameters[1].ty = leaf("u8"),
        there: &["parameter-type-changed ask(If-Match) in request breaks both"],
        back: &["parameter-type-changed ask(If-Match) in request breaks both"],
    },
    Case {
        // Names of path parameters, and the case of header names, are not on the wire; an unused type is not, either.
        edit: |m| {
            let ask = &mut m.operations[0];
            ask.path = ask.path.replace("{id}", "{key}");
            ask.parameters[0] = parameter("key", Place::Path, false);
            ask.parameters[1].wire.make_ascii_lowercase();
            m.types
                .insert("Unused".to_owned(), TypeModel::Transparent(TypeRef::Unit));
        },
        there: &[],
        back: &[],
    },
];

/// Replaces what callers of the first operation show.
fn demand(model: &mut Model, alternatives: &[&[&str]]) {
    let texts = |needed: &&[&str]| needed.iter().map(|text| (*text).to_owned()).collect();
    model.operations[0].marks.security = alternatives.iter().map(texts).collect();
}

/// Gives a body another media type.
fn media(body: &mut Option<PayloadModel>, media: Media) {
    if let Some(body) = body {
        body.media = media;
    }
}
