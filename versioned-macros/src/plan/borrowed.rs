//! How a borrowed value of one version is written in the shape of an earlier one.

mod bounds;

use syn::{ExprPath, Ident, Path, Type};

use super::Step;
use super::conversions::{Change, Conversion, ConversionBody, FieldPlan, FieldSource, VariantTarget};
use crate::model::references::{Seen, mentioned, see};
use crate::model::{Body, FieldForm, History, Role, TypeForm, VariantForm};
use crate::serde_facts::{FieldFacts, TaggingFacts};
use versioned_core::schema::Matching;

pub(crate) use bounds::{Bound, BoundKind};

/// One type of one version, written as an earlier (or the same) version does.
pub(crate) struct View {
    /// The type, by its index in the history.
    pub(crate) ty: usize,
    /// The version whose module holds the item that is written.
    pub(crate) from: usize,
    /// The version whose shape it is written in.
    pub(crate) to: usize,
    pub(crate) body: ViewBody,
    /// What must be true of types for it to work, at any depth.
    pub(crate) bounds: Vec<Bound>,
}

/// What is written.
pub(crate) enum ViewBody {
    /// The value itself: both versions have the same item.
    Same,
    /// What is written for an even earlier version, which has the same item.
    Like(usize),
    /// The fields of the older struct.
    Struct(Vec<FieldView>),
    /// The variants of the newer enum, each as one of the older.
    Enum(Vec<VariantView>),
    /// A clone, downgraded.
    Owned,
}

/// One field of the older form.
pub(crate) struct FieldView {
    pub(crate) from: ViewSource,
    /// `skip_serializing_if`, if the field has it.
    pub(crate) skip: Option<ExprPath>,
    pub(crate) ty: Type,
}

/// Where the value of a field comes from.
pub(crate) enum ViewSource {
    /// It is not on the wire.
    Hidden,
    /// Borrowed; what differs in it is written as the older version does.
    Kept { source: syn::Member, ty: Box<Type> },
    /// Borrowed, in a `Some`.
    Wrapped { source: syn::Member, ty: Box<Type> },
    /// A number, made wider.
    Widened { source: syn::Member },
    /// Computed from a clone of a field.
    Changed { source: syn::Member, made: Made },
    /// Computed from the whole value.
    Computed(Made),
    /// Made up by a function.
    MadeUp(Made),
    /// Made up by `Default`.
    Default,
}

/// Which function makes a field: it belongs to the downgrade of a step.
#[derive(Clone, Copy)]
pub(crate) struct Made {
    pub(crate) step: usize,
    pub(crate) variant: Option<usize>,
    pub(crate) member: usize,
}

/// What one variant is written as.
pub(crate) struct VariantView {
    pub(crate) source: Ident,
    /// The index of the older variant in its form.
    pub(crate) target: usize,
    pub(crate) fields: Vec<FieldView>,
}

/// The views of all types, from every item to every version that it can be written in.
pub(super) fn views(history: &History, homes: &[Vec<Option<usize>>], steps: &[Step]) -> Vec<View> {
    let cx = Cx {
        history,
        homes,
        steps,
    };
    let mut views = Vec::new();
    for (ty, versions) in homes.iter().enumerate() {
        if history.types[ty].role != Role::Value {
            continue;
        }
        let items = versions
            .iter()
            .enumerate()
            .filter(|(version, home)| **home == Some(*version));
        for (from, _) in items {
            for (to, home) in versions.iter().enumerate() {
                let body = match *home {
                    None => continue,
                    Some(home) if home == from => ViewBody::Same,
                    Some(_) if to > from || !cx.reaches(ty, from, to) => continue,
                    Some(home) if home != to => ViewBody::Like(home),
                    Some(_) => cx.body(ty, from, to),
                };
                let bounds = cx.own_bounds(ty, from, to, &body);
                views.push(View {
                    ty,
                    from,
                    to,
                    body,
                    bounds,
                });
            }
        }
    }
    cx.spread_bounds(&mut views);
    views
}

struct Cx<'a> {
    history: &'a History,
    homes: &'a [Vec<Option<usize>>],
    steps: &'a [Step],
}

