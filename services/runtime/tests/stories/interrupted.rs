// SPDX-License-Identifier: Apache-2.0
//! What the listener answers itself is answered in the words of its plane.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use tamga_runtime::listener::{Front, Interruption, Limits};
use tamga_runtime::settings::ByteSize;

use crate::house::{House, millis, status};

fn front() -> Front {
    let router = Router::new()
        .route("/body", post(|body: Bytes| async move { body.len().to_string() }))
        .route("/never", get(|| async { std::future::pending::<&str>().await }))
        .route(
            "/panic",
            get(|| async {
                if true {
                    panic!("on purpose")
                }
            }),
        );
    Front {
        router,
        words: Arc::new(|why, id| {
            let id = id.map(|id| id.to_string()).unwrap_or_default();
            (why.status(), format!("<{} {id}>", why.slug())).into_response()
        }),
        streams: &[],
    }
}

#[tokio::test]
async fn each_of_them_names_its_reason_and_the_request() {
    let limits = Limits {
        request: millis(150),
        body_size: ByteSize(10),
        ..Limits::default()
    };
    let house = House::open(limits, front()).await;
    let stories = [
        (
            "POST /body",
            "Content-Length: 1\r\nContent-Length: 1\r\n\r\nx",
            "400",
            "framing_refused",
        ),
        (
            "POST /body",
            "Content-Length: 11\r\n\r\n",
            "413",
            "body_too_large",
        ),
        (
            "POST /body",
            "Content-Length: 10\r\n\r\nabc",
            "408",
            "body_overdue",
        ),
        ("GET /never", "\r\n", "503", "answer_overdue"),
        ("GET /panic", "Connection: close\r\n\r\n", "500", "fault"),
    ];
    for (line, rest, code, slug) in stories {
        let heard = house
            .ask(format!("{line} HTTP/1.1\r\nHost: tamga\r\n{rest}"))
            .await;
        assert_eq!(status(&heard), code, "{heard}");
        let id = heard
            .lines()
            .find_map(|line| line.strip_prefix("x-ms-request-id: "))
            .expect("an id");
        assert!(heard.ends_with(&format!("<{slug} {id}>")), "{heard}");
    }
}

#[tokio::test]
async fn a_plain_router_says_all_of_it_in_a_sentence() {
    let Front { words, .. } = Router::new().into();
    let mut sentences = BTreeSet::new();
    for why in Interruption::ALL {
        let response = words(why, None);
        assert_eq!(response.status(), why.status());
        let body = axum::body::to_bytes(response.into_body(), 1024)
            .await
            .expect("body");
        assert_eq!(body, format!("{why}\n"));
        assert!(sentences.insert(body), "{why}");
    }
}
