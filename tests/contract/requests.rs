// SPDX-License-Identifier: Apache-2.0
//! Requests generated from the document by schemathesis, right ones and wrong ones: a live house answers each as described.

use tamga_tests::programs::repository;

use crate::stand::{Stand, here, python, work};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn generated_requests_are_answered_as_described() {
    let stand = Stand::new().await;
    let mut command = python("st");
    command
        .current_dir(here("schemathesis"))
        .arg("--config-file")
        .arg(here("schemathesis/schemathesis.toml"))
        .args(["run", "--no-color", "--url", &stand.url()])
        // The kernel names the caller of a Unix socket: there is no credential to leave out or to falsify.
        .args(["--exclude-checks", "ignored_auth,missing_required_header"])
        .arg(repository().join("openapi/admin.json"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("TAMGA_SAMPLES", stand.samples())
        .env("TAMGA_CERTIFICATE", &stand.certificate);
    let said = work(&mut command).await;
    println!("{}", last_lines(&said.out, 20));
    assert_eq!(said.code, 0, "{}\n{}", said.out, said.err);
    stand.ends_well().await;
}

fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}
