//! Which operations the bridges of a step express, and what would be lost on the way.

use std::collections::BTreeSet;

use quote::ToTokens as _;
use syn::{Ident, Path, Type};

use super::conversions::{ConversionBody, FieldPlan, FieldSource, VariantTarget, convertible};
use super::{Direction, TypeStep};
use crate::model::references::{is_option, mentioned};
use crate::model::{Argument, History, MadeUp, OperationForm, Source};

/// One operation that both versions of a step have.
pub(crate) struct Bridged {
    pub(crate) operation: Ident,
    /// How the newer implementation answers the older version.
    pub(crate) forward: Option<Vec<ArgumentSource>>,
    /// How the older implementation answers the newer version.
    pub(crate) reverse: Option<Vec<ArgumentSource>>,
    /// Members of the body that an upgrade makes up without the user having accepted it.
    pub(crate) made_up: Vec<Lost>,
}

/// Where an argument of the answering operation comes from, in its order.
pub(crate) enum ArgumentSource {
    /// The argument of this name, converted.
    Argument(Ident, Box<Type>),
    /// The asking version has no such argument: `None`.
    Nothing,
    /// The asking version has no such argument: a function of the user says what it is, or `Default`.
    MadeUp(Option<Path>),
}

/// A member that a conversion does not carry.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Lost {
    /// The type, by its index in the history.
    pub(crate) ty: usize,
    pub(crate) member: usize,
    pub(crate) field: Option<usize>,
}

/// What the bridges of a step express.
pub(super) fn step(history: &History, conversions: &[Option<TypeStep>], step: usize) -> Vec<Bridged> {
    let cx = Cx {
        history,
        conversions,
        step,
    };
    history
        .operations(step)
        .filter_map(|(_, old)| {
            let new = history.operation(step + 1, &old.ident)?;
            let native = old.native_only || new.native_only;
            let made_up = cx.made_up(new);
            let forward = if native {
                None
            } else {
                cx.express(old, new, Direction::Upgrade)
            };
            let reverse = if native || !cx.carries_back(new) {
                None
            } else {
                cx.express(new, old, Direction::Downgrade)
            };
            Some(Bridged {
                operation: old.ident.clone(),
                forward,
                reverse,
                made_up,
            })
        })
        .collect()
}

struct Cx<'a> {
    history: &'a History,
    conversions: &'a [Option<TypeStep>],
    step: usize,
}

