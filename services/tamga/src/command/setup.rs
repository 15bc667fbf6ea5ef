// SPDX-License-Identifier: Apache-2.0
//! `tamga setup`: founds an installation over Postgres, and says what a newcomer needs next. Idempotent.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use serde_json::{Value, json};
use tamga_registry::store::Store;
use tamga_runtime::chance::SystemChance;
use tamga_runtime::clock::SystemClock;
use tamga_runtime::harden::harden;
use tamga_runtime::settings::{SecretFile, load_process};
use tamga_runtime::telemetry::start_logging;
use tamga_store::{ROLES, migrate_postgres};
use tamga_x509::chance::Chance;
use tamga_x509::pem;

use super::show::{Output, say, sheet};
use crate::exit::{End, Failure};
use crate::founding::{Foundation, Founder};
use crate::house::Known;
use crate::memory;
use crate::roots::{Places, Stage, Vaults};
use crate::settings::setup::SetupSettings;

/// Found an installation over Postgres: schema, root keys, roots and issuers, the first organization.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Setup {
    /// The settings file; docs/reference/settings.md lists the keys
    #[arg(long, value_name = "FILE")]
    settings: PathBuf,
    /// How to write the result
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

/// What was found or made.
struct Founded {
    first: bool,
    schema: i64,
    made: Vec<PathBuf>,
    known: Known,
    foundation: Foundation,
}

impl Setup {
    pub(crate) async fn run(self) -> Result<(), Failure> {
        let usage = |fault: String| Failure::new(End::Usage, fault);
        let settings: SetupSettings =
            load_process(&self.settings).map_err(|fault| usage(fault.to_string()))?;
        start_logging(&settings.telemetry).map_err(|fault| usage(fault.to_string()))?;
        harden();
        let foundation = settings.foundation().map_err(usage)?;
        let places = places(&settings).ok_or_else(|| usage("sealing: name every root key".to_owned()))?;
        let schema = migrate_postgres(&memory::url(&settings.database)?).await;
        let schema = schema.map_err(|fault| memory::failure(&fault))?;
        let store = memory::open(&settings.database).await?;
        let founded = found(&store, &places, foundation).await;
        store.close().await;
        let founded = Founded { schema, ..founded? };
        if !self.output.told(&founded.json()) {
            founded.tell();
        }
        Ok(())
    }
}

fn places(settings: &SetupSettings) -> Option<Places> {
    let sealing = settings.sealing.clone();
    Some(Places {
        device_secrets: sealing.device_secrets?,
        issuer_keys: sealing.issuer_keys?,
        service_keys: sealing.service_keys?,
    })
}

async fn found(store: &dyn Store, places: &Places, foundation: Foundation) -> Result<Founded, Failure> {
    let chance: Arc<dyn Chance> = Arc::new(SystemChance::new());
    let installation = store
        .installation()
        .await
        .map_err(|fault| Failure::fault(&fault))?;
    let stage = match installation {
        None => Stage::Founding,
        Some(_) => Stage::Founded,
    };
    let before = absent(places);
    let vaults = places.open(stage, &chance)?;
    let made = before.into_iter().filter(|file| file.exists()).collect();
    let first = ensure(store, &vaults, &*chance, &foundation).await?;
    Ok(Founded {
        first,
        schema: 0,
        made,
        known: Known::of(store).await?,
        foundation,
    })
}

async fn ensure(
    store: &dyn Store,
    vaults: &Vaults,
    chance: &dyn Chance,
    foundation: &Foundation,
) -> Result<bool, Failure> {
    let founder = Founder {
        store,
        vaults,
        clock: &SystemClock,
        chance,
    };
    Ok(founder.ensure(foundation).await?)
}

fn absent(places: &Places) -> Vec<PathBuf> {
    let path = |file: &SecretFile| match file {
        SecretFile::Path(path) => Some(path.clone()),
        SecretFile::Credential(_) => None,
    };
    let paths = places.all().into_iter().filter_map(path);
    paths.filter(|path| !path.exists()).collect()
}

impl Founded {
    fn json(&self) -> Value {
        let anchors = |ders: Vec<&[u8]>| pem::certificates(&ders);
        let server = self.known.anchors.server();
        json!({
            "founded": self.first,
            "schemaVersion": self.schema,
            "organization": self.known.organization.to_string(),
            "idScope": self.known.scope.to_string(),
            "trustDomain": self.foundation.trust_domain,
            "statusUrl": self.foundation.status_url.to_string(),
            "serverAnchorSha256": server.first().map(|anchor| anchor.fingerprint().to_string()),
            "serverAnchors": anchors(server.iter().map(crate::device::ServerAnchor::der).collect()),
            "deviceAnchors": anchors(self.known.anchors.device().iter().map(Vec::as_slice).collect()),
            "rootKeysMade": self.made.iter().map(|path| path.display().to_string()).collect::<Vec<_>>(),
            "logins": logins(),
        })
    }

    fn tell(&self) {
        say(match self.first {
            true => "The installation is founded.",
            false => "The installation stands; nothing was changed but what the schema lacked.",
        });
        sheet(&self.json(), MEMBERS);
        for file in &self.made {
            say(&format!("made {}, mode 0600", file.display()));
        }
        if !self.made.is_empty() {
            say(KEEP);
        }
        say(LOGINS);
        logins().iter().for_each(|line| say(&format!("  {line}")));
        say(NEXT);
    }
}

/// The statements that make the logins of the processes; each operator fills in passwords of its own.
fn logins() -> Vec<String> {
    let login = |group: &str| {
        let name = group.replace('_', "-");
        format!("CREATE ROLE \"{name}\" LOGIN PASSWORD '…' IN ROLE {group};")
    };
    ROLES.iter().map(|role| login(role.name())).collect()
}

const MEMBERS: &[(&str, &str)] = &[
    ("organization", "/organization"),
    ("id scope", "/idScope"),
    ("trust domain", "/trustDomain"),
    ("status URL", "/statusUrl"),
    ("server anchor, SHA-256", "/serverAnchorSha256"),
    ("schema", "/schemaVersion"),
];
const KEEP: &str =
    "Keep a copy of these files apart from the database's backups: without them no backup can be read.";
const LOGINS: &str =
    "\nEach process comes to the database as a login of its own, in the group whose rights it has:";
const NEXT: &str = "
Next: give each process its settings file (samples in deploy/), check it with `tamga config check`, and start signers first: they
make the TLS certificate that gateways show. Anchors are at the status servers' /bundle; devices trust the server anchor above.";

const EXAMPLES: &str = "\
Examples:
  tamga setup --settings /etc/tamga/setup.toml
  tamga setup --settings setup.toml --output json

It brings the schema up to date, makes the root sealing keys where they are not there (mode 0600, never replaced), and founds the
installation: a root and an issuer for devices, a root and an issuer for Tamga's own TLS, the first organization with its id scope.
Run again it changes nothing of that. The database login owns the database; no process needs it afterwards.";
