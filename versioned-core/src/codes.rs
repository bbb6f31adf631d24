//! Every code under which a mistake is told to a user, with what it means and what to type.

mod table;

pub use table::CODES;

/// One code.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// Such as `V0201`; the hundreds tell the concern.
    pub id: &'static str,
    /// What is wrong.
    pub title: &'static str,
    /// Why it is refused, and what to type.
    pub explanation: &'static str,
}

/// The code with this id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Code> {
    CODES.iter().find(|code| code.id == id)
}

/// All codes as one page.
#[must_use]
pub fn markdown() -> String {
    let mut page = String::from(
        "# Codes\n\nEvery mistake that the compiler tells has a code. `V00xx`: the words of the macros; `V01xx`: operations; `V02xx`: the \
         promise between versions; `V03xx`: migrations; `V04xx`: errors of operations; `V05xx`: implementations.\n",
    );
    for code in CODES {
        for part in ["\n## ", code.id, ": ", code.title, "\n\n", code.explanation, "\n"] {
            page.push_str(part);
        }
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn are_unique_sorted_and_explained() {
        assert!(CODES.is_sorted_by(|a, b| a.id < b.id));
        for code in CODES {
            let digits = code
                .id
                .strip_prefix('V')
                .is_some_and(|rest| rest.len() == 4 && rest.parse::<u16>().is_ok());
            assert!(digits, "{}", code.id);
            assert!(
                !code.title.is_empty() && code.explanation.ends_with('.'),
                "{}",
                code.id
            );
            assert!(markdown().contains(code.title));
        }
    }
}
