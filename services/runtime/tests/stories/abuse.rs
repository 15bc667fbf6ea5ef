// SPDX-License-Identifier: Apache-2.0
//! Requests that try to be read differently by two parsers, or to be larger than allowed.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::Bytes;
use axum::extract::Request;
use axum::routing::{get, post};
use tamga_runtime::listener::Limits;
use tamga_runtime::settings::ByteSize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use crate::house::{DEADLINE, GET, GET_AND_CLOSE, House, exchange, status};

/// Counts what reaches a handler.
async fn counting() -> (House, Arc<AtomicUsize>) {
    let reached = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&reached);
    let router = Router::new().fallback(move |_: Request| {
        counter.fetch_add(1, Ordering::SeqCst);
        async { "reached" }
    });
    (House::open(Limits::default(), router).await, reached)
}

/// How many answers there are; ours may quote a version in their text, but no status.
fn answers(heard: &str) -> usize {
    ["HTTP/1.1 2", "HTTP/1.1 4", "HTTP/1.1 5"]
        .iter()
        .map(|status| heard.matches(status).count())
        .sum()
}

#[tokio::test]
async fn ambiguous_framing_is_answered_400_and_the_connection_closed() {
    let (house, reached) = counting().await;
    let smuggled = "GET /smuggled HTTP/1.1\r\nHost: tamga\r\n\r\n";
    let cases = [
        "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\n",
        "Content-Length: 1\r\nContent-Length: 1\r\n\r\nx",
        "Content-Length: 1\r\nContent-Length: 2\r\n\r\nx",
        "Content-Length: 1, 1\r\n\r\nx",
        "Content-Length: +1\r\n\r\nx",
        "Content-Length: 0x1\r\n\r\nx",
        "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "X: a\r\n folded\r\n\r\n",
        "X: a\n\r\n",
        "X : a\r\n\r\n",
        "Host: other\r\n\r\n",
    ];
    for headers in cases {
        let heard = house
            .ask(format!("POST / HTTP/1.1\r\nHost: tamga\r\n{headers}{smuggled}"))
            .await;
        assert_eq!(status(&heard), "400", "{headers:?}: {heard}");
        assert_eq!(
            answers(&heard),
            1,
            "nothing after it is answered: {headers:?}: {heard}"
        );
    }
    for request in [
        "GET / HTTP/1.1\nHost: tamga\n\n",
        "GET / HTTP/1.1\r\n\r\n",
        "nonsense\r\n\r\n",
    ] {
        let heard = house.ask(format!("{request}{smuggled}")).await;
        assert_eq!(status(&heard), "400", "{request:?}: {heard}");
        assert_eq!(answers(&heard), 1, "{heard}");
    }
    assert_eq!(
        reached.load(Ordering::SeqCst),
        0,
        "no handler has seen any of them"
    );
    assert_eq!(
        status(&house.ask(GET_AND_CLOSE).await),
        "200",
        "and the house goes on"
    );
}

