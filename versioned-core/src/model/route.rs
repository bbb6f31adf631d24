//! Path templates without the names of their parameters: those are not on the wire.

/// The template with nameless parameters.
pub(crate) fn route(path: &str) -> String {
    let segments = path
        .split('/')
        .map(|segment| parameter(segment).map_or(segment, |_| "{}"));
    segments.collect::<Vec<_>>().join("/")
}

/// Where a path parameter stands among those of the template; its own name if the template does not have it.
pub(crate) fn path_position(path: &str, name: &str) -> String {
    let mut names = path.split('/').filter_map(parameter);
    let position = names.position(|candidate| candidate == name);
    position.map_or_else(|| name.to_owned(), |position| format!("{{{position}}}"))
}

/// The name that `template` has for the parameter `name` of `path`; both are the same route.
pub(crate) fn renamed<'a>(path: &str, template: &'a str, name: &'a str) -> &'a str {
    let position = path
        .split('/')
        .position(|segment| parameter(segment) == Some(name));
    let renamed = position.and_then(|position| parameter(template.split('/').nth(position)?));
    renamed.unwrap_or(name)
}

fn parameter(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_known_by_their_place() {
        assert_eq!(route("/users/{id}/tags/{tag}"), "/users/{}/tags/{}");
        assert_eq!(path_position("/users/{id}/tags/{tag}", "tag"), "{1}");
        assert_eq!(path_position("/users/{id}", "other"), "other");
        assert_eq!(route("/"), "/");
        assert_eq!(
            renamed("/users/{id}/tags/{tag}", "/users/{user}/tags/{t}", "tag"),
            "t"
        );
        assert_eq!(renamed("/users/{id}", "/users/{user}", "other"), "other");
    }
}
