// SPDX-License-Identifier: Apache-2.0
//! Stories of what is told about requests.

use axum::body::Body;
use axum::routing::get;
use tower::ServiceExt;
use tracing_subscriber::EnvFilter;

use super::*;
use crate::chance::SystemChance;
use crate::clock::SystemClock;
use crate::listener::Front;
use crate::telemetry::LogFormat;
use crate::telemetry::log::{page::Page, subscriber};

struct NoChance;

impl Chance for NoChance {
    fn fill(&self, _: &mut [u8]) -> Result<(), ChanceFault> {
        Err(ChanceFault)
    }
}

fn ids() -> RequestIds {
    RequestIds::new(Arc::new(SystemClock), Arc::new(SystemChance::new()))
}

fn router(ids: &RequestIds) -> Router {
    let router = Router::new()
        .route("/devices/{id}", get(|| async { tracing::info!("handling") }))
        .route(
            "/panic",
            get(|| async {
                if true {
                    panic!("on purpose")
                }
            }),
        )
        .route("/never", get(|| async { std::future::pending::<()>().await }));
    ids.observe(router.clone(), Plane::Admin, Front::from(router).words)
}

fn request(uri: &str) -> axum::http::request::Builder {
    Request::builder().uri(uri)
}

/// What was logged while `story` played, one JSON object a line.
async fn logged(story: impl Future<Output = ()>) -> (String, Vec<serde_json::Value>) {
    let page = Page::default();
    let sink = page.clone();
    let subscriber = subscriber(LogFormat::Json, EnvFilter::new("info"), false, move || {
        sink.clone()
    });
    let installed = tracing::subscriber::set_default(subscriber);
    story.await;
    drop(installed);
    let text = page.text();
    let events = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    (text, events)
}

#[test]
fn ids_are_version_7_and_differ() {
    let (first, second) = (ids().fresh().expect("chance"), ids().fresh().expect("chance"));
    assert_ne!(first, second);
    let shown: uuid::Uuid = first.to_string().parse().expect("a UUID");
    assert_eq!(shown.get_version_num(), 7);
    assert_eq!(shown.as_bytes(), first.as_bytes());
}

#[tokio::test]
async fn a_request_is_one_event_that_tells_no_secret() {
    let mut answered = String::new();
    let (text, events) = logged(async {
        let request = request("/devices/dev-secret?token=query-secret")
            .header("authorization", "SharedAccessSignature sig=header-secret")
            .header(
                "x-ms-client-request-id",
                format!("mine-\u{9b}2J\u{202e}{}", "x".repeat(5000)).as_bytes(),
            )
            .body(Body::empty())
            .expect("request");
        let response = router(&ids()).oneshot(request).await.expect("infallible");
        answered = response.headers()["x-ms-request-id"]
            .to_str()
            .expect("text")
            .to_owned();
    })
    .await;
    assert!(!text.contains("secret"), "{text}");
    let told: Vec<_> = events
        .iter()
        .filter(|event| event["message"] == "request")
        .collect();
    assert_eq!(told.len(), 1, "{text}");
    let told = told[0];
    assert_eq!(told["request_id"], answered);
    assert_eq!(
        (&told["method"], &told["route"]),
        (&"GET".into(), &"/devices/{id}".into())
    );
    assert_eq!(
        (&told["status"], &told["outcome"], &told["plane"]),
        (&200.into(), &"2xx".into(), &"admin".into())
    );
    assert!(told["duration_us"].is_u64(), "{told}");
    let client = told["client_request_id"].as_str().expect("text");
    assert!(
        client.starts_with("mine-\\u{9b}2J\\u{202e}xxx") && client.len() < 150,
        "{client}"
    );

    let handling = events
        .iter()
        .find(|event| event["message"] == "handling")
        .expect("the handler's own event");
    assert_eq!(
        handling["span"]["request_id"], answered,
        "carries the id of its request"
    );
}

#[tokio::test]
async fn a_panic_and_a_client_that_left_are_told() {
    let (text, events) = logged(async {
        let panicking = request("/panic").body(Body::empty()).expect("request");
        let response = router(&ids()).oneshot(panicking).await.expect("infallible");
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let leaving = request("/never").body(Body::empty()).expect("request");
        let left = router(&ids()).oneshot(leaving).now_or_never();
        assert!(left.is_none(), "dropped before it was answered");
    })
    .await;
    let outcomes: Vec<_> = events
        .iter()
        .map(|event| (&event["outcome"], &event["status"]))
        .collect();
    assert_eq!(
        outcomes,
        [
            (&"panicked".into(), &500.into()),
            (&"abandoned".into(), &0.into())
        ],
        "{text}"
    );
}

#[tokio::test]
async fn another_header_may_answer_the_id() {
    let ids = ids().answered_as(HeaderName::from_static("x-request-id"));
    let request = request("/devices/1").body(Body::empty()).expect("request");
    let response = router(&ids).oneshot(request).await.expect("infallible");
    assert!(response.headers().contains_key("x-request-id"));
    assert!(!response.headers().contains_key("x-ms-request-id"));
}

#[tokio::test]
async fn without_chance_nothing_is_done() {
    let ids = RequestIds::new(Arc::new(SystemClock), Arc::new(NoChance));
    let (text, events) = logged(async {
        let request = request("/devices/1").body(Body::empty()).expect("request");
        let response = router(&ids).oneshot(request).await.expect("infallible");
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    })
    .await;
    assert!(
        events.iter().all(|event| event["message"] != "handling"),
        "{text}"
    );
}
