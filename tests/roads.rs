// SPDX-License-Identifier: Apache-2.0
//! Stories of people who come to the admin plane from elsewhere: by TLS, with a token or a certificate, by contexts.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Output, Stdio};

use serde_json::Value;

use crate::served::{Stage, TAMGA, told};

/// What a command answered in JSON.
fn json(output: &Output) -> Value {
    assert!(output.status.success(), "{}", told(output));
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("no JSON: {}", told(output)))
}

/// Asserts an exit code and words of the sentence.
fn assert_refused(output: &Output, code: i32, words: &str) {
    assert_eq!(output.status.code(), Some(code), "{}", told(output));
    let sentence = String::from_utf8_lossy(&output.stderr);
    assert!(sentence.contains(words), "{words} in {sentence}");
}

/// Where the admin plane is on the network.
fn admin_url(stage: &Stage) -> String {
    let service = fs::read(stage.data().join("service.json")).expect("service.json");
    let service: Value = serde_json::from_slice(&service).expect("JSON");
    service["adminUrl"].as_str().expect("on the network").to_owned()
}

/// Jane, an operator, with a token in `jane.token`; her principal.
fn jane(stage: &Stage) -> String {
    let account = json(&stage.tamga(&[
        "account", "create", "jane", "--kind", "person", "--output", "json",
    ]));
    let jane = account["principal"].as_str().expect("a principal").to_owned();
    let assigned = stage.tamga(&["assignment", "create", &jane, "--role", "operator"]);
    assert!(assigned.status.success(), "{}", told(&assigned));
    let line = [
        "token", "create", "laptop", "--role", "operator", "--holder", &jane,
    ];
    let made = stage.tamga(&[&line[..], &["--token-out", "jane.token"]].concat());
    assert!(made.status.success(), "{}", told(&made));
    let kept = fs::read_to_string(stage.home().join("jane.token")).expect("a token");
    assert!(
        kept.starts_with("tmg_") && !told(&made).contains(kept.trim()),
        "kept, not told"
    );
    jane
}

/// The options that lead over the network.
fn network<'a>(url: &'a str, anchor: &'a str) -> Vec<&'a str> {
    vec!["--url", url, "--ca-file", anchor]
}

#[test]
fn an_operator_comes_in_over_tls_with_a_token_under_a_context() {
    let stage = Stage::at([127, 86, 0, 1]);
    let _served = stage.serve();
    let principal = jane(&stage);
    let (url, anchor) = (admin_url(&stage), stage.data().join("server-anchor.pem"));
    let anchor = anchor.display().to_string();
    let add = [
        "context",
        "add",
        "plant",
        "--token-file",
        "jane.token",
        "--organization",
        "default",
    ];
    let added = stage.tamga(&[&add[..], &network(&url, &anchor)].concat());
    assert!(added.status.success(), "{}", told(&added));
    let file = stage.home().join(".config/tamga/contexts.toml");
    let contexts = fs::read_to_string(&file).expect("kept");
    assert!(
        contexts.contains("jane.token") && !contexts.contains("tmg_"),
        "{contexts}"
    );
    let who = json(&stage.tamga(&["whoami", "--output", "json"]));
    assert_eq!(
        (&who["name"], &who["principal"]),
        (&"jane".into(), &principal.as_str().into())
    );
    let groups = stage.tamga(&["group", "list", "--output", "yaml"]);
    assert!(told(&groups).contains("name: simulators"), "{}", told(&groups));
    let made = stage.tamga(&["group", "create", "line-7", "--keys-file", "line-7.json"]);
    assert!(made.status.success(), "{}", told(&made));
    assert_refused(
        &stage.tamga(&["account", "create", "eve", "--kind", "person"]),
        3,
        "(forbidden, tracking id ",
    );
    let data = stage.data().display().to_string();
    let accounts = json(&stage.tamga(&["account", "list", "--output", "json", "--data", &data]));
    assert_eq!(
        accounts.as_array().map(Vec::len),
        Some(1),
        "nothing came of the refusal: {accounts}"
    );
    let tokens = json(&stage.tamga(&["token", "list", "--output", "json", "--data", &data]));
    let token = tokens[0]["id"].as_str().expect("an id").to_owned();
    assert!(tokens[0].get("token").is_none(), "no list shows a secret");
    assert!(
        stage
            .tamga(&["token", "revoke", &token, "--data", &data])
            .status
            .success()
    );
    assert_refused(
        &stage.tamga(&["group", "list"]),
        3,
        "(unauthenticated, tracking id ",
    );
}

