// SPDX-License-Identifier: Apache-2.0
//! Queries that ask for what is not there: unknown names, SQL, numbers out of range.

use super::call::{Door, Trial};

const REFUSED: [(u16, &str); 2] = [(400, "query_invalid"), (400, "cursor_invalid")];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_133_a_query_no_route_takes_is_refused_by_every_route() {
    let door = Door::new().await;
    let mut trials = Vec::new();
    for call in &door.calls {
        for query in [
            "organization=other",
            "org=other",
            "list=true",
            "limit%5b%5d=1",
            "=",
            "_method=DELETE",
            "%00=1",
        ] {
            let request = call.at(&format!("{}?{query}", call.target));
            trials.push(Trial::new(request, &REFUSED));
        }
        for query in ["access_token=x", "token=tmg_x", "PASSWORD=x"] {
            let request = call.at(&format!("{}?{query}", call.target));
            trials.push(Trial::new(request, &[(400, "credential_in_url")]));
        }
    }
    door.refuses(trials).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_118_a_119_what_a_query_takes_it_takes_once_and_in_its_range() {
    let door = Door::new().await;
    let numbers = [
        "9223372036854775808",
        "-1",
        "0",
        "1e3",
        "1.5",
        "+1",
        "",
        "0x10",
        "%31%00",
    ];
    let texts = [
        "'%20OR%201=1--",
        "%22;DROP%20TABLE%20device;--",
        "id%29%20FROM%20device--",
        "%00",
        "%ff",
        "..%2f..",
    ];
    let mut trials = Vec::new();
    for call in &door.calls {
        for name in &call.query {
            let strict = ["limit", "cursor", "sort"].contains(&name.as_str());
            let values = if name == "limit" {
                numbers.to_vec()
            } else {
                texts.to_vec()
            };
            let long = "x".repeat(4_000);
            for value in values.into_iter().chain(strict.then_some(long.as_str())) {
                let request = call.at(&format!("{}?{name}={value}", call.target));
                trials.push(Trial {
                    finds_nothing: !strict,
                    ..Trial::new(request, &REFUSED)
                });
            }
            let twice = call.at(&format!("{}?{name}=1&{name}=1", call.target));
            trials.push(Trial::new(twice, &REFUSED));
        }
    }
    door.refuses(trials).await;
}
