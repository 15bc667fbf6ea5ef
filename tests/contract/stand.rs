// SPDX-License-Identifier: Apache-2.0
//! A house in which the names of the document's examples stand for something, and programs that are sent there.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use data_encoding::BASE64;
use serde_json::json;
use tamga_runtime::listener::Plane;
use tamga_tests::house::House;
use tamga_tests::key_pair::KeyPair;
use tamga_tests::operator::Operator;
use tamga_tests::programs::{Said, repository};
use tamga_tests::relay::Relay;
use tamga_tests::vendor::{Birth, Vendor};
use tamga_x509::pem;
use tempfile::TempDir;
use tokio::process::Command;

/// The house, and the way there.
pub(crate) struct Stand {
    pub(crate) house: House,
    pub(crate) operator: Operator,
    pub(crate) folder: TempDir,
    /// The certificate of the device `pump-1`.
    pub(crate) certificate: String,
    relay: Relay,
}

impl Stand {
    /// A house with a group `line-1`, its device `pump-1` and station `flash-1`, and an anchor `vendor`.
    pub(crate) async fn new() -> Self {
        let house = House::new().await;
        let operator = house.operator();
        let pump = operator.creates_group("line-1").await.device("pump-1");
        operator.makes_station("flash-1", "line-1", json!({})).await;
        let certified = pump.enrolls(&KeyPair::new()).await.certified();
        let seen = operator.looks_at_certificate(&pump, &certified).await;
        let certificate = seen["id"].as_str().expect("an id").to_owned();
        let vendor = Vendor::root("Vendor Root", &house.clock);
        operator.brings_anchor("vendor", &vendor, json!({})).await;
        let folder = TempDir::new().expect("a folder");
        let stand = Self {
            relay: Relay::before(operator.socket.clone()).await,
            house,
            operator,
            folder,
            certificate,
        };
        stand.writes_samples(&vendor);
        stand
    }

    /// What is generated must be certificates and lists, not text that looks like them.
    fn writes_samples(&self, vendor: &Vendor) {
        let other = Vendor::root("Other Root", &self.house.clock);
        let births = ["fan-1", "fan-2"].map(|name| Birth::self_signed(name, &self.house.clock));
        let certificates = [
            other.certificate().to_vec(),
            vendor.intermediate("Plant").certificate().to_vec(),
            births[0].leaf().to_vec(),
            births[1].leaf().to_vec(),
        ];
        let text = |der: Vec<u8>| BASE64.encode(&der);
        let requests = ["pump-1", "fan-1"].map(|name| text(KeyPair::new().request(name)));
        let lists = [vendor.lists(&[]), other.lists(&[])].map(text);
        let samples = json!({ "certificates": certificates.map(text), "requests": requests, "lists": lists });
        std::fs::write(self.samples(), samples.to_string()).expect("samples are written");
    }

    /// Certificates, requests and lists to be sent, as JSON.
    pub(crate) fn samples(&self) -> PathBuf {
        self.folder.path().join("samples.json")
    }

    /// Where it answers.
    pub(crate) fn url(&self) -> String {
        self.relay.url()
    }

    /// Where it answers over TLS.
    pub(crate) fn secure_url(&self) -> String {
        format!("https://{}", self.house.address(Plane::Admin))
    }

    /// Whom to believe there, as PEM.
    pub(crate) fn authorities(&self) -> PathBuf {
        let file = self.folder.path().join("authorities.pem");
        let text = pem::certificates(&self.house.server_anchors());
        std::fs::write(&file, text).expect("authorities are written");
        file
    }

    /// The end: whatever was sent, every invariant holds.
    pub(crate) async fn ends_well(self) {
        drop(self.relay);
        self.house.ends_well().await;
    }
}

/// One of the programs in the Python room.
pub(crate) fn python(program: &str) -> Command {
    Command::new(repository().join("target/tools/venv/bin").join(program))
}

/// Lets a program work to its end, for longer than [`tamga_tests::patience`] has.
pub(crate) async fn work(command: &mut Command) -> Said {
    let program = command.as_std().get_program().to_owned();
    let program = program.display();
    let output = command.stdin(Stdio::null()).kill_on_drop(true).output();
    let output = tokio::time::timeout(WORK, output)
        .await
        .unwrap_or_else(|_| panic!("{program} is not done after {WORK:?}"))
        .unwrap_or_else(|error| panic!("{program}: {error}; `make setup-test` installs it"));
    let text = |octets: Vec<u8>| String::from_utf8_lossy(&octets).into_owned();
    Said {
        code: output.status.code().unwrap_or(-1),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}

/// A path of this folder of the repository.
pub(crate) fn here(file: impl AsRef<OsStr>) -> PathBuf {
    repository().join("tests/contract").join(file.as_ref())
}

/// On a machine that does much else besides.
const WORK: Duration = Duration::from_secs(600);