#[test]
fn a_client_certificate_proves_its_account() {
    let stage = Stage::at([127, 86, 0, 2]);
    let _served = stage.serve();
    let jane = jane(&stage);
    let (url, anchor) = (
        admin_url(&stage),
        stage.data().join("server-anchor.pem").display().to_string(),
    );
    let born = stage.tamga(&["device", "make-certificate", "jane", "--out", "./jane"]);
    assert!(born.status.success(), "{}", told(&born));
    let shown = [
        "--client-certificate",
        "jane/birth.pem",
        "--client-key-file",
        "jane/birth-key.pem",
    ];
    let whoami = [
        &["whoami", "--output", "json"],
        &network(&url, &anchor)[..],
        &shown,
    ]
    .concat();
    assert_refused(&stage.tamga(&whoami), 3, "unauthenticated");
    let pinned = stage.tamga(&["client-certificate", "pin", "jane/birth.pem", "--holder", &jane]);
    assert!(pinned.status.success(), "{}", told(&pinned));
    assert_eq!(json(&stage.tamga(&whoami))["name"], "jane");
    let pins = json(&stage.tamga(&["client-certificate", "list", "--output", "json"]));
    let fingerprint = pins[0]["fingerprint"].as_str().expect("a fingerprint");
    assert!(
        stage
            .tamga(&["client-certificate", "unpin", fingerprint])
            .status
            .success()
    );
    assert_refused(&stage.tamga(&whoami), 3, "unauthenticated");
}

#[test]
fn nobody_is_trusted_who_was_not_named_and_no_credential_goes_to_them() {
    let (stage, other) = (Stage::at([127, 86, 0, 3]), Stage::at([127, 85, 0, 4]));
    let (_served, _other) = (stage.serve(), other.serve());
    jane(&stage);
    let url = admin_url(&stage);
    let wrong = other.data().join("server-anchor.pem").display().to_string();
    let own = stage.data().join("server-anchor.pem").display().to_string();
    let whoami = |more: &[&str]| {
        stage.tamga(&[&["whoami", "--url", &url, "--token-file", "jane.token"], more].concat())
    };
    assert_refused(&whoami(&["--ca-file", &wrong]), 4, "is not trusted");
    assert_refused(&whoami(&[]), 2, "say whom to trust");
    assert_refused(&whoami(&["--ca-file", "jane.token"]), 2, "holds no certificate");
    let unknown = [
        "--fingerprint",
        &"00".repeat(32),
        "--status-url",
        "http://127.86.0.3:8480",
    ];
    assert_refused(&whoami(&unknown), 3, "not the service you think");
    assert!(whoami(&["--ca-file", &own]).status.success());
    let plain = stage.tamga(&["whoami", "--url", "http://127.86.0.3:8444", "--ca-file", &own]);
    assert_refused(&plain, 2, "https://");
    let open = fs::Permissions::from_mode(0o644);
    fs::set_permissions(stage.home().join("jane.token"), open).expect("opened");
    assert_refused(&whoami(&["--ca-file", &own]), 2, "chmod 0600");
    fs::write(stage.home().join("jane.token"), "hunter2").expect("written");
    let closed = fs::Permissions::from_mode(0o600);
    fs::set_permissions(stage.home().join("jane.token"), closed).expect("closed");
    assert_refused(&whoami(&["--ca-file", &own]), 2, "holds no API token");
    let data = stage.data().display().to_string();
    assert_refused(
        &stage.tamga(&["whoami", "--data", &data, "--token-file", "jane.token"]),
        2,
        "--token-file",
    );
}

#[test]
fn a_token_may_come_by_standard_input_and_the_road_by_the_environment() {
    let stage = Stage::at([127, 86, 0, 5]);
    let _served = stage.serve();
    jane(&stage);
    let anchor = stage.data().join("server-anchor.pem");
    let mut piped = stage.command(TAMGA);
    piped.args(["whoami", "--output", "json", "--token-file", "-"]);
    piped
        .env("TAMGA_URL", admin_url(&stage))
        .env("TAMGA_CA_FILE", &anchor);
    piped.stdin(Stdio::from(
        fs::File::open(stage.home().join("jane.token")).expect("a token"),
    ));
    assert_eq!(json(&piped.output().expect("tamga runs"))["name"], "jane");
    let mut named = stage.command(TAMGA);
    named.args(["whoami", "--output", "json"]);
    named
        .env("TAMGA_URL", admin_url(&stage))
        .env("TAMGA_CA_FILE", &anchor);
    named.env("TAMGA_TOKEN_FILE", stage.home().join("jane.token"));
    assert_eq!(json(&named.output().expect("tamga runs"))["name"], "jane");
}

