//! What kind of device a client runs on: its client hints, or else a small classifier of `User-Agent`.
//!
//! Both say what clients like to say. The classifier is one automaton over a table; nothing is allocated once a thread has used it.

use std::cell::RefCell;
use std::sync::LazyLock;

use http::HeaderMap;
use http::header::{HeaderName, USER_AGENT};
use regex_automata::meta::Regex;
use regex_automata::util::syntax;
use regex_automata::{Input, MatchKind, PatternSet};

const MOBILE: HeaderName = HeaderName::from_static("sec-ch-ua-mobile");
const PLATFORM: HeaderName = HeaderName::from_static("sec-ch-ua-platform");

/// Longer ones are read as far as this.
const LONGEST: usize = 512;

/// What `User-Agent` says, whatever the case, and the device that it means; the first line that is found decides.
const SAID: [(&str, &str); 7] = [
    // Crawlers and tools say so, whatever browser they claim to be besides. A `Cubot` is a telephone.
    (
        r"(?:^|[^u]|[^c]u)bot|crawl|spider|slurp|headless|facebookexternalhit|curl/|wget/|python|go-http-client|java/",
        "bot",
    ),
    // Screens in living rooms, which claim to be Android or Linux besides.
    (
        r"smart-?tv|apple ?tv|google ?tv|android tv|hbbtv|web0s|webos\.tv|bravia|crkey|roku|\baft[a-z]|playstation|xbox|nintendo",
        "tv",
    ),
    (r"ipad|tablet|kindle|playbook", "tablet"),
    (r"android.*mobi", "mobile"),
    // What runs Android, and does not say `Mobile`, is larger than a telephone.
    (r"android", "tablet"),
    (r"iphone|ipod|mobi|blackberry|opera mini", "mobile"),
    (r"windows|macintosh|mac os x|x11|cros |linux", "desktop"),
];

/// All of it as one automaton: a text is read once. Nothing but a mistake in this file could keep it from being built.
static AUTOMATON: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let syntax = syntax::Config::new()
        .case_insensitive(true)
        .unicode(false)
        .utf8(false);
    let config = Regex::config().match_kind(MatchKind::All).utf8_empty(false);
    let patterns: Vec<&str> = SAID.iter().map(|(pattern, _)| *pattern).collect();
    Regex::builder()
        .configure(config)
        .syntax(syntax)
        .build_many(&patterns)
        .ok()
});

thread_local! {
    /// Room for the lines that are found.
    static FOUND: RefCell<PatternSet> = RefCell::new(PatternSet::new(SAID.len()));
}

/// `desktop`, `mobile`, `tablet`, `tv`, `bot` or `other`; none where a request says nothing of it.
pub(super) fn device(headers: &HeaderMap) -> Option<&'static str> {
    hinted(headers).or_else(|| {
        let agent = headers.get(USER_AGENT)?.as_bytes();
        (!agent.is_empty()).then(|| classified(agent))
    })
}

/// By client hints (User-Agent Client Hints, sections 3.6 and 3.7), which browsers send without being asked.
fn hinted(headers: &HeaderMap) -> Option<&'static str> {
    match headers.get(MOBILE)?.as_bytes() {
        b"?1" => Some("mobile"),
        b"?0" => match headers.get(PLATFORM)?.as_bytes() {
            // What runs Android, and would not have the page for telephones, is larger than one.
            b"\"Android\"" => Some("tablet"),
            b"\"Windows\"" | b"\"macOS\"" | b"\"Linux\"" | b"\"Chrome OS\"" | b"\"Chromium OS\"" => {
                Some("desktop")
            }
            _ => None,
        },
        _ => None,
    }
}

fn classified(agent: &[u8]) -> &'static str {
    let agent = agent.get(..LONGEST).unwrap_or(agent);
    let Some(automaton) = &*AUTOMATON else {
        return "other";
    };
    FOUND.with_borrow_mut(|found| {
        found.clear();
        automaton.which_overlapping_matches(&Input::new(agent), found);
        let first = found.iter().next();
        first
            .and_then(|first| SAID.get(first.as_usize()))
            .map_or("other", |(_, device)| device)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(lines: &[(&'static str, &str)], expected: Option<&str>) {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().expect("a value"));
        }
        assert_eq!(device(&headers), expected, "{lines:?}");
    }

    #[test]
    fn agents_are_classified() {
        let check = |agent: &str, expected: &str| check(&[("user-agent", agent)], Some(expected));
        let android = |rest: &str| format!("Mozilla/5.0 (Linux; Android 14; {rest} Safari/537.36");
        check(
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0",
            "desktop",
        );
        check(
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.0 Safari/605.1.15",
            "desktop",
        );
        check(
            "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0",
            "desktop",
        );
        check(
            "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36",
            "desktop",
        );
        check(
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Mobile/15E148",
            "mobile",
        );
        check(&android("Pixel 8) Chrome/130.0 Mobile"), "mobile");
        check(&android("CUBOT X30) Chrome/130.0 Mobile"), "mobile");
        check(&android("SM-X910) Chrome/130.0"), "tablet");
        check(
            "Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X) Mobile/15E148",
            "tablet",
        );
        check(
            "Mozilla/5.0 (Linux; Android 9; AFTMM) Silk/110 like Chrome/110",
            "tv",
        );
        check("Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.36", "tv");
        check(
            "Mozilla/5.0 (SMART-TV; LINUX; Tizen 6.5) AppleWebKit/537.36",
            "tv",
        );
        check("Roku/DVP-9.10 (519.10E04111A)", "tv");
        check(
            "Mozilla/5.0 (PlayStation; PlayStation 5/2.26) AppleWebKit/605.1.15",
            "tv",
        );
        check(
            "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X) Mobile (compatible; Googlebot/2.1)",
            "bot",
        );
        check("Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/130.0", "bot");
        check("curl/8.5.0", "bot");
        check("python-requests/2.32", "bot");
        check("okhttp/4.12.0", "other");
        check("MyApp/1.0", "other");
        check("CUBOT", "other");
        check("Robot", "bot");
        check(&format!("{}bot", "x".repeat(LONGEST)), "other");
    }

    #[test]
    fn the_automaton_can_be_built() {
        assert!(AUTOMATON.is_some());
    }

    #[test]
    fn hints_go_before_the_agent() {
        let agent = ("user-agent", "Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X)");
        let mobile = |value| ("sec-ch-ua-mobile", value);
        let platform = |value| ("sec-ch-ua-platform", value);
        check(&[mobile("?1"), agent], Some("mobile"));
        check(&[mobile("?0"), platform("\"Android\""), agent], Some("tablet"));
        check(&[mobile("?0"), platform("\"Windows\""), agent], Some("desktop"));
        check(&[mobile("?0"), platform("\"macOS\"")], Some("desktop"));
        check(&[mobile("?0"), platform("\"Fuchsia\""), agent], Some("tablet"));
        check(&[mobile("?0"), agent], Some("tablet"));
        check(&[mobile("yes"), agent], Some("tablet"));
        check(&[mobile("?0"), platform("\"Unknown\"")], None);
    }

    #[test]
    fn what_says_nothing_is_nothing() {
        check(&[], None);
        check(&[("user-agent", "")], None);
    }
}
