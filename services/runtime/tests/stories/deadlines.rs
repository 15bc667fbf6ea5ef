// SPDX-License-Identifier: Apache-2.0
//! Strangers who take their time.

use std::convert::Infallible;
use std::time::Instant;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::routing::{get, post};
use futures::StreamExt;
use tamga_runtime::listener::Limits;
use tokio::io::AsyncWriteExt;
use tokio::sync::mpsc::unbounded_channel;
use tokio::time::timeout;

use crate::house::{DEADLINE, GET, Guarded, House, exchange, millis, rest, status};

fn quick() -> Limits {
    let short = millis(150);
    Limits {
        handshake: short,
        header: short,
        request: short,
        response: short,
        idle: short,
        ..Limits::default()
    }
}

fn router() -> Router {
    Router::new()
        .route("/", get(|| async { "well" }))
        .route("/body", post(|body: Bytes| async move { body.len().to_string() }))
        .route("/never", get(|| async { std::future::pending::<&str>().await }))
}

#[tokio::test]
async fn a_client_that_says_nothing_is_left() {
    let house = House::open(quick(), router()).await;
    assert_eq!(rest(&mut house.connect().await).await, "");
}

#[tokio::test]
async fn a_header_that_comes_byte_by_byte_is_cut_at_its_deadline() {
    let limits = Limits {
        idle: millis(60_000),
        request: millis(60_000),
        ..quick()
    };
    let house = House::open(limits, router()).await;
    let mut stream = house.connect().await;
    assert!(exchange(&mut stream, GET).await.ends_with("well"));
    let began = Instant::now();
    let (mut read, mut write) = stream.into_split();
    let dripping = async {
        // Each byte is a sign of life; none of them moves the deadline.
        let mut tick = tokio::time::interval(std::time::Duration::from_millis(10));
        write.write_all(b"GET / HTTP/1.1\r\nX: ").await.expect("sent");
        loop {
            tick.tick().await;
            if write.write_all(b"y").await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    };
    tokio::select! {
        heard = rest(&mut read) => assert_eq!(heard, ""),
        () = dripping => {}
    }
    assert!(began.elapsed() < DEADLINE / 4, "{:?}", began.elapsed());
}

#[tokio::test]
async fn an_idle_connection_is_closed_and_a_busy_one_is_kept() {
    let longer = millis(500);
    let limits = Limits {
        header: longer,
        request: longer,
        response: longer,
        idle: longer,
        ..quick()
    };
    let house = House::open(limits, router()).await;
    let mut stream = house.connect().await;
    let began = Instant::now();
    // Together the requests take longer than any single deadline.
    while began.elapsed() < std::time::Duration::from_millis(1200) {
        assert!(exchange(&mut stream, GET).await.ends_with("well"));
    }
    assert_eq!(rest(&mut stream).await, "");
}

#[tokio::test]
async fn a_body_that_does_not_come_is_answered_408() {
    let house = House::open(quick(), router()).await;
    let heard = house
        .ask("POST /body HTTP/1.1\r\nHost: tamga\r\nContent-Length: 10\r\n\r\nabc")
        .await;
    assert_eq!(status(&heard), "408", "{heard}");
    assert!(heard.contains("x-ms-request-id: "), "{heard}");
}

#[tokio::test]
async fn a_handler_that_does_not_answer_is_answered_for() {
    let house = House::open(quick(), router()).await;
    let heard = house.ask(GET.replace("/ ", "/never ")).await;
    assert_eq!(status(&heard), "503", "{heard}");
}

#[tokio::test]
async fn a_client_that_never_reads_is_cut_and_its_answer_dropped() {
    let (dropped, mut told) = unbounded_channel();
    let endless = move || {
        let guard = Guarded(dropped.clone());
        let chunks = futures::stream::repeat(Bytes::from_static(&[b'x'; 65536]));
        let body = chunks.map(move |chunk| {
            let _kept = &guard;
            Ok::<_, Infallible>(chunk)
        });
        std::future::ready(Body::from_stream(body))
    };
    let house = House::open(quick(), Router::new().route("/", get(endless))).await;
    let mut stream = house.connect().await;
    stream.write_all(GET.as_bytes()).await.expect("sent");
    timeout(DEADLINE, told.recv())
        .await
        .expect("the answer is dropped in time");
}

#[tokio::test]
async fn a_client_that_leaves_takes_its_request_with_it() {
    let (dropped, mut told) = unbounded_channel();
    let waiting = move || {
        let guard = Guarded(dropped.clone());
        async move {
            std::future::pending::<()>().await;
            drop(guard);
            "never"
        }
    };
    let house = House::open(Limits::default(), Router::new().route("/", get(waiting))).await;
    let mut stream = house.connect().await;
    stream.write_all(GET.as_bytes()).await.expect("sent");
    drop(stream);
    timeout(DEADLINE, told.recv())
        .await
        .expect("the handler is dropped in time");
}
