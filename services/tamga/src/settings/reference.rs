// SPDX-License-Identifier: Apache-2.0
//! The one place that documents every setting. A test compares it with the code's own keys and defaults, and with
//! `docs/reference/settings.md`.

/// One key.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Its place in the file, `section.key`.
    pub name: &'static str,
    /// What it takes.
    pub takes: &'static str,
    /// Its default, as TOML; empty = none.
    pub default: &'static str,
    /// What it does.
    pub does: &'static str,
}

const fn key(name: &'static str, takes: &'static str, default: &'static str, does: &'static str) -> Key {
    Key {
        name,
        takes,
        default,
        does,
    }
}

/// Every key of the settings file, in the order of the file.
pub const KEYS: &[Key] = &[
    key(
        "trust_domain",
        "name",
        "\"tamga.internal\"",
        "The SPIFFE trust domain in every device certificate (`spiffe://<trust domain>/org/…`). Permanent: an installation refuses to start under another one.",
    ),
    key(
        "status_url",
        "URL",
        "",
        "The base of the URLs of revocation lists and issuers, written into every certificate: `http://host[:port][/path]`. Permanent: settings under which those URLs would no longer be served are refused. Absent: the address of the first `status` listener.",
    ),
    key(
        "assigned_hub",
        "host name",
        "",
        "Answered to devices as `assignedHub` where their enrollment names none. Absent: the host name the device asked for.",
    ),
    key(
        "tls.names",
        "list of names",
        "[\"localhost\", \"127.0.0.1\", \"::1\"]",
        "The DNS names and IP addresses devices reach the service by. Changed names get a new certificate at once.",
    ),
    key(
        "token.skew",
        "duration",
        "\"5m\"",
        "How far the clocks of devices may differ from ours when a token is judged.",
    ),
    key(
        "token.maximum_lifetime",
        "duration",
        "\"1d\"",
        "How far ahead a token may end.",
    ),
    key(
        "revocation_list.validity",
        "duration",
        "\"7d\"",
        "From `thisUpdate` to `nextUpdate`: how long relying parties may go on with one list. At least twice the period.",
    ),
    key(
        "revocation_list.period",
        "duration",
        "\"1d\"",
        "How often a list is published when nothing is revoked. Revocations are published at once.",
    ),
    key(
        "hand.batch",
        "number",
        "128",
        "How many orders are committed at once, at most. Batches form by themselves under load.",
    ),
    key(
        "hand.queue",
        "number",
        "1024",
        "How many admitted orders may wait before devices have to.",
    ),
    key(
        "telemetry.format",
        "`text` or `json`",
        "\"text\"",
        "The form of the log on standard error: for people (coloured on a terminal only), or one JSON object a line.",
    ),
    key(
        "telemetry.filter",
        "filter",
        "\"info\"",
        "Which events are logged: a level, or `info,tamga_authority=debug`. The environment variable `TAMGA_LOG` overrides it.",
    ),
    key(
        "listener[].plane",
        "`device`, `admin`, `status` or `ops`",
        "",
        "What is served there. The device plane speaks TLS; the admin plane answers the service's own user and root, on a Unix socket.",
    ),
    key(
        "listener[].address",
        "address",
        "",
        "`127.0.0.1:8443`, `[::]:8443` or `unix:/run/tamga/admin.sock`.",
    ),
    key(
        "listener[].limits.connections",
        "number",
        "4096",
        "Connections at one time; new ones wait when they are used up.",
    ),
    key(
        "listener[].limits.connections_per_address",
        "number",
        "1024",
        "Connections at one time from one IPv4 address or one IPv6 /64; more are closed at once.",
    ),
    key(
        "listener[].limits.handshake",
        "duration",
        "\"10s\"",
        "From the accepted connection to the finished TLS handshake.",
    ),
    key(
        "listener[].limits.header",
        "duration",
        "\"10s\"",
        "From the first byte of a request to the end of its headers.",
    ),
    key(
        "listener[].limits.request",
        "duration",
        "\"30s\"",
        "From the end of the headers to the answer, the body included.",
    ),
    key(
        "listener[].limits.response",
        "duration",
        "\"2m\"",
        "From the answer until the client has taken it all.",
    ),
    key(
        "listener[].limits.idle",
        "duration",
        "\"75s\"",
        "Between two requests on one connection.",
    ),
    key(
        "listener[].limits.drain",
        "duration",
        "\"30s\"",
        "For what is in flight when the process is asked to end.",
    ),
    key(
        "listener[].limits.header_size",
        "size",
        "\"16KiB\"",
        "Bytes of the request line and headers together; at least `8KiB`.",
    ),
    key("listener[].limits.header_lines", "number", "100", "Header lines."),
    key(
        "listener[].limits.body_size",
        "size",
        "\"128KiB\"",
        "Bytes of a request body.",
    ),
];

/// The page `docs/reference/settings.md`.
pub fn page() -> String {
    let mut page = HEAD.to_owned();
    for key in KEYS {
        let default = match key.default {
            "" => "–".to_owned(),
            default => format!("`{default}`"),
        };
        page.push_str(&format!(
            "| `{}` | {} | {default} | {} |\n",
            key.name, key.takes, key.does
        ));
    }
    page
}

const HEAD: &str = "# Settings

One TOML file, given as `tamga dev --settings FILE`; every key may be left out. Unknown keys are refused, and everything that is wrong
is told at once, with its line. Durations are a whole number and `ms`, `s`, `m`, `h` or `d`; sizes a whole number and `B`, `KiB`, `MiB`
or `GiB`. [A sample](../../deploy/tamga.toml) holds the defaults.

`tamga dev` chooses its own listeners when the file names none: the device plane at port 8443, status at 8480, ops at 8490, all on
127.0.0.1 (a free port each where one of these is taken, chosen once and kept in `ports.toml`), and the admin plane at `admin.sock`, in
the data directory.

Not settings: root sealing keys are files of mode 0600 under `secrets/` in the data directory, one a purpose, made at the first start.

| key | takes | default | what it does |
|---|---|---|---|
";
