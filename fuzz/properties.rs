//! What holds of the parsers, whatever is written: shared by the fuzz targets and by the test that replays their corpus.

use versioned_runtime::resolve::{Constraint, UnixTime, Vendor, VersionState, accept_parameters};
use versioned_runtime::route::{ContractShape, Dye, InitialTable, Table, User};
use versioned_runtime::{DyeSigner, TableDocument};

/// A constraint that was read is written as one that means the same, and messages stay short.
pub(crate) fn constraint(text: &str) {
    match Constraint::parse(text) {
        Ok(constraint) => {
            let written = constraint.to_string();
            let again = Constraint::parse(&written).expect("what is written can be read");
            assert_eq!(again.to_string(), written, "{text:?}");
        }
        Err(malformed) => assert!(malformed.to_string().len() < 1_000, "{text:?}"),
    }
}

/// Lines of `Accept` are read or refused, and do not depend on how they are divided.
pub(crate) fn accept(text: &str) {
    for vendor in [Vendor::Any, Vendor::Named("acme".to_owned()), Vendor::Off] {
        let whole = accept_parameters([text], &vendor).map(|found| found.map(|found| found.to_string()));
        let padded = format!(" {text} ");
        let padded =
            accept_parameters([padded.as_str()], &vendor).map(|found| found.map(|found| found.to_string()));
        assert_eq!(whole.is_ok(), padded.is_ok(), "{text:?}");
        if let (Ok(whole), Ok(padded)) = (whole, padded) {
            assert_eq!(whole, padded, "{text:?}");
        }
    }
}

/// A moment that was read is within what headers can say.
pub(crate) fn moment(text: &str) {
    if let Ok(moment) = UnixTime::parse(text) {
        assert!(moment >= UnixTime::from_seconds(0) && moment <= UnixTime::MAX);
        assert!(moment.http_date().ends_with(" GMT"), "{text:?}");
        let again = UnixTime::parse(&moment.to_string()).expect("what is written can be read");
        assert_eq!(again, moment);
    }
}

/// A dye is believed only if it was signed: what is written as facts is read back as the same ones, and what is thrown at the reader, or
/// differs from what was signed, is not believed.
pub(crate) fn dye(text: &str) {
    let now = UnixTime::from_seconds(1_700_000_000);
    let signer = DyeSigner::new("k1", b"0123456789abcdef0123456789abcdef").expect("a key");
    let stranger = DyeSigner::new("k1", [1; 32]).expect("a key");
    // As it comes: what is believed can be signed again, and then tells the same.
    if let Some(facts) = signer.read(text.as_bytes(), now) {
        let again = signer.sign(facts.iter().cloned(), UnixTime::MAX).expect("facts");
        let mut facts = facts;
        facts.sort_unstable();
        assert_eq!(signer.read(again.as_bytes(), now), Some(facts), "{text:?}");
    }
    assert_eq!(stranger.read(text.as_bytes(), now), None, "{text:?}");
    // As facts, a line each.
    let mut facts: Vec<(&str, &str)> = text.lines().filter_map(|line| line.split_once(':')).collect();
    if let Ok(dye) = signer.sign(facts.iter().copied(), UnixTime::MAX) {
        facts.sort_unstable();
        let read = signer.read(dye.as_bytes(), now).expect("it was signed");
        let read: Vec<(&str, &str)> = read.iter().map(|(name, value)| (&**name, &**value)).collect();
        assert_eq!(read, facts, "{text:?}");
        assert_eq!(signer.read(dye.as_bytes(), UnixTime::MAX), None, "it has expired");
        assert_eq!(stranger.read(dye.as_bytes(), now), None);
        for place in [0, dye.len() / 2, dye.len() - 1] {
            let mut other = dye.as_bytes().to_vec();
            other[place] ^= 1;
            assert_eq!(signer.read(&other, now), None, "{text:?}, byte {place}");
        }
    }
}

/// Two versions, each with an implementation that answers both.
fn shape() -> ContractShape {
    let versions = ["1.0.0", "2.0.0"].map(|text| text.parse().map(VersionState::offered));
    ContractShape {
        id: "notes".to_owned(),
        versions: versions.map(|version| version.expect("a version")).into(),
        operations: vec![vec!["get_note"]; 2],
        answers: vec![vec![vec![true]; 2]; 2],
        present: vec![true; 2],
    }
}

/// A routing table that was read is written as the same one. If it fits the contract, it decides every request, and what it was made into
/// is written as one that fits.
pub(crate) fn table(text: &str) {
    let Ok(document) = serde_json::from_str::<TableDocument>(text) else {
        return;
    };
    let written = serde_json::to_string(&document).expect("a document is plain data");
    let again: TableDocument = serde_json::from_str(&written).expect("what is written can be read");
    assert_eq!(again, document);
    let shape = shape();
    let first = Table::initial(&shape, &InitialTable::default()).expect("a first table");
    let Ok(table) = first.replace(&shape, &document) else {
        return;
    };
    let user = User::at(0);
    for dye in [Dye::NONE, table.dye(|_, _| Some("cn-east"))] {
        let decision = table.decide(0, 0, user, &dye);
        let explained = table.explain(&shape, 0, 0, user, &dye).expect("it was asked");
        assert_eq!(
            explained.serving,
            shape.versions[decision.slot].semver.to_string()
        );
    }
    let document = TableDocument {
        epoch: None,
        ..table.document(&shape)
    };
    table.replace(&shape, &document).expect("it fits");
}
