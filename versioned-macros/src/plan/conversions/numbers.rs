//! The numbers that become wider without losing anything.

use syn::Type;

/// Whether `From` of the standard library leads from one number to the other.
pub(super) fn widens(from: &Type, to: &Type) -> bool {
    let (Some(from), Some(to)) = (number(from), number(to)) else {
        return false;
    };
    match (from.kind, to.kind) {
        (Kind::Signed, Kind::Signed)
        | (Kind::Unsigned, Kind::Unsigned | Kind::Signed)
        | (Kind::Float, Kind::Float) => from.bits < to.bits,
        // Every value of the integer has an exact float: 24 and 53 bits of mantissa.
        (Kind::Signed | Kind::Unsigned, Kind::Float) => from.bits <= to.bits / 2,
        _ => false,
    }
}

struct Number {
    kind: Kind,
    bits: u16,
}

#[derive(Clone, Copy)]
enum Kind {
    Signed,
    Unsigned,
    Float,
}

/// The widths of pointer-sized integers differ between targets: `From` does not lead to them.
fn number(ty: &Type) -> Option<Number> {
    let Type::Path(path) = ty else { return None };
    let name = path.path.get_ident()?.to_string();
    let (kind, bits) = name.split_at_checked(1)?;
    let kind = match kind {
        "i" => Kind::Signed,
        "u" => Kind::Unsigned,
        "f" => Kind::Float,
        _ => return None,
    };
    let bits: u16 = bits.parse().ok()?;
    let known = match kind {
        Kind::Float => [32, 64].contains(&bits),
        Kind::Signed | Kind::Unsigned => [8, 16, 32, 64, 128].contains(&bits),
    };
    known.then_some(Number { kind, bits })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(from: &str, to: &str, expected: bool) {
        let ty = |text: &str| syn::parse_str::<Type>(text).expect("a type");
        assert_eq!(widens(&ty(from), &ty(to)), expected, "{from} to {to}");
    }

    #[test]
    fn widens_what_the_standard_library_does() {
        for (from, to) in [
            ("u8", "u16"),
            ("u8", "i16"),
            ("i32", "i128"),
            ("f32", "f64"),
            ("u16", "f32"),
            ("i32", "f64"),
        ] {
            check(from, to, true);
            check(to, from, false);
        }
        for (from, to) in [
            ("u8", "i8"),
            ("u32", "f32"),
            ("u64", "usize"),
            ("u8", "Vec<u8>"),
            ("i9", "i16"),
            ("u8", "u8"),
        ] {
            check(from, to, false);
        }
    }
}
