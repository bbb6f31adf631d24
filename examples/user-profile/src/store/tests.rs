//! Each layout reads what the other wrote, and the indexes follow.

use proptest::prelude::*;

use super::*;
use crate::names::Name;
use crate::precondition::Precondition;

fn open() -> (tempfile::TempDir, Store) {
    let directory = tempfile::tempdir().expect("a directory");
    let store = Store::open(&directory.path().join("users.redb")).expect("a store");
    (directory, store)
}

fn user(name: &str, mail: Option<&str>) -> legacy::Details {
    legacy::Details::new(
        &Name::from_full(name),
        mail.map(str::to_owned),
        Some("en".to_owned()),
    )
}

fn account(given: &str, family: &str, email: Option<&str>) -> modern::Details {
    modern::Details {
        name: Name::new(given, family),
        email: email.map(str::to_owned),
        locale: None,
    }
}

#[test]
fn users_are_read_as_accounts() {
    let (_directory, store) = open();
    let (id, written) = store
        .users()
        .create(user("Vincent van\u{a0}Gogh", Some("vincent@example.org")))
        .expect("a user");
    assert_eq!((id, written.revision), (1, 1));
    let read = store.accounts().get(id).expect("an account");
    assert_eq!(
        (read.details.name.given(), read.details.name.family()),
        ("Vincent", "van Gogh")
    );
    assert_eq!(read.details.email.as_deref(), Some("vincent@example.org"));
    assert_eq!(read.details.locale.as_deref(), Some("en"));
    assert_eq!((read.status, read.revision), (modern::Status::Active, 1));

    let replaced = store
        .users()
        .replace(id, &Precondition::Any, user("Theo", None))
        .expect("a user");
    let read = store.accounts().get(id).expect("an account");
    assert_eq!(
        (read.details.name, read.details.email),
        (Name::new("Theo", ""), None)
    );
    assert_eq!((replaced.revision, read.revision), (2, 2));
}

#[test]
fn accounts_are_read_as_users() {
    let (_directory, store) = open();
    let (id, _) = store
        .accounts()
        .create(account("Mary Ann", "Evans", Some("george@example.org")))
        .expect("an account");
    let read = store.users().get(id).expect("a user");
    assert_eq!(
        (read.details.name(), read.details.mail.as_deref()),
        ("Mary Ann Evans", Some("george@example.org"))
    );
    assert_eq!((read.status, read.revision), (legacy::Status::Active, 1));

    store
        .accounts()
        .set_status(id, modern::Status::Dormant)
        .expect("an account");
    let read = store.users().get(id).expect("a user");
    assert_eq!((read.status, read.revision), (legacy::Status::Suspended, 2));
}

#[test]
fn what_the_older_layout_cannot_say_outlives_its_writes() {
    let (_directory, store) = open();
    let (id, _) = store
        .accounts()
        .create(account("Rip", "van Winkle", None))
        .expect("an account");
    store
        .accounts()
        .set_status(id, modern::Status::Dormant)
        .expect("an account");
    store
        .users()
        .replace(id, &Precondition::Any, user("Rip van\u{a0}Winkle", None))
        .expect("a user");
    let read = store.accounts().get(id).expect("an account");
    assert_eq!(
        (read.status, read.details.name),
        (modern::Status::Dormant, Name::new("Rip", "van Winkle"))
    );

    store
        .users()
        .set_status(id, legacy::Status::Suspended)
        .expect("a user");
    assert_eq!(
        store.accounts().get(id).expect("an account").status,
        modern::Status::Suspended
    );
}

#[test]
fn an_address_belongs_to_one_user() {
    let (_directory, store) = open();
    let (ada, _) = store
        .users()
        .create(user("Ada", Some("ada@example.org")))
        .expect("a user");
    let taken = |result: Result<(), StoreError>| matches!(result, Err(StoreError::AddressTaken { .. }));
    assert!(taken(
        store
            .accounts()
            .create(account("Eve", "", Some("ADA@example.org")))
            .map(drop)
    ));
    assert!(taken(
        store
            .users()
            .create(user("Eve", Some("Ada@Example.org")))
            .map(drop)
    ));
    assert_eq!(store.users().list(None, 10).expect("a listing").rows.len(), 1);

    // Whoever has it may keep it, write it otherwise, and give it up.
    let again = account("Ada", "Lovelace", Some("Ada@example.org"));
    store
        .accounts()
        .replace(ada, &Precondition::Any, again)
        .expect("an account");
    store.users().remove(ada, &Precondition::Any).expect("a removal");
    let (eve, _) = store
        .accounts()
        .create(account("Eve", "", Some("ada@example.org")))
        .expect("an account");
    assert!(eve > ada, "ids are not given away twice");
}

