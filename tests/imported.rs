// SPDX-License-Identifier: Apache-2.0
//! Stories of `tamga enrollment import`: judged first, done once, each row with its result, and gone on with after a cut.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Output;

use serde_json::{Value, json};

use crate::served::{Stage, told};

fn report(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", told(output)))
}

fn import(stage: &Stage, file: &str, more: &[&str]) -> Output {
    stage.tamga(
        &[
            &["enrollment", "import", "--file", file, "--output", "json"],
            more,
        ]
        .concat(),
    )
}

/// The lines of the file of results.
fn results(stage: &Stage, file: &str) -> Vec<Value> {
    let text = fs::read_to_string(stage.home().join(file)).expect("results");
    let lines = text.lines().filter(|line| !line.is_empty());
    lines
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

#[test]
fn a_table_is_judged_then_imported_and_a_second_run_does_nothing() {
    let stage = Stage::at([127, 87, 1, 1]);
    let _served = stage.serve();
    let born = stage.tamga(&["device", "make-certificate", "pump-2", "--out", "./pump-2"]);
    assert!(born.status.success(), "{}", told(&born));
    let table = "registrationId,certificate,rekeysPerDay\npump-1,,3\npump-2,pump-2/birth.pem,\npump-3,,\n";
    fs::write(stage.home().join("pumps.csv"), table).expect("written");
    let judged = import(&stage, "pumps.csv", &["--dry-run"]);
    assert_eq!(judged.status.code(), Some(0), "{}", told(&judged));
    assert_eq!(report(&judged)["wouldDo"], 3);
    assert!(
        !stage.home().join("pumps.csv.results.jsonl").exists(),
        "nothing was kept"
    );
    let done = import(&stage, "pumps.csv", &[]);
    assert_eq!(done.status.code(), Some(0), "{}", told(&done));
    assert_eq!(report(&done)["done"], 3, "nothing was made by the dry run");
    let kept = results(&stage, "pumps.csv.results.jsonl");
    let mode = fs::metadata(stage.home().join("pumps.csv.results.jsonl"))
        .expect("there")
        .permissions();
    assert_eq!(mode.mode() & 0o777, 0o600, "keys stand in it");
    let key = kept[0]["answer"]["attestation"]["primaryKey"]
        .as_str()
        .expect("made, and kept");
    fs::write(stage.home().join("pump-1.key"), key).expect("written");
    let closed = fs::Permissions::from_mode(0o600);
    fs::set_permissions(stage.home().join("pump-1.key"), closed).expect("closed");
    let simulate = [
        "device",
        "simulate",
        "--registration-id",
        "pump-1",
        "--device-key-file",
        "pump-1.key",
    ];
    let simulated = stage.tamga(&simulate);
    assert!(simulated.status.success(), "{}", told(&simulated));
    let again = import(&stage, "pumps.csv", &[]);
    assert_eq!(again.status.code(), Some(0), "{}", told(&again));
    assert_eq!(
        (&report(&again)["done"], &report(&again)["doneBefore"]),
        (&json!(0), &json!(3))
    );
}

#[test]
fn a_cut_between_the_act_and_its_result_is_mended_by_running_again() {
    let stage = Stage::at([127, 87, 1, 2]);
    let _served = stage.serve();
    fs::write(
        stage.home().join("pumps.json"),
        r#"[{"registrationId":"pump-1"},{"registrationId":"pump-2"}]"#,
    )
    .expect("written");
    let done = import(&stage, "pumps.json", &[]);
    assert_eq!(done.status.code(), Some(0), "{}", told(&done));
    let before = results(&stage, "pumps.json.results.jsonl");
    // The process was killed when it had kept the first result, and half of the second.
    let file = stage.home().join("pumps.json.results.jsonl");
    fs::write(&file, format!("{}\n{{\"row\":2,\"na", before[0])).expect("cut");
    let again = import(&stage, "pumps.json", &[]);
    assert_eq!(again.status.code(), Some(0), "{}", told(&again));
    assert_eq!(report(&again)["doneBefore"], 1);
    let text = fs::read_to_string(&file).expect("results");
    let last: Value = serde_json::from_str(text.lines().last().expect("a line")).expect("JSON");
    assert_eq!(last, before[1], "the same enrollment, with the same keys");
}

#[test]
fn rows_that_make_no_sense_keep_everything_from_being_done_and_refusals_only_themselves() {
    let stage = Stage::at([127, 87, 1, 3]);
    let served = stage.serve();
    fs::write(
        stage.home().join("bad.csv"),
        "registrationId,rekeysPerDay\npump-1,\npump 2,\nPUMP-1,\npump-3,x\n",
    )
    .expect("written");
    let bad = import(&stage, "bad.csv", &[]);
    assert_eq!(bad.status.code(), Some(2), "{}", told(&bad));
    let rows: Vec<_> = report(&bad)["refused"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| row["row"].clone())
        .collect();
    assert_eq!(rows, [3, 4, 5]);
    fs::write(
        stage.home().join("good.csv"),
        "registrationId,rekey\npump-1,\npump-2,sometimes\n",
    )
    .expect("written");
    let some = import(&stage, "good.csv", &[]);
    assert_eq!(some.status.code(), Some(6), "{}", told(&some));
    let told_of = report(&some);
    assert_eq!(
        (&told_of["done"], &told_of["refused"][0]["name"]),
        (&json!(1), &json!("pump-2")),
        "{told_of}"
    );
    assert!(
        told_of["refused"][0]["trackingId"].is_string() && told_of["refused"][0]["code"].is_string(),
        "{told_of}"
    );
    fs::write(stage.home().join("taken.csv"), "registrationId\nPump-1\n").expect("written");
    let taken = import(&stage, "taken.csv", &[]);
    assert_eq!(taken.status.code(), Some(3), "{}", told(&taken));
    assert_eq!(report(&taken)["refused"][0]["code"], "name_taken");
    let foreign = import(&stage, "good.csv", &["--organization", "other"]);
    assert_eq!(
        foreign.status.code(),
        Some(3),
        "the first answer stands for all: {}",
        told(&foreign)
    );
    drop(served);
    fs::write(stage.home().join("late.csv"), "registrationId\npump-9\n").expect("written");
    assert_eq!(import(&stage, "late.csv", &[]).status.code(), Some(4));
}

#[test]
fn units_are_furnished_row_by_row_and_a_second_run_writes_the_same() {
    let stage = Stage::at([127, 87, 1, 4]);
    let _served = stage.serve();
    let made = stage.tamga(&["group", "create", "line-7", "--keys-file", "line-7.json"]);
    assert!(made.status.success(), "{}", told(&made));
    let made = stage.tamga(&["station", "create", "line-7-end", "--group", "line-7"]);
    assert!(made.status.success(), "{}", told(&made));
    let request = |name: &str| {
        let line = format!(
            "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj / -keyout {name}.key -out {name}.csr"
        );
        let done = stage.shell(&line);
        assert!(done.status.success(), "{}", told(&done));
    };
    for name in ["pump-1", "pump-2"] {
        request(name);
    }
    fs::write(
        stage.home().join("weak.csr"),
        "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n",
    )
    .expect("written");
    let table = "registrationId,csr,label.sticker\npump-1,pump-1.csr,SN {registrationId}\npump-2,pump-2.csr,\nbad-1,weak.csr,\n";
    fs::write(stage.home().join("units.csv"), table).expect("written");
    let batch = |more: &[&str]| {
        let line = [
            "certificate",
            "batch",
            "--file",
            "units.csv",
            "--out",
            "chains",
            "--station",
            "line-7-end",
            "--output",
            "json",
        ];
        stage.tamga(&[&line[..], more].concat())
    };
    let done = batch(&[]);
    assert_eq!(done.status.code(), Some(6), "{}", told(&done));
    let report_of = report(&done);
    assert_eq!(
        (&report_of["done"], &report_of["refused"][0]["name"]),
        (&json!(2), &json!("bad-1")),
        "{report_of}"
    );
    let kept = results(&stage, "units.csv.results.jsonl");
    let first = kept
        .iter()
        .find(|row| row["name"] == "pump-1")
        .expect("kept, in whatever order");
    assert_eq!(first["answer"]["label"]["sticker"], "SN pump-1", "{first}");
    let chain = fs::read_to_string(stage.home().join("chains/pump-1.pem")).expect("a chain");
    let verified = stage.shell("openssl verify -CAfile .local/share/tamga-dev/devices/simulated-1/device-anchor.pem -untrusted chains/pump-1.pem chains/pump-1.pem");
    assert!(told(&verified).contains("OK"), "{}", told(&verified));
    // The process was cut before it kept anything: the same certificates come again.
    fs::remove_file(stage.home().join("units.csv.results.jsonl")).expect("lost");
    let again = batch(&[]);
    assert_eq!(again.status.code(), Some(6), "{}", told(&again));
    assert_eq!(
        fs::read_to_string(stage.home().join("chains/pump-1.pem")).expect("a chain"),
        chain
    );
}
