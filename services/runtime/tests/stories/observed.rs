// SPDX-License-Identifier: Apache-2.0
//! What the operator sees of requests.

use axum::routing::get;
use axum::{Extension, Router};
use tamga_runtime::drain::Drain;
use tamga_runtime::listener::Limits;
use tamga_runtime::ops::{self, Readiness};
use tamga_runtime::request_id::RequestId;
use tamga_runtime::telemetry::Metrics;

use crate::house::{GET, GET_AND_CLOSE, House, exchange, status};

fn header<'a>(answer: &'a str, name: &str) -> &'a str {
    answer
        .lines()
        .find_map(|line| line.strip_prefix(name))
        .unwrap_or_else(|| panic!("no {name} in {answer}"))
}

#[tokio::test]
async fn the_handler_and_the_client_know_the_same_id_and_it_is_ours() {
    let router = Router::new().route(
        "/",
        get(|Extension(id): Extension<RequestId>| async move { id.to_string() }),
    );
    let house = House::open(Limits::default(), router).await;
    let mut stream = house.connect().await;
    let request = "GET / HTTP/1.1\r\nHost: tamga\r\nx-ms-request-id: 00000000-0000-0000-0000-000000000000\r\n\
                   x-ms-client-request-id: 00000000-0000-0000-0000-000000000000\r\n\r\n";
    let (first, second) = (
        exchange(&mut stream, request).await,
        exchange(&mut stream, request).await,
    );
    let id = header(&first, "x-ms-request-id: ");
    assert!(first.ends_with(id), "{first}");
    assert_ne!(id, "00000000-0000-0000-0000-000000000000");
    assert_ne!(id, header(&second, "x-ms-request-id: "));
}

#[tokio::test]
async fn metrics_name_the_route_and_never_the_path() {
    let metrics = Metrics::start().expect("metrics");
    let router = Router::new().route("/things/{id}", get(|| async { "thing" }));
    let house = House::open(Limits::default(), router).await;
    let mut stream = house.connect().await;
    for path in ["/things/secret-7", "/elsewhere/secret-8"] {
        exchange(&mut stream, &GET.replace("/ ", &format!("{path} "))).await;
    }
    let text = metrics.render();
    for line in [
        "tamga_request_seconds_count{plane=\"device\",route=\"/things/{id}\",outcome=\"2xx\"} 1",
        "tamga_request_seconds_count{plane=\"device\",route=\"unmatched\",outcome=\"4xx\"}",
        "tamga_accepts_total{plane=\"device\",outcome=\"accepted\"}",
        "tamga_connections{plane=\"device\"}",
    ] {
        assert!(text.contains(line), "{line} not in {text}");
    }
    assert!(!text.contains("secret-"), "{text}");
}

#[tokio::test]
async fn the_monitoring_learns_what_is_not_ready() {
    let readiness = Readiness::default();
    let drain = Drain::new();
    let router = ops::router(
        readiness.clone(),
        Metrics::start().expect("metrics"),
        drain.clone(),
    );
    let house = House::open(Limits::default(), router).await;
    let ask = async |path: &str| house.ask(GET_AND_CLOSE.replace("/ ", &format!("{path} "))).await;
    assert!(ask("/healthz").await.ends_with("ok"));
    let well = ask("/readyz").await;
    assert_eq!(status(&well), "200", "{well}");
    readiness.require("store", || Err("the database does not answer".to_owned()));
    let ill = ask("/readyz").await;
    assert_eq!(status(&ill), "503", "{ill}");
    assert!(
        ill.contains("\"store\":\"the database does not answer\""),
        "{ill}"
    );
    readiness.require("store", || Ok(()));
    assert_eq!(status(&ask("/readyz").await), "200");
    drain.begin();
    assert_eq!(status(&ask("/readyz").await), "503");
    assert_eq!(
        status(&ask("/healthz").await),
        "200",
        "alive as long as it answers"
    );
    assert!(ask("/metrics").await.contains("# TYPE"), "metrics are served");
}
