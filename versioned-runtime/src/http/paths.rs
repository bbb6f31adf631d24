//! The paths of a host: every path of every contract, bare and behind the literal prefixes of its declared versions.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use versioned_core::contract::Method;
use versioned_core::openapi::prefixes;

use crate::host::{HostError, Hosted};
use crate::resolve::{Constraint, Source};
use crate::text_map::TextMap;
use crate::words::last;

/// All paths of a host.
pub(crate) struct Paths {
    entries: Vec<PathEntry>,
    matcher: matchit::Router<usize>,
    /// The paths whose last segment alone is a parameter, by what stands before it, where no other path can be meant: most requests
    /// are for one of these, and need no matcher.
    by_start: TextMap<usize>,
}

/// One path of one contract.
pub(crate) struct PathEntry {
    pub(crate) contract: usize,
    /// The template with its parameters renamed by place (`/users/{p0}`), so that spellings of versions do not matter.
    pub(crate) template: String,
    /// The prefix of the template.
    base: String,
    /// What the prefix says about the version.
    pub(crate) prefix: Option<Constraint>,
    /// Whether each segment of the template is a parameter.
    parameters: Vec<bool>,
    /// Whether one before the last is.
    inner: bool,
    /// How many bytes lie between each parameter and the one before it, or the begin of the path.
    between: Vec<usize>,
    /// The operation of each version, by method.
    methods: BTreeMap<Method, Vec<Option<usize>>>,
    /// The same, by version and method: each request asks for one.
    operations: Vec<[Option<usize>; METHODS]>,
}

impl Paths {
    pub(crate) fn new(contracts: &[Hosted]) -> Result<Self, HostError> {
        let mut paths = Self {
            entries: Vec::new(),
            matcher: matchit::Router::new(),
            by_start: TextMap::default(),
        };
        let mut owners: HashMap<String, usize> = HashMap::new();
        for (index, hosted) in contracts.iter().enumerate() {
            let mut templates: BTreeMap<String, BTreeMap<Method, Vec<Option<usize>>>> = BTreeMap::new();
            for (version, contract) in hosted.contracts.iter().enumerate() {
                for (operation, described) in contract.operations.iter().enumerate() {
                    let methods = templates.entry(normalised(described.path)).or_default();
                    let versions = methods
                        .entry(described.method)
                        .or_insert_with(|| vec![None; hosted.contracts.len()]);
                    versions[version] = Some(operation);
                }
            }
            let mut bases: BTreeMap<String, Option<Constraint>> = [(String::new(), None)].into();
            let prefixed = hosted
                .contracts
                .iter()
                .filter(|_| hosted.sources.reads(Source::Prefix));
            for prefix in prefixed.flat_map(|contract| prefixes(contract)) {
                let constraint = prefix
                    .strip_prefix("/v")
                    .and_then(|text| Constraint::parse(text).ok());
                bases.insert(prefix, constraint);
            }
            for (base, constraint) in &bases {
                for (template, methods) in &templates {
                    let template = format!("{base}{template}");
                    if let Some(owner) = owners.insert(template.clone(), index)
                        && owner != index
                    {
                        let (first, second) = (contracts[owner].id(), hosted.id());
                        return Err(HostError::Clash {
                            first,
                            second,
                            path: template,
                        });
                    }
                    let versions = hosted.contracts.len();
                    let entry = PathEntry::new(index, base, template, methods, versions);
                    paths.insert(
                        PathEntry {
                            prefix: constraint.clone(),
                            ..entry
                        },
                        hosted.id(),
                    )?;
                }
            }
        }
        paths.refuse_overlaps(contracts)?;
        paths.by_start = paths.starts();
        Ok(paths)
    }

    /// See `by_start`.
    fn starts(&self) -> TextMap<usize> {
        let all = || self.entries.iter().enumerate();
        let alone = |at| !all().any(|(other, entry)| other != at && entry.overlaps(&self.entries[at]));
        let start = |entry: &PathEntry| {
            let (start, last) = entry.template.split_at(entry.template.rfind('/')? + 1);
            (!entry.inner && last.starts_with('{')).then(|| start.as_bytes().into())
        };
        let starts = all().filter_map(|(at, entry)| Some((start(entry).filter(|_| alone(at))?, at)));
        starts.collect()
    }

    /// The matcher would give each request that fits paths of two contracts to the more literal one, and hide that value of a parameter
    /// from the other contract: whose it is, nobody has said.
    fn refuse_overlaps(&self, contracts: &[Hosted]) -> Result<(), HostError> {
        for (at, entry) in self.entries.iter().enumerate() {
            let earlier = self.entries[..at].iter();
            let mut others = earlier.filter(|other| other.contract != entry.contract);
            if let Some(other) = others.find(|other| other.overlaps(entry)) {
                return Err(HostError::Overlap {
                    first: contracts[other.contract].id(),
                    second: contracts[entry.contract].id(),
                    path: other.template.clone(),
                    other: entry.template.clone(),
                });
            }
        }
        Ok(())
    }

