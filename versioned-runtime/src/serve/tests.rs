//! Which address is taken of several.

use super::*;

/// A listener on a port that nobody else gets.
async fn taken() -> TcpListener {
    let any = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
    TcpListener::bind(any).await.expect("a free port")
}

#[tokio::test]
async fn the_first_address_that_can_be_listened_on_is_taken() {
    let (first, second, third) = (taken().await, taken().await, taken().await);
    let address = |listener: &TcpListener| listener.local_addr().expect("an address");
    let (one, two, free) = (address(&first), address(&second), address(&third));
    drop(third);
    let listener = listen_on_one(one, &[two, free])
        .await
        .expect("one of them is free");
    assert_eq!(address(&listener), free);
    // Where none is free, the one that was named first is told.
    match listen_on_one(one, &[two]).await {
        Err(ServeError::Bind { address, .. }) => assert_eq!(address, one),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_name_without_an_address_is_told() {
    let host = Host::new();
    let none: &[SocketAddr] = &[];
    let error = serve(host, none)
        .await
        .expect_err("there is nothing to listen on");
    assert!(matches!(error, ServeError::NoAddress), "{error}");
}
