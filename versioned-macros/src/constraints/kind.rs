//! What kind of value a written type is on the wire, as far as its tokens tell.

use syn::{GenericArgument, PathArguments, Type};

use crate::model::references::{Seen, see};

/// A kind of value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    /// An integer from the first number to the last.
    Integer(i128, i128),
    Float,
    Bool,
    List,
    /// An array with one type per place.
    Tuple,
    Object,
    Unit,
    /// The tokens do not tell.
    Unknown,
}

impl Kind {
    /// As messages name it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Integer(..) | Self::Float => "a number",
            Self::Bool => "`true` or `false`",
            Self::List => "a list",
            Self::Tuple => "an array of fixed places",
            Self::Object => "an object",
            Self::Unit => "nothing",
            Self::Unknown => "of an unknown kind",
        }
    }
}

/// The kind of a type; `known` tells the kind of a type of the contract, by its name.
pub(crate) fn kind(ty: &Type, known: &dyn Fn(&str) -> Option<Kind>) -> Kind {
    let is_known = |name: &str| known(name).is_some();
    match see(ty, &is_known) {
        Seen::Unit => Kind::Unit,
        Seen::Versioned(name) => known(&name.to_string()).unwrap_or(Kind::Unknown),
        Seen::Option(inner) | Seen::Boxed(inner) | Seen::Shared(_, inner) => kind(inner, known),
        Seen::List(_) | Seen::Set(_) | Seen::Array(..) => Kind::List,
        Seen::Map(..) => Kind::Object,
        Seen::Tuple(_) => Kind::Tuple,
        Seen::Stream(..) | Seen::WithHeaders(..) => Kind::Unknown,
        Seen::Other => other(ty, known),
    }
}

fn other(ty: &Type, known: &dyn Fn(&str) -> Option<Kind>) -> Kind {
    let Type::Path(path) = ty else {
        return Kind::Unknown;
    };
    let Some(last) = path.path.segments.last() else {
        return Kind::Unknown;
    };
    // A path of the user may end in any name; the standard library's begins with its crate.
    let first = path.path.segments.first().map(|first| first.ident.to_string());
    let std = matches!(first.as_deref(), Some("std" | "core" | "alloc"));
    if path.path.segments.len() > 1 && !std {
        return Kind::Unknown;
    }
    let name = last.ident.to_string();
    if let PathArguments::AngleBracketed(arguments) = &last.arguments {
        let inner = arguments.args.iter().rev().find_map(|argument| match argument {
            GenericArgument::Type(ty) => Some(ty),
            _ => None,
        });
        return match (name.as_str(), inner) {
            ("Cow" | "Wrapping" | "Saturating" | "NonZero", Some(inner)) => kind(inner, known),
            _ => Kind::Unknown,
        };
    }
    let name = name
        .strip_prefix("NonZero")
        .map_or(name.clone(), str::to_lowercase);
    match name.as_str() {
        "String" | "str" | "char" | "PathBuf" | "Path" => Kind::Text,
        "bool" => Kind::Bool,
        "f32" | "f64" => Kind::Float,
        "u8" => Kind::Integer(0, u8::MAX.into()),
        "u16" => Kind::Integer(0, u16::MAX.into()),
        "u32" => Kind::Integer(0, u32::MAX.into()),
        "u64" | "usize" => Kind::Integer(0, u64::MAX.into()),
        "u128" => Kind::Integer(0, i128::MAX),
        "i8" => Kind::Integer(i8::MIN.into(), i8::MAX.into()),
        "i16" => Kind::Integer(i16::MIN.into(), i16::MAX.into()),
        "i32" => Kind::Integer(i32::MIN.into(), i32::MAX.into()),
        "i64" | "isize" => Kind::Integer(i64::MIN.into(), i64::MAX.into()),
        "i128" => Kind::Integer(i128::MIN, i128::MAX),
        _ => Kind::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(ty: &str, expected: &Kind) {
        let ty: Type = syn::parse_str(ty).expect("a type");
        let known = |name: &str| (name == "Email").then_some(Kind::Text);
        assert_eq!(kind(&ty, &known), *expected);
    }

    #[test]
    fn tokens_tell_what_they_can() {
        check("Option<String>", &Kind::Text);
        check("std::borrow::Cow<'static, str>", &Kind::Text);
        check("Email", &Kind::Text);
        check("Box<u8>", &Kind::Integer(0, 255));
        check("std::num::NonZeroI8", &Kind::Integer(-128, 127));
        check("Vec<u8>", &Kind::List);
        check("BTreeMap<String, u8>", &Kind::Object);
        check("(u8, u8)", &Kind::Tuple);
        check("mine::String", &Kind::Unknown);
        check("Other", &Kind::Unknown);
    }
}
