// SPDX-License-Identifier: Apache-2.0
//! A whole installation of real programs: two device gateways, an admin gateway, a status server, two signers.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;
use sqlx::Row as _;
use tamga_registry::id::CertificateId;
use tamga_test_postgres::{Cluster, Database};
use tamga_tests::clock::StoryClock;
use tamga_tests::device::{Device, Door, Doors};
use tamga_tests::patience::eventually;
use tamga_tests::sas::SasKey;
use tamga_tests::wire::{Request, Wire};
use tempfile::TempDir;

use crate::program::{Program, path_of};

/// The installation, and what is running of it.
pub(crate) struct Installation {
    /// Ended first.
    running: Vec<(&'static str, Program)>,
    pub(crate) cluster: Cluster,
    pub(crate) database: Database,
    folder: TempDir,
    address: Ipv4Addr,
    told: Value,
    group_key: String,
}

/// Which programs there are: their name, the program, its plane, the database role, where its ops plane listens.
const PROGRAMS: [(&str, &str, &str, &str, u16); 6] = [
    ("signer-1", "tamga-signer", "", "tamga_signer", 9001),
    ("signer-2", "tamga-signer", "", "tamga_signer", 9002),
    ("status", "tamga-status", "", "tamga_status", 9003),
    ("admin", "tamga-gateway", "admin", "tamga_admin", 9004),
    ("gateway-1", "tamga-gateway", "device", "tamga_device", 9005),
    ("gateway-2", "tamga-gateway", "device", "tamga_device", 9006),
];

/// The names of all programs.
pub(crate) const NAMES: [&str; 6] = [
    "signer-1",
    "signer-2",
    "status",
    "admin",
    "gateway-1",
    "gateway-2",
];

impl Installation {
    /// Founds it, starts every program, and makes one group.
    pub(crate) async fn new() -> Self {
        let cluster = Cluster::start();
        let database = cluster.database().await;
        let folder = TempDir::new().expect("a folder");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).expect("private");
        let mut installation = Self {
            cluster,
            database,
            folder,
            address: own_address(),
            told: Value::Null,
            group_key: String::new(),
            running: Vec::new(),
        };
        installation.told = installation.is_set_up();
        for role in ["tamga_signer", "tamga_status", "tamga_admin", "tamga_device"] {
            let _ = installation.database.login(role).await;
        }
        for (name, ..) in PROGRAMS {
            installation.starts(name);
        }
        for (name, ..) in PROGRAMS {
            installation.is_ready(name).await;
        }
        installation.group_key = installation.makes_a_group();
        installation
    }

    fn is_set_up(&self) -> Value {
        let url = self.database.url();
        let sealing = self.sealing(&["device_secrets", "issuer_keys", "service_keys"]);
        let settings = format!(
            "trust_domain = \"tamga.test\"\nstatus_url = \"http://{}:8480\"\norganization = \"acme\"\n\
             [database]\nurl = \"{url}?sslmode=disable\"\n{sealing}[telemetry]\nfilter = \"info\"\n",
            self.address
        );
        let file = self.writes("setup", &settings);
        self.tamga(&["setup", "--settings", &file, "--output", "json"])
    }

    fn sealing(&self, purposes: &[&str]) -> String {
        let line = |purpose: &&str| {
            let file = self.folder.path().join(format!("{purpose}.key"));
            format!("{purpose} = \"{}\"\n", file.display())
        };
        format!("[sealing]\n{}", purposes.iter().map(line).collect::<String>())
    }

    fn writes(&self, name: &str, settings: &str) -> String {
        let file = self.folder.path().join(format!("{name}.toml"));
        fs::write(&file, settings).expect("a settings file");
        file.to_str().expect("text").to_owned()
    }

