// SPDX-License-Identifier: Apache-2.0
//! A real house in a directory of its own, at a loopback address of its own, under a clock that can be moved.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};
use tamga::house::HouseSettings;
use tamga_authority::administer::ApprovalRules;
use tamga_authority::fulfil::HandRules;
use tamga_registry::id::IssuerId;
use tamga_runtime::listener::{Address, Limits, ListenerConfig, Plane};
use tamga_store::inspect_sqlite;
use tamga_x509::name::ServerNames;
use tamga_x509::time::{Clock, Timestamp};
use tempfile::TempDir;

use crate::clock::StoryClock;
use crate::database::Database;
use crate::device::{Door, Doors, Ledger};
use crate::invariants::Evidence;
use crate::memory::Memory;
use crate::operator::{Operator, Replicas};
use crate::patience::eventually;
use crate::running::{Refused, Running, Start};
use crate::secrets::{Secrets, listen_to_the_log};
use crate::topology::Topology;
use crate::visitor::Visitor;
use crate::watch::Watch;
use crate::wire::{Answer, Request, Wire};

/// A house and everything a story knows of it.
pub struct House {
    /// Its time.
    pub clock: Arc<StoryClock>,
    /// Stands between it and its keys.
    pub watch: Arc<Watch>,
    secrets: Secrets,
    ledger: Ledger,
    topology: Topology,
    settings: HouseSettings,
    database: Option<Database>,
    running: Option<Running>,
    doors: Doors,
    memory: Memory,
    device_issuers: Vec<IssuerId>,
    _directory: TempDir,
}

impl House {
    /// A new one, on ports of the system's choice.
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// A new one whose device plane is on port 443, where unmodified device SDKs look for it.
    pub async fn on_443() -> Self {
        let house = Self::with(|settings| {
            for listener in &mut settings.listeners {
                if let (Plane::Device, Address::Tcp(address)) = (listener.plane, &mut listener.address) {
                    address.set_port(443);
                }
            }
        });
        house.await
    }

    /// A new one with other settings.
    pub async fn with(change: impl FnOnce(&mut HouseSettings)) -> Self {
        listen_to_the_log();
        let directory = TempDir::new().expect("a directory");
        let topology = Topology::here();
        let mut settings = settings(&directory, topology);
        change(&mut settings);
        let database = match topology {
            Topology::Sqlite => None,
            Topology::Postgres | Topology::Split => Some(Database::new().await),
        };
        let (clock, watch) = (Arc::<StoryClock>::default(), Arc::<Watch>::default());
        let start = Start {
            settings: &settings,
            database: database.as_ref(),
            clock: &clock,
            watch: &watch,
        };
        let running = started(topology, &start)
            .await
            .unwrap_or_else(|fault| explain(&fault));
        let memory = match &database {
            None => Memory::beside(&settings.data.join("tamga.db")).await,
            Some(database) => Memory::at(&database.url()).await,
        };
        let device_issuers = device_issuers(&memory).await;
        Self {
            clock,
            watch,
            secrets: Secrets::default(),
            ledger: Ledger::default(),
            topology,
            settings,
            database,
            doors: Doors::new(running.doors()),
            running: Some(running),
            memory,
            device_issuers,
            _directory: directory,
        }
    }

    /// Where devices knock.
    pub fn door(&self) -> Door {
        Door {
            address: self.address(Plane::Device),
            doors: self.doors.clone(),
            tls: self.trusting(),
            scope: self.running().id_scope().to_string(),
            clock: Arc::clone(&self.clock),
            ledger: self.ledger.clone(),
            secrets: self.secrets.clone(),
        }
    }

    /// Its operator.
    pub fn operator(&self) -> Operator {
        Operator {
            socket: self.running().admin_socket().expect("an admin socket"),
            organization: self.running().organization().to_string(),
            door: self.door(),
            replicas: Replicas {
                processes: self.running().replicas(),
                memory: self.memory.clone(),
            },
        }
    }

