//! The promise: each version against the ones before it, by the engine of the core.
//!
//! The history is turned into the engine's models, one per version; what the engine finds is told at the token that made the
//! difference.

mod models;

#[cfg(test)]
pub(crate) use models::all as models;

use std::collections::HashSet;

use proc_macro2::TokenStream;
use quote::ToTokens as _;
use syn::Type;
use versioned_core::engine::{self, Change, Subject, Verdict};
use versioned_core::version::{Semver, Step};

use crate::constraints::Constrained;
use crate::model::references::names_another;
use crate::model::{History, Member, OperationForm, Source, TypeHistory};
use crate::parse::openapi::Word;
use crate::sink::{Diagnostic, Sink};

/// A difference that only constants can tell: one of the types may be another name of the other one.
pub(crate) struct Deferred {
    pub(crate) versions: (usize, usize),
    pub(crate) types: (Type, Type),
    pub(crate) token: TokenStream,
    /// What is told if the types differ on the wire, too.
    pub(crate) message: String,
}

/// What was refused: the version, the type and the member, so that no second error is told about the same change.
pub(super) type Broken = HashSet<(usize, String, String)>;

/// Reports every change that the step to its version does not allow.
pub(super) fn check(history: &History, deferred: &mut Vec<Deferred>, sink: &mut Sink) -> Broken {
    let models = models::all(history);
    let mut broken = Broken::new();
    let mut told = HashSet::new();
    for next in history.told.max(1)..models.len() {
        // A break that an earlier step of the same major made is told there, not again for each later version.
        for previous in (0..next).rev() {
            let (old, new) = (semver(history, previous), semver(history, next));
            let step = old.step_to(&new);
            if step == Step::Major || (step == Step::Patch && previous + 1 != next) {
                continue;
            }
            let changes = engine::compare(&models[previous], &models[next]);
            for verdict in engine::judge(step, history.contract.compatibility, &changes) {
                let change = verdict.change;
                if !told.insert((change.subject.clone(), verdict.code)) {
                    continue;
                }
                let at = At {
                    history,
                    version: next,
                };
                if let Some(types) = at.names_of_others(change, previous) {
                    deferred.push(Deferred {
                        versions: (previous, next),
                        types,
                        token: at.token(change),
                        message: at.message(&verdict, step).into_text(),
                    });
                    continue;
                }
                // A rename is a field gone and a field come: one mistake all the same.
                if let Some((ty, member)) = at.member(&change.subject)
                    && !broken.insert((next, ty.ident.to_string(), member.name.clone()))
                {
                    continue;
                }
                sink.error(at.message(&verdict, step));
            }
        }
    }
    broken
}

fn semver(history: &History, version: usize) -> Semver {
    let semver = history.contract.semver(version);
    // Which pre-release it is does not matter for what a step may do.
    let pre = if semver.pre.is_empty() { "" } else { "pre" };
    Semver {
        major: semver.major,
        minor: semver.minor,
        patch: semver.patch,
        pre,
    }
}

/// Finds the token of a change that came with `version`.
struct At<'a> {
    history: &'a History,
    version: usize,
}

impl<'a> At<'a> {
    fn message(&self, verdict: &Verdict<'_>, step: Step) -> Diagnostic {
        let contract = &self.history.contract;
        let change = verdict.change;
        let version = contract.semver(self.version);
        let promise = match step {
            Step::Patch => "a patch changes nothing on the wire".to_owned(),
            _ => format!("compatibility is `{}`", contract.compatibility),
        };
        let text = format!("{}, but {version} is a {step} version and {promise}", change.text);
        Diagnostic::new(verdict.code, self.token(change), text).help(self.help(change, step))
    }

    fn help(&self, change: &Change, step: Step) -> String {
        let next_major = self.history.contract.versions[self.version..]
            .iter()
            .find(|v| v.semver.major != self.history.contract.semver(self.version).major);
        let later = next_major.map_or_else(
            || "declare a new major version and make the change there".to_owned(),
            |v| format!("make the change in `{}`, which is a major version", v.ident),
        );
        match (step, change.rule.code) {
            (Step::Patch, _) => format!("{later}, or in a minor version if it keeps the promise"),
            (_, "V0202") => format!("make it an `Option`, give it `#[serde(default)]`, or {later}"),
            _ => later,
        }
    }

    /// The token to underline: the verb that made the change, else the name of what changed.
    fn token(&self, change: &Change) -> TokenStream {
        if let Some((ty, member)) = self.member(&change.subject) {
            if self.history.is_explicit() && member.range.end <= self.version {
                return ty.written_in(self.version).to_token_stream();
            }
            return self.verb(member).unwrap_or_else(|| member.token.clone());
        }
        if let Some(word) = self.constraint(change) {
            return word;
        }
        let fallback = || {
            self.history.contract.versions[self.version]
                .literal
                .to_token_stream()
        };
        match &change.subject {
            Subject::Operation { name } | Subject::Parameter { operation: name, .. } => {
                self.operation(name).unwrap_or_else(fallback)
            }
            Subject::Type { name } | Subject::Field { ty: name, .. } | Subject::Variant { ty: name, .. } => {
                let ty = self.history.types.iter().find(|ty| ty.ident == name);
                ty.map_or_else(fallback, |ty| ty.written_in(self.version).to_token_stream())
            }
        }
    }

