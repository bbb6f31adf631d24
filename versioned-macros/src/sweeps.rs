//! Every fixture of `ui-tests` through the macros in this process: what is told is what the fixture says, and input that is cut off
//! anywhere neither panics nor loses the item.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{ToTokens as _, quote};
use syn::{Attribute, Item};

/// One use of a macro in a fixture.
enum Use {
    Attribute {
        arguments: TokenStream,
        item: TokenStream,
    },
    Schema(TokenStream),
    OperationError(TokenStream),
    Responses(TokenStream),
}

impl Use {
    fn expand(&self) -> TokenStream {
        match self {
            Use::Attribute { arguments, item } => crate::versioned::versioned(arguments.clone(), item),
            Use::Schema(item) => crate::schema::derive(item.clone()),
            Use::OperationError(item) => crate::operation_error::derive(item.clone()),
            Use::Responses(item) => crate::responses::derive(item.clone()),
        }
    }
}

fn fixtures(ending: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui-tests/fixtures");
    let entries = |folder: &Path| {
        let entries = std::fs::read_dir(folder).expect("the fixtures are here");
        entries
            .map(|entry| entry.expect("the fixtures are here").path())
            .collect::<Vec<_>>()
    };
    let mut found: Vec<PathBuf> = entries(&root)
        .iter()
        .filter(|path| path.is_dir())
        .flat_map(|folder| entries(folder))
        .filter(|path| path.to_string_lossy().ends_with(ending))
        .collect();
    found.sort();
    found
}

/// The uses of our macros in a file. What stands in a contract module derives `OperationError` and `Responses` after the module was expanded.
fn uses(path: &Path) -> Vec<Use> {
    let text = std::fs::read_to_string(path).expect("a fixture is text");
    let file = syn::parse_file(&text).expect("a fixture is Rust, but for what the macro says");
    let mut uses = Vec::new();
    collect(&file.items, &mut uses);
    uses
}

fn collect(items: &[Item], uses: &mut Vec<Use>) {
    for item in items {
        let mut item = item.clone();
        let attributes = attributes_of(&mut item);
        let ours = attributes.iter().position(|attribute| {
            let name = attribute.path().segments.last();
            name.is_some_and(|name| name.ident == "versioned")
        });
        if let Some(index) = ours {
            let attribute = attributes.remove(index);
            let arguments = match attribute.meta {
                syn::Meta::List(list) => list.tokens,
                _ => TokenStream::new(),
            };
            // A version that evolves another one is expanded by way of that one's macro: rustc has to find it.
            if !arguments.to_string().contains("evolves") {
                uses.push(Use::Attribute {
                    arguments: with_runtime(arguments),
                    item: item.to_token_stream(),
                });
            }
            if let Item::Mod(module) = &item
                && let Some((_, items)) = &module.content
            {
                for item in items {
                    derives(item, uses);
                }
            }
            continue;
        }
        let derived = derived(&item);
        if derived.contains("Schema") {
            uses.push(Use::Schema(item.to_token_stream()));
        }
        derives(&item, uses);
        if let Item::Mod(module) = &item
            && let Some((_, items)) = &module.content
        {
            collect(items, uses);
        }
    }
}

/// The derives that come after a contract module was expanded.
fn derives(item: &Item, uses: &mut Vec<Use>) {
    let derived = derived(item);
    if derived.contains("OperationError") {
        uses.push(Use::OperationError(item.to_token_stream()));
    }
    if derived.contains("Responses") {
        uses.push(Use::Responses(item.to_token_stream()));
    }
}

/// What an item derives.
fn derived(item: &Item) -> String {
    let mut item = item.clone();
    let attributes = attributes_of(&mut item);
    let derives = attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("derive"));
    derives
        .map(|attribute| attribute.to_token_stream().to_string())
        .collect()
}

