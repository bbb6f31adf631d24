//! Expansions as they are read in review, and input as it is while somebody types.

use proc_macro2::TokenStream;
use quote::quote;

use crate::sweeps::cut;
use crate::versioned::versioned;

fn arguments() -> TokenStream {
    quote!(
        contract = "users",
        versions(v1 = "1.0.0", v2 = "2.0.0"),
        crate = versioned_runtime
    )
}

fn module() -> TokenStream {
    quote! {
        /// Users.
        pub mod users {
            use super::*;

            /// A user.
            #[derive(Debug, Serialize, Deserialize)]
            pub struct User {
                pub id: u64,
                #[version(renamed(v2, from = mail))]
                pub email: Option<String>,
                #[version(until = v2, downgrade = name)]
                pub name: String,
                #[version(since = v2, upgrade = names)]
                pub names: Vec<String>,
            }

            /// Unchanged, so one type.
            #[derive(Debug, Serialize, Deserialize)]
            pub struct Query {
                pub limit: Option<u16>,
            }

            pub trait Users {
                /// Fetch one user.
                #[get("/users/{id}")]
                async fn get_user(&self, id: u64) -> Result<User, Problem>;

                #[version(until = v2)]
                #[get("/users")]
                async fn list_users(&self, #[query] query: Query) -> Result<Vec<User>, Problem>;
            }

            fn name(user: &v2::User) -> String {
                user.names.join(" ")
            }
        }
    }
}

/// A snapshot: what the macro makes of the module, as rustfmt would write it.
#[test]
fn expansion() {
    let expanded = versioned(arguments(), &module());
    let file = syn::parse2(expanded).expect("an expansion is Rust");
    insta::assert_snapshot!(prettyplease::unparse(&file));
}

/// The same of the derive of answers.
#[test]
fn answers() {
    let expanded = crate::responses::derive(quote! {
        pub enum Saved {
            /// There was none before.
            #[response(status = 201)]
            Created(WithHeaders<User, Tags>),
            #[response(status = 204)]
            Replaced,
        }
    });
    let file = syn::parse2(expanded).expect("an expansion is Rust");
    insta::assert_snapshot!(prettyplease::unparse(&file));
}

/// Whatever is typed so far, the macro does not panic, and gives the module back.
#[test]
fn half_typed_input() {
    let mut prefixes = Vec::new();
    cut(&module(), &mut prefixes);
    assert!(prefixes.len() > 200, "{} prefixes", prefixes.len());
    for prefix in prefixes {
        let expanded = versioned(arguments(), &prefix).to_string();
        if syn::parse2::<syn::ItemMod>(prefix).is_ok() {
            assert!(expanded.contains("mod users"), "{expanded}");
        }
    }
    let mut prefixes = Vec::new();
    cut(&arguments(), &mut prefixes);
    for prefix in prefixes {
        let expanded = versioned(prefix, &module()).to_string();
        assert!(
            expanded.contains("mod users") && expanded.contains("struct User"),
            "{expanded}"
        );
    }
}
