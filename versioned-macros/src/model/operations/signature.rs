//! What the signature of an operation looks like, and what it answers with.

use syn::{
    GenericArgument, PathArguments, ReceiverKind, ReturnType, Safety, TraitItemFn, Type, TypeParamBound,
};

use super::arguments;
use crate::model::Role;
use crate::model::build::Context;
use crate::model::references::{self, Seen};
use crate::model::types::refuse_borrows;
use crate::sink::Diagnostic;
use crate::words::readable;

/// `async fn name(&self, …)`, without generics, without a default body.
pub(super) fn check_form(item: &mut TraitItemFn, cx: &mut Context<'_>) -> bool {
    let before = cx.sink.len();
    let signature = &mut item.sig;
    let name = signature.ident.clone();
    if signature.asyncness.is_none() {
        cx.sink.error(
            Diagnostic::new(
                "V0109",
                signature.fn_token,
                format!("`{name}` is not asynchronous"),
            )
            .help(format!("write `async fn {name}`")),
        );
        signature.asyncness = Some(syn::Token![async](signature.fn_token.span));
        if let Some(output) = awaited(&signature.output) {
            signature.output = syn::parse_quote!(-> #output);
        }
    }
    if let Safety::Unsafe(token) = &signature.safety {
        cx.sink.error(
            Diagnostic::new("V0109", token, format!("`{name}` is unsafe to call"))
                .help("remove `unsafe`: clients of all kinds call it"),
        );
        signature.safety = Safety::Default;
    }
    if !signature.generics.params.is_empty() {
        cx.sink.error(
            Diagnostic::new(
                "V0006",
                &signature.generics,
                format!("`{name}` has generic parameters"),
            )
            .help("write the types out (generic operations are not supported yet)"),
        );
    }
    if !signature
        .receiver()
        .is_some_and(|r| matches!(r.kind, ReceiverKind::Reference(_, None, None)))
    {
        cx.sink.error(
            Diagnostic::new(
                "V0109",
                &signature.ident,
                format!("`{name}` does not take `&self`"),
            )
            .help(format!(
                "write `async fn {name}(&self, …)`: an implementation serves many requests at once"
            )),
        );
    }
    if let Some(body) = item.default.take() {
        cx.sink.error(
            Diagnostic::new("V0109", body, format!("`{name}` has a default body"))
                .help("remove it: each version is answered by an implementation or by a bridge"),
        );
        item.semi_token = Some(syn::Token![;](signature.fn_token.span));
    }
    cx.sink.len() == before
}

/// What a future gives that is written as `impl Future<Output = T>`.
fn awaited(output: &ReturnType) -> Option<Type> {
    let ReturnType::Type(_, ty) = output else {
        return None;
    };
    let Type::ImplTrait(ty) = &**ty else { return None };
    ty.bounds.iter().find_map(|bound| {
        let TypeParamBound::Trait(bound) = bound else {
            return None;
        };
        let PathArguments::AngleBracketed(arguments) = &bound.path.segments.last()?.arguments else {
            return None;
        };
        arguments.args.iter().find_map(|argument| match argument {
            GenericArgument::AssocType(assigned) if assigned.ident == "Output" => Some(assigned.ty.clone()),
            _ => None,
        })
    })
}

/// The two types of `Result<T, E>`. A `Result` of one type gets the ready-made error: that it needs one was told.
pub(super) fn result_types(item: &mut TraitItemFn, cx: &mut Context<'_>) -> Option<(Type, Type)> {
    let name = &item.sig.ident;
    let help = "write `-> Result<Answer, Problem>`, or an enum with `#[derive(OperationError)]` as the error";
    let ReturnType::Type(_, ty) = &mut item.sig.output else {
        let text = format!("`{name}` has no way to fail: every operation returns a `Result`");
        cx.sink.error(Diagnostic::new("V0106", name, text).help(help));
        return None;
    };
    let pair = match &**ty {
        Type::Path(path) => path.path.segments.last().and_then(|last| {
            let PathArguments::AngleBracketed(arguments) = &last.arguments else {
                return None;
            };
            let mut types = arguments.args.iter().map(|argument| match argument {
                GenericArgument::Type(ty) => Some(ty.clone()),
                _ => None,
            });
            let pair = (types.next()??, types.next()??);
            (last.ident == "Result" && types.next().is_none()).then_some(pair)
        }),
        _ => None,
    };
    let Some((output, error)) = pair else {
        let text = format!(
            "`{}` is not `Result<T, E>` with both types written out",
            readable(ty)
        );
        cx.sink.error(Diagnostic::new("V0106", &*ty, text).help(help));
        // One behind a path is an alias that has its error already.
        if let Type::Path(path) = &mut **ty
            && path.path.segments.len() == 1
            && let Some(last) = path
                .path
                .segments
                .last_mut()
                .filter(|last| last.ident == "Result")
            && let PathArguments::AngleBracketed(arguments) = &mut last.arguments
            && arguments.args.len() == 1
        {
            let rt = &cx.decl.krate;
            arguments.args.push(syn::parse_quote!(#rt::Problem));
        }
        return None;
    };
    let sound = refuse_borrows(&output, cx)
        & refuse_borrows(&error, cx)
        & !arguments::refuse_parts(&output, cx)
        & !refuse_roles(&output, &error, cx);
    sound.then_some((output, error))
}

/// An error where the answer stands, and answers that are a part of another one.
fn refuse_roles(output: &Type, error: &Type, cx: &mut Context<'_>) -> bool {
    let is = |role: Role, name: &str| cx.types.iter().any(|ty| ty.role == role && ty.ident == name);
    let is_error = |name: &str| is(Role::Error, name);
    let diagnostic = if let Some(name) = references::mentioned(output, &is_error).first() {
        let help = if references::mentioned(error, &is_error).is_empty() {
            format!(
                "the error stands second: `Result<{}, {}>`",
                readable(error),
                readable(output)
            )
        } else {
            "answer with a value; the error stands second".to_owned()
        };
        let text = format!("`{name}` is an error, and no answer");
        Diagnostic::new("V0106", output, text).help(help)
    } else if let Some(name) = references::mentioned(output, &|name| is(Role::Answers, name)).first()
        && !matches!(
            references::see(output, &|known| *name == known),
            Seen::Versioned(_)
        )
    {
        let text = format!("`{name}` is the answers of an operation, and cannot stand in another one");
        let help = format!(
            "write `Result<{name}, {}>`: what `{name}` is around stands in its variants",
            readable(error)
        );
        Diagnostic::new("V0121", output, text).help(help)
    } else {
        return false;
    };
    cx.sink.error(diagnostic);
    true
}
