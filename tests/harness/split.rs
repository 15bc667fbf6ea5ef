// SPDX-License-Identifier: Apache-2.0
//! One process a part, all in this one: two device gateways, one admin gateway, one status server, two signers, each over
//! a memory of its own under a database role of its own.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tamga::founding::{Foundation, Founder};
use tamga::house::{HouseSettings, Known};
use tamga::roots::{Places, Stage};
use tamga_authority::means::Origin;
use tamga_gateway::process::device::DeviceRules;
use tamga_gateway::process::start::{AdminGateway, DeviceGateway};
use tamga_gateway::settings::{AdminSealing, DeviceSealing};
use tamga_registry::store::Installations as _;
use tamga_runtime::chance::SystemChance;
use tamga_runtime::drain::Drain;
use tamga_runtime::listener::{Address, Limits, ListenerConfig, Plane};
use tamga_runtime::ops::Readiness;
use tamga_runtime::process::Waking;
use tamga_signer::process::SignerRules;
use tamga_signer::process::start::SignerProcess;
use tamga_signer::settings::Sealing;
use tamga_status::process::StatusServer;
use tamga_store::Role;
use tamga_x509::chance::Chance;

use crate::database::Database;
use crate::patience::promptly;
use crate::running::{Refused, Start};

/// The processes.
pub(crate) struct Split {
    known: Known,
    signers: Vec<Waking>,
    gateways: Vec<Waking>,
    admin: Waking,
    status: Waking,
}

impl Split {
    /// Founds the installation unless there is one, and starts every process: first those that others wait for.
    pub(crate) async fn start(start: &Start<'_>, database: &Database) -> Result<Self, Refused> {
        let stage = Building { start, database };
        let places = Places::within(&start.settings.data.join("secrets"));
        let known = stage.found(&places).await?;
        let mut signers = Vec::new();
        for number in 0..2 {
            signers.push(stage.signer(&places, number).await?);
        }
        for signer in &signers {
            promptly("a signer that lives", signer.alive()).await;
        }
        let mut gateways = Vec::new();
        for number in 0..2 {
            gateways.push(stage.gateway(&places, number).await?);
        }
        let admin = stage.admin(&places).await?;
        let status = stage.status().await?;
        for process in gateways.iter().chain([&admin, &status]) {
            let what = format!("a process that lives, not {:?}", process.readiness());
            promptly(&what, process.alive()).await;
        }
        Ok(Self {
            known,
            signers,
            gateways,
            admin,
            status,
        })
    }

    pub(crate) fn known(&self) -> &Known {
        &self.known
    }

    pub(crate) fn doors(&self) -> Vec<SocketAddr> {
        let doors = self
            .gateways
            .iter()
            .map(|gateway| gateway.addresses().tcp(Plane::Device));
        doors.map(|door| door.expect("a gateway that listens")).collect()
    }

    pub(crate) fn tcp(&self, plane: Plane) -> Option<SocketAddr> {
        match plane {
            Plane::Device | Plane::Ops => self.gateways.first()?.addresses().tcp(plane),
            Plane::Admin => self.admin.addresses().tcp(plane),
            Plane::Status => self.status.addresses().tcp(plane),
        }
    }

    pub(crate) fn admin_socket(&self) -> Option<PathBuf> {
        self.admin.addresses().unix(Plane::Admin)
    }

    /// Whoever keeps policy in mind.
    pub(crate) fn replicas(&self) -> Vec<Readiness> {
        let processes = self.gateways.iter().chain(&self.signers);
        processes.map(|process| process.readiness().clone()).collect()
    }

    /// Doors first, then those who work for them.
    pub(crate) async fn stop(self) {
        let Self {
            signers,
            gateways,
            admin,
            status,
            ..
        } = self;
        for process in gateways.into_iter().chain([admin, status]).chain(signers) {
            process.stop().await;
        }
    }
}

/// What processes are built from.
struct Building<'a> {
    start: &'a Start<'a>,
    database: &'a Database,
}

