//! A contract as the macros would write it, by hand: `library` 1.0.0 and 1.1.0.
#![allow(dead_code)] // each test file uses its part

use versioned_core::constraints::Constraints;
use versioned_core::contract::{Body, Compatibility, Contract, Method, Operation, Origin, Parameter, Place};
use versioned_core::payload::Media;
use versioned_core::problem::ProblemSpec;
use versioned_core::response::{ResponseSpec, Responses};
use versioned_core::schema::{
    Content, Field, Link, Matching, Node, Presence, Schema, Shape, Tagging, Variant,
};
use versioned_core::version::Semver;

pub(crate) const fn field(name: &'static str, ty: Link) -> Field {
    Field {
        name,
        wire: name,
        aliases: &[],
        doc: "",
        ty,
        optional_in: false,
        optional_out: false,
        presence: Presence::Both,
        flatten: false,
    }
}

pub(crate) const fn structure(
    id: &'static str,
    name: &'static str,
    fields: &'static [Field],
    deny_unknown_fields: bool,
) -> Node {
    Node {
        id,
        name,
        doc: "",
        shape: Shape::Struct {
            fields,
            deny_unknown_fields,
        },
        constraints: &Constraints::NONE,
    }
}

pub(crate) const fn variant(name: &'static str, wire: &'static str, content: Content) -> Variant {
    Variant {
        name,
        wire,
        aliases: &[],
        doc: "",
        content,
        presence: Presence::Both,
        matching: Matching::Named,
        deprecation: None,
    }
}

pub(crate) const fn enumeration(
    id: &'static str,
    name: &'static str,
    tagging: Tagging,
    variants: &'static [Variant],
) -> Node {
    Node {
        id,
        name,
        doc: "",
        shape: Shape::Enum {
            tagging,
            variants,
            deny_unknown_fields: false,
        },
        constraints: &Constraints::NONE,
    }
}

static BOOK_V1: Node = Node {
    id: "library::v1::Book",
    name: "Book",
    doc: "What is lent.",
    shape: Shape::Struct {
        fields: &[
            field("id", u64::NODE),
            Field {
                doc: "As on the cover.",
                ..field("title", String::NODE)
            },
            Field {
                optional_in: true,
                ..field("isbn", <Option<String>>::NODE)
            },
            Field {
                optional_out: true,
                ..field("sequels", Link::of(&BOOKS_V1))
            },
            field("state", Link::of(&STATE)),
        ],
        deny_unknown_fields: false,
    },
    constraints: &Constraints::NONE,
};
static BOOKS_V1: Node = Node::anonymous(Shape::List {
    item: Link::of(&BOOK_V1),
    unique: false,
    len: None,
});

static BOOK_V1_1: Node = Node {
    id: "library::v1_1::Book",
    name: "Book",
    doc: "What is lent.",
    shape: Shape::Struct {
        fields: &[
            field("id", u64::NODE),
            field("title", String::NODE),
            Field {
                optional_in: true,
                ..field("isbn", <Option<String>>::NODE)
            },
            Field {
                optional_out: true,
                ..field("sequels", Link::of(&BOOKS_V1_1))
            },
            field("state", Link::of(&STATE)),
            Field {
                optional_in: true,
                ..field("notes", <Vec<String>>::NODE)
            },
        ],
        deny_unknown_fields: false,
    },
    constraints: &Constraints::NONE,
};
static BOOKS_V1_1: Node = Node::anonymous(Shape::List {
    item: Link::of(&BOOK_V1_1),
    unique: false,
    len: None,
});

/// A type of another crate, used by both versions.
static STATE: Node = enumeration(
    "shelves::State",
    "State",
    Tagging::External,
    &[
        variant("Free", "free", Content::Unit),
        variant("Lent", "lent", Content::Unit),
    ],
);

static PAGE: Node = structure(
    "library::v1::Page",
    "Page",
    &[
        Field {
            optional_in: true,
            doc: "The last one seen.",
            ..field("after", <Option<u64>>::NODE)
        },
        field("limit", u16::NODE),
    ],
    false,
);

