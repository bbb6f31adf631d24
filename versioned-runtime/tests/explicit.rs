//! The explicit form: each version written out in a module of its own, checked, migrated and bridged like the single-source form.
#![deny(warnings, clippy::pedantic)]
#![allow(missing_docs)] // the contract of a test

use axum::body::Body;
use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;
use versioned_runtime::contract::Fidelity;
use versioned_runtime::prelude::*;
use versioned_runtime::{As, Way};

/// Versions live where they were written, each with its own imports.
pub mod api {
    use versioned_runtime::versioned;

    #[versioned(contract = "orders", version = "1.0.0")]
    pub mod v1 {
        use versioned_runtime::prelude::*;

        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        pub struct Order {
            pub id: u64,
            pub customer: String,
            pub lines: Vec<Line>,
            pub state: State,
            pub shipping: Address,
        }

        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        pub struct Line {
            pub article: String,
            pub count: u16,
        }

        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        pub struct Address {
            pub street: String,
        }

        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        pub enum State {
            Open,
            Done,
        }

        #[derive(Debug, OperationError)]
        pub enum OrderError {
            #[problem(status = 404)]
            NotFound { id: u64 },
            #[problem(other)]
            Other(Problem),
        }

        pub trait Orders {
            /// Fetch one order.
            #[get("/orders/{id}")]
            async fn get_order(&self, id: u64) -> Result<Order, OrderError>;

            #[post("/orders", status = 201)]
            async fn create_order(&self, order: Order) -> Result<Order, OrderError>;
        }

        impl Order {
            /// Code of the version itself stays in its module.
            #[must_use]
            pub fn total(&self) -> u16 {
                self.lines.iter().map(|line| line.count).sum()
            }
        }
    }

    #[versioned(contract = "orders", version = "1.1.0", evolves = v1)]
    pub mod v1_1 {
        pub use super::v1::{Address, Line, OrderError, State};
        use versioned_runtime::prelude::*;

        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        pub struct Order {
            pub id: u64,
            pub customer: String,
            pub lines: Vec<Line>,
            pub state: State,
            pub shipping: Address,
            pub note: Option<String>,
        }

        pub trait Orders {
            #[get("/orders/{id}")]
            async fn get_order(&self, id: u64) -> Result<Order, OrderError>;

            #[post("/orders", status = 201)]
            async fn create_order(&self, order: Order) -> Result<Order, OrderError>;

            #[get("/orders")]
            async fn list_orders(&self) -> Result<Vec<Order>, OrderError>;
        }
    }
}

#[versioned(contract = "orders", version = "2.0.0", evolves = api::v1_1)]
pub mod v2 {
    use super::api::v1_1;
    pub use super::api::v1_1::Address;
    use versioned_runtime::prelude::*;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[version(removed(customer, downgrade = customer, lossy(reason = "names of three words lose one")))]
    pub struct Order {
        #[version(upgrade = id_text, try_downgrade = id_number)]
        pub id: String,
        #[version(upgrade = given)]
        pub given_name: String,
        #[version(upgrade = family)]
        pub family_name: String,
        #[version(renamed(v2, from = lines))]
        pub items: Vec<Line>,
        pub state: State,
        pub shipping: Address,
        pub note: Option<String>,
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Line {
        pub article: String,
        #[version(try_downgrade = u16::try_from)]
        pub count: u32,
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub enum State {
        Open,
        #[version(renamed(v2, from = Done))]
        Shipped,
        #[version(downgrade = Open)]
        Returned,
    }

    #[derive(Debug, OperationError)]
    pub enum OrderError {
        #[problem(status = 404)]
        NotFound { id: String },
        #[problem(other)]
        Other(Problem),
    }

    pub trait Orders {
        #[get("/orders/{id}")]
        async fn get_order(&self, id: u64) -> Result<Order, OrderError>;

        #[post("/orders", status = 201)]
        async fn create_order(&self, order: Order) -> Result<Order, OrderError>;

        #[get("/orders")]
        async fn list_orders(&self) -> Result<Vec<Order>, OrderError>;
    }

    fn customer(order: &Order) -> String {
        format!("{} {}", order.given_name, order.family_name)
    }

    fn given(order: &v1_1::Order) -> String {
        order.customer.split(' ').next().unwrap_or_default().to_owned()
    }

    fn family(order: &v1_1::Order) -> String {
        order.customer.split(' ').nth(1).unwrap_or_default().to_owned()
    }

    fn id_text(id: u64) -> String {
        format!("O{id}")
    }

    #[allow(clippy::needless_pass_by_value)] // the value of the field is moved
    fn id_number(id: String) -> Result<u64, std::num::ParseIntError> {
        id.trim_start_matches('O').parse()
    }
}

versioned_runtime::contract! {
    /// Orders of a shop.
    pub mod orders = v2;
}

struct Shop;

impl v2::Orders for Shop {
    async fn get_order(&self, id: u64) -> Result<v2::Order, v2::OrderError> {
        if id == 0 {
            return Err(v2::OrderError::NotFound { id: "O0".to_owned() });
        }
        Ok(v2::Order {
            id: format!("O{id}"),
            given_name: "Ada".to_owned(),
            family_name: "Lovelace".to_owned(),
            items: vec![v2::Line {
                article: "pen".to_owned(),
                count: if id == 9 { 70_000 } else { 2 },
            }],
            state: v2::State::Shipped,
            shipping: api::v1::Address {
                street: "Lane 1".to_owned(),
            },
            note: None,
        })
    }