    fn insert(&mut self, entry: PathEntry, contract: &'static str) -> Result<(), HostError> {
        let inserted = self.matcher.insert(entry.template.clone(), self.entries.len());
        inserted.map_err(|error| HostError::Path {
            contract,
            path: entry.template.clone(),
            reason: error.to_string(),
        })?;
        self.entries.push(entry);
        Ok(())
    }

    /// The entry of a path, as it stands in the request line.
    pub(crate) fn find(&self, path: &str) -> Option<usize> {
        let start = last(path.as_bytes(), b'/').and_then(|slash| path.as_bytes().get(..=slash));
        let found = start
            .filter(|start| start.len() < path.len())
            .and_then(|start| self.by_start.get(start));
        found.copied().or_else(|| self.find_any(path))
    }

    #[inline(never)] // it takes much room
    fn find_any(&self, path: &str) -> Option<usize> {
        self.matcher.at(path).ok().map(|found| *found.value)
    }

    /// The entry that answers a path in a version: the one that was found, or else a more general one that the path fits, too.
    ///
    /// A version that has no `/users/search` may well have a `/users/{id}`: what other versions declare changes nothing for it.
    pub(crate) fn in_version(&self, found: usize, path: &str, version: usize) -> Option<usize> {
        if self.entries.get(found)?.has(version) {
            return Some(found);
        }
        let fits = self.matching(found, path);
        fits.filter(|index| self.entries[*index].has(version))
            .min_by(|a, b| self.entries[*a].parameters.cmp(&self.entries[*b].parameters))
    }

    /// The versions in which a path leads somewhere.
    pub(crate) fn versions(&self, found: usize, path: &str) -> BTreeSet<usize> {
        let fits = self.matching(found, path);
        fits.flat_map(|index| self.entries[index].versions()).collect()
    }

    /// All entries that a path fits, of the contract and behind the prefix of the one that was found.
    pub(crate) fn matching(&self, found: usize, path: &str) -> impl Iterator<Item = usize> {
        let entry = self.entries.get(found);
        let all = self.entries.iter().enumerate();
        all.filter(move |(_, other)| {
            entry.is_some_and(|entry| other.contract == entry.contract && other.base == entry.base)
                && other.fits(path)
        })
        .map(|(index, _)| index)
    }

    pub(crate) fn entries(&self) -> &[PathEntry] {
        &self.entries
    }
}

impl PathEntry {
    /// A path whose prefix says nothing.
    fn new(
        contract: usize,
        base: &str,
        template: String,
        methods: &BTreeMap<Method, Vec<Option<usize>>>,
        versions: usize,
    ) -> Self {
        let is_parameter = |segment: &str| segment.starts_with('{');
        Self {
            contract,
            base: base.to_owned(),
            prefix: None,
            between: between(&template),
            inner: template.rsplit('/').skip(1).any(is_parameter),
            parameters: template.split('/').map(is_parameter).collect(),
            operations: (0..versions).map(|version| by_method(methods, version)).collect(),
            methods: methods.clone(),
            template,
        }
    }

    /// What stands before the path of the operation: the prefix of a version, or nothing.
    #[cfg(feature = "otlp")]
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// The operation of a method in a version.
    pub(crate) fn operation(&self, method: Method, version: usize) -> Option<usize> {
        *self.operations.get(version)?.get(method as usize)?
    }

    /// The methods that some of these versions have here.
    pub(crate) fn methods(&self, has: impl Fn(usize) -> bool) -> impl Iterator<Item = Method> {
        let here = move |versions: &[Option<usize>]| {
            versions
                .iter()
                .enumerate()
                .any(|(version, operation)| operation.is_some() && has(version))
        };
        self.methods
            .iter()
            .filter(move |(_, versions)| here(versions))
            .map(|(method, _)| *method)
    }

    /// The versions that have the path.
    fn versions(&self) -> impl Iterator<Item = usize> {
        let count = self.methods.values().map(Vec::len).max().unwrap_or(0);
        (0..count).filter(|version| self.has(*version))
    }

    fn has(&self, version: usize) -> bool {
        let mut methods = self.methods.values();
        methods.any(|versions| versions.get(version).copied().flatten().is_some())
    }

    /// Whether no parameter is empty in a path that the matcher has found.
    pub(crate) fn is_filled_by(&self, path: &str) -> bool {
        let bytes = path.as_bytes();
        let empty = bytes.ends_with(b"/") || self.inner && bytes.windows(2).any(|pair| pair == b"//");
        !empty || self.fits(path)
    }

    /// Whether a path, as it stands in the request line, is one of this template; a parameter is never empty.
    pub(crate) fn fits(&self, path: &str) -> bool {
        path.split('/').count() == self.parameters.len()
            && path
                .split('/')
                .zip(self.template.split('/'))
                .zip(&self.parameters)
                .all(|((segment, template), parameter)| {
                    if *parameter {
                        !segment.is_empty()
                    } else {
                        segment == template
                    }
                })
    }

