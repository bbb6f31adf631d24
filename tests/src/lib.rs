//! End-to-end tests live in `tests/`; what they share is in `tests/support`.

/// The first version of a contract whose second version is written in another crate: a test of this one.
#[versioned_runtime::versioned(contract = "letters", version = "1.0.0")]
pub mod letters_v1 {
    use versioned_runtime::prelude::*;

    /// A letter.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Letter {
        /// Its number.
        pub id: u64,
        /// Who gets it.
        pub to: Name,
        /// What it says.
        pub text: String,
    }

    /// A name.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Name {
        /// All of it.
        pub full: String,
    }

    /// The post.
    pub trait Post {
        /// Fetch a letter.
        #[get("/letters/{id}")]
        async fn letter(&self, id: u64) -> Result<Letter, Problem>;
    }
}