#[tokio::test]
async fn a_broken_chunk_never_becomes_another_request() {
    let reached = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&reached);
    let router = Router::new().fallback(move |body: Bytes| {
        counter.fetch_add(1, Ordering::SeqCst);
        async move { body }
    });
    let house = House::open(Limits::default(), router).await;
    for chunks in [
        "10000000000000000\r\nx",
        "0x1\r\nx\r\n0\r\n\r\n",
        "1\r\nxGET / HTTP/1.1\r\n\r\n",
        "1\nx\r\n0\r\n\r\n",
    ] {
        let heard = house
            .ask(format!(
                "POST / HTTP/1.1\r\nHost: tamga\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}{GET}"
            ))
            .await;
        assert!(heard.is_empty() || status(&heard) == "400", "{chunks:?}: {heard}");
        assert!(answers(&heard) <= 1, "{chunks:?}: {heard}");
    }
    assert_eq!(reached.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn requests_sent_ahead_are_answered_in_turn() {
    let (house, reached) = counting().await;
    let one = "POST / HTTP/1.1\r\nHost: tamga\r\nContent-Length: 5\r\n\r\nG\n\r\n ";
    let two = "POST / HTTP/1.1\r\nHost: tamga\r\nTransfer-Encoding: chunked\r\n\r\n2;a\r\n\r\n\r\n0\r\n\r\n";
    let heard = house.ask(format!("{one}{two}{GET_AND_CLOSE}")).await;
    assert_eq!(heard.matches("HTTP/1.1 200").count(), 3, "{heard}");
    assert_eq!(reached.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn an_upgrade_is_not_made_and_connect_is_refused() {
    let (house, _) = counting().await;
    let upgrade = "GET / HTTP/1.1\r\nHost: tamga\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\n\r\n";
    assert_eq!(status(&house.ask(upgrade).await), "200");
    assert_eq!(
        status(&house.ask("CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n").await),
        "400"
    );
    let preface = house.ask("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await;
    assert_ne!(status(&preface), "200", "{preface}");
}

#[tokio::test]
async fn a_body_is_taken_up_to_its_limit_and_refused_above() {
    let router = Router::new()
        .route("/", post(|body: Bytes| async move { body.len().to_string() }))
        .route("/ignoring", post(|| async { "ignored" }));
    let limits = Limits {
        body_size: ByteSize(1000),
        ..Limits::default()
    };
    let house = House::open(limits, router).await;
    for (length, expected) in [(999, "200"), (1000, "200"), (1001, "413"), (100_000, "413")] {
        let body = "b".repeat(length);
        let head = "POST / HTTP/1.1\r\nHost: tamga\r\nConnection: close\r\n";
        let sized = house
            .ask(format!("{head}Content-Length: {length}\r\n\r\n{body}"))
            .await;
        assert_eq!(status(&sized), expected, "{length} announced: {sized}");
        let chunked = format!("{head}Transfer-Encoding: chunked\r\n\r\n{length:x}\r\n{body}\r\n0\r\n\r\n");
        let chunked = house.ask(chunked).await;
        assert_eq!(status(&chunked), expected, "{length} unannounced: {chunked}");
    }
    let ignored = "POST /ignoring HTTP/1.1\r\nHost: tamga\r\nContent-Length: 1001\r\n\r\n";
    assert_eq!(
        status(&house.ask(ignored).await),
        "413",
        "even where no handler reads it"
    );
}

#[tokio::test]
async fn a_wider_body_limit_is_not_hidden_by_the_extractors_own() {
    let router = Router::new().route("/", post(|body: Bytes| async move { body.len().to_string() }));
    let limits = Limits {
        body_size: ByteSize(4 << 20),
        ..Limits::default()
    };
    let house = House::open(limits, router).await;
    let head = "POST / HTTP/1.1\r\nHost: tamga\r\nConnection: close\r\nContent-Length: 3145728\r\n\r\n";
    let heard = house.ask([head.as_bytes(), &vec![b'b'; 3 << 20]].concat()).await;
    assert!(heard.ends_with("3145728"), "{heard}");
}

#[tokio::test]
async fn too_many_or_too_long_headers_are_refused() {
    let router = Router::new().route("/", get(|| async { "reached" }));
    let limits = Limits {
        header_lines: 20,
        header_size: ByteSize(8192),
        ..Limits::default()
    };
    let house = House::open(limits, router).await;
    let with =
        |headers: String| format!("GET / HTTP/1.1\r\nHost: tamga\r\nConnection: close\r\n{headers}\r\n");
    assert_eq!(status(&house.ask(with("X: y\r\n".repeat(18))).await), "200");
    assert_eq!(status(&house.ask(with("X: y\r\n".repeat(19))).await), "431");
    assert_eq!(
        status(&house.ask(with(format!("X: {}\r\n", "y".repeat(7000)))).await),
        "200"
    );
    assert_eq!(
        status(&house.ask(with(format!("X: {}\r\n", "y".repeat(9000)))).await),
        "431"
    );
}

#[tokio::test]
async fn a_panic_is_answered_500_and_the_same_connection_lives() {
    let router = Router::new().route("/", get(|| async { "well" })).route(
        "/panic",
        get(|| async { if true { panic!("on purpose") } else { "" } }),
    );
    let house = House::open(Limits::default(), router).await;
    let mut stream = house.connect().await;
    let heard = exchange(&mut stream, &GET.replace("/ ", "/panic ")).await;
    assert_eq!(status(&heard), "500", "{heard}");
    assert!(heard.contains("x-ms-request-id: "), "{heard}");
    assert!(!heard.contains("on purpose"), "{heard}");
    assert!(exchange(&mut stream, GET).await.ends_with("well"));
}

#[tokio::test]
async fn the_answer_to_a_body_that_is_too_long_reaches_a_client_that_is_still_sending() {
    let router = Router::new().route("/", post(|body: Bytes| async move { body.len().to_string() }));
    let house = House::open(Limits::default(), router).await;
    let mut stream = house.connect().await;
    let head = "POST / HTTP/1.1\r\nHost: tamga\r\nContent-Length: 200000\r\n\r\n";
    stream.write_all(head.as_bytes()).await.expect("sent");
    stream.readable().await.expect("the answer is there");
    // A server that closed at once would answer the rest of the body with a reset, and the system would throw
    // the unread answer away.
    for _ in 0..10 {
        stream
            .write_all(&[b'b'; 10_000])
            .await
            .expect("no reset while we talk on");
    }
    let mut heard = String::new();
    timeout(DEADLINE, stream.read_to_string(&mut heard))
        .await
        .expect("in time")
        .expect("no reset");
    assert_eq!(status(&heard), "413", "{heard}");
}
