// SPDX-License-Identifier: Apache-2.0
//! nginx as a relying party: `ssl_verify_client` with the lists of the issuer and of the root.

use std::net::SocketAddr;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use tamga_tests::answer::Certified;
use tamga_tests::house::House;
use tamga_tests::key_pair::KeyPair;
use tamga_tests::patience::eventually;
use tamga_tests::programs::{Files, repository};
use tamga_tests::relying_party::{Downloaded, pem};
use tamga_tests::wire::{Answer, Request, Wire};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use tokio::time::Instant;

/// A running nginx. It ends with its owner.
struct Nginx {
    address: SocketAddr,
    server: Vec<u8>,
    files: Files,
    _process: Child,
}

impl Nginx {
    /// Starts with these lists: it reads them at its start and never again.
    async fn with(chain: &[Vec<u8>], lists: &[Downloaded; 2]) -> Self {
        let files = Files::of(chain, &[&lists[0].der, &lists[1].der]);
        let own = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).expect("a certificate");
        files.write("server.pem", &pem("CERTIFICATE", own.cert.der()));
        files.write("server.key", &own.signing_key.serialize_pem());
        let free = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = free.local_addr().expect("its address");
        drop(free);
        let sample = std::fs::read_to_string(repository().join("tests/interop/nginx/nginx.conf.in"))
            .expect("the sample");
        let directory = files.directory().display().to_string();
        files.write(
            "nginx.conf",
            &sample
                .replace("@DIR@", &directory)
                .replace("@PORT@", &address.port().to_string()),
        );
        let mut command = Command::new("/usr/sbin/nginx");
        command.args([
            "-p",
            &format!("{directory}/"),
            "-e",
            "stderr",
            "-c",
            &format!("{directory}/nginx.conf"),
        ]);
        let log = std::fs::File::create(files.path("nginx.log")).expect("a log");
        let process = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .kill_on_drop(true)
            .spawn();
        let nginx = Self {
            address,
            server: own.cert.der().to_vec(),
            files,
            _process: process.expect("`make setup-test` installs nginx"),
        };
        eventually("nginx listens", || async {
            TcpStream::connect(address).await.ok()
        })
        .await;
        nginx
    }

    /// What a device gets that shows its certificate.
    async fn answers(&self, certified: &Certified, key: &KeyPair) -> Answer {
        let mut roots = RootCertStore::empty();
        roots
            .add(CertificateDer::from(self.server.clone()))
            .expect("an anchor");
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let shown = certified.chain[..2]
            .iter()
            .map(|der| CertificateDer::from(der.clone()))
            .collect();
        let key = PrivateKeyDer::try_from(key.to_der()).expect("a key");
        let config = config
            .expect("versions")
            .with_root_certificates(roots)
            .with_client_auth_cert(shown, key);
        let config = Arc::new(config.expect("a certificate and its key"));
        let mut wire = Wire::tls(self.address, config).await.expect("TLS");
        wire.ask(&Request::new("GET", "/")).await.expect("nginx answers")
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.files.path("nginx.log")).unwrap_or_default()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nginx_refuses_a_revoked_device_within_a_minute_and_accepts_its_neighbour() {
    let house = House::new().await;
    let operator = house.operator();
    let group = operator.creates_group("line").await;
    let (pump, fan) = (group.device("Pump-1"), group.device("fan-1"));
    let (pump_key, fan_key) = (KeyPair::new(), KeyPair::new());
    let (revoked, good) = (
        pump.enrolls(&pump_key).await.certified(),
        fan.enrolls(&fan_key).await.certified(),
    );
    let mut lists = [
        Downloaded::named_by(good.leaf()).await,
        Downloaded::named_by(&good.chain[1]).await,
    ];
    let nginx = Nginx::with(&good.chain, &lists).await;
    for (certified, key, name) in [(&revoked, &pump_key, "CN=Pump-1"), (&good, &fan_key, "CN=fan-1")] {
        let answer = nginx.answers(certified, key).await;
        assert_eq!(answer.status, 200, "{}", nginx.log());
        assert!(
            answer.text().starts_with("SUCCESS ") && answer.text().contains(name),
            "{}",
            answer.text()
        );
    }
    drop(nginx);

    let begun = Instant::now();
    operator.revokes_device(&pump).because("key_compromise").await;
    lists[0] = eventually("it is listed", || async {
        let list = lists[0].again().await;
        list.lists(revoked.leaf()).then_some(list)
    })
    .await;
    let nginx = Nginx::with(&good.chain, &lists).await;

    let answer = nginx.answers(&revoked, &pump_key).await;
    assert_eq!(answer.status, 400, "{}", answer.text());
    assert!(nginx.log().contains("certificate revoked"), "{}", nginx.log());
    assert!(
        begun.elapsed() < Duration::from_secs(60),
        "within 60 s of its revocation"
    );
    assert_eq!(
        nginx.answers(&good, &fan_key).await.status,
        200,
        "{}",
        nginx.log()
    );
    pump.enrolls(&KeyPair::new()).await.refused(401, "device_revoked");
    house.ends_well().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nginx_refuses_a_revoked_certificate_and_accepts_the_one_the_device_enrolls_for_anew() {
    let house = House::new().await;
    let operator = house.operator();
    let pump = operator.creates_group("line").await.device("pump-1");
    let (old_key, new_key) = (KeyPair::new(), KeyPair::new());
    let old = pump.enrolls(&old_key).await.certified();
    operator
        .revokes_certificate(&pump, &old)
        .await
        .because("key_compromise")
        .await;
    let list = Downloaded::named_by(old.leaf()).await;
    let list = eventually("it is listed", || async {
        let list = list.again().await;
        list.lists(old.leaf()).then_some(list)
    })
    .await;
    let new = pump.enrolls(&new_key).await.certified();
    let nginx = Nginx::with(&new.chain, &[list, Downloaded::named_by(&new.chain[1]).await]).await;
    assert_eq!(nginx.answers(&old, &old_key).await.status, 400);
    assert_eq!(nginx.answers(&new, &new_key).await.status, 200, "{}", nginx.log());
    house.ends_well().await;
}