#[test]
fn writes_respect_the_revision() {
    let (_directory, store) = open();
    let (id, _) = store.users().create(user("Ada", None)).expect("a user");
    let first = Precondition::from_if_match(Some("\"1\""));
    store
        .accounts()
        .replace(id, &first, account("Ada", "Lovelace", None))
        .expect("an account");
    let stale =
        |result: Result<(), StoreError>| matches!(result, Err(StoreError::Stale { id: 1, revision: 2 }));
    assert!(stale(
        store
            .accounts()
            .replace(id, &first, account("Ada", "", None))
            .map(drop)
    ));
    assert!(stale(
        store.users().replace(id, &first, user("Ada", None)).map(drop)
    ));
    assert!(stale(store.users().remove(id, &first)));
    assert!(stale(store.accounts().remove(id, &first)));
    assert_eq!(
        store.accounts().get(id).expect("an account").details.name,
        Name::new("Ada", "Lovelace")
    );
}

#[test]
fn users_that_are_not_there_are_missing() {
    let (_directory, store) = open();
    let missing =
        |result: Result<(), StoreError>| assert!(matches!(result, Err(StoreError::Missing { id: 9 })));
    missing(store.users().get(9).map(drop));
    missing(store.accounts().get(9).map(drop));
    missing(
        store
            .users()
            .replace(9, &Precondition::Any, user("Ada", None))
            .map(drop),
    );
    missing(store.users().set_status(9, legacy::Status::Active).map(drop));
    missing(store.accounts().set_status(9, modern::Status::Active).map(drop));
    missing(store.users().remove(9, &Precondition::Any));
    missing(store.accounts().remove(9, &Precondition::Any));
}

#[track_caller]
fn found(rows: &[(u64, modern::Row)], expected: &[&str]) {
    let names: Vec<String> = rows.iter().map(|(_, row)| row.details.name.full()).collect();
    assert_eq!(names, expected);
}

#[test]
fn family_names_are_found_by_their_beginning() {
    let (_directory, store) = open();
    for full in [
        "Zoë Ärmel",
        "Ada Lovelace",
        "Bob Love",
        "Sukarno",
        "Anna LOVEJOY",
        "Abe Lowell",
    ] {
        store.users().create(user(full, None)).expect("a user");
    }
    let find = |prefix: &str, limit| store.accounts().find(prefix, limit).expect("accounts");
    found(&find("love", 10), &["Bob Love", "Anna LOVEJOY", "Ada Lovelace"]);
    found(&find("LOVE", 2), &["Bob Love", "Anna LOVEJOY"]);
    found(&find("är", 10), &["Zoë Ärmel"]);
    found(&find("x", 10), &[]);
    // The index follows a new name, whichever layout it was written in.
    store
        .users()
        .replace(3, &Precondition::Any, user("Bob Marley", None))
        .expect("a user");
    found(&find("lov", 10), &["Anna LOVEJOY", "Ada Lovelace"]);
    found(&find("marl", 10), &["Bob Marley"]);
}

#[test]
fn names_are_searched_anywhere() {
    let (_directory, store) = open();
    for (given, family) in [("Vincent", "van Gogh"), ("Evan", "Price"), ("Ada", "Lovelace")] {
        store
            .accounts()
            .create(account(given, family, None))
            .expect("an account");
    }
    let search = |text: &str, limit| -> Vec<u64> {
        store
            .users()
            .search(text, limit)
            .expect("users")
            .into_iter()
            .map(|(id, _)| id)
            .collect()
    };
    assert_eq!(search("VAN", 10), [1, 2]);
    assert_eq!(search("van gogh", 10), [1]);
    assert_eq!(search("", 2), [1, 2]);
    assert!(search("a", 0).is_empty());
}

#[test]
fn everything_is_on_disk() {
    let (directory, store) = open();
    let path = directory.path().join("users.redb");
    store.users().create(user("Ada Lovelace", None)).expect("a user");
    let refused = Store::open(&path).expect_err("it is open already");
    assert!(refused.to_string().contains("set USER_PROFILE_DATA"), "{refused}");
    drop(store);
    let store = Store::open(&path).expect("a store");
    assert_eq!(
        store.accounts().get(1).expect("an account").details.name,
        Name::new("Ada", "Lovelace")
    );
}

#[test]
fn a_user_in_one_layout_only_is_an_error_of_its_own() {
    let (_directory, store) = open();
    store.users().create(user("Ada", None)).expect("a user");
    let transaction = store.database.begin_write().expect("a transaction");
    transaction
        .open_table(legacy::USERS)
        .expect("a table")
        .remove(1)
        .expect("a removal");
    transaction.commit().expect("a commit");
    let written = store.accounts().set_status(1, modern::Status::Active);
    assert!(matches!(written, Err(StoreError::Torn { id: 1 })));
}

/// A write through one of the two layouts; ids and revisions are taken from a small range, so that they meet.
#[derive(Debug, Clone)]
enum Write {
    CreateUser(String, Option<u8>),
    CreateAccount(String, String, Option<u8>),
    ReplaceUser(u64, String, Option<u8>),
    ReplaceAccount(u64, String, String, Option<u8>),
    UserStatus(u64, legacy::Status),
    AccountStatus(u64, modern::Status),
    RemoveUser(u64),
    RemoveAccount(u64),
}

