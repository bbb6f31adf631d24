//! What the versions of the contract make of each other's values.

use proptest::prelude::*;
use user_profile::names::Name;
use user_profile::user_profile::{v1, v1_1, v2};
use versioned_runtime::{Downgrade, Upgrade};

fn status() -> impl Strategy<Value = v2::Status> {
    prop::sample::select(vec![
        v2::Status::Active,
        v2::Status::Suspended,
        v2::Status::Dormant,
    ])
}

prop_compose! {
    fn user()(
        id: u64,
        given in "\\PC{1,12}",
        family in "\\PC{0,12}",
        email in prop::option::of("[a-z]{1,5}@example\\.org"),
        locale in prop::option::of("[a-z]{2}"),
        status in status(),
        revision: u64,
    ) -> v2::User {
        let (given_name, family_name) = Name::new(&given, &family).into_parts();
        v2::User { id, given_name, family_name, email, locale, status, revision }
    }
}

proptest! {
    #[test]
    fn a_user_survives_the_way_down_and_up_but_for_what_1_1_0_cannot_say(user in user()) {
        let down: v1_1::User = user.clone().downgrade();
        prop_assert_eq!(&down.mail, &user.email);
        let up: v2::User = down.upgrade();
        let expected = match user.status {
            v2::Status::Dormant => v2::User { status: v2::Status::Suspended, ..user },
            _ => user,
        };
        prop_assert_eq!(up, expected);
    }

    #[test]
    fn a_draft_survives_the_way_down_and_up(user in user()) {
        let v2::User { given_name, family_name, email, locale, .. } = user;
        let draft = v2::UserDraft { given_name, family_name, email, locale };
        let down: v1_1::UserDraft = draft.clone().downgrade();
        let up: v2::UserDraft = down.upgrade();
        prop_assert_eq!(up, draft);
    }

    #[test]
    fn a_draft_of_1_1_0_survives_the_way_up_and_down(words in prop::collection::vec("[a-zà-ž\u{a0}]{1,6}", 1..5)) {
        // A name as the service stores it: the way through 2.0.0 settles blanks, and nothing else.
        let name = Name::from_full(&words.join(" ")).full();
        let draft = v1_1::UserDraft { name, mail: None, locale: Some("fr".to_owned()) };
        let up: v2::UserDraft = draft.clone().upgrade();
        let down: v1_1::UserDraft = up.downgrade();
        prop_assert_eq!(down, draft);
    }
}

#[test]
fn what_1_0_0_does_not_know_is_made_up_and_dropped() {
    let old = v1::UserDraft {
        name: "Ada Lovelace".to_owned(),
        mail: Some("ada@example.org".to_owned()),
    };
    let new: v1_1::UserDraft = old.clone().upgrade();
    assert_eq!(new.locale, None);
    let back: v1::UserDraft = v1_1::UserDraft {
        locale: Some("en".to_owned()),
        ..new
    }
    .downgrade();
    assert_eq!(back, old);
}

#[test]
fn users_in_containers_are_converted() {
    let user = v2::User {
        id: 7,
        given_name: "Vincent".to_owned(),
        family_name: "van Gogh".to_owned(),
        email: None,
        locale: None,
        status: v2::Status::Dormant,
        revision: 1,
    };
    let page: v1_1::UserPage = v2::UserPage {
        users: vec![user],
        next: Some(7),
    }
    .downgrade();
    assert_eq!(
        (page.users[0].name.as_str(), page.next),
        ("Vincent van\u{a0}Gogh", Some(7))
    );
    assert_eq!(page.users[0].status, v1_1::Status::Suspended);
}
