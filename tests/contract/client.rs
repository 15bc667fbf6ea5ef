// SPDX-License-Identifier: Apache-2.0
//! A client generated from the document, by somebody else's generator, makes a group and lists it.

use serde_json::Value;
use tamga_tests::programs::repository;

use crate::stand::{Stand, here, python, work};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_generated_client_makes_a_group_and_lists_it() {
    let stand = Stand::new().await;
    let client = stand.folder.path().join("tamga_client");
    let mut generator = python("openapi-python-client");
    generator
        .args(["generate", "--meta", "none", "--fail-on-warning", "--path"])
        .arg(repository().join("openapi/admin.json"))
        .arg("--output-path")
        .arg(&client)
        .arg("--config")
        .arg(here("client/config.yml"));
    let said = work(&mut generator).await;
    assert_eq!(said.code, 0, "{}\n{}", said.out, said.err);

    let mut script = python("python");
    script
        .arg(here("client/groups.py"))
        .env("TAMGA_CLIENT", stand.folder.path())
        .env("TAMGA_URL", stand.url())
        .env("TAMGA_ORGANIZATION", &stand.operator.organization);
    let said = work(&mut script).await;
    assert_eq!(said.code, 0, "{}\n{}", said.out, said.err);
    let seen: Value = serde_json::from_str(&said.out).expect("JSON");
    assert_eq!(seen["made"], "from-a-client");
    assert_eq!(
        seen["again"], "name_taken",
        "a refusal is an object with its code"
    );
    assert_eq!(seen["listed"], serde_json::json!(["from-a-client", "line-1"]));
    stand.ends_well().await;
}
