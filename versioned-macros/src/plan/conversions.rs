//! How a value of a type that differs between two versions is made from the other version's.

mod fallible;
mod numbers;

use quote::ToTokens as _;
use syn::{Ident, Path, Type};

use super::{Direction, TypeStep};
use crate::model::references::{Seen, is_option, mentioned, see};
use crate::model::{Body, FieldForm, History, Member, Role, TypeHistory, VariantForm};
use crate::parse::verbs::{DefaultVerb, Function, Verbs};

/// One direction of a conversion.
pub(crate) struct Conversion {
    pub(crate) body: ConversionBody,
    /// Why it cannot be derived; empty where it can. Members of mentioned types are listed there, not here.
    pub(crate) missing: Vec<Missing>,
    /// Whether it, and everything it needs, can be made.
    pub(crate) available: bool,
    /// Whether some value may have no counterpart: a function in it, or in what it mentions, may fail.
    pub(crate) fallible: bool,
}

/// How the new value is put together.
pub(crate) enum ConversionBody {
    Struct(Vec<FieldPlan>),
    Enum(Vec<VariantPlan>),
}

/// How one field of the target is made.
pub(crate) struct FieldPlan {
    /// The index of the member in the history of the type (or variant).
    pub(crate) member: usize,
    pub(crate) target: syn::Member,
    pub(crate) from: FieldSource,
}

/// Where the value of a field comes from.
pub(crate) enum FieldSource {
    /// Moved, converting what is mentioned in it.
    Move { source: syn::Member, ty: Box<Type> },
    /// Another type in the other version: made from the value of the field alone.
    Changed { source: syn::Member, how: Change },
    /// Computed from the whole other value.
    Function(Function),
    /// Made up: by a function, or by `Default`. `accepted` if the user has accepted the loss.
    Default { path: Option<Path>, accepted: bool },
    /// Nothing says how.
    Missing,
}

/// How the value of a field becomes one of another type.
pub(crate) enum Change {
    /// By a function of the user.
    Function(Function),
    /// By `Some`, after converting what is mentioned in it.
    Wrapped(Box<Type>),
    /// By `From` of the standard library, which loses nothing: a wider number.
    Widened,
}

/// What becomes of one variant of the source.
pub(crate) struct VariantPlan {
    pub(crate) member: usize,
    pub(crate) source: Ident,
    pub(crate) into: VariantTarget,
}

/// What a variant becomes.
pub(crate) enum VariantTarget {
    /// The same variant, field by field.
    Same { target: Ident, fields: Vec<FieldPlan> },
    /// Another variant, without content.
    Unit(Ident),
    /// What a function makes of the whole value.
    Function(Function),
    /// The `other` variant of an error, with the problem document of the source.
    Other,
    /// Nothing says what.
    Missing,
}

/// A member that a conversion has no way to make.
pub(crate) struct Missing {
    /// The member in the history of the type.
    pub(crate) member: usize,
    /// The field of a variant.
    pub(crate) field: Option<usize>,
    /// A type whose containers cannot be seen through, if that is the reason.
    pub(crate) opaque: Option<Type>,
}

/// The conversions of a step, by type; `None` for types that are the same or are not in both versions.
pub(super) fn step(history: &History, homes: &[Vec<Option<usize>>], step: usize) -> Vec<Option<TypeStep>> {
    let changed: Vec<bool> = homes
        .iter()
        .map(|homes| matches!((homes[step], homes[step + 1]), (Some(old), Some(new)) if old != new))
        .collect();
    let one_way = |direction| {
        let fallible = fallible::types(history, &changed, step, direction);
        // Greatest fixpoint: a conversion is there until one of its members cannot be made.
        let mut available = changed.clone();
        loop {
            let cx = Cx {
                history,
                changed: &changed,
                available: &available,
                fallible: &fallible,
                step,
                direction,
            };
            let made: Vec<Option<Conversion>> = (0..changed.len())
                .map(|index| changed[index].then(|| cx.conversion(index)))
                .collect();
            let now: Vec<bool> = made
                .iter()
                .map(|c| c.as_ref().is_some_and(|c| c.available))
                .collect();
            if now == available {
                return made;
            }
            available = now;
        }
    };
    let upgrades = one_way(Direction::Upgrade);
    let downgrades = one_way(Direction::Downgrade);
    upgrades
        .into_iter()
        .zip(downgrades)
        .map(|(upgrade, downgrade)| {
            Some(TypeStep {
                upgrade: upgrade?,
                downgrade: downgrade?,
            })
        })
        .collect()
}

