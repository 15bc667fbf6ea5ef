// SPDX-License-Identifier: Apache-2.0
//! Stories of `tamga dev`: the first start, every later one, and the starts that are refused; the quickstart,
//! the command line, the roads to the admin plane, imports, care, upkeep, damage, verification, and what lies in `deploy/`.

mod cared;
mod commands;
mod damage;
mod deployed;
mod imported;
mod judged;
mod nouns;
mod quickstart;
mod roads;
mod served;
mod upkeep;

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use served::{Stage, told};

fn mode(path: &Path) -> u32 {
    fs::metadata(path)
        .unwrap_or_else(|fault| panic!("{}: {fault}", path.display()))
        .mode()
        & 0o7777
}

/// The commands that are printed under `Next:`.
fn next_commands(text: &str) -> Vec<String> {
    let next = text.split("Next:\n").nth(1).expect("something to try next");
    let commands = next.lines().filter(|line| line.starts_with("     ")).take(3);
    commands.map(|line| line.trim().to_owned()).collect()
}

#[test]
fn the_first_start_sets_everything_up_and_what_it_suggests_works() {
    let stage = Stage::at([127, 81, 0, 1]);
    let served = stage.serve();
    let text = served.text();
    for expected in [
        "0tm",
        "https://127.81.0.1:8443",
        "http://127.81.0.1:8480",
        "http://127.81.0.1:8490",
        "SHA-256",
    ] {
        assert!(text.contains(expected), "{expected} in:\n{text}");
    }
    let data = stage.data();
    for private in ["", "secrets", "devices", "devices/simulated-1"] {
        assert_eq!(mode(&data.join(private)), 0o700, "{private}");
    }
    let secret = [
        "secrets/issuer_keys.key",
        "secrets/device_secrets.key",
        "secrets/service_keys.key",
    ];
    let owned = [
        "simulators.json",
        "devices/simulated-1/key.pem",
        "tamga.db",
        "admin.sock",
        "ports.toml",
    ];
    for file in secret.into_iter().chain(owned) {
        assert_eq!(mode(&data.join(file)), 0o600, "{file}");
    }
    let commands = next_commands(&text);
    assert_eq!(commands.len(), 3, "{commands:?}");
    let verified = stage.shell(&commands[0]);
    assert!(
        verified.status.success() && told(&verified).contains("chain.pem: OK"),
        "{}",
        told(&verified)
    );
    for command in &commands[1..] {
        let done = stage.shell(command);
        assert!(done.status.success(), "{command}: {}", told(&done));
    }
    let refused = format!(
        "while {} >/dev/null 2>&1; do sleep 0.1; done; {0} 2>&1",
        commands[0]
    );
    let refused = told(&stage.shell(&format!(
        "timeout 30 bash -c '{}'",
        refused.replace('\'', "'\\''")
    )));
    assert!(refused.contains("certificate revoked"), "{refused}");
}

#[test]
fn a_later_start_serves_the_same_and_the_device_gets_the_same_bytes() {
    let stage = Stage::at([127, 81, 0, 2]);
    let chain = stage.data().join("devices/simulated-1/chain.pem");
    let first = stage.serve();
    let (before, text) = (fs::read(&chain).expect("a chain"), first.text());
    let (status, log) = first.end();
    assert!(status.success(), "{status}: {log}");
    assert!(
        log.contains("finishing what is in flight") && log.contains("closed plane=device"),
        "{log}"
    );
    assert!(!log.contains("ERROR"), "{log}");
    let second = stage.serve();
    assert_eq!(fs::read(&chain).expect("a chain"), before);
    let summary = |text: &str| -> Vec<String> {
        text.lines()
            .filter(|line| line.starts_with("  "))
            .map(str::to_owned)
            .collect()
    };
    assert_eq!(summary(&second.text()), summary(&text));
}

#[test]
fn a_second_process_is_kept_out() {
    let stage = Stage::at([127, 81, 0, 3]);
    let _served = stage.serve();
    let second = stage.tamga(&["dev"]);
    assert_eq!(second.status.code(), Some(5), "{}", told(&second));
    assert!(
        told(&second).contains("another `tamga dev` serves from"),
        "{}",
        told(&second)
    );
}

#[test]
fn a_taken_port_is_avoided_at_the_first_start_and_named_at_a_later_one() {
    let stage = Stage::at([127, 81, 0, 4]);
    let taken = TcpListener::bind((stage.address(), 8443)).expect("free");
    let served = stage.serve();
    assert!(
        !served.text().contains("https://127.81.0.4:8443 "),
        "{}",
        served.text()
    );
    drop(taken);
    assert!(served.end().0.success());
    let ports = fs::read_to_string(stage.data().join("ports.toml")).expect("ports");
    let device = ports
        .lines()
        .find_map(|line| line.strip_prefix("device = "))
        .expect("a device port");
    let _taken = TcpListener::bind((stage.address(), device.parse().expect("a port"))).expect("free again");
    let refused = stage.tamga(&["dev"]);
    assert_eq!(refused.status.code(), Some(5), "{}", told(&refused));
    assert!(told(&refused).contains("ports.toml"), "{}", told(&refused));
}

