//! What holds of the parsers, whatever is written: shared by the fuzz targets and by the test that replays their corpus.

use versioned_runtime::TableDocument;
use versioned_runtime::resolve::{Constraint, UnixTime, Vendor, accept_parameters};

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

/// A routing table that was read is written as the same one.
pub(crate) fn table(text: &str) {
    if let Ok(document) = serde_json::from_str::<TableDocument>(text) {
        let written = serde_json::to_string(&document).expect("a document is plain data");
        let again: TableDocument = serde_json::from_str(&written).expect("what is written can be read");
        assert_eq!(again, document);
    }
}
