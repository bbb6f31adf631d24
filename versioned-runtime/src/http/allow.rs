//! The values of `Allow`: there are few sets of methods, so each is rendered once.

use std::sync::LazyLock;

use http::HeaderValue;
use versioned_core::contract::Method;

const METHODS: [Method; 5] = [
    Method::Get,
    Method::Post,
    Method::Put,
    Method::Patch,
    Method::Delete,
];

static VALUES: LazyLock<[HeaderValue; 1 << METHODS.len()]> = LazyLock::new(|| std::array::from_fn(render));

/// A set of methods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Methods(usize);

impl FromIterator<Method> for Methods {
    fn from_iter<I: IntoIterator<Item = Method>>(methods: I) -> Self {
        let bit = |method: Method| {
            METHODS
                .iter()
                .position(|other| *other == method)
                .map_or(0, |at| 1 << at)
        };
        Self(methods.into_iter().fold(0, |set, method| set | bit(method)))
    }
}

impl Methods {
    /// The value of `Allow`: GET implies HEAD, and OPTIONS is always answered.
    pub(super) fn value(self) -> HeaderValue {
        VALUES[self.0].clone()
    }
}

fn render(set: usize) -> HeaderValue {
    let mut names = vec!["OPTIONS"];
    for (at, method) in METHODS.iter().enumerate() {
        if set & (1 << at) == 0 {
            continue;
        }
        names.push(method.as_str());
        if *method == Method::Get {
            names.push("HEAD");
        }
    }
    names.sort_unstable();
    crate::host::header_value(&names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(methods: &[Method], expected: &str) {
        assert_eq!(methods.iter().copied().collect::<Methods>().value(), expected);
    }

    #[test]
    fn values() {
        check(&[], "OPTIONS");
        check(
            &[Method::Delete, Method::Get, Method::Delete],
            "DELETE, GET, HEAD, OPTIONS",
        );
        check(&METHODS, "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT");
    }
}