    /// Somebody who comes to its admin plane over the network, without any credential yet.
    pub fn visitor(&self) -> Visitor {
        let operator = self.operator();
        Visitor {
            address: self.address(Plane::Admin),
            tls: self.trusting(),
            authorization: None,
            organization: operator.organization,
            replicas: operator.replicas,
        }
    }

    /// Its tables.
    pub fn memory(&self) -> &Memory {
        &self.memory
    }

    /// The roots that vouch for its devices, DER.
    pub fn device_anchors(&self) -> &[Vec<u8>] {
        self.running().anchors().device()
    }

    /// The roots that vouch for itself, DER: what it prints for devices to trust.
    pub fn server_anchors(&self) -> Vec<Vec<u8>> {
        self.running()
            .anchors()
            .server()
            .iter()
            .map(|anchor| anchor.der().to_vec())
            .collect()
    }

    /// Where a plane listens.
    pub fn address(&self, plane: Plane) -> SocketAddr {
        self.running().tcp(plane).expect("a network address")
    }

    /// Asks the status or the ops plane.
    pub async fn asks(&self, plane: Plane, target: &str) -> Answer {
        let mut wire = Wire::plain(self.address(plane)).await.expect("the plane listens");
        wire.ask(&Request::new("GET", target))
            .await
            .expect("the plane answers")
    }

    /// How often the keys of device issuers were asked for a certificate.
    pub fn signatures(&self) -> usize {
        let asked = self.watch.asked();
        asked
            .iter()
            .filter(|asked| asked.is_certificate() && self.device_issuers.contains(&asked.issuer))
            .count()
    }

    /// No secret of the story stands in this answer, or in the log.
    pub fn keeps_its_secrets(&self, answer: &str) {
        self.secrets.assert_absent("an answer", answer);
        self.secrets.assert_unlogged();
    }

    /// Lets time pass, and waits until the house has caught up: its own TLS certificate is good at the new hour.
    pub async fn lets_pass(&self, span: Duration) {
        self.clock.pass(span);
        self.catches_up().await;
    }

    /// Lets it be that instant, as [`Self::lets_pass`].
    pub async fn lets_it_be(&self, instant: Timestamp) {
        self.clock.jump(instant);
        self.catches_up().await;
    }

    async fn catches_up(&self) {
        let tls = self.trusting();
        for door in self.running().doors() {
            eventually("a TLS certificate that is good at the new hour", || async {
                Wire::tls(door, Arc::clone(&tls)).await.ok()
            })
            .await;
        }
    }

    /// Ends well and starts again, on the same data and ports.
    pub async fn restarts(&mut self) {
        let running = self.running.take().expect("it runs");
        running.stop().await;
        self.starts_again().await;
    }

    /// Ends as in a crash and starts again.
    pub async fn crashes_and_restarts(&mut self) {
        self.crashes();
        self.starts_again().await;
    }

    /// Ends as in a crash.
    pub fn crashes(&mut self) {
        drop(self.running.take());
    }

    /// Starts again, on the same data and ports.
    pub async fn starts_again(&mut self) {
        let start = Start {
            settings: &self.settings,
            database: self.database.as_ref(),
            clock: &self.clock,
            watch: &self.watch,
        };
        // What a crash cut off lets go of places and of the database a moment later.
        let running = eventually("a house that starts again", || async {
            started(self.topology, &start).await.ok()
        });
        self.running = Some(running.await);
    }

    /// Asks every invariant.
    pub async fn is_lawful(&self) {
        let ledger = &self.ledger;
        // Read first: what is signed later is kept before it is signed, so what is seen later tells of all of these.
        let asked = self.watch.asked();
        let evidence = Evidence {
            ledger,
            asked: &asked,
            now: self.clock.now(),
        };
        match &self.database {
            None => {
                let archive = inspect_sqlite(self.settings.data.join("tamga.db")).await;
                let archive = archive.expect("the database can be inspected");
                evidence.assert_lawful(&archive).await;
                archive.close().await;
            }
            Some(database) => {
                let archive = database.is_inspected().await;
                evidence.assert_lawful(&archive).await;
                archive.close().await;
            }
        }
        self.secrets.assert_unlogged();
    }