impl<'a> Cx<'a> {
    /// The downgrade of a step; `None` where the type is the same.
    fn downgrade(&self, ty: usize, step: usize) -> Option<&'a Conversion> {
        self.steps[step].conversions[ty]
            .as_ref()
            .map(|step| &step.downgrade)
    }

    fn downgrades(&self, ty: usize, from: usize, to: usize) -> impl Iterator<Item = &'a Conversion> {
        (to..from).filter_map(move |step| self.downgrade(ty, step))
    }

    fn reaches(&self, ty: usize, from: usize, to: usize) -> bool {
        self.downgrades(ty, from, to).all(|downgrade| downgrade.available)
    }

    fn body(&self, ty: usize, from: usize, to: usize) -> ViewBody {
        let types = &self.history.types[ty];
        let (Some(source), Some(target)) = (&types.forms[from], &types.forms[to]) else {
            return ViewBody::Owned;
        };
        // Where versions are written out one by one, their fields and functions are not in sight of all versions.
        if self.history.homes.is_some() {
            return ViewBody::Owned;
        }
        // One that may fail does so before anything is written.
        let fallible = self.downgrades(ty, from, to).any(|downgrade| downgrade.fallible);
        if fallible || !is_plain(source) || !is_plain(target) || !derives_serialize(target) {
            return ViewBody::Owned;
        }
        let view = match (&source.body, &target.body) {
            (Body::Struct(_), Body::Struct(fields)) => self
                .fields(ty, None, fields, &target.facts.fields, from, to)
                .map(ViewBody::Struct),
            (Body::Enum(variants), Body::Enum(_)) => variants
                .iter()
                .map(|variant| self.variant(ty, variant, target, from, to))
                .collect::<Option<Vec<_>>>()
                .map(ViewBody::Enum),
            _ => None,
        };
        view.unwrap_or(ViewBody::Owned)
    }

    fn variant(
        &self,
        ty: usize,
        source: &VariantForm,
        target: &TypeForm,
        from: usize,
        to: usize,
    ) -> Option<VariantView> {
        let variants_of = |version: usize| match &self.history.types[ty].forms[version].as_ref()?.body {
            Body::Enum(variants) => Some(variants),
            Body::Struct(_) => None,
        };
        let (mut member, mut is_unit) = (source.member, false);
        for step in (to..from).rev() {
            let Some(ConversionBody::Enum(plans)) = self.downgrade(ty, step).map(|d| &d.body) else {
                continue;
            };
            match &plans.iter().find(|plan| plan.member == member)?.into {
                VariantTarget::Same { .. } => {}
                VariantTarget::Unit(unit) => {
                    member = variants_of(step)?.iter().find(|v| v.ident == *unit)?.member;
                    is_unit = true;
                }
                // A function takes the whole value.
                VariantTarget::Function(_) | VariantTarget::Other | VariantTarget::Missing => return None,
            }
        }
        let index = variants_of(to)?.iter().position(|v| v.member == member)?;
        let (form, facts) = (&variants_of(to)?[index], target.facts.variants.get(index)?);
        if is_unit && !form.fields.is_empty() {
            return None;
        }
        let fields = self.fields(ty, Some(member), &form.fields, &facts.fields, from, to)?;
        Some(VariantView {
            source: source.ident.clone(),
            target: index,
            fields,
        })
    }

    fn fields(
        &self,
        ty: usize,
        variant: Option<usize>,
        fields: &[FieldForm],
        facts: &[FieldFacts],
        from: usize,
        to: usize,
    ) -> Option<Vec<FieldView>> {
        let view = |(field, facts): (&FieldForm, &FieldFacts)| {
            let is_written = facts.names.is_written();
            let skip = facts.skip_if.clone().filter(|_| is_written);
            let source = if is_written {
                self.source(ty, variant, field, from, to)?
            } else {
                ViewSource::Hidden
            };
            let seen_through = match (&source, &skip) {
                // The function sees the newer value: only where it takes any does it compile.
                (ViewSource::Kept { ty, .. }, Some(path)) => !self.differs(from, to, ty) || is_generic(path),
                (ViewSource::Wrapped { .. }, Some(path)) => is_generic(path),
                _ => true,
            };
            seen_through.then(|| FieldView {
                from: source,
                skip,
                ty: field.ty.clone(),
            })
        };
        if fields.len() != facts.len() {
            return None;
        }
        fields.iter().zip(facts).map(view).collect()
    }

    /// Follows a field from the older version up to the newer one.
    fn source(
        &self,
        ty: usize,
        variant: Option<usize>,
        field: &FieldForm,
        from: usize,
        to: usize,
    ) -> Option<ViewSource> {
        let (mut source, mut written) = (field.access.clone(), field.ty.clone());
        let mut change: Option<(&Change, usize)> = None;
        let made = |step| Made {
            step,
            variant,
            member: field.member,
        };
        for step in to..from {
            let Some(downgrade) = self.downgrade(ty, step) else {
                continue;
            };
            let plans = plans(&downgrade.body, variant)?;
            let plan = plans.iter().find(|plan| plan.member == field.member)?;
            // What is made on the way must be of the oldest version already.
            let is_final = change.is_none() && !self.differs(step, to, &written);
            match &plan.from {
                FieldSource::Move { source: of, ty } => (source, written) = (of.clone(), (**ty).clone()),
                FieldSource::Function(_) => {
                    let is_first = (step + 1..from).all(|step| self.downgrade(ty, step).is_none());
                    return (is_final && is_first).then_some(ViewSource::Computed(made(step)));
                }
                FieldSource::Default { path, .. } => {
                    let source = match path {
                        Some(_) => ViewSource::MadeUp(made(step)),
                        None => ViewSource::Default,
                    };
                    return is_final.then_some(source);
                }
                FieldSource::Changed { source: of, how } => {
                    if !is_final {
                        return None;
                    }
                    change = Some((how, step));
                    source = of.clone();
                    written = self.field_type(ty, variant, step + 1, field.member)?;
                }
                FieldSource::Missing => return None,
            }
        }
        let Some((change, step)) = change else {
            let ty = Box::new(written);
            return self
                .is_seen_through(&ty, from, to)
                .then_some(ViewSource::Kept { source, ty });
        };
        match change {
            Change::Wrapped(_) => {
                let ty = Box::new(written);
                self.is_seen_through(&ty, from, to)
                    .then_some(ViewSource::Wrapped { source, ty })
            }
            Change::Widened => Some(ViewSource::Widened { source }),
            Change::Function(_) => {
                let made = made(step);
                (!self.differs(from, step + 1, &written)).then_some(ViewSource::Changed { source, made })
            }
        }
    }

    fn field_type(&self, ty: usize, variant: Option<usize>, version: usize, member: usize) -> Option<Type> {
        let fields = match (&self.history.types[ty].forms[version].as_ref()?.body, variant) {
            (Body::Struct(fields), _) => fields,
            (Body::Enum(variants), Some(variant)) => &variants.iter().find(|v| v.member == variant)?.fields,
            (Body::Enum(_), None) => return None,
        };
        let field = fields.iter().find(|field| field.member == member)?;
        Some(field.ty.clone())
    }

    /// Whether a written type is another one in the two versions.
    fn differs(&self, one: usize, other: usize, ty: &Type) -> bool {
        self.differing(one, other, ty).next().is_some()
    }

    fn differing(&self, one: usize, other: usize, ty: &Type) -> impl Iterator<Item = usize> {
        let known = |name: &str| self.history.type_index(name).is_some();
        let names = mentioned(ty, &known);
        names
            .into_iter()
            .filter_map(|name| self.history.type_index(&name.to_string()))
            .filter(move |index| self.homes[*index][one] != self.homes[*index][other])
    }

    /// Whether each container can be written item by item. Sets cannot: converted items may be equal, or in another order.
    fn is_seen_through(&self, ty: &Type, from: usize, to: usize) -> bool {
        if !self.differs(from, to, ty) {
            return true;
        }
        let known = |name: &str| self.history.type_index(name).is_some();
        match see(ty, &known) {
            Seen::Versioned(_) | Seen::Unit => true,
            Seen::Option(item)
            | Seen::List(item)
            | Seen::Map(_, item)
            | Seen::Boxed(item)
            | Seen::Shared(_, item)
            | Seen::Array(item, _) => self.is_seen_through(item, from, to),
            Seen::Tuple(items) => items.into_iter().all(|item| self.is_seen_through(item, from, to)),
            // The last two are no parts of values.
            Seen::Set(_) | Seen::Other | Seen::Stream(..) | Seen::WithHeaders(..) => false,
        }
    }
}