const NOT_FOUND: ProblemSpec = ProblemSpec {
    owner: "BookError",
    variant: "NotFound",
    status: 404,
    type_uri: "urn:library:not-found",
    title: "No such book",
    doc: "",
    members: &[field("id", u64::NODE)],
};
const LENT: ProblemSpec = ProblemSpec {
    owner: "BookError",
    variant: "Lent",
    status: 409,
    type_uri: "urn:library:lent",
    title: "Lent",
    doc: "Somebody has it.",
    members: &[],
};
const STALE: ProblemSpec = ProblemSpec {
    owner: "BookError",
    variant: "Stale",
    status: 409,
    type_uri: "urn:library:stale",
    title: "Stale",
    doc: "",
    members: &[],
};

const PAGE_AND_TAGS: &[Parameter] = &[
    Parameter {
        name: "page",
        wire: "page",
        place: Place::QueryStruct,
        ty: Link::of(&PAGE),
    },
    Parameter {
        name: "tags",
        wire: "tag",
        place: Place::Query,
        ty: <Vec<String>>::NODE,
    },
];

const fn list_books(books: &'static [ResponseSpec]) -> Operation {
    Operation {
        name: "list_books",
        trait_name: "Library",
        method: Method::Get,
        path: "/books",
        status: 200,
        doc: "List the books.\n\nIn the order of their ids.",
        parameters: PAGE_AND_TAGS,
        body: None,
        responses: books,
        problems: &[],
        replaces: false,
        conversions: &[],
        marks: versioned_core::contract::Marks::NONE,
        examples: &[],
    }
}

const ID_AND_TAG: &[Parameter] = &[
    Parameter {
        name: "id",
        wire: "id",
        place: Place::Path,
        ty: u64::NODE,
    },
    Parameter {
        name: "tag",
        wire: "If-Match",
        place: Place::Header,
        ty: <Option<String>>::NODE,
    },
];

const fn put_book(body: Body) -> Operation {
    Operation {
        name: "put_book",
        trait_name: "Library",
        method: Method::Put,
        path: "/books/{id}",
        status: 204,
        doc: "Replace a book.",
        parameters: ID_AND_TAG,
        body: Some(body),
        responses: <() as Responses>::RESPONSES,
        problems: &[NOT_FOUND, LENT, STALE],
        replaces: true,
        conversions: &[],
        marks: versioned_core::contract::Marks::NONE,
        examples: &[],
    }
}

pub(crate) const fn origin(module: &'static str, line: u32) -> Origin {
    Origin {
        module,
        file: "src/lib.rs",
        line,
    }
}

pub(crate) static V1: Contract = Contract {
    id: "library",
    version: Semver::new(1, 0, 0),
    name: "v1",
    index: 0,
    compatibility: Compatibility::Backward,
    doc: "Books and who has them.",
    operations: &[
        list_books(&[ResponseSpec::json(Link::of(&BOOKS_V1))]),
        put_book(Body {
            name: "book",
            media: Media::Json,
            ty: Link::of(&BOOK_V1),
        }),
    ],
    migrations: &[],
    released: None,
    deprecation: None,
    previous: None,
    origin: origin("library_api::library", 7),
};

pub(crate) static V1_1: Contract = Contract {
    id: "library",
    version: Semver::new(1, 1, 0),
    name: "v1_1",
    index: 1,
    compatibility: Compatibility::Backward,
    doc: "Books and who has them.",
    operations: &[
        list_books(&[ResponseSpec::json(Link::of(&BOOKS_V1_1))]),
        put_book(Body {
            name: "book",
            media: Media::Json,
            ty: Link::of(&BOOK_V1_1),
        }),
    ],
    migrations: &[],
    released: None,
    deprecation: None,
    previous: Some(&V1),
    origin: origin("library_api::library", 7),
};