impl Cx<'_> {
    /// How `answering` is called for `asked`: arguments go in `direction`, the answer comes back in the other one.
    fn express(
        &self,
        asked: &OperationForm,
        answering: &OperationForm,
        direction: Direction,
    ) -> Option<Vec<ArgumentSource>> {
        let back = match direction {
            Direction::Upgrade => Direction::Downgrade,
            Direction::Downgrade => Direction::Upgrade,
        };
        if !same(&asked.output, &answering.output) || !self.convertible(&answering.output, back) {
            return None;
        }
        let used = |argument: &Argument| {
            argument.verbs.lossy || answering.arguments.iter().any(|a| a.ident == argument.ident)
        };
        if !asked.arguments.iter().all(used) {
            return None;
        }
        answering
            .arguments
            .iter()
            .map(
                |argument| match asked.arguments.iter().find(|a| a.ident == argument.ident) {
                    Some(given)
                        if same(&given.ty, &argument.ty) && self.convertible(&given.ty, direction) =>
                    {
                        Some(ArgumentSource::Argument(
                            given.ident.clone(),
                            Box::new(given.ty.clone()),
                        ))
                    }
                    None if let MadeUp::By(path) = &argument.verbs.default => {
                        Some(ArgumentSource::MadeUp(path.clone()))
                    }
                    None if is_option(&argument.ty) => Some(ArgumentSource::Nothing),
                    _ => None,
                },
            )
            .collect()
    }

    fn convertible(&self, ty: &Type, direction: Direction) -> bool {
        convertible(self.history, self.conversions, ty, direction, self.step)
    }

    /// The members that an upgraded body would hold defaults in.
    fn made_up(&self, new: &OperationForm) -> Vec<Lost> {
        let bodies = new
            .arguments
            .iter()
            .filter(|argument| argument.source == Source::Body);
        bodies
            .flat_map(|body| self.reached(&body.ty))
            .flat_map(|ty| self.made_up_in(ty, Direction::Upgrade))
            .collect()
    }

    fn made_up_in(&self, ty: usize, direction: Direction) -> Vec<Lost> {
        let Some(step) = &self.conversions[ty] else {
            return Vec::new();
        };
        let conversion = match direction {
            Direction::Upgrade => &step.upgrade,
            Direction::Downgrade => &step.downgrade,
        };
        let unaccepted = |from: &FieldSource| matches!(from, FieldSource::Default { accepted: false, .. });
        match &conversion.body {
            ConversionBody::Struct(fields) => fields
                .iter()
                .filter(|field| unaccepted(&field.from))
                .map(|field| Lost {
                    ty,
                    member: field.member,
                    field: None,
                })
                .collect(),
            ConversionBody::Enum(variants) => variants
                .iter()
                .flat_map(|variant| {
                    let fields = match &variant.into {
                        VariantTarget::Same { fields, .. } => &fields[..],
                        _ => &[],
                    };
                    let lost = fields.iter().filter(|field| unaccepted(&field.from));
                    lost.map(|field| Lost {
                        ty,
                        member: variant.member,
                        field: Some(field.member),
                    })
                })
                .collect(),
        }
    }

    /// Whether what a newer client sends survives in the older form: no member that an upgrade could only make up again or that
    /// no downgrade looks at, no variant that the older version does not know, and no default of the older form written over
    /// what is stored.
    fn carries_back(&self, new: &OperationForm) -> bool {
        new.arguments
            .iter()
            .flat_map(|argument| self.reached(&argument.ty))
            .all(|ty| {
                let overwritten = new.replaces && !self.made_up_in(ty, Direction::Downgrade).is_empty();
                !overwritten && !self.dropped_in(ty) && self.made_up_in(ty, Direction::Upgrade).is_empty()
            })
    }

    /// Whether a downgrade leaves something behind: it merges a variant with another, or drops a member that was to be computed
    /// on the way back, and has no function that could have put it somewhere.
    fn dropped_in(&self, ty: usize) -> bool {
        let Some(step) = &self.conversions[ty] else {
            return false;
        };
        let members = &self.history.types[ty].members;
        let kept = |member: usize| members[member].verbs.lossy.is_none();
        let computes = |fields: &[FieldPlan]| {
            fields
                .iter()
                .any(|field| matches!(field.from, FieldSource::Function(_)) && kept(field.member))
        };
        // A value of another type that the older form holds a default instead of.
        let replaced = |up: &[FieldPlan], down: &[FieldPlan]| {
            down.iter().any(|field| {
                matches!(field.from, FieldSource::Default { accepted: false, .. })
                    && up.iter().any(|other| other.member == field.member)
            })
        };
        match (&step.upgrade.body, &step.downgrade.body) {
            (_, ConversionBody::Enum(variants)) => variants
                .iter()
                .any(|variant| !matches!(variant.into, VariantTarget::Same { .. }) && kept(variant.member)),
            (ConversionBody::Struct(up), ConversionBody::Struct(down)) => {
                (computes(up) && !computes(down)) || replaced(up, down)
            }
            (ConversionBody::Enum(_), ConversionBody::Struct(_)) => false,
        }
    }

    /// The types of the contract that a written type reaches in the newer version.
    fn reached(&self, ty: &Type) -> BTreeSet<usize> {
        let known = |name: &str| self.history.type_index(name).is_some();
        let indices = |ty: &Type| -> Vec<usize> {
            let names = mentioned(ty, &known);
            names
                .iter()
                .filter_map(|name| self.history.type_index(&name.to_string()))
                .collect()
        };
        let mut reached = BTreeSet::new();
        let mut open = indices(ty);
        while let Some(index) = open.pop() {
            if !reached.insert(index) {
                continue;
            }
            if let Some(form) = &self.history.types[index].forms[self.step + 1] {
                open.extend(form.field_types().flat_map(indices));
            }
        }
        reached
    }
}

fn same(a: &Type, b: &Type) -> bool {
    a.to_token_stream().to_string() == b.to_token_stream().to_string()
}
