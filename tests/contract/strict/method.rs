// SPDX-License-Identifier: Apache-2.0
//! Methods a path does not take, and headers that would have it take them.

use tamga_tests::answer::Told;
use tamga_tests::wire::Request;

use super::call::{Door, Trial, lasting};

const METHODS: [&str; 10] = [
    "GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "BREW",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_109_each_path_takes_its_methods_and_no_others() {
    let door = Door::new().await;
    let mut trials = Vec::new();
    for call in &door.calls {
        let taken = door.methods(&call.path);
        for method in METHODS.into_iter().filter(|method| !taken.contains(method)) {
            let request = Request::new(method, &call.target);
            trials.push(Trial::new(request, &[(405, "method_not_allowed")]));
        }
    }
    door.refuses(trials).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_109_a_refused_method_is_told_which_there_are() {
    let door = Door::new().await;
    for call in &door.calls {
        let mut taken = door.methods(&call.path);
        taken.sort_unstable();
        let answer = door.asks(Request::new("PATCH", &call.target)).await;
        let allowed = answer.header("allow").unwrap_or_default().to_owned();
        let mut allowed: Vec<&str> = allowed.split(',').map(str::trim).collect();
        allowed.sort_unstable();
        assert_eq!(allowed, taken, "{}", call.path);
    }
    door.stand.ends_well().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_109_no_header_makes_a_method_another() {
    let door = Door::new().await;
    let before = door.stand.house.stands().await;
    for call in door.calls.iter().filter(|call| !call.changes()) {
        let plain = door.asks(call.request()).await;
        for name in ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"] {
            for method in ["DELETE", "POST", "PUT"] {
                let answer = door.asks(call.request().header(name, method)).await;
                assert_eq!(
                    (answer.status, lasting(&answer)),
                    (plain.status, lasting(&plain)),
                    "{}",
                    call.target
                );
            }
        }
        let head = door.asks(Request::new("HEAD", &call.target)).await;
        assert_eq!(
            (head.status, head.body.len()),
            (plain.status, 0),
            "{}",
            call.target
        );
    }
    let answer = door.asks(Request::new("GET", "/v1/nothing")).await;
    before.nothing_happened(&Told { answer }).await;
    door.stand.ends_well().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_109_what_only_reads_or_removes_takes_no_body() {
    let door = Door::new().await;
    let calls = door
        .calls
        .iter()
        .filter(|call| matches!(call.method.as_str(), "GET" | "DELETE"));
    let trials = calls.flat_map(|call| {
        let length = call.request().body(b"{}".to_vec()).header("Content-Length", "2");
        let chunked = call
            .request()
            .body(b"2\r\n{}\r\n0\r\n\r\n".to_vec())
            .header("Transfer-Encoding", "chunked");
        [length, chunked].map(|request| Trial::new(request, &[(400, "body_unexpected")]))
    });
    let trials = trials.collect();
    door.refuses(trials).await;
}
