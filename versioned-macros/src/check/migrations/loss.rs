//! What is lost on the way of a request to a newer implementation, without anybody having decided so.

use versioned_core::schema::Presence;

use super::{Told, member, reached};
use crate::check::compatibility::Broken;
use crate::model::{Body, Source};
use crate::plan::bridges::{Bridged, Lost};
use crate::plan::conversions::{ConversionBody, FieldSource};
use crate::plan::{Direction, Plan};
use crate::serde_facts::Names;
use crate::sink::{Diagnostic, Sink};

/// A replacing operation must not write over what is stored with something made up.
pub(super) fn overwritten(
    plan: &Plan<'_>,
    step: usize,
    bridged: &Bridged,
    broken: &Broken,
    told: &mut Told,
    sink: &mut Sink,
) {
    let Some(old) = plan.history.operation(step, &bridged.operation) else {
        return;
    };
    let Some(new) = plan.history.operation(step + 1, &bridged.operation) else {
        return;
    };
    if bridged.forward.is_none() || !(old.replaces || new.replaces) {
        return;
    }
    let contract = &plan.history.contract;
    for lost in &bridged.made_up {
        let ty = &plan.history.types[lost.ty];
        let member = member(ty, lost);
        let refused = broken.contains(&(step + 1, ty.ident.to_string(), member.name.clone()));
        if refused || !told.insert((step, lost.clone(), Direction::Upgrade)) {
            continue;
        }
        let text = format!(
            "`{}` would be lost: `{}` replaces, and a client of {} does not send it, so the bridge to {} would write a default over what is stored",
            member.name,
            old.ident,
            contract.semver(step),
            contract.semver(step + 1),
        );
        sink.error(
            Diagnostic::new("V0303", &member.token, text)
                .help("say where the value comes from: `upgrade = function`")
                .help("or accept it: `default(accept_loss, reason = \"…\")`")
                .help(format!(
                    "or do not bridge the operation: `#[version(native_only)]` on `{}`",
                    old.ident
                )),
        );
    }
}

/// A member of a body that the newer version has not, and that no function looks at, is dropped only where somebody has said so: as with
/// an argument.
pub(super) fn dropped(
    plan: &Plan<'_>,
    step: usize,
    bridged: &Bridged,
    broken: &Broken,
    told: &mut Told,
    sink: &mut Sink,
) {
    let Some(old) = plan.history.operation(step, &bridged.operation) else {
        return;
    };
    if bridged.forward.is_none() {
        return;
    }
    let contract = &plan.history.contract;
    let bodies = old
        .arguments
        .iter()
        .filter(|argument| argument.source == Source::Body);
    for index in bodies.flat_map(|body| reached(plan, &body.ty, step)) {
        let ty = &plan.history.types[index];
        for member in unread(plan, step, index) {
            let lost = Lost {
                ty: index,
                member,
                field: None,
            };
            let member = &ty.members[member];
            let refused = broken.contains(&(step + 1, ty.ident.to_string(), member.name.clone()));
            if refused || !told.insert((step, lost, Direction::Upgrade)) {
                continue;
            }
            let text = format!(
                "`{}` of `{}` would be lost: a client of {} sends it to `{}`, and {} does not have it",
                member.name,
                ty.ident,
                contract.semver(step),
                old.ident,
                contract.semver(step + 1),
            );
            sink.error(
                Diagnostic::new("V0303", &member.token, text)
                    .help("accept it: `lossy(reason = \"…\")`")
                    .help("or use it: a function `upgrade = …` of a field with `since` is given the whole older value")
                    .help(format!(
                        "or do not bridge the operation: `#[version(native_only)]` on `{}`",
                        old.ident
                    )),
            );
        }
    }
}

/// The members of a struct that go with this step, and that its upgrade does not look at.
fn unread(plan: &Plan<'_>, step: usize, index: usize) -> Vec<usize> {
    let ty = &plan.history.types[index];
    let Some(conversions) = &plan.steps[step].conversions[index] else {
        return Vec::new();
    };
    let (ConversionBody::Struct(made), Some(form)) = (&conversions.upgrade.body, &ty.forms[step]) else {
        return Vec::new();
    };
    let Body::Struct(fields) = &form.body else {
        return Vec::new();
    };
    // A function is given the whole value, and may look at any member of it.
    if made
        .iter()
        .any(|field| matches!(field.from, FieldSource::Function(_)))
    {
        return Vec::new();
    }
    let facts = form.facts.fields.iter();
    fields
        .iter()
        .zip(facts)
        .filter(|(_, facts)| is_sent(&facts.names))
        .map(|(field, _)| field.member)
        .filter(|member| {
            ty.members[*member].verbs.lossy.is_none() && made.iter().all(|field| field.member != *member)
        })
        .collect()
}

/// Whether clients send a member: not what serde does not read, or what is said to be theirs to read only.
fn is_sent(names: &Names) -> bool {
    let written_only =
        |presence: Option<Presence>| presence.is_none_or(|presence| presence == Presence::Written);
    !written_only(names.presence) && names.stated != Some(Presence::Written)
}