    /// The two types of a change that may be no change at all: types of other modules are names to a macro, and an alias is
    /// another name of the same type.
    fn names_of_others(&self, change: &Change, previous: usize) -> Option<(Type, Type)> {
        // Where versions are written out one by one, each has its own imports: names of one mean nothing in the other.
        if self.history.is_explicit() {
            return None;
        }
        let types = match (&change.subject, change.rule.id) {
            (Subject::Field { .. }, "field-type-changed") => {
                let (ty, member) = self.member(&change.subject)?;
                let of = |version: usize| ty.field_type(member, version).cloned();
                (of(previous)?, of(self.version)?)
            }
            (Subject::Parameter { operation, name }, "parameter-type-changed") => {
                let of = |version: usize| {
                    let operation = self.operation_in(version, operation)?;
                    let mut arguments = operation.arguments.iter();
                    arguments
                        .find(|argument| argument.ident == name)
                        .map(|argument| argument.ty.clone())
                };
                (of(previous)?, of(self.version)?)
            }
            (Subject::Operation { name }, "operation-body-changed") => {
                let of = |version: usize| {
                    let mut arguments = self.operation_in(version, name)?.arguments.iter();
                    let body = arguments.find(|argument| argument.source == Source::Body);
                    body.map(|body| body.ty.clone())
                };
                (of(previous)?, of(self.version)?)
            }
            (Subject::Operation { name }, "operation-output-changed") => {
                let of = |version: usize| Some(self.operation_in(version, name)?.output.clone());
                (of(previous)?, of(self.version)?)
            }
            _ => return None,
        };
        let known = |name: &str| self.history.is_versioned(name);
        let foreign = names_another(&types.0, &known) || names_another(&types.1, &known);
        foreign.then_some(types)
    }

    fn operation_in(&self, version: usize, name: &str) -> Option<&'a OperationForm> {
        let mut operations = self.history.operations(version);
        operations
            .find(|(_, operation)| operation.is_named(name))
            .map(|(_, operation)| operation)
    }

    /// The constraint of a type or an argument that is another one than in the version before.
    fn constraint(&self, change: &Change) -> Option<TokenStream> {
        let of = |version: usize| -> Option<&Constrained> {
            match &change.subject {
                Subject::Type { name } => {
                    let ty = self.history.types.iter().find(|ty| ty.ident == name)?;
                    Some(&ty.forms[version].as_ref()?.facts.container.constraints)
                }
                Subject::Parameter { operation, name } => {
                    let mut operations = self.history.operations(version);
                    let (_, form) = operations.find(|(_, form)| form.is_named(operation))?;
                    let argument = form.arguments.iter().find(|argument| argument.ident == name)?;
                    Some(&argument.constraints)
                }
                _ => None,
            }
        };
        let (old, new) = (of(self.version.checked_sub(1)?)?, of(self.version)?);
        let known = |word: &&Word| {
            let before = old.word(&word.key.to_string());
            before.is_some_and(|before| before.token.to_string() == word.token.to_string())
        };
        let changed = new.words.iter().find(|word| !known(word));
        changed.map(|word| word.key.to_token_stream())
    }

    /// What came with this version: `until` and `since` that name it, and renames.
    fn verb(&self, member: &Member) -> Option<TokenStream> {
        let here = &self.history.contract.versions[self.version].ident;
        member
            .verbs
            .version_tokens()
            .chain(
                member
                    .said
                    .iter()
                    .flat_map(|said| said.openapi.since.iter().chain(&said.openapi.until)),
            )
            .find(|ident| *ident == here)
            .map(quote::ToTokens::to_token_stream)
    }

    fn operation(&self, name: &str) -> Option<TokenStream> {
        let here = &self.history.contract.versions[self.version].ident;
        let find = |version: usize| {
            let mut operations = self.history.operations(version);
            operations
                .find(|(_, operation)| operation.is_named(name))
                .map(|(_, operation)| operation)
        };
        let (old, new) = (find(self.version - 1), find(self.version));
        let verb = |ident: &Option<syn::Ident>| ident.as_ref().filter(|ident| *ident == here).cloned();
        let since = new.and_then(|operation| verb(&operation.since));
        let until = old.and_then(|operation| verb(&operation.until));
        let token = since
            .or(until)
            .or_else(|| new.or(old).map(|operation| operation.ident.clone()));
        token.map(|token| token.to_token_stream())
    }

    /// The member that a change is about: the one of that name that came, went or was renamed with this version.
    fn member(&self, subject: &Subject) -> Option<(&'a TypeHistory, &'a Member)> {
        let (ty, variant, field) = match subject {
            Subject::Field { ty, field, variant } => (ty, variant.as_ref(), Some(field)),
            Subject::Variant { ty, variant } => (ty, Some(variant), None),
            Subject::Operation { .. } | Subject::Parameter { .. } | Subject::Type { .. } => return None,
        };
        let ty = self.history.types.iter().find(|t| t.ident == ty)?;
        let mut members = &ty.members;
        let mut found = None;
        if let Some(variant) = variant {
            found = Some(self.pick(members, variant)?);
            members = &found?.fields;
        }
        if let Some(field) = field {
            found = Some(self.pick(members, field)?);
        }
        Some((ty, found?))
    }

    fn pick(&self, members: &'a [Member], name: &str) -> Option<&'a Member> {
        let named = |member: &&Member| {
            member.name == name || member.verbs.renamed.iter().any(|renamed| renamed.from == name)
        };
        let candidates = || members.iter().filter(named);
        candidates()
            .find(|member| self.verb(member).is_some())
            .or_else(|| candidates().next())
    }
}
