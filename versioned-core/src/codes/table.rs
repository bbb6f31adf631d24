//! The table of codes, one row a code.

use super::Code;

const fn code(id: &'static str, title: &'static str, explanation: &'static str) -> Code {
    Code {
        id,
        title,
        explanation,
    }
}

/// All codes, by id.
pub static CODES: &[Code] = &[
    code(
        "V0001",
        "unknown attribute or key",
        "The word means nothing here, so it would be ignored in silence. The message names the nearest word that does; `docs/expansion.md` lists all of them.",
    ),
    code(
        "V0002",
        "version that is not declared",
        "`since`, `until` and `renamed` name versions of `versions(…)` by their names (`v2`), not by their numbers. Declare the version, or correct the name.",
    ),
    code(
        "V0003",
        "versions out of order, twice, not semantic, or of a name that is taken",
        "History is one line: versions stand in ascending order of precedence (semver.org, section 11), each once, each without build metadata. Modules, markers and methods of the builder are named after them, so each has a name of its own that a module can have and that nothing else has.",
    ),
    code(
        "V0004",
        "`until` that is not after `since`",
        "`since` is inclusive and `until` exclusive, so this thing would exist in no version. Name a later version in `until`.",
    ),
    code(
        "V0005",
        "`cfg` on a contract item",
        "Macros see items before `cfg` is evaluated, and a contract that differs between builds of one version is no contract. Put `cfg` on helpers, or on the whole module.",
    ),
    code(
        "V0006",
        "borrowed or generic types",
        "What crosses the wire is plain and owned: it is described once, and moved between versions. Use `String` for `&str`, and write generic types out: they are not supported yet.",
    ),
    code(
        "V0007",
        "use of something that does not exist in that version",
        "A field, argument, answer, rename or conversion names something that is absent in one of the versions it stands in. Narrow the range of the user with `since` or `until`, or widen that of what is used.",
    ),
    code(
        "V0008",
        "malformed or missing argument of an attribute",
        "The attribute cannot be read. The message shows the form that it takes.",
    ),
    code(
        "V0009",
        "effect on the wire that the contract cannot say",
        "serde would honour the attribute, but the contract could not say what is on the wire, or serde could never write it: a value without members has none to be flattened, or to stand beside a tag. It is refused instead of ignored; the message says what to write instead. Where functions write a value, `#[openapi(schema = Type)]` says which type it is written like.",
    ),
    code(
        "V0010",
        "one name for two things in one version",
        "Two fields, variants, operations or items of one version have the same name, in Rust or on the wire, where aliases and flattened members count; or two arguments of an operation are read from one place; or an item has the name of what is generated. Give them ranges that do not meet, or other names.",
    ),
    code(
        "V0011",
        "form that a contract module cannot hold",
        "Types have a form of their own in each version, so `impl` blocks and aliases name one (`v2::User`). Unions, unsafe traits, and modules whose items are in another file, cannot be versioned, and in modules of helpers nothing has a history. What a version that is written out keeps of the one before is named item by item.",
    ),
    code(
        "V0101",
        "two operations on one route",
        "In one version, a method and path belong to one operation; the names of path parameters make no difference. Change a path, or give the two ranges that do not meet.",
    ),
    code(
        "V0102",
        "path parameter without an argument",
        "Every `{parameter}` of the path is read into the argument of the same name. Add the argument, or remove the parameter.",
    ),
    code(
        "V0103",
        "malformed path template",
        "A path begins with `/`, and each segment is text or exactly one `{parameter}`, each parameter once. Wildcards, segments that lead up, and segments that would have to be percent-encoded are not supported.",
    ),
    code(
        "V0104",
        "two bodies",
        "The argument that is neither a path parameter nor marked is the body, and a request has one. Mark the others with `#[query]` or `#[header(\"…\")]`, or join them in a struct.",
    ),
    code(
        "V0105",
        "method without an HTTP method, or with two",
        "An operation is bound by exactly one of `#[get]`, `#[post]`, `#[put]`, `#[patch]`, `#[delete]`.",
    ),
    code(
        "V0106",
        "answer that is not `Result<T, E>`",
        "Transport, routing and conversions can fail, so every operation returns a `Result` whose error implements `OperationError` and stands second. Both types are written out.",
    ),
    code(
        "V0107",
        "status that an operation cannot succeed with",
        "An operation succeeds with a status from 200 to 206, or of a redirection; 204, 205 and 304 go with answers without a body. An enum with `#[derive(Responses)]` says its statuses at its variants, and an error type those of failures.",
    ),
    code(
        "V0108",
        "argument that cannot be read from there",
        "GET and DELETE have no body; a path parameter has no other source; an argument has one source and a plain name; a header has the name of a header.",
    ),
    code(
        "V0109",
        "method that is not `async fn name(&self, …)`",
        "Operations are asynchronous, take `&self` because one implementation serves many requests at once, are safe to call, and have no default body: each version is answered by an implementation or a bridge.",
    ),
    code(
        "V0110",
        "constraint on something that cannot have it",
        "A length is of texts, a bound of numbers, `min_items` of lists, `min_properties` of objects. A constraint that no value could break would be stated and never enforced: it is refused instead. Where a list shall constrain its items, give them a type of their own.",
    ),
    code(
        "V0111",
        "bounds that leave no value, or every value",
        "The lower bound is above the upper one, a bound is out of reach of the type, or it says nothing. Correct the bound, or remove it.",
    ),
    code(
        "V0112",
        "pattern that cannot be used",
        "Patterns are regular expressions of ECMA-262, as JSON Schema has them. They are held against what strangers send, so they must match in linear time: looking around and references to groups are refused.",
    ),
    code(
        "V0113",
        "malformed value of a constraint",
        "A length is a whole number, a bound is a number, a pattern is a text, `unique_items` stands alone. What follows the key has another form.",
    ),
    code(
        "V0114",
        "constraint said twice",
        "In one version a constraint has one value. Keep one of the two, or give them ranges (`since`, `until`); the one that begins later wins.",
    ),
    code(
        "V0115",
        "example that is none",
        "An example has the type of what it is an example of, and keeps its constraints: readers copy it.",
    ),
    code(
        "V0116",
        "read-only or write-only against what serde does",
        "What clients do not send must be made where it is missing (`#[serde(default)]`), and what clients do not get must not be written (`#[serde(skip_serializing)]`).",
    ),
    code(
        "V0117",
        "unknown format",
        "Formats of a name that is nearly a known one are typos: tools would not know them. The known ones are those of JSON Schema and of the OpenAPI format registry; others can be named freely.",
    ),
    code(
        "V0118",
        "constraint with a range where there is no history",
        "`#[derive(Schema)]` describes one form of a type. `since` and `until` stand in `#[versioned]` modules.",
    ),
    code(
        "V0119",
        "body of several parts",
        "The parts of `multipart/form-data` have no order and no schema that a bridge could convert by. Take data as a struct of JSON, and files as `Binary` in operations of their own.",
    ),
    code(
        "V0120",
        "headers that no answer can have",
        "The headers of an answer are the members of a struct. Each has the name of a header that the framework does not write itself, and is a text, a number, a boolean, an enum without data, or an option or list of these.",
    ),
    code(
        "V0121",
        "type that is no body",
        "Requests and answers carry types with serde and a schema, `Text`, `Binary` or `Ndjson<T>`; answers also `EventStream<T>`, headers (`WithHeaders`) and enums with `#[derive(Responses)]`. Derive what is missing: `Serialize`, `Deserialize`, `Schema`.",
    ),
    code(
        "V0130",
        "date that is not in the calendar",
        "Dates are days: year, month and day of the calendar, as RFC 3339 writes them. They begin at midnight UTC.",
    ),
    code(
        "V0131",
        "dates that contradict each other",
        "A version is released, then deprecated, then gone, and versions are released in the order of history. Clients are told before something goes: a sunset has a deprecation before it.",
    ),
    code(
        "V0132",
        "successor that does not exist",
        "What is used instead is there: of a version a later one, of a field, variant, argument or operation another one beside it.",
    ),
    code(
        "V0201",
        "field removed",
        "A client may read the field, and what it sends in it would be dropped. Keep it until a major version, or make the change there.",
    ),
    code(
        "V0202",
        "required field added to something that is read",
        "Clients of the earlier version do not send the field. Make it an `Option`, give it `#[serde(default)]`, or add it in a major version.",
    ),
    code(
        "V0203",
        "type changed",
        "Both sides write and read what their version says. Change the type in a major version, with `upgrade` and `downgrade`, or add a new field beside it.",
    ),
    code(
        "V0204",
        "variant added to something that is answered",
        "A client of the earlier version cannot read the variant. Add it in a major version, with a `downgrade` to what older clients know.",
    ),
    code(
        "V0205",
        "variant removed from something that is read",
        "Clients of the earlier version may send the variant. Remove it in a major version, with an `upgrade` to what newer implementations know.",
    ),
    code(
        "V0206",
        "operation removed",
        "Clients of the earlier version call it. Remove it in a major version; an implementation of the older version answers it until then.",
    ),
    code(
        "V0207",
        "signature or route of an operation changed",
        "Clients call the operation as their version describes it. Only optional parameters can be added under `backward`; everything else belongs to a major version.",
    ),
    code(
        "V0208",
        "change on the wire in a patch version",
        "A patch is identical on the wire to the version before it. Make the change in a minor version if it keeps the promise, else in a major version.",
    ),
    code(
        "V0209",
        "operation added although `forward` or `full` was promised",
        "A client built for this version may call the operation, and the earlier versions do not have it. Add it in a major version, or promise `backward`.",
    ),
    code(
        "V0210",
        "other change of shape that the promise forbids",
        "Optional became required (or the reverse), the tagging of an enum changed, unknown members are refused, or a name is not read any more. Make the change in a major version.",
    ),
    code(
        "V0211",
        "constraint changed against the promise",
        "What clients send may not be constrained more, what they get not less. Constrain in a major version, or give the constraint to a new field.",
    ),
    code(
        "V0301",
        "nothing says how to upgrade",
        "A client of the older version is answered by the newer implementation, which needs a value that the client does not send. Say where it comes from: `upgrade = function`, or `default`.",
    ),
    code(
        "V0302",
        "nothing says how to downgrade",
        "A client of the older version expects a value that the newer implementation does not give. Say where it comes from: `downgrade = function`, or `default`.",
    ),
    code(
        "V0303",
        "silent loss on a replacing operation",
        "A client that reads, edits and replaces through the older version does not send the field, so the bridge would write a default over what is stored. Choose: `upgrade = function`, `default(accept_loss, reason = \"…\")`, or `native_only` on the operation. What a client of the older version sends, as an argument or in a body, and the newer one has not, is dropped only where `lossy(reason = \"…\")` says that it may be.",
    ),
    code(
        "V0304",
        "conversion that nothing uses",
        "`upgrade` belongs to a field with `since` (or a variant with `until`), `downgrade` to the reverse, `default` to either, `replaces` to an operation with a body; `#[safe]` and `#[idempotent]` promise what the HTTP method does not promise by itself. Remove the word, or say in which version the thing changes.",
    ),
    code(
        "V0310",
        "value that cannot be written in that version",
        "`As` writes a value of a contract in its own version and in earlier ones, where every field says how it is downgraded. Name such a version, or convert an owned value.",
    ),
    code(
        "V0311",
        "value that is cloned to be written, and is not `Clone`",
        "`As` borrows what serde writes field by field. Where serde is told `with`, `flatten`, `untagged` or `into`, where a conversion may fail or takes an owned value, where changed types stand in a set, and where versions are written out one by one, it writes a clone that is downgraded. Derive `Clone`, or downgrade an owned value and serialize that.",
    ),
    code(
        "V0401",
        "error without a variant for other problems",
        "Transport, routing, failed conversions and errors that an older version does not know have to arrive somewhere. Add `#[problem(other)] Other(Problem)`.",
    ),
    code(
        "V0402",
        "error with two variants for other problems",
        "One variant is marked `#[problem(other)]`. Give the second one a status of its own.",
    ),
    code(
        "V0403",
        "variant that is no problem document",
        "Each variant has a status from 400 to 599, a type URI of its own, and members with names that RFC 9457 does not use for something else.",
    ),
    code(
        "V0404",
        "`other` variant that does not hold one `Problem`",
        "Any problem document becomes this variant, so it holds exactly that: `Other(Problem)`.",
    ),
    code(
        "V0405",
        "variant that is no answer",
        "Each variant of an enum with `#[derive(Responses)]` has a status of success or redirection of its own, and holds one answer or nothing.",
    ),
    code(
        "V0501",
        "operation that no implementation answers",
        "Every operation of every version is answered by an implementation of that version, or by another one through a bridge that expresses it. Give the builder one that does.",
    ),
];
