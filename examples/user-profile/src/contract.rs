//! The contract `user-profile`: every version of it, written once.
//!
//! | what changes | how it is written | who answers older clients |
//! |---|---|---|
//! | 2.0.0 splits `name` into two fields | `until` with `downgrade`, `since` with `upgrade` | either implementation, by the two functions |
//! | names with odd blanks come back without them | `lossy(reason = "…")`: `tests/laws.rs` asks for it otherwise | either, with the loss that was said |
//! | 2.0.0 renames `mail` to `email` | `renamed(v2, from = mail)` | either implementation, by a move |
//! | 2.0.0 knows the status `Dormant` | `since` with `downgrade = Suspended` | either; what 2.0.0 sends is for Modern only |
//! | 1.1.0 adds `locale`, which a PUT replaces | `default(accept_loss, reason = "…")` | either, with the loss that was decided |
//! | 1.1.0 adds `list_users` | `since = v1_1` | (1.0.0 has no such operation) |
//! | 2.0.0 has no `search_users` any more | `until = v2` | Legacy, whatever the shares say |
//! | 2.0.0 adds `find_users` | `since = v2` | (1.x has no such operation) |

use versioned_runtime::versioned;

/// User profiles: who somebody is, and how to reach them.
#[versioned(
    contract = "user-profile",
    versions(v1 = "1.0.0", v1_1 = "1.1.0", v2 = "2.0.0"),
    compatibility = "backward"
)]
pub mod user_profile {
    use versioned_runtime::prelude::*;

    use crate::names::Name;