/// What a conversion is planned against.
struct Cx<'a> {
    history: &'a History,
    changed: &'a [bool],
    available: &'a [bool],
    fallible: &'a [bool],
    step: usize,
    direction: Direction,
}

impl Cx<'_> {
    fn conversion(&self, index: usize) -> Conversion {
        let ty = &self.history.types[index];
        let (from, to) = self.direction.ends(self.step);
        let mut missing = Vec::new();
        let mut sound = true;
        let body = match (&ty.forms[from], &ty.forms[to]) {
            (Some(source), Some(target)) => match (&source.body, &target.body) {
                (Body::Struct(source), Body::Struct(target)) => {
                    let fields = self.fields(&ty.members, source, target);
                    sound &= self.gaps(&fields, None, &mut missing);
                    ConversionBody::Struct(fields)
                }
                (Body::Enum(source), Body::Enum(target)) => {
                    let variants: Vec<VariantPlan> = source
                        .iter()
                        .map(|variant| self.variant(ty, variant, target))
                        .collect();
                    for plan in &variants {
                        match &plan.into {
                            VariantTarget::Same { fields, .. } => {
                                sound &= self.gaps(fields, Some(plan.member), &mut missing);
                            }
                            VariantTarget::Missing => {
                                missing.push(Missing {
                                    member: plan.member,
                                    field: None,
                                    opaque: None,
                                });
                            }
                            _ => {}
                        }
                    }
                    ConversionBody::Enum(variants)
                }
                _ => ConversionBody::Enum(Vec::new()),
            },
            _ => ConversionBody::Enum(Vec::new()),
        };
        let available = sound && missing.is_empty();
        Conversion {
            body,
            missing,
            available,
            fallible: self.fallible[index],
        }
    }

    fn fields(&self, members: &[Member], source: &[FieldForm], target: &[FieldForm]) -> Vec<FieldPlan> {
        let plan = |field: &FieldForm| {
            let verbs = &members[field.member].verbs;
            let from = match source.iter().find(|s| s.member == field.member) {
                Some(source) => self.kept(verbs, source, &field.ty),
                None => match (self.made_up(verbs, &field.ty), self.named(source, target, field)) {
                    // The long form of `changed`: what has the same name is the same, unless something else is said.
                    (FieldSource::Default { .. } | FieldSource::Missing, Some(named))
                        if verbs.default.is_none() =>
                    {
                        self.kept(verbs, named, &field.ty)
                    }
                    (made_up, _) => made_up,
                },
            };
            FieldPlan {
                member: field.member,
                target: field.access.clone(),
                from,
            }
        };
        target.iter().map(plan).collect()
    }

    /// The field of the source that has the name of this one, and has no counterpart of its own.
    fn named<'s>(
        &self,
        source: &'s [FieldForm],
        target: &[FieldForm],
        field: &FieldForm,
    ) -> Option<&'s FieldForm> {
        let name = matches!(field.access, syn::Member::Named(_)).then_some(&field.access)?;
        let named = source.iter().find(|source| source.access == *name)?;
        let taken = target.iter().any(|target| target.member == named.member);
        (!taken
            && !matches!(
                self.kept(&Verbs::default(), named, &field.ty),
                FieldSource::Missing
            ))
        .then_some(named)
    }

    /// A field that both versions have.
    fn kept(&self, verbs: &Verbs, source: &FieldForm, target: &Type) -> FieldSource {
        let version = &self.history.contract.versions[self.step + 1].ident;
        let function = verbs
            .changed_at(version)
            .and_then(|changed| match self.direction {
                Direction::Upgrade => changed.upgrade.as_ref(),
                Direction::Downgrade => changed.downgrade.as_ref(),
            });
        let how = if let Some(function) = function {
            Change::Function(function.clone())
        } else if same(&source.ty, target) {
            return FieldSource::Move {
                source: source.access.clone(),
                ty: Box::new(source.ty.clone()),
            };
        } else if let Seen::Option(inner) = see(target, &|_| false)
            && same(inner, &source.ty)
        {
            Change::Wrapped(Box::new(source.ty.clone()))
        } else if numbers::widens(&source.ty, target) {
            Change::Widened
        } else {
            return match &verbs.default {
                Some(default) => made_by_default(default, verbs),
                None => FieldSource::Missing,
            };
        };
        FieldSource::Changed {
            source: source.access.clone(),
            how,
        }
    }

    /// A field that the other version does not have.
    fn made_up(&self, verbs: &Verbs, ty: &Type) -> FieldSource {
        let function = match self.direction {
            Direction::Upgrade => &verbs.upgrade,
            Direction::Downgrade => &verbs.downgrade,
        };
        if let Some(function) = function {
            return FieldSource::Function(function.clone());
        }
        match &verbs.default {
            Some(default) => made_by_default(default, verbs),
            None if is_option(ty) => FieldSource::Default {
                path: None,
                accepted: verbs.lossy.is_some(),
            },
            None => FieldSource::Missing,
        }
    }

    fn variant(&self, ty: &TypeHistory, source: &VariantForm, target: &[VariantForm]) -> VariantPlan {
        let verbs = &ty.members[source.member].verbs;
        let function = match self.direction {
            Direction::Upgrade => &verbs.upgrade,
            Direction::Downgrade => &verbs.downgrade,
        };
        let into = if let Some(same) = target.iter().find(|t| t.member == source.member) {
            let members = &ty.members[source.member].fields;
            let fields = self.fields(members, &source.fields, &same.fields);
            // Errors always convert: where a value of theirs may not, the problem document stands for it.
            let whole = fields
                .iter()
                .all(|field| self.gap(field).is_none() && !self.may_fail(field));
            if ty.role == Role::Error && !whole {
                VariantTarget::Other
            } else {
                VariantTarget::Same {
                    target: same.ident.clone(),
                    fields,
                }
            }
        } else if ty.role == Role::Error {
            VariantTarget::Other
        } else if let Some(function) = function {
            let is_unit = |name: &&Ident| target.iter().any(|t| t.ident == **name && t.fields.is_empty());
            let unit = function.path.get_ident().filter(is_unit);
            match unit {
                Some(name) if !function.fallible => VariantTarget::Unit(name.clone()),
                _ => VariantTarget::Function(function.clone()),
            }
        } else {
            VariantTarget::Missing
        };
        VariantPlan {
            member: source.member,
            source: source.ident.clone(),
            into,
        }
    }

    /// Collects what cannot be made; false also where only a mentioned type is to blame.
    fn gaps(&self, fields: &[FieldPlan], variant: Option<usize>, missing: &mut Vec<Missing>) -> bool {
        let mut sound = true;
        for field in fields {
            let Some(gap) = self.gap(field) else { continue };
            sound = false;
            let opaque = match gap {
                Gap::Mentioned => continue,
                Gap::Opaque(ty) => Some(*ty),
                Gap::NoWay => None,
            };
            missing.push(match variant {
                Some(member) => Missing {
                    member,
                    field: Some(field.member),
                    opaque,
                },
                None => Missing {
                    member: field.member,
                    field: None,
                    opaque,
                },
            });
        }
        sound
    }

    fn gap(&self, field: &FieldPlan) -> Option<Gap> {
        match &field.from {
            FieldSource::Missing => Some(Gap::NoWay),
            FieldSource::Move { ty, .. }
            | FieldSource::Changed {
                how: Change::Wrapped(ty),
                ..
            } => self.convertible(ty).err(),
            FieldSource::Changed { .. } | FieldSource::Function(_) | FieldSource::Default { .. } => None,
        }
    }

    /// Whether some value of the field may have no counterpart.
    fn may_fail(&self, field: &FieldPlan) -> bool {
        match &field.from {
            FieldSource::Move { ty, .. }
            | FieldSource::Changed {
                how: Change::Wrapped(ty),
                ..
            } => fallible::mentions(self.history, self.fallible, ty),
            FieldSource::Function(function)
            | FieldSource::Changed {
                how: Change::Function(function),
                ..
            } => function.fallible,
            FieldSource::Changed { .. } | FieldSource::Default { .. } | FieldSource::Missing => false,
        }
    }

    fn convertible(&self, ty: &Type) -> Result<(), Gap> {
        let known = |name: &str| self.history.type_index(name).is_some();
        let touched = mentioned(ty, &known).iter().any(|name| {
            self.history
                .type_index(&name.to_string())
                .is_some_and(|index| self.changed[index])
        });
        if !touched {
            return Ok(());
        }
        match see(ty, &known) {
            Seen::Versioned(name) => {
                let index = self.history.type_index(&name.to_string());
                if index.is_some_and(|index| self.available[index]) {
                    Ok(())
                } else {
                    Err(Gap::Mentioned)
                }
            }
            Seen::Option(item)
            | Seen::List(item)
            | Seen::Set(item)
            | Seen::Boxed(item)
            | Seen::Shared(_, item)
            | Seen::Array(item, _)
            | Seen::Stream(_, item) => self.convertible(item),
            Seen::WithHeaders(body, headers) => {
                self.convertible(body)?;
                self.convertible(headers)
            }
            Seen::Map(key, value) => {
                let key_touched = !mentioned(key, &known).is_empty();
                if key_touched {
                    Err(Gap::Opaque(Box::new(ty.clone())))
                } else {
                    self.convertible(value)
                }
            }
            Seen::Tuple(items) => items.into_iter().try_for_each(|item| self.convertible(item)),
            Seen::Unit => Ok(()),
            Seen::Other => Err(Gap::Opaque(Box::new(ty.clone()))),
        }
    }
}

