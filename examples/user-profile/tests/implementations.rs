//! The two implementations, called as plain Rust: each answers in its own version, and both say the same of one store.

use user_profile::user_profile::v1_1::UserProfile as _;
use user_profile::user_profile::v2::UserProfile as _;
use user_profile::user_profile::{v1_1, v2};
use user_profile::{Legacy, Modern, Store};
use versioned_runtime::{Downgrade, OperationError, Upgrade};

struct Both {
    legacy: Legacy,
    modern: Modern,
    _directory: tempfile::TempDir,
}

fn both() -> Both {
    let directory = tempfile::tempdir().expect("a directory");
    let store = Store::open(&directory.path().join("users.redb")).expect("a store");
    Both {
        legacy: Legacy::new(store.clone()),
        modern: Modern::new(store),
        _directory: directory,
    }
}

impl Both {
    /// The user as both implementations see it, which must be the same but for what 1.1.0 cannot say.
    async fn read(&self, id: u64) -> (v1_1::User, v2::User) {
        let user = self.legacy.get_user(id).await.expect("a user");
        let account = self.modern.get_user(id).await.expect("a user");
        let seen: v1_1::User = account.clone().downgrade();
        assert_eq!(user, seen);
        (user, account)
    }
}

fn draft(name: &str, mail: Option<&str>) -> v1_1::UserDraft {
    v1_1::UserDraft {
        name: name.to_owned(),
        mail: mail.map(str::to_owned),
        locale: None,
    }
}

#[tokio::test]
async fn what_one_creates_and_replaces_the_other_reads() {
    let both = both();
    let created = both
        .legacy
        .create_user(draft("  Mary Ann   Evans ", Some("george@example.org")))
        .await
        .expect("a user");
    assert_eq!(
        (created.name.as_str(), created.status),
        ("Mary Ann Evans", v1_1::Status::Active)
    );
    let (user, account) = both.read(created.id).await;
    assert_eq!(user, created);
    assert_eq!(
        (account.given_name.as_str(), account.family_name.as_str()),
        ("Mary Ann", "Evans")
    );

    let new = v2::UserDraft {
        given_name: "George".to_owned(),
        family_name: "Eliot".to_owned(),
        email: None,
        locale: Some("en-GB".to_owned()),
    };
    let replaced = both
        .modern
        .replace_user(created.id, Some("\"1\"".to_owned()), new)
        .await
        .expect("a user");
    let (user, account) = both.read(created.id).await;
    assert_eq!(account, replaced);
    assert_eq!(
        (user.name.as_str(), user.mail, user.revision),
        ("George Eliot", None, 2)
    );
}

#[tokio::test]
async fn a_dormant_user_is_suspended_to_1_1_0() {
    let both = both();
    let id = both
        .legacy
        .create_user(draft("Rip", None))
        .await
        .expect("a user")
        .id;
    let change = v2::StatusChange {
        status: v2::Status::Dormant,
    };
    both.modern.change_status(id, change).await.expect("a user");
    both.legacy
        .replace_user(id, None, draft("Rip van\u{a0}Winkle", None))
        .await
        .expect("a user");
    let (user, account) = both.read(id).await;
    assert_eq!(
        (user.status, account.status),
        (v1_1::Status::Suspended, v2::Status::Dormant)
    );
    both.legacy
        .change_status(
            id,
            v1_1::StatusChange {
                status: v1_1::Status::Active,
            },
        )
        .await
        .expect("a user");
    assert_eq!(both.read(id).await.1.status, v2::Status::Active);
}

#[tokio::test]
async fn lists_begin_again_where_they_stopped() {
    let both = both();
    for number in 1..=5 {
        both.legacy
            .create_user(draft(&format!("User Number{number}"), None))
            .await
            .expect("a user");
    }
    let page = |after, limit| v2::Page { after, limit };
    let first = both.legacy.list_users(page(None, Some(2))).await.expect("a page");
    assert_eq!((first.users.len(), first.next), (2, Some(2)));
    let last = both
        .modern
        .list_users(page(Some(4), Some(2)))
        .await
        .expect("a page");
    assert_eq!((last.users.len(), last.next), (1, None));
    let whole = both.modern.list_users(page(None, None)).await.expect("a page");
    let whole: v1_1::UserPage = whole.downgrade();
    assert_eq!(
        whole,
        both.legacy.list_users(page(None, None)).await.expect("a page")
    );
}

#[tokio::test]
async fn each_finds_users_in_its_own_way() {
    let both = both();
    for name in ["Ada Lovelace", "Bob Love", "Love Island"] {
        both.legacy.create_user(draft(name, None)).await.expect("a user");
    }
    let searched = both
        .legacy
        .search_users("love".to_owned(), None)
        .await
        .expect("users");
    assert_eq!(searched.iter().map(|user| user.id).collect::<Vec<_>>(), [1, 2, 3]);
    let found = both
        .modern
        .find_users("LOVE".to_owned(), None)
        .await
        .expect("users");
    assert_eq!(found.iter().map(|user| user.id).collect::<Vec<_>>(), [2, 1]);
}

#[track_caller]
fn check<E: OperationError + std::fmt::Debug>(refused: Result<impl std::fmt::Debug, E>, status: u16) {
    let problem = refused.expect_err("a refusal").into_problem();
    assert_eq!(problem.status, status, "{problem}");
}

#[tokio::test]
async fn both_refuse_the_same() {
    let both = both();
    both.legacy
        .create_user(draft("Ada", Some("ada@example.org")))
        .await
        .expect("a user");
    let drafts = [
        (draft("  ", None), 422),
        (draft("Eve", Some("nowhere")), 422),
        (
            v1_1::UserDraft {
                locale: Some("pt_BR".to_owned()),
                ..draft("Eve", None)
            },
            422,
        ),
        (draft("Eve", Some("ADA@example.org")), 409),
    ];
    for (draft, status) in drafts {
        let newer: v2::UserDraft = draft.clone().upgrade();
        check(both.legacy.create_user(draft).await, status);
        check(both.modern.create_user(newer).await, status);
    }
    check(both.legacy.get_user(9).await, 404);
    check(both.modern.get_user(9).await, 404);
    let stale = || Some("\"7\"".to_owned());
    check(both.legacy.delete_user(1, stale()).await, 412);
    check(both.modern.delete_user(1, stale()).await, 412);
    both.modern
        .delete_user(1, Some("\"1\"".to_owned()))
        .await
        .expect("a removal");
    check(both.legacy.delete_user(1, None).await, 404);
}