#[test]
fn a_start_that_would_orphan_status_urls_is_refused() {
    let stage = Stage::at([127, 81, 0, 5]);
    assert!(stage.serve().end().0.success());
    let file = stage.data().join("ports.toml");
    let ports = fs::read_to_string(&file).expect("ports");
    fs::write(&file, ports.replace("status = 8480", "status = 8481")).expect("written");
    let refused = stage.tamga(&["dev"]);
    assert_eq!(refused.status.code(), Some(2), "{}", told(&refused));
    assert!(
        told(&refused).contains("status_url = \"http://127.81.0.5:8480\""),
        "{}",
        told(&refused)
    );
    fs::write(&file, ports).expect("written");
    assert!(
        stage.serve().end().0.success(),
        "nothing was changed by the refusal"
    );
}

#[test]
fn files_that_others_can_reach_are_refused_with_the_command_to_run() {
    let stage = Stage::at([127, 81, 0, 7]);
    assert!(stage.serve().end().0.success());
    for (path, right, open) in [("", 0o700, 0o755), ("secrets/issuer_keys.key", 0o600, 0o640)] {
        let path = stage.data().join(path);
        fs::set_permissions(&path, fs::Permissions::from_mode(open)).expect("opened");
        let refused = stage.tamga(&["dev"]);
        assert_eq!(refused.status.code(), Some(1), "{}", told(&refused));
        assert!(
            told(&refused).contains(&format!("chmod {right:04o}")),
            "{}",
            told(&refused)
        );
        fs::set_permissions(&path, fs::Permissions::from_mode(right)).expect("closed");
    }
}

#[test]
fn no_secret_is_told_or_logged() {
    let stage = Stage::at([127, 81, 0, 8]);
    let mut served = stage.start(&["--settings", "debug.toml"]);
    assert_eq!(served.ended().0.code(), Some(2), "there is no such file");
    fs::write(
        stage.home().join("debug.toml"),
        "[telemetry]\nfilter = \"debug\"\nformat = \"json\"\n",
    )
    .expect("written");
    let mut served = stage.start(&["--settings", "debug.toml"]);
    served.wait_for("device revoke");
    let made = stage.tamga(&["group", "create", "line-7", "--keys-file", "line-7.json"]);
    assert!(made.status.success(), "{}", told(&made));
    let (status, log) = served.end();
    assert!(status.success(), "{status}");
    let mut secrets = Vec::new();
    for file in [
        stage.data().join("simulators.json"),
        stage.home().join("line-7.json"),
    ] {
        assert_eq!(mode(&file), 0o600);
        let keys = fs::read_to_string(file).expect("keys");
        secrets.extend(keys.split('"').filter(|text| text.len() > 80).map(str::to_owned));
    }
    assert_eq!(secrets.len(), 4, "two keys of two groups");
    for root in ["device_secrets", "issuer_keys", "service_keys"] {
        let text = fs::read_to_string(stage.data().join(format!("secrets/{root}.key"))).expect("a root key");
        secrets.push(text.trim().rsplit(' ').next().expect("a key").to_owned());
    }
    for secret in secrets {
        assert!(
            !log.contains(&secret) && !told(&made).contains(&secret),
            "a secret was told"
        );
    }
    assert!(!log.contains("SharedAccessSignature"), "a token was logged");
}

#[test]
fn settings_that_cannot_be_followed_are_all_told_at_once() {
    let stage = Stage::at([127, 81, 0, 9]);
    fs::write(
        stage.home().join("wrong.toml"),
        "allow_http = true\n[hand]\nbatch = \"many\"\n",
    )
    .expect("written");
    let refused = stage.tamga(&["dev", "--settings", "wrong.toml"]);
    assert_eq!(refused.status.code(), Some(2), "{}", told(&refused));
    for key in ["allow_http", "hand.batch"] {
        assert!(told(&refused).contains(key), "{}", told(&refused));
    }
    assert!(!stage.data().exists(), "nothing was made");
}

#[test]
fn a_process_that_holds_keys_leaves_no_core_behind() {
    let stage = Stage::at([127, 81, 0, 10]);
    let served = stage.serve();
    let limits = served.proc_file("limits");
    let core = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"))
        .expect("a limit");
    assert_eq!(
        core.split_whitespace().filter(|word| *word == "0").count(),
        2,
        "{core}"
    );
    let status = served.proc_file("status");
    assert!(status.lines().any(|line| line == "Umask:\t0077"), "{status}");
}

#[test]
fn listeners_named_in_the_settings_are_the_ones_that_listen() {
    let stage = Stage::at([127, 81, 0, 11]);
    let socket = stage.home().join("operators.sock");
    let listeners = [
        ("device", "127.81.0.11:9443".to_owned()),
        ("status", "127.81.0.11:9480".to_owned()),
        ("admin", format!("unix:{}", socket.display())),
    ];
    let listeners =
        listeners.map(|(plane, address)| format!("[[listener]]\nplane = {plane:?}\naddress = {address:?}\n"));
    let names = "[tls]\nnames = [\"127.81.0.11\"]\n";
    fs::write(
        stage.home().join("own.toml"),
        format!("{names}{}", listeners.concat()),
    )
    .expect("written");
    let mut served = stage.start(&["--settings", "own.toml"]);
    served.wait_for("device revoke");
    assert!(
        served.text().contains("https://127.81.0.11:9443"),
        "{}",
        served.text()
    );
    assert!(!stage.data().join("ports.toml").exists(), "no ports were chosen");
    let listed = stage.tamga(&["group", "list", "--socket", &socket.display().to_string()]);
    assert!(told(&listed).contains("simulators"), "{}", told(&listed));
}