#[test]
fn contexts_are_added_used_and_forgotten() {
    let stage = Stage::at([127, 86, 0, 6]);
    let _served = stage.serve();
    let socket = stage.data().join("admin.sock").display().to_string();
    let add = |name: &str, more: &[&str]| stage.tamga(&[&["context", "add", name], more].concat());
    assert!(add("here", &["--socket", &socket]).status.success());
    assert!(
        add("far", &["--url", "https://127.86.0.6:1", "--ca-file", "none.pem"])
            .status
            .success()
    );
    let list = json(&stage.tamga(&["context", "list", "--output", "json"]));
    let current = |list: &Value| -> Vec<String> {
        let all = list.as_array().expect("a list").iter();
        all.filter(|one| one["current"] == true)
            .map(|one| one["name"].to_string())
            .collect()
    };
    assert_eq!(current(&list), ["\"here\""], "the first one is the current one");
    assert!(stage.tamga(&["whoami"]).status.success());
    assert!(stage.tamga(&["context", "use", "far"]).status.success());
    assert_refused(&stage.tamga(&["whoami"]), 2, "none.pem");
    assert!(stage.tamga(&["whoami", "--context", "here"]).status.success());
    assert_refused(
        &stage.tamga(&["whoami", "--context", "moon"]),
        2,
        "there are far, here",
    );
    assert!(stage.tamga(&["context", "remove", "far"]).status.success());
    assert_eq!(
        current(&json(&stage.tamga(&["context", "list", "--output", "json"]))),
        [""; 0]
    );
    assert_refused(&add("x", &[]), 2, "--url");
    assert_refused(&add("x", &["--url", "https://127.86.0.6:1"]), 2, "whom to trust");
    assert_refused(&add("../x", &["--socket", "s"]), 2, "name");
    let service = fs::read(stage.data().join("service.json")).expect("service.json");
    let service: Value = serde_json::from_slice(&service).expect("JSON");
    let known = |name: &str| service[name].as_str().expect("known").to_owned();
    let (url, print, status) = (known("adminUrl"), known("serverAnchorSha256"), known("statusUrl"));
    let road = ["--url", &url, "--fingerprint", &print, "--status-url", &status];
    assert!(add("found", &road).status.success());
    assert_refused(
        &stage.tamga(&["whoami", "--context", "found"]),
        3,
        "unauthenticated",
    );
    let file = stage.home().join(".config/tamga/contexts.toml");
    let kept = fs::read_to_string(&file).expect("kept");
    fs::write(&file, format!("{kept}\n[context.bad]\ntoken = \"tmg_x\"\n")).expect("written");
    assert_refused(&stage.tamga(&["context", "list"]), 2, "context.bad.token");
}

#[test]
fn shells_and_manuals_know_every_command() {
    let stage = Stage::at([127, 86, 0, 7]);
    let checked = stage.shell(&format!(
        "{TAMGA} completions bash > tamga.bash && bash -n tamga.bash"
    ));
    assert!(checked.status.success(), "{}", told(&checked));
    let script = fs::read_to_string(stage.home().join("tamga.bash")).expect("a script");
    for word in ["client-certificate", "unpin", "--token-file", "simulate"] {
        assert!(script.contains(word), "{word}");
    }
    for shell in ["zsh", "fish", "elvish", "powershell"] {
        assert!(!stage.tamga(&["completions", shell]).stdout.is_empty(), "{shell}");
    }
    assert!(stage.tamga(&["man", "man1"]).status.success());
    for page in [
        "tamga.1",
        "tamga-token-create.1",
        "tamga-device-simulate.1",
        "tamga-whoami.1",
    ] {
        let text = fs::read_to_string(stage.home().join("man1").join(page)).expect(page);
        assert!(text.contains("Example"), "{page}");
    }
}
