//! The admin token: where it comes from, and comparing it without telling how much of it was right.

use std::path::PathBuf;

use http::HeaderMap;
use http::header::AUTHORIZATION;
use subtle::ConstantTimeEq as _;

use super::HostError;

/// A configured token.
pub(crate) struct Token(String);

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

impl Token {
    /// The one that was given, or that of the environment.
    pub(crate) fn find(given: Option<String>) -> Result<Option<Self>, HostError> {
        let token = match given {
            Some(token) => Some(token),
            None => Self::from_environment()?,
        };
        match token.map(|token| token.trim().to_owned()) {
            Some(token) if token.is_empty() => Err(HostError::EmptyToken),
            token => Ok(token.map(Self)),
        }
    }

    /// A variable that is empty is taken for one that is not set, as files that compose services write it.
    fn from_environment() -> Result<Option<String>, HostError> {
        let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        if let Some(token) = set("VERSIONED_ADMIN_TOKEN") {
            return token
                .into_string()
                .map(Some)
                .map_err(|_| HostError::UnreadableToken);
        }
        let Some(file) = set("VERSIONED_ADMIN_TOKEN_FILE").map(PathBuf::from) else {
            return Ok(None);
        };
        std::fs::read_to_string(&file)
            .map(Some)
            .map_err(|source| HostError::TokenFile { file, source })
    }

    /// Whether the request carries it: `Authorization: Bearer …` (RFC 6750).
    pub(crate) fn is_carried_by(&self, headers: &HeaderMap) -> bool {
        let carried = headers.get(AUTHORIZATION).and_then(|value| {
            let (scheme, token) = value.as_bytes().split_at_checked("bearer ".len())?;
            scheme
                .eq_ignore_ascii_case(b"bearer ")
                .then(|| token.trim_ascii())
        });
        carried.is_some_and(|carried| carried.ct_eq(self.0.as_bytes()).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(header: Option<&str>, expected: bool) {
        let mut headers = HeaderMap::new();
        if let Some(header) = header {
            headers.insert(AUTHORIZATION, header.parse().expect("a header value"));
        }
        assert_eq!(
            Token("secret".to_owned()).is_carried_by(&headers),
            expected,
            "{header:?}"
        );
    }

    #[test]
    fn only_the_whole_token_opens() {
        check(Some("Bearer secret"), true);
        check(Some("bearer secret"), true);
        check(Some("Bearer secre"), false);
        check(Some("Bearer secrets"), false);
        check(Some("Basic secret"), false);
        check(Some("secret"), false);
        check(Some("Bearersecret"), false);
        check(None, false);
    }

    #[test]
    fn a_token_may_have_other_letters() {
        let value = http::HeaderValue::from_bytes("Bearer größe".as_bytes()).expect("a header value");
        let headers: HeaderMap = [(AUTHORIZATION, value)].into_iter().collect();
        assert!(Token("größe".to_owned()).is_carried_by(&headers));
    }

    #[test]
    fn an_empty_token_is_refused() {
        assert!(matches!(
            Token::find(Some(" \n".to_owned())),
            Err(HostError::EmptyToken)
        ));
    }
}
