// SPDX-License-Identifier: Apache-2.0
//! The product in processes: a device gateway and a signer, each composed of what its binary is composed of, over a
//! Postgres each comes to as a member of its own role.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow};
use tamga_authority::Means;
use tamga_authority::clerk::ClerkRules;
use tamga_authority::desk::{Desk, DeskRules};
use tamga_authority::enroll::DoorRules;
use tamga_authority::fulfil::HandRules;
use tamga_authority::publish::PublishRules;
use tamga_authority::secrets::{RootedVault, Vault};
use tamga_gateway::process::device::{DeviceRules, device};
use tamga_gateway::process::{Reception, Shown};
use tamga_keys::seal::{Purpose, RootKey};
use tamga_runtime::chance::SystemChance;
use tamga_runtime::clock::SystemClock;
use tamga_runtime::drain::Drain;
use tamga_runtime::duty::{Ailment, Duties};
use tamga_runtime::listener::{Bound, Plane, bind_all};
use tamga_runtime::ops::Readiness;
use tamga_runtime::process::{Part, Process};
use tamga_signer::process::clerk::{Bureau, clerk};
use tamga_signer::process::{Keyring, SignerRules, signer as signing};
use tamga_store::{PostgresSettings, open_postgres};

use crate::order::Standing;
use crate::product::{house_data, listener, server_names};
use crate::role::announce;

/// Answers devices until a signal comes.
pub(crate) async fn gateway(data: &Path, database: String) -> Result<()> {
    let means = means(database).await?;
    let (reception, duties) = Reception::new(
        &means,
        vault(data, &[Purpose::DeviceSecrets])?,
        &Readiness::default(),
    );
    let (desk, work) = Desk::new(&means, DeskRules::default());
    let service_keys = vault(data, &[Purpose::ServiceKeys])?;
    let shown = Shown::new(&means, service_keys).await.map_err(well)?;
    let door = device(&reception, desk.into(), shown, DeviceRules::default());
    let part = own(duties.work("desk", |stop| work.run(stop))).and(door.map_err(well)?);
    live(&means, part, bind_all(&[listener(Plane::Device)]).await?).await
}

/// Signs what gateways hand in until a signal comes.
pub(crate) async fn signer(data: &Path, database: String) -> Result<()> {
    let means = means(database).await?;
    let own_keys = vault(data, &[Purpose::IssuerKeys, Purpose::ServiceKeys])?;
    let ring = Keyring::load(&means, own_keys).await.map_err(well)?;
    let rules = SignerRules {
        server_names: server_names()?,
        hand: HandRules::default(),
        lists: PublishRules::default(),
    };
    let (part, hand) = signing(&means, ring, rules).await.map_err(well)?;
    let (reception, duties) = Reception::new(
        &means,
        vault(data, &[Purpose::DeviceSecrets])?,
        &Readiness::default(),
    );
    let bureau = Bureau {
        policies: reception.policies.clone(),
        denials: reception.denials.clone(),
        door: DoorRules::default(),
        rules: ClerkRules::default(),
    };
    let duties = duties.and(clerk(&means, hand, bureau).map_err(well)?);
    live(&means, own(duties).and(part), Vec::new()).await
}

async fn means(database: String) -> Result<Means> {
    let store = open_postgres(&PostgresSettings::new(database.into())).await?;
    let (clock, chance) = (Arc::new(SystemClock), Arc::new(SystemChance::new()));
    Means::over(Arc::new(store), clock, chance)
        .await
        .context("opening the installation")
}

/// The roots of these purposes, as the house left them.
fn vault(data: &Path, purposes: &[Purpose]) -> Result<Arc<dyn Vault>> {
    let secrets = house_data(data).join("secrets");
    let roots = purposes
        .iter()
        .map(|purpose| Ok(RootKey::load(&secrets.join(format!("{purpose}.key")), *purpose)?))
        .collect::<Result<Vec<_>>>()?;
    Ok(Arc::new(RootedVault::new(roots, Arc::new(SystemChance::new()))))
}

fn own(duties: Duties) -> Part {
    Part {
        duties,
        ..Part::default()
    }
}

/// Stands until a signal comes.
async fn live(means: &Means, part: Part, places: Vec<Bound>) -> Result<()> {
    let drain = Drain::on_signals()?;
    let process = Process::new(drain.clone(), means.clock.clone(), means.chance.clone())?;
    let living = process.live(part, places).await?;
    let address = living.addresses().tcp(Plane::Device);
    announce(&Standing {
        process: std::process::id(),
        address: address.map(|address| address.to_string()),
    })?;
    drain.begun().cancelled().await;
    living.stop().await;
    means.store.close().await;
    Ok(())
}

fn well(ailment: Ailment) -> anyhow::Error {
    anyhow!(ailment)
}
