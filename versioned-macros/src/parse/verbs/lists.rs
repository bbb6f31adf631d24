//! What stands between the parentheses of `changed`, `removed` and `renamed`.

use syn::Ident;
use syn::parse::{Parse, ParseStream};

use super::{Changed, Function, Removed, Renamed};

impl Parse for Changed {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let version: Ident = input.parse()?;
        let mut from = None;
        let functions = functions(input, |key, input| {
            if key != "from" {
                return Err(syn::Error::new_spanned(key, format!("`{key}` is unknown here")));
            }
            Ok(from.replace(input.parse()?).is_some())
        })?;
        let from = from.ok_or_else(|| syn::Error::new_spanned(&version, "`from = OldType` is missing"))?;
        Ok(Self {
            version,
            from,
            upgrade: functions.upgrade,
            downgrade: functions.downgrade,
        })
    }
}

impl Parse for Removed {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name: Ident = input.parse()?;
        let mut lossy = None;
        let functions = functions(input, |key, input| {
            if key != "lossy" {
                return Err(syn::Error::new_spanned(key, format!("`{key}` is unknown here")));
            }
            let content;
            syn::parenthesized!(content in input);
            let reason: Ident = content.parse()?;
            if reason != "reason" {
                return Err(syn::Error::new_spanned(reason, "expected `reason = \"…\"`"));
            }
            content.parse::<syn::Token![=]>()?;
            Ok(lossy.replace(content.parse()?).is_some())
        })?;
        Ok(Self {
            name,
            upgrade: functions.upgrade,
            downgrade: functions.downgrade,
            lossy,
        })
    }
}

#[derive(Default)]
struct Functions {
    upgrade: Option<Function>,
    downgrade: Option<Function>,
}

/// `, upgrade = path, try_downgrade = path`, and whatever other keys there are; those tell whether they were there before.
fn functions(
    input: ParseStream<'_>,
    mut other: impl FnMut(&Ident, ParseStream<'_>) -> syn::Result<bool>,
) -> syn::Result<Functions> {
    let mut functions = Functions::default();
    while !input.is_empty() {
        input.parse::<syn::Token![,]>()?;
        if input.is_empty() {
            break;
        }
        let key: Ident = input.parse()?;
        if !input.peek(syn::token::Paren) {
            input.parse::<syn::Token![=]>()?;
        }
        let word = key.to_string();
        let fallible = word.starts_with("try_");
        let twice = match word.as_str() {
            "upgrade" | "try_upgrade" => {
                let path = input.parse()?;
                functions.upgrade.replace(Function { path, fallible }).is_some()
            }
            "downgrade" | "try_downgrade" => {
                let path = input.parse()?;
                functions.downgrade.replace(Function { path, fallible }).is_some()
            }
            _ => other(&key, input)?,
        };
        if twice {
            return Err(syn::Error::new_spanned(key, format!("`{word}` is written twice")));
        }
    }
    Ok(functions)
}

impl Parse for Renamed {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let version = input.parse()?;
        input.parse::<syn::Token![,]>()?;
        let key: Ident = input.parse()?;
        if key != "from" {
            return Err(syn::Error::new_spanned(key, "expected `from = old_name`"));
        }
        input.parse::<syn::Token![=]>()?;
        Ok(Self {
            version,
            from: input.parse()?,
        })
    }
}
