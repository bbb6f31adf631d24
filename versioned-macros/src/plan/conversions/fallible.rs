//! Which conversions may fail: those with a `try_` function in them, or in a type that they mention.

use crate::model::references::mentioned;
use crate::model::{Body, FieldForm, History, Member, Role, TypeForm, TypeHistory};
use crate::parse::verbs::{Function, Verbs};
use crate::plan::Direction;

use super::Type;

/// For each type, whether its conversion in a step may fail; errors never do.
pub(super) fn types(history: &History, changed: &[bool], step: usize, direction: Direction) -> Vec<bool> {
    let cx = Cx {
        history,
        step,
        direction,
    };
    let applies = |index: usize, ty: &TypeHistory| changed[index] && ty.role != Role::Error;
    let mut fallible: Vec<bool> = history
        .types
        .iter()
        .enumerate()
        .map(|(index, ty)| applies(index, ty) && cx.itself(ty))
        .collect();
    // Least fixpoint: a type is fallible as soon as something that it mentions is.
    loop {
        let now: Vec<bool> = history
            .types
            .iter()
            .enumerate()
            .map(|(index, ty)| fallible[index] || (applies(index, ty) && cx.mentions(ty, &fallible)))
            .collect();
        if now == fallible {
            return fallible;
        }
        fallible = now;
    }
}

/// Whether a written type mentions one whose conversion may fail.
pub(super) fn mentions(history: &History, fallible: &[bool], ty: &Type) -> bool {
    let known = |name: &str| history.type_index(name).is_some_and(|index| fallible[index]);
    !mentioned(ty, &known).is_empty()
}

struct Cx<'a> {
    history: &'a History,
    step: usize,
    direction: Direction,
}

impl Cx<'_> {
    fn function<'v>(&self, verbs: &'v Verbs) -> Option<&'v Function> {
        match self.direction {
            Direction::Upgrade => verbs.upgrade.as_ref(),
            Direction::Downgrade => verbs.downgrade.as_ref(),
        }
    }

    fn forms<'t>(&self, ty: &'t TypeHistory) -> Option<(&'t TypeForm, &'t TypeForm)> {
        let (from, to) = self.direction.ends(self.step);
        Some((ty.forms[from].as_ref()?, ty.forms[to].as_ref()?))
    }

    fn itself(&self, ty: &TypeHistory) -> bool {
        let Some((source, target)) = self.forms(ty) else {
            return false;
        };
        match (&source.body, &target.body) {
            (Body::Struct(source), Body::Struct(target)) => self.fields(&ty.members, source, target),
            (Body::Enum(source), Body::Enum(target)) => source.iter().any(|variant| {
                let member = &ty.members[variant.member];
                match target.iter().find(|t| t.member == variant.member) {
                    Some(same) => self.fields(&member.fields, &variant.fields, &same.fields),
                    None => self
                        .function(&member.verbs)
                        .is_some_and(|function| function.fallible),
                }
            }),
            _ => false,
        }
    }

    fn fields(&self, members: &[Member], source: &[FieldForm], target: &[FieldForm]) -> bool {
        target.iter().any(|field| {
            let verbs = &members[field.member].verbs;
            let function = if source.iter().any(|s| s.member == field.member) {
                let version = &self.history.contract.versions[self.step + 1].ident;
                verbs
                    .changed_at(version)
                    .and_then(|changed| match self.direction {
                        Direction::Upgrade => changed.upgrade.as_ref(),
                        Direction::Downgrade => changed.downgrade.as_ref(),
                    })
            } else {
                self.function(verbs)
            };
            function.is_some_and(|function| function.fallible)
        })
    }

    /// Only what is in both forms is converted; a function of the user sees to the rest by itself.
    fn mentions(&self, ty: &TypeHistory, fallible: &[bool]) -> bool {
        let Some((source, _)) = self.forms(ty) else {
            return false;
        };
        source
            .field_types()
            .any(|ty| mentions(self.history, fallible, ty))
    }
}
