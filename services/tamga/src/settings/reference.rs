// SPDX-License-Identifier: Apache-2.0
//! The page `docs/reference/settings.md`: every key of every process, from where the code has it. Tests compare the two.

use tamga_gateway::settings::{API_TOKEN, ASSIGNED_HUB, admin_keys, device_keys};
use tamga_runtime::settings::reference::{Key, key};
use tamga_runtime::settings::{approvals, token};
use tamga_runtime::{listener, telemetry};
use tamga_signer::settings::{HAND, LISTS, SUBMISSION, TLS};
use tamga_status::settings::CACHE;

use super::setup;

/// A process, by the name `tamga config check --process` knows, and the keys of its file.
pub struct Documented {
    /// The name.
    pub process: &'static str,
    /// Its keys, in the order of its file.
    pub keys: Vec<Key>,
}

/// Every process that reads a settings file.
#[must_use]
pub fn processes() -> Vec<Documented> {
    let documented = |process, keys| Documented { process, keys };
    vec![
        documented("dev", dev_keys()),
        documented("setup", setup::keys()),
        documented("gateway-device", device_keys()),
        documented("gateway-admin", admin_keys()),
        documented("status", tamga_status::settings::keys()),
        documented("signer", tamga_signer::settings::keys()),
    ]
}

fn dev_keys() -> Vec<Key> {
    let own = &[TRUST_DOMAIN, STATUS_URL, ASSIGNED_HUB];
    [
        own,
        TLS,
        token::KEYS,
        approvals::KEYS,
        LISTS,
        HAND,
        SUBMISSION,
        API_TOKEN,
        CACHE,
        telemetry::KEYS,
        listener::KEYS,
    ]
    .concat()
}

pub(super) const TRUST_DOMAIN: Key = key(
    "trust_domain",
    "name",
    "\"tamga.internal\"",
    "The SPIFFE trust domain in every device certificate (`spiffe://<trust domain>/org/…`). Permanent: an installation refuses another one.",
);
pub(super) const STATUS_URL: Key = key(
    "status_url",
    "URL",
    "",
    "The base of the URLs of revocation lists and issuers, written into every certificate: `http://host[:port][/path]`. Permanent: settings under which those URLs would no longer be served are refused. Required by `setup`; `dev` takes the address of its first `status` listener where it is absent.",
);

/// The page.
#[must_use]
pub fn page() -> String {
    let processes = processes();
    let mut sections: Vec<&str> = Vec::new();
    for key in processes.iter().flat_map(|process| &process.keys) {
        if !sections.contains(&section(key)) {
            sections.push(section(key));
        }
    }
    let mut page = HEAD.to_owned();
    for wanted in sections {
        page.push_str(&match wanted {
            "" => "\n## Before any section\n\n".to_owned(),
            "listener[]" => "\n## `[[listener]]`\n\n".to_owned(),
            section => format!("\n## `[{}]`\n\n", section.replace("[]", "")),
        });
        page.push_str("| key | takes | default | read by | what it does |\n|---|---|---|---|---|\n");
        let mut written: Vec<&str> = Vec::new();
        let keys = processes.iter().flat_map(|process| process.keys.iter());
        for key in keys.filter(|key| section(key) == wanted) {
            if !written.contains(&key.name) {
                written.push(key.name);
                page.push_str(&row(key, &processes));
            }
        }
    }
    page
}

fn section(key: &Key) -> &'static str {
    key.name.rsplit_once('.').map_or("", |(section, _)| section)
}

fn row(key: &Key, processes: &[Documented]) -> String {
    let readers = processes
        .iter()
        .filter(|process| process.keys.iter().any(|one| one.name == key.name));
    let readers: Vec<String> = readers.map(|process| format!("`{}`", process.process)).collect();
    let readers = match readers.len() == processes.len() {
        true => "all".to_owned(),
        false => readers.join(", "),
    };
    let default = match key.default {
        "" => "–".to_owned(),
        default => format!("`{default}`"),
    };
    format!(
        "| `{}` | {} | {default} | {readers} | {} |\n",
        key.name, key.takes, key.does
    )
}

const HEAD: &str = "# Settings

One strict TOML file a process. Unknown keys are refused, and everything that is wrong is told at once; `tamga config check --process
PROCESS FILE` tells it without starting anything.

| process | what reads it | sample |
|---|---|---|
| `dev` | `tamga dev --settings FILE`: the whole house in one process, over SQLite; every key may be left out | [tamga.toml](../../deploy/tamga.toml) |
| `setup` | `tamga setup --settings FILE` and `tamga migrate --settings FILE`: founds an installation over Postgres | [setup.toml](../../deploy/setup.toml) |
| `gateway-device` | `tamga-gateway --plane device --settings FILE` | [gateway-device.toml](../../deploy/gateway-device.toml) |
| `gateway-admin` | `tamga-gateway --plane admin --settings FILE` | [gateway-admin.toml](../../deploy/gateway-admin.toml) |
| `status` | `tamga-status --settings FILE` | [status.toml](../../deploy/status.toml) |
| `signer` | `tamga-signer --settings FILE` | [signer.toml](../../deploy/signer.toml) |

Durations are a whole number and `ms`, `s`, `m`, `h` or `d`; sizes a whole number and `B`, `KiB`, `MiB` or `GiB`. A *secret file* is the
absolute path of a file of mode 0600 that belongs to the process's user, or `credential:NAME` for what systemd hands over by
`LoadCredential=NAME:PATH`. No secret stands in a settings file, on a command line or in a URL.

`tamga dev` chooses its own listeners when the file names none: the device plane at port 8443, status at 8480, ops at 8490, all on
127.0.0.1 (a free port each where one of these is taken, chosen once and kept in `ports.toml`), and the admin plane at port 8444 and at `admin.sock`, in
the data directory. Its root sealing keys are files of mode 0600 under `secrets/` there, one a purpose, made at the first start.
";
