// SPDX-License-Identifier: Apache-2.0
//! What `tamga doctor` sees of an installation of many processes: as the owner of its database, and as each process.

use rustix::process::Signal;
use serde_json::Value;
use tamga_tests::patience::eventually;

use crate::installation::Installation;

/// The findings in a state, as `check: seen`.
fn in_state(report: &Value, state: &str) -> Vec<String> {
    let findings = report["findings"].as_array().expect("findings").iter();
    findings
        .filter(|finding| finding["state"] == state)
        .map(|finding| format!("{}: {}", finding["check"], finding["seen"]))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_installation_is_well_until_it_is_not() {
    let mut installation = Installation::new().await;
    let setup = installation.settings("setup");
    let line = ["doctor", "--settings", &setup, "--output", "json"];
    eventually("everybody has reported", || async {
        let (code, report) = installation.runs(&line);
        (code == Some(0) && report["well"] == true).then_some(())
    })
    .await;
    let (_, report) = installation.runs(&line);
    for check in [
        "settings",
        "keys",
        "database",
        "clock",
        "processes",
        "roles",
        "issuers",
        "lists",
    ] {
        let all = report["findings"].as_array().expect("findings");
        assert!(
            all.iter().any(|finding| finding["check"] == check),
            "{check}: {report}"
        );
    }
    let signer = installation.settings("signer-1");
    let (code, report) = installation.runs(&[
        "doctor",
        "--settings",
        &signer,
        "--process",
        "signer",
        "--output",
        "json",
    ]);
    assert_eq!(code, Some(0), "a signer's own login sees what it needs: {report}");
    let status = installation.settings("status");
    let as_status = [
        "doctor",
        "--settings",
        &status,
        "--process",
        "status",
        "--output",
        "json",
    ];
    assert!(in_state(&installation.runs(&as_status).1, "warning").is_empty());
    let lost = installation.loses("status");
    lost.is_sent(Signal::TERM);
    assert!(lost.ends().await.success());
    let (_, report) = installation.runs(&as_status);
    let warned = in_state(&report, "warning");
    assert!(
        warned.iter().any(|one| one.contains("nobody answers for status")),
        "{report}"
    );
    sqlx::raw_sql("GRANT DELETE ON certificate TO tamga_device")
        .execute(&mut installation.database.connect().await)
        .await
        .expect("given by hand");
    let (code, report) = installation.runs(&line);
    assert_eq!(code, Some(1), "{report}");
    let failed = in_state(&report, "failed");
    assert!(
        failed.len() == 1 && failed[0].contains("tamga_device should not have DELETE on certificate"),
        "{report}"
    );
    installation.is_lawful();
}
