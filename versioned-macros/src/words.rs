//! Suggestions for misspelt words.

/// The known word that was probably meant.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let close = |candidate: &str| strsim::damerau_levenshtein(word, candidate);
    // Two slips in a word of six letters are a typo; in a word of three they are another word.
    let limit = (word.chars().count() / 3).clamp(1, 3);
    known.into_iter().map(|candidate| (close(candidate), candidate)).filter(|(d, _)| *d <= limit).min().map(|(_, c)| c)
}

/// What to type instead: the nearest known word, or else all of them.
pub(crate) fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    match nearest(word, known.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => {
            let all: Vec<String> = known.iter().map(|word| format!("`{word}`")).collect();
            format!("known here: {}", all.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(word: &str, expected: Option<&str>) {
        assert_eq!(nearest(word, ["since", "until", "upgrade", "downgrade", "get"]), expected);
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