    /// The end of a story: every invariant holds, and the house ends well.
    pub async fn ends_well(mut self) {
        self.is_lawful().await;
        let running = self.running.take().expect("it runs");
        running.stop().await;
        self.memory.close().await;
    }

    fn running(&self) -> &Running {
        self.running.as_ref().expect("it runs")
    }

    fn trusting(&self) -> Arc<ClientConfig> {
        let mut roots = RootCertStore::empty();
        for anchor in self.server_anchors() {
            roots.add(CertificateDer::from(anchor)).expect("an anchor");
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_details(provider, Arc::<StoryClock>::clone(&self.clock));
        let builder = builder.with_safe_default_protocol_versions().expect("versions");
        Arc::new(builder.with_root_certificates(roots).with_no_client_auth())
    }
}

async fn started(topology: Topology, start: &Start<'_>) -> Result<Running, Refused> {
    match topology {
        Topology::Sqlite | Topology::Postgres => start.one().await,
        Topology::Split => start.split().await,
    }
}

fn explain(fault: &str) -> ! {
    panic!(
        "the house does not start: {fault}; port 443 wants root, or net.ipv4.ip_unprivileged_port_start at 443 or less"
    )
}

fn settings(directory: &TempDir, topology: Topology) -> HouseSettings {
    let place = own_address();
    let listener = |plane, address| ListenerConfig {
        plane,
        address,
        limits: Limits::default(),
    };
    // At an address of its own every port is free. They stay the same, for status URLs are permanent.
    let tcp = |plane, port| listener(plane, Address::Tcp(SocketAddr::new(place, port)));
    let socket = directory.path().join("admin.sock");
    HouseSettings {
        data: directory.path().join("data"),
        listeners: vec![
            tcp(Plane::Device, 8_443),
            tcp(Plane::Status, 8_480),
            tcp(Plane::Ops, 8_490),
            tcp(Plane::Admin, 8_444),
            listener(Plane::Admin, Address::Unix(socket)),
        ],
        status_url: None,
        trust_domain: "tamga.test".to_owned(),
        organization: "acme".parse().expect("a slug"),
        server_names: ServerNames::new(&["tamga.test".to_owned()], &[place]).expect("names"),
        assigned_hub: None,
        door: Default::default(),
        hand: HandRules {
            // The clock of a story jumps; the server's does not.
            clock_tolerance: (topology == Topology::Sqlite).then_some(Duration::from_mins(5)),
            ..HandRules::default()
        },
        clerk: Default::default(),
        tokens: Default::default(),
        lists: Default::default(),
        status: Default::default(),
        approvals: ApprovalRules {
            // Long enough that there are two walks, short enough to wait for.
            settles_within: Duration::from_millis(300),
            ..ApprovalRules::default()
        },
    }
}

/// Of the loopback network each house of each process has an address of its own, and with it every port.
fn own_address() -> IpAddr {
    static HOUSES: AtomicU32 = AtomicU32::new(0);
    let house = HOUSES.fetch_add(1, Ordering::Relaxed);
    let process = std::process::id();
    let octet = |number: u32| u8::try_from(number % 250 + 1).expect("less than 251");
    Ipv4Addr::new(127, octet(process / 250), octet(process), octet(house)).into()
}

async fn device_issuers(memory: &Memory) -> Vec<IssuerId> {
    let rows = memory.rows("SELECT id FROM issuer WHERE role = 'device'").await;
    let octets = rows.iter().map(|row| row.get::<Vec<u8>, _>(0));
    octets
        .map(|octets| IssuerId::from_octets(octets.try_into().expect("16 octets")))
        .collect()
}
