//! What holds of the parsers, whatever is written: shared by the fuzz targets and by the test that replays their corpus.

use versioned_runtime::resolve::{
    Constraint, MAX_CONSTRAINTS, Policy, Requested, Resolution, Source, UnixTime, Vendor, VersionState,
    accept_parameters, resolve,
};
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

/// What lines of `Accept` name does not depend on how they are divided, on their order, or on ranges beside them that name no version;
/// what is excluded by its name is not answered in. A version is the same one wherever it stands.
pub(crate) fn accept(text: &str) {
    for vendor in [Vendor::Any, Vendor::Named("acme".to_owned()), Vendor::Off] {
        let read = |lines: &[&str]| accept_parameters(lines.iter().copied(), &vendor);
        let whole = read(&[text]);
        let divided = ranges(text);
        assert_eq!(read(&divided), whole, "{text:?}, a line for each range");
        let padded = format!(",, \t{text}\t ");
        assert_eq!(read(&[&padded]), whole, "{text:?}, behind empty ranges");
        let beside = read(&[
            "text/html;q=0.7",
            text,
            "*/*; q=0",
            "a/b;level=\",;version=1\";q=.2",
        ]);
        assert_eq!(beside, whole, "{text:?}, beside ranges without a version");
        let reversed: Vec<&str> = divided.iter().rev().copied().collect();
        let reversed = read(&reversed);
        assert_eq!(reversed.is_ok(), whole.is_ok(), "{text:?}, reversed");
        match (whole, reversed) {
            (Ok(Some(whole)), Ok(Some(reversed))) => {
                let order = preferred(&whole);
                assert_eq!(preferred(&reversed), order, "{text:?}, reversed");
                // One more than may be named is refused.
                if let (Some((most, others)), true) = (order.split_first(), divided.len() < MAX_CONSTRAINTS) {
                    let but = read(&[text, &format!("a/b;version={most};q=0")]);
                    let but = but.expect("it was read").expect("it names versions");
                    assert_eq!(preferred(&but), others, "{text:?}, but not {most}");
                }
            }
            (Ok(whole), Ok(reversed)) => assert!(whole.is_none() && reversed.is_none(), "{text:?}"),
            (Err(malformed), _) | (_, Err(malformed)) => {
                assert!(malformed.to_string().len() < 1_000, "{text:?}");
            }
        }
        // Taken for a version: in quotes it may be any text, as it stands a token, in the name of a type it begins with a digit.
        let version = Constraint::parse(text).map(Some);
        let quoted = text.replace('\\', "\\\\").replace('"', "\\\"");
        // What is the only choice is wanted, however little.
        let quoted = format!("a/b;version=\"{quoted}\";q=0.001");
        assert_eq!(read(&[&quoted]), version, "{quoted}");
        if !text.is_empty()
            && text
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || ".*^~-+".contains(c))
        {
            let token = format!("a/b;version={text}");
            assert_eq!(read(&[&token]), version, "{token}");
            if text.starts_with(|c: char| c.is_ascii_digit()) {
                let named = format!("application/vnd.acme.v{text}+json");
                let named_by = if vendor == Vendor::Off { Ok(None) } else { version };
                assert_eq!(read(&[&named]), named_by, "{named}");
            }
        }
    }
}

/// The ranges of a line: what stands between commas that are not quoted.
fn ranges(text: &str) -> Vec<&str> {
    let (mut found, mut start, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b',' if !quoted => {
                found.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    found.push(&text[start..]);
    found
}

/// Some versions in the order in which they are wanted: the next one is what is answered when those before it are not there. Those that
/// are not wanted at all are left out.
fn preferred(constraint: &Constraint) -> Vec<String> {
    let declared = ["0.9.0", "1.0.0", "1.1.0", "1.2.0", "2.0.0-rc.1", "2.0.0", "2.1.0"];
    let mut versions: Vec<VersionState> = declared
        .iter()
        .zip(1..)
        .map(|(text, day)| VersionState {
            released: UnixTime::parse(&format!("2026-01-0{day}")).ok(),
            ..VersionState::offered(text.parse().expect("a version"))
        })
        .collect();
    let mut requested = Requested::new();
    let pushed = requested.push(Source::Accept, constraint.clone());
    pushed.expect("it is the only one");
    let mut order = Vec::new();
    while let Resolution::Version(index) = resolve(&versions, &requested, &Policy::new(0)) {
        order.push(versions.remove(index).semver.to_string());
    }
    order
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
