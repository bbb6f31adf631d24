//! How containers are plugged into networks: the names that they have there, and which network is the first.

/// How many characters of an id are a name.
pub const SHORT_ID: usize = 12;

/// The network that an address speaks of which names none: that of the mode, or the one that is listed, or `bridge`.
pub fn main<'a>(mode: Option<&str>, mut listed: impl Iterator<Item = &'a String>) -> String {
    match mode {
        Some("" | "default") | None => listed.next().cloned().unwrap_or_else(|| "bridge".to_owned()),
        Some(mode) => mode.to_owned(),
    }
}

/// The beginning of an id: the name that a container has in every network.
#[must_use]
pub fn short_id(id: &str) -> &str {
    id.get(..SHORT_ID).unwrap_or(id)
}

/// Aliases as they were until 44.0.0: with the beginning of the id, which stands among the names.
#[must_use]
pub fn with_id(aliases: Option<Vec<String>>, names: Option<&[String]>) -> Option<Vec<String>> {
    let Some(id) = names.unwrap_or_default().iter().find(|name| is_short_id(name)) else {
        return aliases;
    };
    let mut aliases = aliases.unwrap_or_default();
    if !aliases.contains(id) {
        aliases.push(id.clone());
    }
    Some(aliases)
}

/// Aliases as they are from 45.0.0 on: without the beginning of the id, where that is known.
#[must_use]
pub fn without_id(aliases: Option<Vec<String>>, names: Option<&[String]>) -> Option<Vec<String>> {
    let id = names.unwrap_or_default().iter().find(|name| is_short_id(name));
    let mut aliases = aliases?;
    aliases.retain(|alias| Some(alias) != id);
    Some(aliases)
}

fn is_short_id(name: &str) -> bool {
    name.len() == SHORT_ID && name.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "4fa6e0f0c678";

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[track_caller]
    fn check(aliases: Option<&[&str]>, names: &[&str], with: Option<&[&str]>, without: Option<&[&str]>) {
        let names = texts(names);
        assert_eq!(with_id(aliases.map(texts), Some(&names)), with.map(texts));
        assert_eq!(without_id(with.map(texts), Some(&names)), without.map(texts));
    }

    #[test]
    fn the_beginning_of_the_id_comes_and_goes() {
        check(
            Some(&["db"]),
            &["web", ID, "db"],
            Some(&["db", ID]),
            Some(&["db"]),
        );
        check(None, &["web", ID], Some(&[ID]), Some(&[]));
        check(Some(&["db"]), &["web"], Some(&["db"]), Some(&["db"]));
        check(None, &[], None, None);
    }

    #[test]
    fn an_address_without_a_network_is_of_the_first() {
        let listed = texts(&["front", "back"]);
        assert_eq!(main(None, [].iter()), "bridge");
        assert_eq!(main(Some("default"), listed.iter()), "front");
        assert_eq!(main(Some("back"), listed.iter()), "back");
        assert_eq!(short_id("4fa6e0f0c6786287"), ID);
        assert_eq!(short_id("4f"), "4f");
    }
}