    async fn create_order(&self, order: v2::Order) -> Result<v2::Order, v2::OrderError> {
        Ok(order)
    }

    async fn list_orders(&self) -> Result<Vec<v2::Order>, v2::OrderError> {
        Ok(vec![self.get_order(1).await?])
    }
}

async fn ask(method: &str, path: &str, body: Option<Value>) -> (StatusCode, Value) {
    let app = orders::Service::builder()
        .v2(Shop)
        .build()
        .router()
        .expect("a host of one");
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("content-type", "application/json");
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    let answer = app
        .oneshot(request.body(body).expect("a request"))
        .await
        .expect("an answer");
    let status = answer.status();
    let bytes = answer.into_body().collect().await.expect("a body").to_bytes();
    (status, serde_json::from_slice(&bytes).expect("JSON"))
}

fn order_v1() -> Value {
    json!({
        "id": 1, "customer": "Ada Lovelace", "lines": [{ "article": "pen", "count": 2 }], "state": "Done",
        "shipping": { "street": "Lane 1" },
    })
}

#[tokio::test]
async fn every_version_is_answered_by_the_newest() {
    assert_eq!(
        ask("GET", "/v1.0/orders/1", None).await,
        (StatusCode::OK, order_v1())
    );
    assert_eq!(
        ask("POST", "/v1.0/orders", Some(order_v1())).await,
        (StatusCode::CREATED, order_v1())
    );
    let (status, list) = ask("GET", "/v1.1/orders", None).await;
    let mut second = order_v1();
    second["note"] = Value::Null;
    assert_eq!((status, list), (StatusCode::OK, json!([second])));
    let (status, order) = ask("GET", "/v2/orders/1", None).await;
    assert_eq!(
        (status, &order["state"], &order["id"]),
        (StatusCode::OK, &json!("Shipped"), &json!("O1"))
    );
    assert_eq!(
        ask("GET", "/v1.0/orders", None).await.0,
        StatusCode::METHOD_NOT_ALLOWED
    );
}

#[tokio::test]
async fn what_has_no_counterpart_is_told() {
    let (status, problem) = ask("GET", "/v1.0/orders/9", None).await;
    assert_eq!(
        (status, &problem["pointer"]),
        (StatusCode::INTERNAL_SERVER_ERROR, &json!("/items/0/count"))
    );
    let (status, problem) = ask("GET", "/v1.0/orders/0", None).await;
    assert_eq!((status, &problem["id"]), (StatusCode::NOT_FOUND, &json!("O0")));
}

#[test]
fn unchanged_types_are_one_and_others_are_migrated() {
    let order = api::v1::Order {
        id: 1,
        customer: "Ada Lovelace".to_owned(),
        lines: Vec::new(),
        state: api::v1::State::Done,
        shipping: v2::Address {
            street: "Lane 1".to_owned(),
        },
    };
    assert_eq!(order.total(), 0);
    let next: api::v1_1::Order = order.clone().upgrade();
    let newest: v2::Order = next.upgrade();
    assert_eq!((&*newest.given_name, &newest.state), ("Ada", &v2::State::Shipped));
    let contract = orders::Version::V2.contract();
    assert_eq!((contract.id, contract.doc), ("orders", "Orders of a shop."));
    let order = contract
        .migrations
        .iter()
        .find(|migration| migration.type_name == "Order");
    let order = order.expect("orders are migrated");
    assert_eq!(
        (order.upgrade, order.downgrade),
        (Some(Fidelity::Computed), Some(Fidelity::Fallible))
    );
    assert!(
        contract
            .migrations
            .iter()
            .all(|migration| migration.type_name != "Address")
    );
}

versioned_runtime::laws!(orders, crate = versioned_runtime);

#[test]
fn borrowed_values_are_cloned_to_be_written_in_earlier_versions() {
    let order = api::v1_1::Order {
        id: 1,
        customer: "Ada Lovelace".to_owned(),
        lines: Vec::new(),
        state: api::v1::State::Done,
        shipping: api::v1::Address {
            street: "Lane 1".to_owned(),
        },
        note: Some("dropped".to_owned()),
    };
    let written = serde_json::to_value(As::<orders::V1, _>::new(&order)).expect("is written");
    assert_eq!(
        written,
        json!({
            "id": 1, "customer": "Ada Lovelace", "lines": [], "state": "Done", "shipping": { "street": "Lane 1" },
        })
    );
    assert_eq!(As::<orders::V1, api::v1_1::Order>::WAY, Way::Owned);
    assert_eq!(As::<orders::V2, api::v1::Address>::WAY, Way::Borrowed);
}
