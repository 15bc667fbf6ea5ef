// SPDX-License-Identifier: Apache-2.0
//! The product itself: the whole house in one process, as `tamga dev` composes it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use data_encoding::BASE64;
use secrecy::SecretString;
use tamga::house::{House, HouseSettings, RunningHouse};
use tamga_authority::administer::{NewAttestation, NewEnrollment};
use tamga_authority::enroll::DoorRules;
use tamga_authority::fulfil::HandRules;
use tamga_authority::publish::PublishRules;
use tamga_authority::{Caller, Failure, Refusal, RequestContext};
use tamga_registry::enrollment::RekeyPolicy;
use tamga_registry::id::RequestId;
use tamga_registry::role::{Assignment, Principal, Role};
use tamga_runtime::chance::SystemChance;
use tamga_runtime::clock::SystemClock;
use tamga_runtime::drain::Drain;
use tamga_runtime::listener::{Address, Limits, ListenerConfig, Plane};
use tamga_store::{PostgresSettings, open_postgres};
use tamga_x509::name::ServerNames;

use crate::database::founding::{ORGANIZATION, TRUST_DOMAIN};
use crate::database::mass::{self, Mass};
use crate::factory;
use crate::order::{Founded, Ready, Target};
use crate::role::announce;

/// The keys of the group every device of the bench belongs to: known, so that a house can be started again.
const GROUP_KEYS: ([u8; 64], [u8; 64]) = ([0x51; 64], [0x52; 64]);

/// What that group is called.
const GROUP: &str = "bench";

/// The database within a house's data directory.
const DATABASE: &str = "tamga.db";

/// Serves until a signal comes, over the database on a server where there is one.
pub(crate) async fn serve(data: &Path, database: Option<&str>) -> Result<()> {
    let house = start(data, database).await?;
    let Founded { anchor, target } = founded(&house)?;
    until_a_signal(house, Plane::Device, (anchor, target)).await
}

/// As [`serve`], for a station.
pub(crate) async fn serve_factory(data: &Path, database: Option<&str>) -> Result<()> {
    let house = start(data, database).await?;
    let anchor = founded(&house)?.anchor;
    let target = factory::station(&house, &caller(), GROUP).await?;
    until_a_signal(house, Plane::Admin, (anchor, target)).await
}

async fn until_a_signal(house: RunningHouse, plane: Plane, (anchor, target): (String, Target)) -> Result<()> {
    let address = house.addresses().tcp(plane).context("it does not listen there")?;
    announce(&Ready {
        processes: vec![std::process::id()],
        address: address.to_string(),
        anchor,
        target,
    })?;
    let signals = Drain::on_signals()?;
    signals.begun().cancelled().await;
    house.stop().await;
    Ok(())
}

/// Founds an installation in a database on a server, and ends.
pub(crate) async fn found(data: &Path, database: &str) -> Result<Founded> {
    let house = start(data, Some(database)).await?;
    let founded = founded(&house)?;
    house.stop().await;
    Ok(founded)
}

async fn start(data: &Path, database: Option<&str>) -> Result<RunningHouse> {
    let (clock, chance) = (Arc::new(SystemClock), Arc::new(SystemChance::new()));
    let house = match database {
        None => House::start(settings(data)?, clock, chance).await?,
        Some(url) => {
            let store = open_postgres(&PostgresSettings::new(url.to_owned().into())).await?;
            House::over(Arc::new(store), settings(data)?, (clock, chance), |signers| {
                signers
            })
            .await?
        }
    };
    require_group(&house).await?;
    Ok(house)
}

fn founded(house: &RunningHouse) -> Result<Founded> {
    let anchor = house.anchors().server().first().context("no anchor")?;
    Ok(Founded {
        anchor: BASE64.encode(anchor.der()),
        target: Target::Dps {
            id_scope: house.id_scope().canonical().to_owned(),
            group_key: BASE64.encode(&GROUP_KEYS.0),
        },
    })
}

/// Writes devices into the database of a house that is not running.
pub(crate) async fn fill(data: &Path, count: usize) -> Result<()> {
    let mass = Mass {
        count,
        revoked: false,
    };
    mass::fill(&house_data(data).join(DATABASE), mass).await
}

/// Where a house keeps its files.
pub(crate) fn house_data(data: &Path) -> PathBuf {
    data.join("house")
}

/// A place of the system's choice.
pub(crate) fn listener(plane: Plane) -> ListenerConfig {
    ListenerConfig {
        plane,
        address: Address::Tcp(SocketAddr::from(([127, 0, 0, 1], 0))),
        limits: Limits::default(),
    }
}

/// As the settings file's defaults have it, on ports of the system's choice.
fn settings(data: &Path) -> Result<HouseSettings> {
    Ok(HouseSettings {
        // A folder of its own: it must be its owner's alone.
        data: house_data(data),
        listeners: vec![
            listener(Plane::Device),
            listener(Plane::Admin),
            listener(Plane::Status),
            listener(Plane::Ops),
        ],
        status_url: Some("http://status.bench.example".parse()?),
        trust_domain: TRUST_DOMAIN.to_owned(),
        organization: ORGANIZATION.parse()?,
        server_names: server_names()?,
        assigned_hub: None,
        door: DoorRules::default(),
        hand: HandRules::default(),
        clerk: tamga_authority::clerk::ClerkRules::default(),
        tokens: tamga_authority::administer::TokenRules::default(),
        lists: PublishRules::default(),
        status: tamga_status::StatusSettings::default(),
        approvals: tamga_authority::administer::ApprovalRules::default(),
    })
}

/// What clients of the bench call every door.
pub(crate) fn server_names() -> Result<ServerNames> {
    Ok(ServerNames::new(&["localhost".to_owned()], &[])?)
}

/// Somebody on the machine itself, who may do everything.
fn caller() -> Caller {
    let everywhere = Assignment {
        role: Role::Administrator,
        organization: None,
    };
    let context = RequestContext {
        request: RequestId::from_octets([0; 16]),
        source: None,
        once: None,
    };
    Caller::new(Principal::LocalUser { uid: 0 }, vec![everywhere], context)
}

/// Makes the group, unless it was made before.
async fn require_group(house: &RunningHouse) -> Result<()> {
    let key = |octets: &[u8]| SecretString::from(BASE64.encode(octets));
    let new = NewEnrollment {
        name: GROUP.parse()?,
        attestation: Some(NewAttestation::SymmetricKey(Some((
            key(&GROUP_KEYS.0),
            key(&GROUP_KEYS.1),
        )))),
        profile: None,
        issuer: None,
        rekey: RekeyPolicy::Allow,
        rekeys_per_day: None,
        assigned_hub: None,
    };
    let made = house
        .administration()
        .create_group(&caller(), house.organization(), new)
        .await;
    match made {
        Ok(_) | Err(Failure::Refused(Refusal::NameTaken(_))) => Ok(()),
        Err(Failure::Refused(refusal)) => Err(refusal).context("making the group"),
        Err(Failure::Broken(fault)) => Err(fault).context("making the group"),
    }
}
