// SPDX-License-Identifier: Apache-2.0
//! Paths that are nearly a route, and names that can name nothing.

use super::call::{Door, Trial};

const ABSENT: [(u16, &str); 1] = [(404, "not_found")];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_137_a_path_that_is_nearly_a_route_is_none() {
    let door = Door::new().await;
    let mut trials = Vec::new();
    for call in &door.calls {
        let target = &call.target;
        let near = [
            format!("{target}/"),
            format!("{target}//"),
            target.replacen('/', "//", 1),
            target.replacen("/v1/", "/v1//", 1),
            target.replacen("/v1/", "/V1/", 1),
            target.replacen("/v1/", "/v1/./", 1),
            target.replacen("/v1/", "/v1/x/../", 1),
            target.replacen("/v1/", "/v1/%2e%2e/v1/", 1),
            target.replacen("/v1/", "/v1%2f", 1),
            target.replacen("/v1/", "/v2/", 1),
            target.replacen("organizations", "Organizations", 1),
            target.replacen("organizations", "organization%73", 1),
        ];
        let near = near.into_iter().filter(|near| near != target);
        trials.extend(near.map(|near| Trial::new(call.at(&near), &ABSENT)));
    }
    door.refuses(trials).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_118_a_119_a_name_that_can_name_nothing_names_nothing() {
    let door = Door::new().await;
    let long = "x".repeat(6_000);
    let odd = [
        "'%20OR%201=1--",
        "%22;DROP%20TABLE%20device;--",
        "%00",
        "%ff",
        "%c0%ae",
        "..%2f..",
        "%2e%2e",
        "a%20b",
        "%0d%0a",
        ";a=b",
        "*",
        long.as_str(),
    ];
    // Some look at the body first, and are sent none they take.
    let refused = [(404, "not_found"), (415, "media_type")];
    let mut trials = Vec::new();
    for call in &door.calls {
        for value in call.names.values() {
            for odd in odd {
                let target = call.target.replacen(&format!("/{value}"), &format!("/{odd}"), 1);
                trials.push(Trial::new(call.at(&target), &refused));
            }
        }
        if call.path.contains("{organization}") {
            for odd in ["ACME", "acme%20", "other", "%00", "a%2fb", "'--", long.as_str()] {
                let organization = format!("/{}", door.stand.operator.organization);
                let target = call.target.replacen(&organization, &format!("/{odd}"), 1);
                trials.push(Trial::new(call.at(&target), &refused));
            }
        }
    }
    door.refuses(trials).await;
}