/// Here the runtime is not among the dependencies.
fn with_runtime(arguments: TokenStream) -> TokenStream {
    if arguments.is_empty() || arguments.to_string().contains("crate") {
        arguments
    } else {
        quote!(#arguments, crate = versioned_runtime)
    }
}

fn attributes_of(item: &mut Item) -> &mut Vec<Attribute> {
    match item {
        Item::Mod(item) => &mut item.attrs,
        Item::Struct(item) => &mut item.attrs,
        Item::Enum(item) => &mut item.attrs,
        Item::Trait(item) => &mut item.attrs,
        Item::Union(item) => &mut item.attrs,
        Item::Fn(item) => &mut item.attrs,
        Item::Impl(item) => &mut item.attrs,
        Item::Use(item) => &mut item.attrs,
        Item::Macro(item) => &mut item.attrs,
        Item::Type(item) => &mut item.attrs,
        Item::Const(item) => &mut item.attrs,
        Item::Static(item) => &mut item.attrs,
        other => panic!("no fixture has {}", other.to_token_stream()),
    }
}

fn codes_in(text: &str) -> BTreeSet<String> {
    let after = text.split("[V").skip(1).filter_map(|rest| rest.split(']').next());
    after
        .filter(|code| code.len() == 4 && code.bytes().all(|byte| byte.is_ascii_digit()))
        .map(|code| format!("V{code}"))
        .collect()
}

/// The codes of all mistakes that are told beside an expansion, by `compile_error! { "…" }`.
fn told(tokens: &TokenStream) -> BTreeSet<String> {
    let trees: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let messages = trees.windows(3).filter_map(|window| match window {
        [
            TokenTree::Ident(name),
            TokenTree::Punct(_),
            TokenTree::Group(message),
        ] if name == "compile_error" => Some(message.stream().to_string()),
        _ => None,
    });
    messages.flat_map(|message| codes_in(&message)).collect()
}

#[test]
fn every_rule_runs_on_every_fixture() {
    let (mut failing, mut passing) = (0, 0);
    for path in fixtures(".fail.rs") {
        let uses = uses(&path);
        let expected_text = std::fs::read_to_string(path.with_extension("stderr")).expect("what is expected");
        let expected = codes_in(&expected_text);
        let found: BTreeSet<String> = uses.iter().flat_map(|one| told(&one.expand())).collect();
        let beyond: Vec<_> = found.difference(&expected).collect();
        assert!(beyond.is_empty(), "{} tells {beyond:?}, too", path.display());
        let text = std::fs::read_to_string(&path).expect("a fixture is text");
        // What rustc tells of what the expansion demands (`error[E0277]`) is not seen before type checking.
        let by_rustc = expected_text.lines().filter(|line| line.starts_with("error[E"));
        let by_rustc = codes_in(&by_rustc.collect::<String>());
        let elsewhere = |code: &&String| by_rustc.contains(*code);
        // What a version that evolves another one tells is told in rustc only.
        if !text.contains("evolves") && !text.contains("contract!") {
            let untold: Vec<_> = expected
                .difference(&found)
                .filter(|code| !elsewhere(code))
                .collect();
            assert!(untold.is_empty(), "{} does not tell {untold:?}", path.display());
        }
        failing += 1;
    }
    for path in fixtures(".pass.rs") {
        for one in uses(&path) {
            let found = told(&one.expand());
            assert!(found.is_empty(), "{} tells {found:?}", path.display());
            passing += 1;
        }
    }
    assert!(failing >= 100 && passing >= 100, "{failing} and {passing}");
}

#[test]
fn input_that_is_cut_off_anywhere_keeps_its_item() {
    let fixtures = fixtures(".fail.rs");
    // Nothing is shared: half of the fixtures on each of two threads.
    let cut: usize = std::thread::scope(|scope| {
        let parts = fixtures.chunks(fixtures.len().div_ceil(2));
        let threads: Vec<_> = parts
            .map(|part| scope.spawn(move || part.iter().map(|path| cut_off(path)).sum::<usize>()))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("no panic"))
            .sum()
    });
    assert!(cut > 5_000, "{cut} prefixes");
}

/// Expands all prefixes of all uses in a file; how many there were.
fn cut_off(path: &Path) -> usize {
    let mut count = 0;
    for one in uses(path) {
        let whole = match &one {
            Use::Attribute { item, .. }
            | Use::Schema(item)
            | Use::OperationError(item)
            | Use::Responses(item) => item.clone(),
        };
        let mut prefixes = Vec::new();
        cut(&whole, &mut prefixes);
        count += prefixes.len();
        for prefix in prefixes {
            let read = syn::parse2::<Item>(prefix.clone());
            let expanded = match &one {
                Use::Attribute { arguments, .. } => crate::versioned::versioned(arguments.clone(), &prefix),
                Use::Schema(_) => crate::schema::derive(prefix),
                Use::OperationError(_) => crate::operation_error::derive(prefix),
                Use::Responses(_) => crate::responses::derive(prefix),
            };
            let Use::Attribute { .. } = one else { continue };
            let name = match read {
                Ok(Item::Mod(module)) => module.ident,
                Ok(Item::Struct(item)) => item.ident,
                Ok(Item::Enum(item)) => item.ident,
                Ok(Item::Trait(item)) => item.ident,
                _ => continue,
            };
            let kept = contains(&expanded, &name.to_string());
            assert!(kept, "{}: `{name}` is lost in {expanded}", path.display());
        }
    }
    count
}

/// All prefixes of a stream, also inside of its groups: what an editor hands over, which closes what is open.
pub(crate) fn cut(tokens: &TokenStream, prefixes: &mut Vec<TokenStream>) {
    let trees: Vec<TokenTree> = tokens.clone().into_iter().collect();
    for end in 0..trees.len() {
        let before = || trees[..end].iter().cloned();
        prefixes.push(before().collect());
        if let TokenTree::Group(group) = &trees[end]
            && group.delimiter() != Delimiter::None
        {
            let mut inner = Vec::new();
            cut(&group.stream(), &mut inner);
            let closed = |inner| TokenTree::Group(Group::new(group.delimiter(), inner));
            prefixes.extend(
                inner
                    .into_iter()
                    .map(|inner| before().chain([closed(inner)]).collect()),
            );
        }
    }
}

/// Whether a name stands anywhere in a stream.
fn contains(tokens: &TokenStream, name: &str) -> bool {
    tokens.clone().into_iter().any(|tree| match tree {
        TokenTree::Ident(ident) => ident == name,
        TokenTree::Group(group) => contains(&group.stream(), name),
        _ => false,
    })
}