impl Write {
    fn apply(self, store: &Store) -> Result<(), StoreError> {
        let mail = |number: Option<u8>| number.map(|n| format!("{n}@example.org"));
        let (users, accounts, any) = (store.users(), store.accounts(), Precondition::Any);
        match self {
            Self::CreateUser(name, n) => users.create(user(&name, mail(n).as_deref())).map(drop),
            Self::CreateAccount(given, family, n) => accounts
                .create(account(&given, &family, mail(n).as_deref()))
                .map(drop),
            Self::ReplaceUser(id, name, n) => {
                users.replace(id, &any, user(&name, mail(n).as_deref())).map(drop)
            }
            Self::ReplaceAccount(id, given, family, n) => accounts
                .replace(id, &any, account(&given, &family, mail(n).as_deref()))
                .map(drop),
            Self::UserStatus(id, status) => users.set_status(id, status).map(drop),
            Self::AccountStatus(id, status) => accounts.set_status(id, status).map(drop),
            Self::RemoveUser(id) => users.remove(id, &any),
            Self::RemoveAccount(id) => accounts.remove(id, &any),
        }
    }
}

fn writes() -> impl Strategy<Value = Write> {
    let id = || 1..6_u64;
    let name = || "[A-Cä ]{1,4}";
    let mail = || prop::option::of(0..4_u8);
    let old = prop::sample::select(vec![legacy::Status::Active, legacy::Status::Suspended]);
    let new = vec![
        modern::Status::Active,
        modern::Status::Suspended,
        modern::Status::Dormant,
    ];
    prop_oneof![
        (name(), mail()).prop_map(|(name, mail)| Write::CreateUser(name, mail)),
        (name(), name(), mail()).prop_map(|(given, family, mail)| Write::CreateAccount(given, family, mail)),
        (id(), name(), mail()).prop_map(|(id, name, mail)| Write::ReplaceUser(id, name, mail)),
        (id(), name(), name(), mail())
            .prop_map(|(id, given, family, mail)| Write::ReplaceAccount(id, given, family, mail)),
        (id(), old).prop_map(|(id, status)| Write::UserStatus(id, status)),
        (id(), prop::sample::select(new)).prop_map(|(id, status)| Write::AccountStatus(id, status)),
        id().prop_map(Write::RemoveUser),
        id().prop_map(Write::RemoveAccount),
    ]
}

#[track_caller]
fn check_agreement(store: &Store) {
    let users = store.users().list(None, 1000).expect("a listing").rows;
    let accounts = store.accounts().list(None, 1000).expect("a listing").rows;
    let seen: Vec<(u64, legacy::Row)> = accounts
        .iter()
        .map(|(id, row)| (*id, legacy::Row::from(row)))
        .collect();
    assert_eq!(users, seen);

    let transaction = store.read().expect("a transaction");
    let by_name = transaction.open_table(modern::BY_FAMILY_NAME).expect("a table");
    let mut indexed: Vec<u64> = by_name
        .range::<modern::FamilyNameKey>(..)
        .expect("a range")
        .map(|entry| entry.expect("an entry").0.value().2)
        .collect();
    indexed.sort_unstable();
    assert_eq!(indexed, accounts.iter().map(|(id, _)| *id).collect::<Vec<_>>());
    let by_email = transaction.open_table(modern::BY_EMAIL).expect("a table");
    for (id, row) in &accounts {
        let owner = row.details.email.as_ref().map(|email| {
            by_email
                .get(folded(email).as_str())
                .expect("a look-up")
                .map(|id| id.value())
        });
        assert!(owner.is_none_or(|owner| owner == Some(*id)));
    }
    let addresses = accounts
        .iter()
        .filter(|(_, row)| row.details.email.is_some())
        .count();
    assert_eq!(by_email.range::<&str>(..).expect("a range").count(), addresses);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_layouts_agree_after_any_writes(writes in prop::collection::vec(writes(), 1..20)) {
        let (_directory, store) = open();
        for write in writes {
            if let Err(error) = write.clone().apply(&store) {
                let refused = matches!(error, StoreError::Missing { .. } | StoreError::AddressTaken { .. });
                prop_assert!(refused, "{write:?}: {error}");
            }
            check_agreement(&store);
        }
    }

    #[test]
    fn pages_put_together_are_the_whole(removed in prop::collection::btree_set(1..30_u64, 0..20), limit in 1..12_usize) {
        let (_directory, store) = open();
        crate::seed::fill(&store, 30).expect("a seed");
        for id in &removed {
            store.users().remove(*id, &Precondition::Any).expect("a removal");
        }
        let (mut users, mut accounts, mut after) = (Vec::new(), Vec::new(), None);
        loop {
            let page = store.users().list(after, limit).expect("a listing");
            let twin = store.accounts().list(after, limit).expect("a listing");
            prop_assert!(page.rows.len() <= limit);
            prop_assert_eq!(page.next, twin.next);
            users.extend(page.rows.into_iter().map(|(id, _)| id));
            accounts.extend(twin.rows.into_iter().map(|(id, _)| id));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        let whole: Vec<u64> = (1..=30).filter(|id| !removed.contains(id)).collect();
        prop_assert_eq!(&users, &whole);
        prop_assert_eq!(&accounts, &whole);
    }
}