    /// Whether some path fits both templates.
    fn overlaps(&self, other: &Self) -> bool {
        let segments = |entry: &Self| entry.parameters.len();
        segments(self) == segments(other)
            && self
                .template
                .split('/')
                .zip(&self.parameters)
                .zip(other.template.split('/').zip(&other.parameters))
                .all(
                    |((mine, parameter), (theirs, other_parameter))| match (parameter, other_parameter) {
                        (false, false) => mine == theirs,
                        // A parameter is never empty.
                        (true, false) => !theirs.is_empty(),
                        (false, true) => !mine.is_empty(),
                        (true, true) => true,
                    },
                )
    }

    /// The raw value of a parameter, by its place among the parameters.
    pub(crate) fn value<'a>(&self, path: &'a str, parameter: usize) -> Option<&'a str> {
        let end_of = |rest: &str| rest.bytes().position(|byte| byte == b'/').unwrap_or(rest.len());
        let (literal, before) = self.between.get(..=parameter)?.split_last()?;
        let mut rest = path;
        for literal in before {
            rest = rest.get(*literal..)?;
            rest = rest.get(end_of(rest)..)?;
        }
        rest = rest.get(*literal..)?;
        rest.get(..end_of(rest))
    }
}

/// How many methods operations can have.
const METHODS: usize = 5;

/// The operations of a version by their methods.
fn by_method(methods: &BTreeMap<Method, Vec<Option<usize>>>, version: usize) -> [Option<usize>; METHODS] {
    let mut operations = [None; METHODS];
    for (method, versions) in methods {
        operations[*method as usize] = versions.get(version).copied().flatten();
    }
    operations
}

/// What lies between the parameters of a template: of `/users/{p0}/pets/{p1}`, the lengths of `/users/` and `/pets/`.
fn between(template: &str) -> Vec<usize> {
    let mut found = Vec::new();
    let mut length = 0;
    for segment in template.split('/').skip(1) {
        length += 1;
        if segment.starts_with('{') {
            found.push(length);
            length = 0;
        } else {
            length += segment.len();
        }
    }
    found
}

/// `/users/{id}/pets/{pet}` becomes `/users/{p0}/pets/{p1}`.
fn normalised(path: &str) -> String {
    let mut parameters = 0_usize;
    let mut segments = Vec::new();
    for segment in path.split('/') {
        if segment.starts_with('{') {
            segments.push(format!("{{p{parameters}}}"));
            parameters += 1;
        } else {
            segments.push(segment.to_owned());
        }
    }
    segments.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_named_by_their_place() {
        assert_eq!(normalised("/users/{id}/pets/{pet}"), "/users/{p0}/pets/{p1}");
        assert_eq!(normalised("/"), "/");
    }

    fn paths(templates: &[&str]) -> Paths {
        let mut paths = Paths {
            entries: Vec::new(),
            matcher: matchit::Router::new(),
            by_start: TextMap::default(),
        };
        for template in templates {
            let entry = PathEntry::new(0, "", normalised(template), &BTreeMap::new(), 1);
            paths.insert(entry, "notes").expect("a path");
        }
        paths.by_start = paths.starts();
        paths
    }

    #[test]
    fn paths_without_a_matcher_are_those_that_it_finds() {
        let templates = [
            "/",
            "/users",
            "/users/{id}",
            "/users/search",
            "/pets/{id}",
            "/pets/{id}/toys",
            "/pets/{id}/toys/{toy}",
            "/v1/pets/{id}",
            "/a/b/{c}",
            "/a/{b}/c",
            "/notes/{id}",
        ];
        let paths = paths(&templates);
        let starts: Vec<&[u8]> = paths.by_start.texts().collect();
        for (start, alone) in [
            ("/pets/", true),
            ("/v1/pets/", true),
            ("/notes/", true),
            ("/users/", false),
            ("/a/b/", false),
        ] {
            assert_eq!(starts.contains(&start.as_bytes()), alone, "{start}");
        }
        let segments = [
            "", "users", "search", "pets", "7", "toys", "v1", "a", "b", "c", "notes", "%2F", "ö", "{p0}",
        ];
        let mut asked = vec![String::new()];
        for _ in 0..4 {
            let longer = asked
                .iter()
                .flat_map(|path| segments.map(|segment| format!("{path}/{segment}")));
            let longer: Vec<String> = longer.collect();
            for path in &longer {
                assert_eq!(paths.find(path), paths.find_any(path), "{path}");
            }
            asked = longer;
        }
        assert_eq!([paths.find(""), paths.find("*"), paths.find("users")], [None; 3]);
    }

    #[test]
    fn what_lies_between_parameters_is_counted() {
        assert_eq!(between("/users/{p0}/pets/{p1}"), [7, 6]);
        assert_eq!(between("/{p0}/{p1}"), [1, 1]);
        assert!(between("/users").is_empty());
    }
}