impl Building<'_> {
    async fn found(&self, places: &Places) -> Result<Known, Refused> {
        let told = |fault: &dyn std::fmt::Display| fault.to_string();
        let store = self.database.opens_as_owner().await?;
        let stage = match store.installation().await.map_err(|fault| told(&fault))? {
            None => Stage::Founding,
            Some(_) => Stage::Founded,
        };
        private(&self.start.settings.data.join("secrets"));
        let chance: Arc<dyn Chance> = Arc::new(SystemChance::new());
        let vaults = places.open(stage, &chance).map_err(|fault| told(&fault))?;
        let founder = Founder {
            store: &store,
            vaults: &vaults,
            clock: &**self.start.clock,
            chance: &*chance,
        };
        founder
            .ensure(&self.foundation())
            .await
            .map_err(|fault| told(&fault))?;
        let known = Known::of(&store).await.map_err(|fault| told(&fault));
        store.close().await;
        known
    }

    fn foundation(&self) -> Foundation {
        let settings = self.start.settings;
        let derived = || {
            format!("http://{}", tcp(settings, Plane::Status))
                .parse()
                .expect("a URL")
        };
        Foundation {
            trust_domain: settings.trust_domain.clone(),
            status_url: settings.status_url.clone().unwrap_or_else(derived),
            organization: settings.organization.clone(),
        }
    }

    fn origin(&self, role: Role) -> Origin {
        Origin {
            opening: self.database.opening(role),
            clock: Arc::clone(self.start.clock) as _,
            chance: Arc::new(SystemChance::new()),
        }
    }

    async fn signer(&self, places: &Places, number: u8) -> Result<Waking, Refused> {
        let (settings, watch) = (self.start.settings, Arc::clone(self.start.watch));
        let socket = settings.data.join(format!("signer-{number}.sock"));
        let signer = SignerProcess {
            listeners: vec![listener(Plane::Ops, Address::Unix(socket))],
            sealing: Sealing {
                device_secrets: Some(places.device_secrets.clone()),
                issuer_keys: Some(places.issuer_keys.clone()),
                service_keys: Some(places.service_keys.clone()),
            },
            rules: SignerRules {
                server_names: settings.server_names.clone(),
                hand: settings.hand,
                lists: settings.lists,
            },
            door: settings.door.clone(),
            clerk: settings.clerk,
            between: Some(Arc::new(move |signers| watch.over(signers))),
        };
        let started = signer.start(self.origin(Role::Signer), Drain::new()).await;
        started.map_err(|failure| failure.to_string())
    }

    async fn gateway(&self, places: &Places, number: u16) -> Result<Waking, Refused> {
        let settings = self.start.settings;
        let (mut door, mut ops) = (tcp(settings, Plane::Device), tcp(settings, Plane::Ops));
        if number > 0 {
            // Beside the first one, which may be where unmodified device SDKs look.
            door.set_port(SECOND_DOOR);
            ops.set_port(ops.port() + number);
        }
        let gateway = DeviceGateway {
            listeners: vec![
                listener(Plane::Device, Address::Tcp(door)),
                listener(Plane::Ops, Address::Tcp(ops)),
            ],
            sealing: DeviceSealing {
                device_secrets: Some(places.device_secrets.clone()),
                service_keys: Some(places.service_keys.clone()),
            },
            rules: DeviceRules {
                door: settings.door.clone(),
                assigned_hub: settings.assigned_hub.clone(),
            },
        };
        let started = gateway.start(self.origin(Role::Device), Drain::new()).await;
        started.map_err(|failure| failure.to_string())
    }

    async fn admin(&self, places: &Places) -> Result<Waking, Refused> {
        let of_admin = |listener: &&ListenerConfig| listener.plane == Plane::Admin;
        let gateway = AdminGateway {
            listeners: self
                .start
                .settings
                .listeners
                .iter()
                .filter(of_admin)
                .cloned()
                .collect(),
            sealing: AdminSealing {
                device_secrets: Some(places.device_secrets.clone()),
                service_keys: Some(places.service_keys.clone()),
            },
            tokens: Default::default(),
            door: self.start.settings.door.clone(),
            owner: rustix::process::geteuid().as_raw(),
            approvals: self.start.settings.approvals,
        };
        let started = gateway.start(self.origin(Role::Admin), Drain::new()).await;
        started.map_err(|failure| failure.to_string())
    }

    async fn status(&self) -> Result<Waking, Refused> {
        let of_status = |listener: &&ListenerConfig| listener.plane == Plane::Status;
        let server = StatusServer {
            listeners: self
                .start
                .settings
                .listeners
                .iter()
                .filter(of_status)
                .cloned()
                .collect(),
            ages: self.start.settings.status,
        };
        let started = server.start(self.origin(Role::Status), Drain::new()).await;
        started.map_err(|failure| failure.to_string())
    }
}

fn tcp(settings: &HouseSettings, plane: Plane) -> SocketAddr {
    let found = settings
        .listeners
        .iter()
        .find_map(|listener| match listener.address {
            Address::Tcp(address) if listener.plane == plane => Some(address),
            Address::Tcp(_) | Address::Unix(_) => None,
        });
    found.expect("a network address")
}

fn listener(plane: Plane, address: Address) -> ListenerConfig {
    ListenerConfig {
        plane,
        address,
        limits: Limits::default(),
    }
}

fn private(path: &Path) {
    tamga::files::private_directory(path).expect("a directory");
}

const SECOND_DOOR: u16 = 9_443;