    /// A registered user.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct User {
        /// The id, which is never given to another user.
        pub id: u64,
        /// The full name; the last space in it stands before the family name.
        #[version(until = v2, downgrade = full_name, lossy(reason = "blanks around and inside of names are settled"))]
        pub name: String,
        /// The given name.
        #[version(since = v2, upgrade = given_name, lossy(reason = "blanks around and inside of names are settled"))]
        pub given_name: String,
        /// The family name; empty for somebody with one name only.
        #[version(since = v2, upgrade = family_name, lossy(reason = "blanks around and inside of names are settled"))]
        pub family_name: String,
        /// The email address, which belongs to one user only.
        #[version(renamed(v2, from = mail))]
        pub email: Option<String>,
        /// The language that the user reads, as a tag such as `pt-BR`.
        #[version(since = v1_1)]
        pub locale: Option<String>,
        /// Whether the user can sign in.
        pub status: Status,
        /// Counts the writes; send it as `If-Match` to write only what you have read.
        pub revision: u64,
    }

    /// What is told of a user by whoever creates or replaces one.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct UserDraft {
        /// The full name; the last space in it stands before the family name. No-break spaces keep a part together.
        #[version(until = v2, downgrade = draft_full_name, lossy(reason = "blanks around and inside of names are settled"))]
        pub name: String,
        /// The given name.
        #[version(since = v2, upgrade = draft_given_name, lossy(reason = "blanks around and inside of names are settled"))]
        pub given_name: String,
        /// The family name; empty for somebody with one name only.
        #[version(since = v2, upgrade = draft_family_name, lossy(reason = "blanks around and inside of names are settled"))]
        pub family_name: String,
        /// The email address, which belongs to one user only.
        #[version(renamed(v2, from = mail))]
        pub email: Option<String>,
        /// The language that the user reads, as a tag such as `pt-BR`.
        #[version(
            since = v1_1,
            default(accept_loss, reason = "who replaces a user by 1.0.0 sets the language back; it is asked for again at the next sign-in")
        )]
        pub locale: Option<String>,
    }

    /// Whether a user can sign in.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
    #[serde(rename_all = "lowercase")]
    pub enum Status {
        /// Signs in.
        Active,
        /// Was locked out.
        Suspended,
        /// Has not signed in for long, and must prove who they are first.
        #[version(since = v2, downgrade = Suspended)]
        Dormant,
    }

    /// A change of the status.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct StatusChange {
        /// The status from now on.
        pub status: Status,
    }

    /// Which part of a list is wanted.
    #[version(since = v1_1)]
    #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
    pub struct Page {
        /// The `next` of the part before; the list begins at its start without it.
        pub after: Option<u64>,
        /// How many users at most: 20 if it is left out, never more than 100.
        pub limit: Option<u16>,
    }

    /// A part of the list of users.
    #[version(since = v1_1)]
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct UserPage {
        /// The users, in the order of their ids.
        pub users: Vec<User>,
        /// Send it as `after` to get the next part; there is none without it.
        pub next: Option<u64>,
    }

    /// Why an operation did not do what it was asked for.
    #[derive(Debug, Clone, PartialEq, OperationError)]
    pub enum UserError {
        /// There is no user of this id.
        #[problem(status = 404, detail = "there is no user {id}")]
        NotFound {
            /// The id that was asked for.
            id: u64,
        },
        /// The email address belongs to another user.
        #[problem(status = 409, detail = "`{address}` belongs to another user")]
        AddressTaken {
            /// The address.
            address: String,
        },
        /// The user was written since it was read.
        #[problem(
            status = 412,
            detail = "user {id} is at revision {revision} by now; read it again before writing"
        )]
        Stale {
            /// The user.
            id: u64,
            /// The revision that is stored.
            revision: u64,
        },
        /// A value is not accepted.
        #[problem(status = 422, detail = "{reason}")]
        Invalid {
            /// What is wrong, and what to send.
            reason: String,
        },
        /// Anything else.
        #[problem(other)]
        Other(Problem),
    }

    /// The operations on user profiles.
    pub trait UserProfile {
        /// Fetch one user.
        #[get("/users/{id}")]
        async fn get_user(&self, id: u64) -> Result<User, UserError>;

        /// List users in the order of their ids.
        #[version(since = v1_1)]
        #[get("/users")]
        async fn list_users(&self, #[query] page: Page) -> Result<UserPage, UserError>;

        /// Search users by any part of their names.
        ///
        /// It reads every user there is; 2.0.0 has `find_users` instead.
        #[version(until = v2)]
        #[get("/users/search")]
        async fn search_users(
            &self,
            #[query("q")] text: String,
            #[query] limit: Option<u16>,
        ) -> Result<Vec<User>, UserError>;

        /// Find users by the beginning of their family names, in the order of their names.
        #[version(since = v2)]
        #[get("/users/by-family-name")]
        async fn find_users(
            &self,
            #[query("starts-with")] prefix: String,
            #[query] limit: Option<u16>,
        ) -> Result<Vec<User>, UserError>;

        /// Create a user, who is active at once.
        #[post("/users", status = 201)]
        async fn create_user(&self, draft: UserDraft) -> Result<User, UserError>;

        /// Replace what is told of a user; the status stays.
        #[put("/users/{id}")]
        async fn replace_user(
            &self,
            id: u64,
            #[header("If-Match")] if_match: Option<String>,
            draft: UserDraft,
        ) -> Result<User, UserError>;

        /// Change the status of a user.
        #[patch("/users/{id}")]
        async fn change_status(&self, id: u64, change: StatusChange) -> Result<User, UserError>;

        /// Remove a user.
        #[delete("/users/{id}")]
        async fn delete_user(
            &self,
            id: u64,
            #[header("If-Match")] if_match: Option<String>,
        ) -> Result<(), UserError>;
    }

    fn full_name(user: &v2::User) -> String {
        Name::new(&user.given_name, &user.family_name).full()
    }

    fn given_name(user: &v1_1::User) -> String {
        Name::from_full(&user.name).given().to_owned()
    }

    fn family_name(user: &v1_1::User) -> String {
        Name::from_full(&user.name).family().to_owned()
    }

    fn draft_full_name(draft: &v2::UserDraft) -> String {
        Name::new(&draft.given_name, &draft.family_name).full()
    }

    fn draft_given_name(draft: &v1_1::UserDraft) -> String {
        Name::from_full(&draft.name).given().to_owned()
    }

    fn draft_family_name(draft: &v1_1::UserDraft) -> String {
        Name::from_full(&draft.name).family().to_owned()
    }
}
