// SPDX-License-Identifier: Apache-2.0
//! Strangers who take their time.

use std::convert::Infallible;
use std::time::Instant;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::routing::{get, post};
use futures::StreamExt;
use tamga_runtime::listener::Limits;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
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

/// More than the buffers of both systems hold.
const LARGE: usize = 12 * 1024 * 1024;

/// A client that takes some of the answer, rests, and takes the rest, for longer than a connection may be idle.
#[tokio::test]
async fn a_slow_reader_of_a_large_answer_gets_all_of_it() {
    for ending in ["", "Connection: close\r\n"] {
        let limits = Limits {
            response: millis(20_000),
            ..quick()
        };
        let large = || async { Bytes::from(vec![b'x'; LARGE]) };
        let house = House::open(limits, Router::new().route("/", get(large))).await;
        let mut stream = house.connect().await;
        let request = format!("GET / HTTP/1.1\r\nHost: tamga\r\n{ending}\r\n");
        stream.write_all(request.as_bytes()).await.expect("sent");
        let mut taken = 0;
        let mut rest = tokio::time::interval(std::time::Duration::from_millis(50));
        let mut part = vec![0; 256 * 1024];
        while taken < LARGE {
            // The time in between is what is told about here; nothing is waited for.
            rest.tick().await;
            let read = timeout(DEADLINE, stream.read(&mut part)).await.expect("in time");
            match read.expect("read") {
                0 => panic!("cut after {taken} bytes ({ending:?})"),
                read => taken += read,
            }
        }
    }
}

#[tokio::test]
async fn a_reader_that_stops_is_cut_at_the_answers_deadline_and_not_at_another() {
    let (dropped, mut told) = unbounded_channel();
    let limits = Limits {
        idle: millis(60_000),
        header: millis(60_000),
        ..quick()
    };
    let large = move || {
        let guard = Guarded(dropped.clone());
        let body = Owned(vec![b'x'; LARGE], guard);
        std::future::ready(Bytes::from_owner(body))
    };
    let house = House::open(limits, Router::new().route("/", get(large))).await;
    let mut stream = house.connect().await;
    stream.write_all(GET.as_bytes()).await.expect("sent");
    timeout(DEADLINE, told.recv())
        .await
        .expect("the answer is dropped in time");
}

/// A body whose memory tells when it is given back.
struct Owned(
    Vec<u8>,
    #[expect(dead_code, reason = "it is there to be dropped")] Guarded,
);

impl AsRef<[u8]> for Owned {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

#[tokio::test]
async fn half_a_header_sent_behind_a_whole_request_has_the_headers_deadline() {
    let limits = Limits {
        idle: millis(60_000),
        ..quick()
    };
    let house = House::open(limits, router()).await;
    let mut stream = house.connect().await;
    let both = format!("{GET}GET / HTTP/1.1\r\nHo");
    stream.write_all(both.as_bytes()).await.expect("sent");
    // `rest` ends when the connection does.
    let heard = rest(&mut stream).await;
    assert!(heard.ends_with("well"), "{heard}");
}
