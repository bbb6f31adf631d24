//! What stands in the place of a value, or beside the tag of its variant, has members, and they have names of their own.
//!
//! Types of the contract are seen through; those of other modules are not known here.

use quote::ToTokens as _;
use syn::Type;

use crate::model::references::{Seen, see};
use crate::model::{Body, FieldForm, History, Member, Role, TypeForm};
use crate::serde_facts::{FieldFacts, Names, TaggingFacts, Taken, is_one_value};
use crate::sink::{Diagnostic, Sink};
use crate::words::readable;

/// Reports names that are taken, and values without members.
pub(super) fn check(history: &History, sink: &mut Sink) {
    for ty in history.types.iter().filter(|ty| ty.role == Role::Value) {
        for (version, form) in ty.forms.iter().enumerate().skip(history.told) {
            let Some(form) = form else { continue };
            let scope = Scope { history, version };
            match &form.body {
                Body::Struct(fields) => scope.flattened(fields, &form.facts.fields, &ty.members, sink),
                Body::Enum(variants) => {
                    for (variant, facts) in variants.iter().zip(&form.facts.variants) {
                        let member = &ty.members[variant.member];
                        scope.flattened(&variant.fields, &facts.fields, &member.fields, sink);
                        if let (TaggingFacts::Internal { tag }, [field]) =
                            (&form.facts.container.tagging, &variant.fields[..])
                            && matches!(field.access, syn::Member::Unnamed(_))
                            && facts.names.is_visible()
                            && !facts.by_function
                        {
                            scope.beside_tag(tag, &field.ty, member, sink);
                        }
                    }
                }
            }
        }
    }
}

/// The types of one version.
struct Scope<'a> {
    history: &'a History,
    version: usize,
}

impl Scope<'_> {
    fn flattened(&self, fields: &[FieldForm], facts: &[FieldFacts], members: &[Member], sink: &mut Sink) {
        if !facts.iter().any(|facts| facts.flatten) {
            return;
        }
        let mut taken = Taken::default();
        for facts in facts.iter().filter(|facts| !facts.flatten) {
            taken.take(&facts.names);
        }
        for (field, _) in fields.iter().zip(facts).filter(|(_, facts)| facts.flatten) {
            let ident = &members[field.member].token;
            if self.is_one_value(&field.ty) {
                let text = format!(
                    "`{}` has no members that could stand in its place",
                    readable(&field.ty)
                );
                let help = "remove `flatten`";
                sink.error(Diagnostic::new("V0009", ident, text).help(help));
                continue;
            }
            for names in self.names(&field.ty, 0) {
                if let Some(name) = taken.take(names) {
                    let text = format!(
                        "`{ident}` brings along the name `{name}`, which another member has on the wire"
                    );
                    let help = "give one of the two another name: `#[serde(rename = \"…\")]`";
                    sink.error(Diagnostic::new("V0010", ident, text).help(help));
                    break;
                }
            }
        }
    }

    fn beside_tag(&self, tag: &str, ty: &Type, member: &Member, sink: &mut Sink) {
        if self.is_one_value(ty) {
            let text = format!(
                "`{}` has no members that could stand beside the tag `{tag}`",
                readable(ty)
            );
            let help = "give the field of the variant a name, or add `content = \"…\"` to `tag`";
            sink.error(Diagnostic::new("V0009", ty.to_token_stream(), text).help(help));
            return;
        }
        let mut taken = Taken::default();
        taken.take(&Names::plain(tag));
        if self
            .names(ty, 0)
            .into_iter()
            .any(|names| taken.take(names).is_some())
        {
            let text = format!("`{}` has a member `{tag}`, which is the tag", member.name);
            let help = "rename the tag, or the member: `#[serde(rename = \"…\")]`";
            sink.error(Diagnostic::new("V0010", &member.token, text).help(help));
        }
    }

    fn form(&self, ty: &Type) -> Option<&TypeForm> {
        match see(ty, &|name| self.history.type_index(name).is_some()) {
            Seen::Versioned(name) => {
                let index = self.history.type_index(&name.to_string())?;
                self.history.types[index].forms[self.version].as_ref()
            }
            Seen::Option(item) | Seen::Boxed(item) | Seen::Shared(_, item) => self.form(item),
            _ => None,
        }
    }

    /// Whether a newtype of the contract is one value, or several without names.
    fn is_one_value(&self, ty: &Type) -> bool {
        let Some(form) = self.form(ty) else { return false };
        let Body::Struct(fields) = &form.body else {
            return false;
        };
        let is_plain = form.facts.container.proxy.is_none();
        let unnamed = fields
            .first()
            .is_some_and(|field| matches!(field.access, syn::Member::Unnamed(_)));
        match &fields[..] {
            [only] => is_plain && unnamed && (is_one_value(&only.ty) || self.is_one_value(&only.ty)),
            _ => is_plain && unnamed,
        }
    }

    /// The names of the members that a struct of the contract has on the wire.
    fn names(&self, ty: &Type, depth: usize) -> Vec<&Names> {
        let Some(form) = self
            .form(ty)
            .filter(|form| depth < 8 && form.facts.container.proxy.is_none())
        else {
            return Vec::new();
        };
        let Body::Struct(fields) = &form.body else {
            return Vec::new();
        };
        let mut names = Vec::new();
        for (field, facts) in fields.iter().zip(&form.facts.fields) {
            if facts.flatten || matches!(field.access, syn::Member::Unnamed(_)) {
                names.extend(self.names(&field.ty, depth + 1));
            } else {
                names.push(&facts.names);
            }
        }
        names
    }
}
