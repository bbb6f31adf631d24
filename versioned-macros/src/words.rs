//! Suggestions for misspelt words.

/// The known word that was probably meant.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let close = |candidate: &str| strsim::damerau_levenshtein(word, candidate);
    // Two slips in a word of six letters are a typo; in a word of three they are another word.
    let limit = (word.chars().count() / 3).clamp(1, 3);
    known
        .into_iter()
        .map(|candidate| (close(candidate), candidate))
        .filter(|(d, _)| *d <= limit)
        .min()
        .map(|(_, c)| c)
}

/// What to type instead: the nearest known word, or else all of them.
pub(crate) fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    if let Some(meant) = nearest(word, known.iter().copied()) {
        format!("did you mean `{meant}`?")
    } else {
        let all: Vec<String> = known.iter().map(|word| format!("`{word}`")).collect();
        format!("known here: {}", all.join(", "))
    }
}

/// A type as people write it: `Vec<u8>` for the tokens `Vec < u8 >`.
pub(crate) fn readable(ty: &syn::Type) -> String {
    let tokens = quote::ToTokens::to_token_stream(ty).to_string();
    let close = [
        (" < ", "<"),
        (" >", ">"),
        ("< ", "<"),
        (" :: ", "::"),
        (":: ", "::"),
        ("& ", "&"),
        (" ,", ","),
        (" ;", ";"),
    ];
    close
        .into_iter()
        .fold(tokens, |text, (spaced, tight)| text.replace(spaced, tight))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(word: &str, expected: Option<&str>) {
        assert_eq!(
            nearest(word, ["since", "until", "upgrade", "downgrade", "get"]),
            expected
        );
    }

    #[test]
    fn types_are_shown_as_they_are_written() {
        for written in [
            "Vec<u8>",
            "&'static str",
            "std::vec::Vec<Option<(u8, String)>>",
            "[u8; 4]",
        ] {
            let ty: syn::Type = syn::parse_str(written).expect("a type");
            assert_eq!(readable(&ty), written);
        }
    }

    #[test]
    fn finds_what_was_meant_and_nothing_else() {
        check("sinse", Some("since"));
        check("untill", Some("until"));
        check("upgarde", Some("upgrade"));
        check("gte", Some("get"));
        check("colour", None);
        check("x", None);
    }
}
