//! How types of the contract are found in written types, and which containers are seen through.

use std::collections::BTreeSet;

use quote::ToTokens as _;
use syn::visit::Visit;
use syn::visit_mut::VisitMut;
use syn::{GenericArgument, Ident, Item, Path, PathArguments, Type};
use versioned_core::model::TypeRef;

/// A written type, seen as far as the standard containers go.
pub(crate) enum Seen<'a> {
    /// `()`
    Unit,
    /// A type of this contract.
    Versioned(&'a Ident),
    /// `Option<T>`
    Option(&'a Type),
    /// `Vec<T>`, `VecDeque<T>`, `LinkedList<T>`
    List(&'a Type),
    /// `HashSet<T>`, `BTreeSet<T>`
    Set(&'a Type),
    /// `HashMap<K, V>`, `BTreeMap<K, V>`: key and value
    Map(&'a Type, &'a Type),
    /// `Box<T>`
    Boxed(&'a Type),
    /// `Arc<T>` and `Rc<T>`, with the name of the container
    Shared(&'a Ident, &'a Type),
    /// `[T; N]`, with the length as it was written
    Array(&'a Type, String),
    /// `(A, B)`
    Tuple(Vec<&'a Type>),
    /// `Ndjson<T>` and `EventStream<T>`, with the name of the container: a body that is one item after another
    Stream(&'a Ident, &'a Type),
    /// `WithHeaders<T, H>`: an answer, its body and its headers
    WithHeaders(&'a Type, &'a Type),
    /// Anything else.
    Other,
}

/// Sees one level of a type; `known` tells whether a name is a type of the contract.
pub(crate) fn see<'a>(ty: &'a Type, known: &dyn Fn(&str) -> bool) -> Seen<'a> {
    match ty {
        Type::Group(group) => see(&group.elem, known),
        Type::Paren(paren) => see(&paren.elem, known),
        Type::Tuple(tuple) if tuple.elems.is_empty() => Seen::Unit,
        Type::Tuple(tuple) => Seen::Tuple(tuple.elems.iter().collect()),
        Type::Array(array) => Seen::Array(&array.elem, array.len.to_token_stream().to_string()),
        Type::Path(path) if path.qself.is_none() => see_path(&path.path, known),
        _ => Seen::Other,
    }
}

fn see_path<'a>(path: &'a Path, known: &dyn Fn(&str) -> bool) -> Seen<'a> {
    let Some(last) = path.segments.last() else {
        return Seen::Other;
    };
    if path.segments.len() == 1
        && path.leading_colon.is_none()
        && last.arguments.is_none()
        && known(&last.ident.to_string())
    {
        return Seen::Versioned(&last.ident);
    }
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return Seen::Other;
    };
    let types: Vec<&Type> = arguments
        .args
        .iter()
        .filter_map(|argument| match argument {
            GenericArgument::Type(ty) => Some(ty),
            _ => None,
        })
        .collect();
    if types.len() != arguments.args.len() {
        return Seen::Other;
    }
    match (last.ident.to_string().as_str(), types.as_slice()) {
        ("Option", [item]) => Seen::Option(item),
        ("Vec" | "VecDeque" | "LinkedList", [item]) => Seen::List(item),
        ("HashSet" | "BTreeSet", [item]) => Seen::Set(item),
        ("HashMap" | "BTreeMap", [key, value]) => Seen::Map(key, value),
        ("Box", [item]) => Seen::Boxed(item),
        ("Arc" | "Rc", [item]) => Seen::Shared(&last.ident, item),
        ("Ndjson" | "EventStream", [item]) => Seen::Stream(&last.ident, item),
        ("WithHeaders", [body, headers]) => Seen::WithHeaders(body, headers),
        _ => Seen::Other,
    }
}

/// The type as the engine compares it.
pub(crate) fn type_ref(ty: &Type, known: &dyn Fn(&str) -> bool) -> TypeRef {
    let inner = |ty: &Type| Box::new(type_ref(ty, known));
    match see(ty, known) {
        Seen::Unit => TypeRef::Unit,
        Seen::Versioned(name) => TypeRef::Named(name.to_string()),
        Seen::Option(item) => TypeRef::Option(inner(item)),
        Seen::List(item) => TypeRef::List(inner(item)),
        Seen::Set(item) => TypeRef::Set(inner(item)),
        Seen::Map(_, value) => TypeRef::Map(inner(value)),
        Seen::Boxed(item) | Seen::Shared(_, item) => type_ref(item, known),
        Seen::Array(item, len) => TypeRef::Array(inner(item), len),
        Seen::Tuple(items) => TypeRef::Tuple(items.into_iter().map(|item| type_ref(item, known)).collect()),
        // What bodies are made of is no type of a value: see `check::compatibility::models`.
        Seen::Other | Seen::Stream(..) | Seen::WithHeaders(..) => {
            TypeRef::Leaf(ty.to_token_stream().to_string())
        }
    }
}

/// Whether a written type names one that is neither of the contract nor of the language or its common types: a macro cannot know
/// what it is.
pub(crate) fn names_another(ty: &Type, known: &dyn Fn(&str) -> bool) -> bool {
    match see(ty, known) {
        Seen::Unit | Seen::Versioned(_) => false,
        Seen::Option(item)
        | Seen::List(item)
        | Seen::Set(item)
        | Seen::Boxed(item)
        | Seen::Shared(_, item)
        | Seen::Array(item, _)
        | Seen::Stream(_, item)
        | Seen::Map(_, item) => names_another(item, known),
        Seen::WithHeaders(body, headers) => names_another(body, known) || names_another(headers, known),
        Seen::Tuple(items) => items.into_iter().any(|item| names_another(item, known)),
        Seen::Other => match ty {
            Type::Path(path) => path.path.get_ident().is_none() || !is_scalar(ty),
            _ => true,
        },
    }
}

/// Whether a type is a scalar of the language, by its last word.
pub(crate) fn is_scalar(ty: &Type) -> bool {
    const SCALARS: [&str; 17] = [
        "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64",
        "u128", "usize", "String",
    ];
    match ty {
        Type::Path(path) => {
            let last = path.path.segments.last();
            last.is_some_and(|last| SCALARS.iter().any(|name| last.ident == name))
        }
        _ => false,
    }
}

/// Whether the type is written as an `Option`, possibly in a box.
pub(crate) fn is_option(ty: &Type) -> bool {
    match see(ty, &|_| false) {
        Seen::Option(_) => true,
        Seen::Boxed(item) | Seen::Shared(_, item) => is_option(item),
        _ => false,
    }
}

/// The types of the contract that a written type mentions, at any depth, each with the token that does.
pub(crate) fn mentioned(ty: &Type, known: &dyn Fn(&str) -> bool) -> Vec<Ident> {
    struct Finder<'a> {
        known: &'a dyn Fn(&str) -> bool,
        seen: BTreeSet<String>,
        found: Vec<Ident>,
    }
    impl<'ast> Visit<'ast> for Finder<'_> {
        fn visit_path(&mut self, path: &'ast Path) {
            if let Some(ident) = single(path) {
                let name = ident.to_string();
                if (self.known)(&name) && self.seen.insert(name) {
                    self.found.push(ident.clone());
                }
            }
            syn::visit::visit_path(self, path);
        }
    }
    let mut finder = Finder {
        known,
        seen: BTreeSet::new(),
        found: Vec::new(),
    };
    finder.visit_type(ty);
    finder.found
}

