//! A bridge copies nothing, and allocates nothing on the native path.

mod counting;

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use counting::allocations;
use versioned_runtime::Bridge;
use versioned_runtime::prelude::*;

#[versioned(contract = "points", versions(v1 = "1.0.0", v2 = "2.0.0", v3 = "3.0.0"))]
mod points {
    use super::*;

    #[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
    pub struct Point {
        pub x: i32,
        #[version(renamed(v2, from = up))]
        pub y: i32,
        #[version(since = v3, default)]
        pub z: Option<i32>,
    }

    pub trait Points {
        #[post("/points/mirrored")]
        async fn mirror(&self, point: Point) -> Result<Point, Problem>;
    }
}

use points::{V1, V2, V3, v1, v2, v3};

/// An implementation with a size of its own.
struct Mirror {
    factor: [i32; 4],
}

impl v3::Points for Mirror {
    async fn mirror(&self, point: v3::Point) -> Result<v3::Point, Problem> {
        Ok(v3::Point {
            x: point.x * self.factor[0],
            y: point.y * self.factor[1],
            z: None,
        })
    }
}

/// Runs a future that has nothing to wait for.
fn now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("it had to wait"),
    }
}

#[test]
fn a_bridge_is_the_implementation() {
    let mirror = Mirror {
        factor: [-1, -1, 0, 0],
    };
    let two = Bridge::<V3, V2, Mirror>::view(&mirror);
    let one = Bridge::<V2, V1, _>::view(two);
    assert!(std::ptr::addr_eq(one, &raw const mirror));
    assert_eq!(size_of_val(one), size_of::<Mirror>());
    assert_eq!(align_of_val(one), align_of::<Mirror>());
    // Two bridges away it answers as 1.0.0 writes it, and allocates nothing on the way.
    let (answer, allocated) = allocations(|| now(v1::Points::mirror(one, v1::Point { x: 3, up: 4 })));
    assert_eq!(answer.expect("a point"), v1::Point { x: -3, up: -4 });
    assert_eq!(allocated, 0);
    let (answer, allocated) =
        allocations(|| now(v3::Points::mirror(&mirror, v3::Point { x: 3, y: 4, z: None })));
    assert_eq!((answer.expect("a point").x, allocated), (-3, 0));
    // The counter counts.
    assert_eq!(allocations(|| Box::new(1_u8)).1, 1);
}

#[test]
fn what_did_not_change_is_one_type() {
    fn same<T>(_: &[T; 0], _: &[T; 0]) {}
    let (one, two): ([v2::Point; 0], [points::v2::Point; 0]) = ([], []);
    same(&one, &two);
    let upgraded: v2::Point = v1::Point { x: 1, up: 2 }.upgrade();
    assert_eq!(upgraded, v2::Point { x: 1, y: 2 });
    let upgraded: v3::Point = upgraded.upgrade();
    assert_eq!(upgraded, v3::Point { x: 1, y: 2, z: None });
    let downgraded: v2::Point = upgraded.downgrade();
    assert_eq!(downgraded, v2::Point { x: 1, y: 2 });
}
