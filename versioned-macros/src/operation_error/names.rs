//! What follows from the names of an enum and its variants where the attribute says nothing.

use syn::Ident;
use syn::ext::IdentExt as _;

/// `NotFound` of `UserError` is `urn:problem-type:user-error:not-found`.
pub(super) fn type_uri(owner: &Ident, variant: &Ident) -> String {
    let kebab = |ident| words_of(ident).join("-");
    format!("urn:problem-type:{}:{}", kebab(owner), kebab(variant))
}

/// `NotFound` is titled "Not found".
pub(super) fn title(ident: &Ident) -> String {
    let text = words_of(ident).join(" ");
    let mut chars = text.chars();
    chars
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// `NotFound` in lower-case words; an abbreviation is one: `HTTPError` is "http error".
fn words_of(ident: &Ident) -> Vec<String> {
    let name: Vec<char> = ident.unraw().to_string().chars().collect();
    let mut words: Vec<String> = Vec::new();
    let mut apart = true;
    for (position, &c) in name.iter().enumerate() {
        if c == '_' {
            apart = true;
            continue;
        }
        let after_lower = position > 0 && !name[position - 1].is_uppercase();
        let before_lower = name.get(position + 1).is_some_and(|next| next.is_lowercase());
        apart |= c.is_uppercase() && (after_lower || before_lower);
        match words.last_mut() {
            Some(word) if !apart => word.extend(c.to_lowercase()),
            _ => words.push(c.to_lowercase().collect()),
        }
        apart = false;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, expected: &str) {
        let ident: Ident = syn::parse_str(name).expect("a name");
        assert_eq!(title(&ident), expected);
    }

    #[test]
    fn titles_are_the_words_of_the_name() {
        check("NotFound", "Not found");
        check("Gone", "Gone");
        check("HTTPError", "Http error");
        check("UserV2Missing", "User v2 missing");
        check("Not_Found", "Not found");
        check("X", "X");
        check("r#Type", "Type");
    }
}
