// SPDX-License-Identifier: Apache-2.0
//! Headers that can be understood in two ways, that speak for another site, or that name another organization (A-106,
//!

use tamga_tests::answer::Told;
use tamga_tests::wire::Request;

use super::call::{Door, Trial, lasting};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_106_what_is_read_once_is_said_once_and_by_its_name() {
    let door = Door::new().await;
    let mut trials = Vec::new();
    for call in &door.calls {
        for (name, value) in [
            ("Authorization", "Bearer x"),
            ("If-Match", "\"1\""),
            ("Idempotency-Key", "one"),
        ] {
            let twice = call
                .request()
                .header(name, value)
                .header(&name.to_lowercase(), value);
            trials.push(Trial::new(twice, &[(400, "header_invalid")]));
        }
        for (name, value) in [
            ("Content_Type", "application/json"),
            ("If_Match", "\"1\""),
            ("Idempotency_Key", "one"),
            ("Content_Length", "0"),
            ("Transfer_Encoding", "chunked"),
        ] {
            trials.push(Trial::new(
                call.request().header(name, value),
                &[(400, "header_invalid")],
            ));
        }
        let foreign = call.request().header("Authorization", "Bearer \u{e9}");
        trials.push(Trial::new(foreign, &[(400, "header_invalid")]));
        let framing = [(400, "framing_refused")];
        trials.push(Trial::new(
            call.request().header("Host", "a").header("Host", "b"),
            &framing,
        ));
    }
    door.refuses(trials).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_state_that_is_expected_is_compared_or_refused() {
    let door = Door::new().await;
    let mut trials = Vec::new();
    for call in &door.calls {
        for name in ["If-Match", "If-None-Match"] {
            let taken = call.headers.iter().any(|header| header == name);
            let harmless = name == "If-None-Match" && !call.changes();
            if !taken && !harmless {
                for tags in ["*", "\"1\"", "no tag"] {
                    let request = call.request().header(name, tags);
                    trials.push(Trial::new(request, &[(400, "precondition_unsupported")]));
                }
            }
        }
    }
    door.refuses(trials).await;
}

/// The HTTP library refuses these itself, before there is a request: by a status alone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_106_a_head_that_is_none_or_too_large_is_refused_unread() {
    let door = Door::new().await;
    let before = door.stand.house.stands().await;
    let long = "x".repeat(20_000);
    for call in &door.calls {
        for (request, status) in [
            (call.request().header("X-Odd ", "x"), 400),
            (call.request().header("X-Long", &long), 431),
            (call.at(&format!("{}/{long}", call.target)), 431),
        ] {
            let answer = door.asks(request).await;
            assert_eq!(
                (answer.status, answer.text().as_str()),
                (status, ""),
                "{}",
                call.target
            );
        }
    }
    let answer = door.asks(Request::new("GET", "/v1/nothing")).await;
    before.nothing_happened(&Told { answer }).await;
    door.stand.ends_well().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_110_no_page_of_another_site_makes_a_call() {
    let door = Door::new().await;
    let mut trials = Vec::new();
    let refused = [(403, "cross_site")];
    for call in &door.calls {
        for origin in [
            "null",
            "https://evil.example",
            "http://tamga.test.evil.example",
            "tamga.test",
        ] {
            trials.push(Trial::new(call.request().header("Origin", origin), &refused));
        }
        for site in ["cross-site", "same-site"].into_iter().filter(|_| call.changes()) {
            trials.push(Trial::new(
                call.request().header("Sec-Fetch-Site", site),
                &refused,
            ));
        }
        // A preflight finds no door either.
        let preflight = Request::new("OPTIONS", &call.target)
            .header("Origin", "https://evil.example")
            .header("Access-Control-Request-Method", &call.method);
        trials.push(Trial::new(
            preflight,
            &[(405, "method_not_allowed"), (403, "cross_site")],
        ));
        // What a form of another site can send without asking.
        let form = Request {
            headers: Vec::new(),
            ..call.request()
        };
        for kind in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
        ] {
            if call.body.is_some() {
                trials.push(Trial::new(
                    form.clone().header("Content-Type", kind),
                    &[(415, "media_type")],
                ));
            }
        }
    }
    door.refuses(trials).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_133_no_header_leads_to_another_organization() {
    let door = Door::new().await;
    for call in door.calls.iter().filter(|call| !call.changes()) {
        let plain = door.asks(call.request()).await;
        for name in [
            "X-Organization",
            "X-Organization-Id",
            "X-Tenant",
            "X-Forwarded-Prefix",
            "X-Original-URL",
        ] {
            let answer = door.asks(call.request().header(name, "other")).await;
            assert_eq!(
                (answer.status, lasting(&answer)),
                (plain.status, lasting(&plain)),
                "{name} {}",
                call.target
            );
        }
    }
    door.stand.ends_well().await;
}
