// SPDX-License-Identifier: Apache-2.0
//! Requests generated from the document by schemathesis, right ones and wrong ones: a live house answers each as described,
//! whoever asks and by whatever road.

use tamga_tests::programs::repository;
use tokio::process::Command;

use crate::stand::{Stand, here, python, work};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn generated_requests_are_answered_as_described() {
    let stand = Stand::new().await;
    let mut command = generator(&stand);
    command
        .args(["--url", &stand.url()])
        // The kernel names the caller of a Unix socket: there is no credential to leave out or to falsify.
        .args(["--exclude-checks", "ignored_auth,missing_required_header"]);
    answered(command).await;
    stand.ends_well().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_administrators_token_is_answered_as_described_over_tls() {
    let stand = Stand::new().await;
    let mut command = over_tls(&stand, "administrator").await;
    // What would end its own credential: it would be turned away from then on. Over the socket they are asked.
    for ending in [
        "suspendOrganization",
        "disableAccount",
        "deleteAssignment",
        "revokeToken",
    ] {
        command.args(["--exclude-operation-id", ending]);
    }
    answered(command).await;
    stand.ends_well().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_auditor_is_answered_as_described_and_changes_nothing() {
    let stand = Stand::new().await;
    let command = over_tls(&stand, "auditor").await;
    let before = stand.house.stands().await;
    answered(command).await;
    before.is_as_before("an auditor").await;
    stand.ends_well().await;
}

fn generator(stand: &Stand) -> Command {
    let mut command = python("st");
    command
        .current_dir(here("schemathesis"))
        .arg("--config-file")
        .arg(here("schemathesis/schemathesis.toml"))
        .args(["run", "--no-color"])
        .arg(repository().join("openapi/admin.json"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("TAMGA_SAMPLES", stand.samples())
        .env("TAMGA_CERTIFICATE", &stand.certificate);
    command
}

/// The generator with a token of this role. The socket is asked most; here fewer requests of a kind do.
async fn over_tls(stand: &Stand, role: &str) -> Command {
    let organization = &stand.operator.organization;
    let token = stand.operator.invites(organization, role, role).await;
    let mut command = generator(stand);
    command
        .args(["--url", &stand.secure_url(), "--tls-verify"])
        .arg(stand.authorities())
        .args([
            "--max-examples",
            "3",
            "--exclude-checks",
            "missing_required_header",
        ])
        .arg("--header")
        .arg(format!("Authorization: Bearer {}", token.text))
        .env("TAMGA_ROLE", role);
    command
}

async fn answered(mut command: Command) {
    let said = work(&mut command).await;
    assert_eq!(said.code, 0, "{}\n{}", said.out, said.err);
}
