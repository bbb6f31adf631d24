//! A contract in a crate that knows the runtime under another name: all that is generated follows.

use interfaces::prelude::*;

/// Users.
#[versioned(contract = "renamed-users", versions(v1 = "1.0.0", v2 = "2.0.0"))]
pub mod users {
    use super::{Deserialize, OperationError, Problem, Serialize};

    /// A user.
    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct User {
        /// The number.
        pub id: u64,
        /// The name.
        #[version(changed(v2, from = String, upgrade = Option::Some, downgrade = Option::unwrap_or_default))]
        pub name: Option<String>,
    }

    /// What may go wrong.
    #[derive(Debug, OperationError)]
    pub enum UserError {
        /// There is none.
        #[problem(status = 404)]
        NotFound {
            /// Its number.
            id: u64,
        },
        /// All else.
        #[problem(other)]
        Other(Problem),
    }

    /// Users.
    pub trait Users {
        /// Fetch one.
        #[get("/users/{id}")]
        async fn get_user(&self, id: u64) -> Result<User, UserError>;
    }
}

/// A version that is written out.
#[versioned(contract = "renamed-things", version = "1.0.0")]
pub mod first {
    use interfaces::prelude::*;

    /// Things.
    pub trait Things {
        /// How many there are.
        #[get("/things")]
        async fn count(&self) -> Result<u64, Problem>;
    }
}

/// The next one.
#[versioned(contract = "renamed-things", version = "1.1.0", evolves = first)]
pub mod second {
    pub use super::first::Things;
}

interfaces::contract! {
    /// Things.
    pub mod things = second;
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Few;

    impl second::Things for Few {
        async fn count(&self) -> Result<u64, Problem> {
            Ok(3)
        }
    }

    struct Names;

    impl users::v2::Users for Names {
        async fn get_user(&self, id: u64) -> Result<users::v2::User, users::v2::UserError> {
            if id == 0 {
                return Err(users::v2::UserError::NotFound { id });
            }
            Ok(users::v2::User { id, name: None })
        }
    }

    #[test]
    fn what_is_generated_finds_the_runtime_under_its_other_name() {
        let service = users::Service::builder().v2(Names).build();
        assert!(service.router().is_ok());
        let service = things::Service::builder().second(Few).build();
        assert_eq!(things::Version::ALL.len(), 2);
        assert!(service.router().is_ok());
    }
}