fn made_by_default(default: &DefaultVerb, verbs: &Verbs) -> FieldSource {
    FieldSource::Default {
        path: default.path.clone(),
        accepted: default.accept_loss.is_some() || verbs.lossy.is_some(),
    }
}

fn same(a: &Type, b: &Type) -> bool {
    a.to_token_stream().to_string() == b.to_token_stream().to_string()
}

/// Why a field cannot be made.
enum Gap {
    /// Nothing says how.
    NoWay,
    /// A changed type stands inside of one that cannot be seen through.
    Opaque(Box<Type>),
    /// A mentioned type cannot be converted; that is reported there.
    Mentioned,
}

/// Whether values of a written type can be converted in a step: what is mentioned in it is the same, or has a conversion.
pub(super) fn convertible(
    history: &History,
    conversions: &[Option<TypeStep>],
    ty: &Type,
    direction: Direction,
    step: usize,
) -> bool {
    let changed: Vec<bool> = conversions.iter().map(Option::is_some).collect();
    let available: Vec<bool> = conversions
        .iter()
        .map(|step| {
            step.as_ref().is_some_and(|step| match direction {
                Direction::Upgrade => step.upgrade.available,
                Direction::Downgrade => step.downgrade.available,
            })
        })
        .collect();
    Cx {
        history,
        changed: &changed,
        available: &available,
        // Not asked for here.
        fallible: &changed,
        step,
        direction,
    }
    .convertible(ty)
    .is_ok()
}