/// How the fields of the older struct, or of a variant, are made in one step.
fn plans(body: &ConversionBody, variant: Option<usize>) -> Option<&[FieldPlan]> {
    match (body, variant) {
        (ConversionBody::Struct(fields), _) => Some(fields),
        (ConversionBody::Enum(variants), Some(member)) => {
            match &variants.iter().find(|plan| plan.member == member)?.into {
                VariantTarget::Same { fields, .. } => Some(fields),
                // A variant without fields has none to follow.
                _ => None,
            }
        }
        (ConversionBody::Enum(_), None) => None,
    }
}

/// Whether serde writes each member by itself, under its own name or place.
fn is_plain(form: &TypeForm) -> bool {
    let facts = &form.facts;
    let plain = |fields: &[FieldFacts]| fields.iter().all(|field| !field.flatten && !field.by_function);
    facts.container.proxy.is_none()
        && !matches!(facts.container.tagging, TaggingFacts::Untagged)
        && plain(&facts.fields)
        && facts.variants.iter().all(|variant| {
            plain(&variant.fields) && !variant.by_function && variant.matching != Matching::Untagged
        })
}

/// Whether `Serialize` is derived: what somebody wrote by hand nobody can look into.
fn derives_serialize(form: &TypeForm) -> bool {
    let derives = form
        .input
        .attrs
        .iter()
        .filter(|attribute| attribute.path().is_ident("derive"));
    let mut paths = derives.flat_map(|attribute| {
        let paths =
            attribute.parse_args_with(syn::punctuated::Punctuated::<Path, syn::Token![,]>::parse_terminated);
        paths.into_iter().flatten()
    });
    paths.any(|path| path.segments.last().is_some_and(|last| last.ident == "Serialize"))
}

/// Whether a function of `skip_serializing_if` is one of the standard library's, which take any item.
fn is_generic(path: &ExprPath) -> bool {
    const CONTAINERS: [&str; 6] = ["Option", "Vec", "VecDeque", "LinkedList", "HashMap", "BTreeMap"];
    const QUESTIONS: [&str; 3] = ["is_none", "is_some", "is_empty"];
    let names: Vec<String> = path.path.segments.iter().map(|s| s.ident.to_string()).collect();
    match &names[..] {
        [.., container, question] => CONTAINERS.contains(&&**container) && QUESTIONS.contains(&&**question),
        _ => false,
    }
}
