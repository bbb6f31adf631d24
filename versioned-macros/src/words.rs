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

/// Which version to type instead. Of words that are numbers the nearest one is meant, not one that looks alike: `v52` for `v53`, and not
/// `v43`.
pub(crate) fn did_you_mean_version<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    let nearest = numbers(word).and_then(|wanted| {
        let numbered = known.iter().filter_map(|word| Some((numbers(word)?, *word)));
        // Of two that are equally far, the newer one.
        let nearest =
            numbered.min_by_key(|(found, _)| (distance(&wanted, found), std::cmp::Reverse(found.clone())));
        nearest.map(|(_, word)| word)
    });
    match nearest {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => did_you_mean(word, known),
    }
}

/// The numbers of a version's name, `[1, 1]` of `v1_1`; nothing where it is another word.
fn numbers(word: &str) -> Option<Vec<u64>> {
    let parts = word.strip_prefix('v')?.split('_');
    parts.map(|part| part.parse().ok()).collect()
}

/// How far two versions are apart: by the first number in which they differ, and then by those behind it. What is not said is zero.
fn distance(a: &[u64], b: &[u64]) -> Vec<u64> {
    let part = |numbers: &[u64], at: usize| numbers.get(at).copied().unwrap_or(0);
    (0..a.len().max(b.len()))
        .map(|at| part(a, at).abs_diff(part(b, at)))
        .collect()
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

    #[track_caller]
    fn version(word: &str, known: &[&str], expected: &str) {
        let expected = format!("did you mean `{expected}`?");
        assert_eq!(
            did_you_mean_version(word, known.iter().copied()),
            expected,
            "{word}"
        );
    }

    #[test]
    fn versions_are_near_by_their_numbers() {
        let many: Vec<String> = (1..=52).map(|number| format!("v{number}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        version("v53", &many, "v52");
        version("v0", &many, "v1");
        version("v99999999", &many, "v52");
        version("v2", &["v1", "v3"], "v3");
        version("v1_2", &["v1", "v1_1", "v1_9", "v2"], "v1_1");
        version("v2_7", &["v1_7", "v2", "v3"], "v2");
        version("v1x", &["v1", "v2"], "v1");
        assert_eq!(
            did_you_mean_version("first", ["v1", "v2"]),
            "known here: `v1`, `v2`"
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
