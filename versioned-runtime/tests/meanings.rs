//! Members whose meaning changes while their type stays: what the user wrote is called, and the types are two.
#![deny(warnings)]
#![allow(missing_docs)]

use std::any::TypeId;

use versioned_runtime::engine;
use versioned_runtime::prelude::*;

#[versioned(contract = "meter", versions(v1 = "1.0.0", v2 = "2.0.0", v3 = "3.0.0"))]
pub mod meter {
    use super::*;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Reading {
        /// Metres in 1.0.0, centimetres from 2.0.0 on.
        #[version(changed(v2, from = u32, upgrade = times_100, downgrade = by_100))]
        #[version(lossy(reason = "1.0.0 knows whole metres only"))]
        pub length: u32,
        /// Counted from 0 until 3.0.0: the long form.
        #[version(until = v3, downgrade = from_0)]
        pub place: u8,
        /// Counted from 1.
        #[version(since = v3, upgrade = from_1)]
        pub place: u8,
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub enum Event {
        Read {
            #[version(changed(v2, from = u32, upgrade = times_100, downgrade = by_100))]
            #[version(lossy(reason = "1.0.0 knows whole metres only"))]
            length: u32,
        },
        Lost,
    }

    /// Nothing of its own changes, but what it holds does.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Log {
        pub readings: Vec<Reading>,
        pub event: Event,
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Name(pub String);

    pub trait Meter {
        #[get("/log")]
        async fn log(&self) -> Result<Log, Problem>;

        #[get("/name")]
        async fn name(&self) -> Result<Name, Problem>;
    }

    fn times_100(metres: u32) -> u32 {
        metres.saturating_mul(100)
    }

    fn by_100(centimetres: u32) -> u32 {
        centimetres / 100
    }

    fn from_0(reading: &v3::Reading) -> u8 {
        reading.place.saturating_sub(1)
    }

    fn from_1(reading: &v2::Reading) -> u8 {
        reading.place.saturating_add(1)
    }
}

use meter::{v1, v2, v3};

#[test]
fn functions_are_called_at_any_depth() {
    let old = v1::Log {
        readings: vec![v1::Reading { length: 3, place: 0 }],
        event: v1::Event::Read { length: 7 },
    };
    let newer: v2::Log = old.clone().upgrade();
    let newest: v3::Log = newer.clone().upgrade();
    assert_eq!(
        newer.readings,
        [v2::Reading {
            length: 300,
            place: 0
        }]
    );
    assert_eq!(
        newest.readings,
        [v3::Reading {
            length: 300,
            place: 1
        }]
    );
    assert_eq!(newest.event, v3::Event::Read { length: 700 });
    let back: v2::Log = newest.downgrade();
    let back: v1::Log = back.downgrade();
    assert_eq!(back, old);
}

#[test]
fn types_are_one_where_nothing_is_computed() {
    fn one<A: 'static, B: 'static>() -> bool {
        TypeId::of::<A>() == TypeId::of::<B>()
    }
    assert!(!one::<v1::Reading, v2::Reading>() && !one::<v2::Reading, v3::Reading>());
    assert!(!one::<v1::Log, v2::Log>() && !one::<v2::Log, v3::Log>());
    assert!(!one::<v1::Event, v2::Event>() && one::<v2::Event, v3::Event>());
    assert!(one::<v1::Name, v3::Name>());
}

#[test]
fn the_wire_is_the_same() {
    let [v1, v2, v3] = meter::Version::ALL.map(meter::Version::contract);
    assert!(engine::breaks(v1, v2).is_empty() && engine::breaks(v2, v3).is_empty());
}