/// The type as it is written one level above the version's module: `User` becomes `v1::User`.
pub(crate) fn qualified(ty: &Type, version: &Ident, known: &dyn Fn(&str) -> bool) -> Type {
    struct Qualifier<'a> {
        known: &'a dyn Fn(&str) -> bool,
        version: &'a Ident,
    }
    impl VisitMut for Qualifier<'_> {
        fn visit_path_mut(&mut self, path: &mut Path) {
            syn::visit_mut::visit_path_mut(self, path);
            if let Some(ident) = single(path)
                && (self.known)(&ident.to_string())
            {
                // What is wrong with the type is underlined where it is written, once for all versions.
                let mut version = self.version.clone();
                version.set_span(ident.span());
                path.segments.insert(0, version.into());
            }
        }
    }
    let mut ty = ty.clone();
    Qualifier { known, version }.visit_type_mut(&mut ty);
    ty
}

/// Writes `self::User` as `User` where that is an item of the contract: it has a form in each version, and moves.
pub(crate) fn without_self(items: &mut [Item]) {
    struct Shortener(BTreeSet<Ident>);
    impl VisitMut for Shortener {
        fn visit_path_mut(&mut self, path: &mut Path) {
            syn::visit_mut::visit_path_mut(self, path);
            let is_ours = path.segments.len() == 2
                && path.leading_colon.is_none()
                && path.segments[0].ident == "self"
                && self.0.contains(&path.segments[1].ident);
            if is_ours && let Some(last) = path.segments.pop() {
                path.segments = std::iter::once(last).collect();
            }
        }
    }
    let names = items.iter().filter_map(|item| match item {
        Item::Struct(item) => Some(item.ident.clone()),
        Item::Enum(item) => Some(item.ident.clone()),
        Item::Type(item) => Some(item.ident.clone()),
        _ => None,
    });
    let mut shortener = Shortener(names.collect());
    for item in items {
        if matches!(
            item,
            Item::Struct(_) | Item::Enum(_) | Item::Type(_) | Item::Trait(_)
        ) {
            shortener.visit_item_mut(item);
        }
    }
}

fn single(path: &Path) -> Option<&Ident> {
    let first = path.segments.first()?;
    (path.segments.len() == 1 && path.leading_colon.is_none()).then_some(&first.ident)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(name: &str) -> bool {
        name == "User"
    }

    #[test]
    fn finds_types_at_any_depth_but_not_under_paths() {
        let ty: Type = syn::parse_quote!(Option<Vec<BTreeMap<String, Page<User>>>>);
        assert_eq!(mentioned(&ty, &known).len(), 1);
        let ty: Type = syn::parse_quote!(Vec<other::User>);
        assert!(mentioned(&ty, &known).is_empty());
    }

    #[test]
    fn qualifies_what_it_finds() {
        let ty: Type = syn::parse_quote!(Result<Vec<User>, other::User>);
        let v1: Ident = syn::parse_quote!(v1);
        let expected: Type = syn::parse_quote!(Result<Vec<v1::User>, other::User>);
        assert_eq!(qualified(&ty, &v1, &known), expected);
    }

    #[test]
    fn items_are_known_by_their_names_alone() {
        let file: syn::File = syn::parse_quote! {
            struct User { friends: Vec<self::User>, page: self::pages::Page, other: self::Other }
            trait Users { async fn get(&self, user: self::User) -> Result<self::User, self::Other>; }
        };
        let mut items = file.items;
        without_self(&mut items);
        let expected: syn::File = syn::parse_quote! {
            struct User { friends: Vec<User>, page: self::pages::Page, other: self::Other }
            trait Users { async fn get(&self, user: User) -> Result<User, self::Other>; }
        };
        assert_eq!(items, expected.items);
    }

    #[test]
    fn boxes_do_not_show_on_the_wire() {
        let boxed: Type = syn::parse_quote!(Option<Box<User>>);
        let plain: Type = syn::parse_quote!(Option<User>);
        assert_eq!(type_ref(&boxed, &known), type_ref(&plain, &known));
    }
}
