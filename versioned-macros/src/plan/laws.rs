//! Which conversions must lead back to where they began.
//!
//! That is a promise wherever nobody said that something is lost: what is moved comes back by itself, and what functions compute
//! comes back if they are each other's inverse. It is none where a value is made up, merged with another, or `lossy`.

use super::conversions::{Conversion, ConversionBody, FieldPlan, FieldSource, VariantPlan, VariantTarget};
use super::{Direction, TypeStep};
use crate::model::references::mentioned;
use crate::model::{Body, FieldForm, History, Member, Role};
use crate::serde_facts::FieldFacts;

/// The ways there and back of one type in one step that must lead back.
#[derive(Clone, Copy, Default)]
pub(crate) struct Trips {
    /// To the newer version and back.
    pub(crate) upward: bool,
    /// To the older version and back.
    pub(crate) downward: bool,
}

/// For each type, which trips of a step are exact.
pub(super) fn trips(history: &History, conversions: &[Option<TypeStep>], step: usize) -> Vec<Trips> {
    let way = |first: Direction| {
        let cx = Cx {
            history,
            conversions,
            first,
            start: first.ends(step).0,
        };
        cx.exact()
    };
    let (upward, downward) = (way(Direction::Upgrade), way(Direction::Downgrade));
    let both = upward.into_iter().zip(downward);
    both.map(|(upward, downward)| Trips { upward, downward })
        .collect()
}

struct Cx<'a> {
    history: &'a History,
    conversions: &'a [Option<TypeStep>],
    first: Direction,
    /// The version that a trip begins and ends in.
    start: usize,
}

impl Cx<'_> {
    /// Greatest fixpoint: a trip is exact until one of a type that it mentions is not.
    fn exact(&self) -> Vec<bool> {
        let mut exact: Vec<bool> = self.conversions.iter().map(Option::is_some).collect();
        loop {
            let now: Vec<bool> = (0..exact.len())
                .map(|index| exact[index] && self.is_exact(index, &exact))
                .collect();
            if now == exact {
                return exact;
            }
            exact = now;
        }
    }

    fn is_exact(&self, index: usize, exact: &[bool]) -> bool {
        let ty = &self.history.types[index];
        let (Some(step), Some(form)) = (&self.conversions[index], &ty.forms[self.start]) else {
            return false;
        };
        let (there, back) = match self.first {
            Direction::Upgrade => (&step.upgrade, &step.downgrade),
            Direction::Downgrade => (&step.downgrade, &step.upgrade),
        };
        if ty.role != Role::Value || !there.available || !back.available {
            return false;
        }
        match (&form.body, &there.body, &back.body) {
            (Body::Struct(forms), ConversionBody::Struct(there), ConversionBody::Struct(back)) => {
                let trip = Fields {
                    members: &ty.members,
                    forms,
                    facts: &form.facts.fields,
                    there,
                    back,
                };
                self.fields_return(&trip, exact)
            }
            (Body::Enum(variants), ConversionBody::Enum(plans), ConversionBody::Enum(_)) => {
                let of = |member: usize| variants.iter().position(|variant| variant.member == member);
                plans.iter().all(|plan| {
                    let Some(at) = of(plan.member) else { return false };
                    let member = &ty.members[plan.member];
                    match &plan.into {
                        VariantTarget::Same { fields: there, .. } => {
                            let Some(back) = same_variant(back, plan.member) else {
                                return false;
                            };
                            let facts = form.facts.variants.get(at).map_or(&[][..], |v| &v.fields);
                            let forms = &variants[at].fields;
                            let trip = Fields {
                                members: &member.fields,
                                forms,
                                facts,
                                there,
                                back,
                            };
                            self.fields_return(&trip, exact)
                        }
                        VariantTarget::Unit(unit) => {
                            variants[at].fields.is_empty() && unit_returns(back, unit, &plan.source)
                        }
                        VariantTarget::Function(_) => {
                            member.verbs.lossy.is_none() && some_variant_returns(back)
                        }
                        VariantTarget::Other | VariantTarget::Missing => false,
                    }
                })
            }
            _ => false,
        }
    }

    /// Whether each field gets its own value back.
    fn fields_return(&self, trip: &Fields<'_>, exact: &[bool]) -> bool {
        trip.back.iter().all(|plan| {
            let at = trip.forms.iter().position(|form| form.member == plan.member);
            let is_on_the_wire = at
                .and_then(|at| trip.facts.get(at))
                .is_none_or(|facts| facts.names.is_visible());
            // Whatever a function does, it cannot bring back what a type in the field loses.
            let inside_returns = at.is_some_and(|at| self.returns(&trip.forms[at].ty, exact));
            let is_claimed = trip.members[plan.member].verbs.lossy.is_none();
            let was_made_up = trip.there.iter().any(|there| {
                there.member == plan.member && matches!(there.from, FieldSource::Default { .. })
            });
            let returns = match &plan.from {
                FieldSource::Move { .. } => true,
                FieldSource::Changed { .. } => is_claimed && !was_made_up,
                FieldSource::Function(_) => is_claimed,
                FieldSource::Default { .. } | FieldSource::Missing => false,
            };
            (returns && inside_returns) || !is_on_the_wire
        })
    }

    fn returns(&self, ty: &syn::Type, exact: &[bool]) -> bool {
        let changed = |name: &str| {
            let index = self.history.type_index(name);
            index.is_some_and(|index| self.conversions[index].is_some() && !exact[index])
        };
        mentioned(ty, &changed).is_empty()
    }
}

/// Whether the variant `unit` of the other version becomes `source` again.
fn unit_returns(back: &Conversion, unit: &syn::Ident, source: &syn::Ident) -> bool {
    let returns = |into: &VariantTarget| matches!(into, VariantTarget::Unit(to) if to == source);
    variants(back)
        .iter()
        .any(|plan| plan.source == *unit && returns(&plan.into))
}

/// Whether something leads back to a variant that the other version does not have.
fn some_variant_returns(back: &Conversion) -> bool {
    let leads_back =
        |into: &VariantTarget| matches!(into, VariantTarget::Unit(_) | VariantTarget::Function(_));
    variants(back).iter().any(|plan| leads_back(&plan.into))
}

fn variants(conversion: &Conversion) -> &[VariantPlan] {
    match &conversion.body {
        ConversionBody::Enum(plans) => plans,
        ConversionBody::Struct(_) => &[],
    }
}

/// The fields of a struct or variant on a trip.
struct Fields<'a> {
    members: &'a [Member],
    forms: &'a [FieldForm],
    facts: &'a [FieldFacts],
    there: &'a [FieldPlan],
    back: &'a [FieldPlan],
}

fn same_variant(conversion: &Conversion, member: usize) -> Option<&[FieldPlan]> {
    match &variants(conversion)
        .iter()
        .find(|plan| plan.member == member)?
        .into
    {
        VariantTarget::Same { fields, .. } => Some(fields),
        _ => None,
    }
}