    /// Runs the operator's tool, and reads what it answers as JSON.
    pub(crate) fn tamga(&self, arguments: &[&str]) -> Value {
        let done = Command::new(path_of("tamga"))
            .args(arguments)
            .output()
            .expect("it runs");
        let said = String::from_utf8_lossy(&done.stdout);
        let why = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "tamga {arguments:?}: {said}{why}");
        serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}"))
    }

    /// Runs the operator's tool to whatever end; its exit code, and what it answers as JSON.
    pub(crate) fn runs(&self, arguments: &[&str]) -> (Option<i32>, Value) {
        let done = Command::new(path_of("tamga")).args(arguments).output();
        let done = done.expect("it runs");
        let said = String::from_utf8_lossy(&done.stdout);
        let answer = serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}"));
        (done.status.code(), answer)
    }

    /// Where the settings of a program are.
    pub(crate) fn settings(&self, name: &str) -> String {
        let file = self.folder.path().join(format!("{name}.toml"));
        file.to_str().expect("text").to_owned()
    }

    /// Starts one of the programs.
    pub(crate) fn starts(&mut self, name: &'static str) {
        let (_, program, plane, role, ops) = *PROGRAMS.iter().find(|one| one.0 == name).expect("a program");
        let login = format!("{}_{role}", self.database.name());
        let url = self.database.url_of(&login);
        let purposes: &[&str] = match (program, plane) {
            ("tamga-signer", _) => &["device_secrets", "issuer_keys", "service_keys"],
            (_, "device") => &["device_secrets", "service_keys"],
            (_, "admin") => &["device_secrets"],
            _ => &[],
        };
        let sealing = if purposes.is_empty() {
            String::new()
        } else {
            self.sealing(purposes)
        };
        let tls = if program == "tamga-signer" {
            format!("[tls]\nnames = [\"{}\"]\n", self.address)
        } else {
            String::new()
        };
        let listener = |plane: &str, address: String| {
            format!("[[listener]]\nplane = \"{plane}\"\naddress = \"{address}\"\n")
        };
        let own = match name {
            "gateway-1" => listener("device", format!("{}:8443", self.address)),
            "gateway-2" => listener("device", format!("{}:8444", self.address)),
            "status" => listener("status", format!("{}:8480", self.address)),
            "admin" => listener("admin", format!("unix:{}", self.socket().display())),
            _ => String::new(),
        };
        let ops = if program == "tamga-signer" {
            listener("ops", format!("unix:{}", self.ops_socket(name).display()))
        } else {
            listener("ops", format!("{}:{ops}", self.address))
        };
        let settings = format!(
            "[database]\nurl = \"{url}?sslmode=disable\"\n{sealing}{tls}[telemetry]\nfilter = \"info,tamga_runtime::request_id=warn\"\n{own}{ops}"
        );
        let file = self.writes(name, &settings);
        let arguments: &[&str] = match plane {
            "" => &["--settings", &file],
            plane => &["--plane", plane, "--settings", &file],
        };
        let started = Program::start(name, program, arguments, self.folder.path());
        self.running.push((name, started));
    }

    /// Where operators of this machine come in.
    pub(crate) fn socket(&self) -> PathBuf {
        self.folder.path().join("admin.sock")
    }

    fn ops_socket(&self, name: &str) -> PathBuf {
        self.folder.path().join(format!("{name}.sock"))
    }

    /// Waits until it says that it is ready.
    pub(crate) async fn is_ready(&self, name: &str) {
        let port = PROGRAMS.iter().find(|one| one.0 == name).expect("a program").4;
        eventually(&format!("{name} is ready"), || async {
            let mut wire = match name.starts_with("signer") {
                true => Wire::unix(&self.ops_socket(name)).await.ok()?,
                false => Wire::plain(SocketAddr::from((self.address, port))).await.ok()?,
            };
            let answer = wire.ask(&Request::new("GET", "/readyz")).await.ok()?;
            (answer.status == 200).then_some(())
        })
        .await;
    }

    /// The running program of this name.
    pub(crate) fn program(&self, name: &str) -> &Program {
        let found = self.running.iter().find(|(of, _)| *of == name);
        &found.expect("it runs").1
    }

    /// No longer among the running ones.
    pub(crate) fn loses(&mut self, name: &str) -> Program {
        let at = self
            .running
            .iter()
            .position(|(of, _)| *of == name)
            .expect("it runs");
        self.running.remove(at).1
    }

    /// Runs the operator's tool in the organization, and reads what it answers as JSON.
    pub(crate) fn operates(&self, arguments: &[&str]) -> Value {
        let socket = self.socket();
        let socket = socket.to_str().expect("text");
        let here = ["--organization", "acme", "--socket", socket, "--output", "json"];
        self.tamga(&[arguments, &here].concat())
    }

    fn makes_a_group(&self) -> String {
        let made = self.operates(&["group", "create", "line-1"]);
        made["attestation"]["primaryKey"]
            .as_str()
            .expect("its key")
            .to_owned()
    }

    /// Revokes a certificate.
    pub(crate) async fn revokes(&self, der: &[u8]) {
        let rows = sqlx::query("SELECT id FROM certificate WHERE der = $1")
            .bind(der)
            .fetch_one(&mut self.database.connect().await)
            .await;
        let id: Vec<u8> = rows.expect("the certificate").get(0);
        let id = CertificateId::from_octets(id.try_into().expect("16 octets")).to_string();
        self.operates(&["certificate", "revoke", &id]);
    }

    /// A device of the group.
    pub(crate) fn device(&self, registration_id: &str) -> Device {
        let key = SasKey::from_base64(&self.group_key).derived_for(registration_id);
        Device::new(self.door(), registration_id, key)
    }

    fn door(&self) -> Door {
        let address = |port| SocketAddr::from((self.address, port));
        Door {
            address: address(8443),
            doors: Doors::new(vec![address(8443), address(8444)]),
            tls: self.trusting(),
            scope: self.told["idScope"].as_str().expect("a scope").to_owned(),
            clock: Arc::default(),
            ledger: Default::default(),
            secrets: Default::default(),
        }
    }

    fn trusting(&self) -> Arc<ClientConfig> {
        let mut roots = RootCertStore::empty();
        let anchors = self.told["serverAnchors"].as_str().expect("anchors");
        for anchor in CertificateDer::pem_slice_iter(anchors.as_bytes()) {
            roots.add(anchor.expect("PEM")).expect("an anchor");
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_details(provider, Arc::<StoryClock>::default());
        let builder = builder.with_safe_default_protocol_versions().expect("versions");
        Arc::new(builder.with_root_certificates(roots).with_no_client_auth())
    }

    /// The end of a story: nothing in the database contradicts the law.
    pub(crate) fn is_lawful(&self) {
        let settings = self.settings("setup");
        self.tamga(&["verify", "--settings", &settings, "--output", "json"]);
    }
}

/// Of the loopback network each installation of each process has an address of its own, and with it every port.
fn own_address() -> Ipv4Addr {
    static INSTALLATIONS: AtomicU32 = AtomicU32::new(0);
    let number = INSTALLATIONS.fetch_add(1, Ordering::Relaxed);
    let process = std::process::id();
    let octet = |number: u32| u8::try_from(number % 250 + 1).expect("less than 251");
    // The harness's houses are told apart by the last octet from 1 on; these count from its end.
    Ipv4Addr::new(127, octet(process / 250), octet(process), octet(249 - number))
}
