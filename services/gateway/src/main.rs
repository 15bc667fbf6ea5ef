// SPDX-License-Identifier: Apache-2.0
//! The program `tamga-gateway`: reads its settings, opens memory, starts, ends by signals.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Parser, ValueEnum};
use secrecy::SecretString;
use tamga_authority::means::{Opening, Origin};
use tamga_gateway::settings::{AdminGatewaySettings, DeviceGatewaySettings};
use tamga_registry::store::Store;
use tamga_runtime::chance::SystemChance;
use tamga_runtime::clock::SystemClock;
use tamga_runtime::program;
use tamga_runtime::settings::DatabaseSettings;
use tamga_store::{PostgresSettings, open_postgres};

/// Tamga's gateway: one plane a process, for devices or for operators
#[derive(Parser)]
#[command(name = "tamga-gateway", version, after_help = EXAMPLES)]
struct Command {
    /// Which plane it serves
    #[arg(long, value_enum)]
    plane: Plane,
    /// The settings file; docs/reference/settings.md lists the keys
    #[arg(long, value_name = "FILE")]
    settings: PathBuf,
}

/// The planes of a gateway.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Plane {
    /// For devices
    Device,
    /// For operators
    Admin,
}

fn main() -> ExitCode {
    let Command { plane, settings } = Command::parse();
    match plane {
        Plane::Device => program::run(&settings, |settings: DeviceGatewaySettings, drain| {
            let origin = origin(&settings.database);
            settings.gateway().start(origin, drain)
        }),
        Plane::Admin => program::run(&settings, |settings: AdminGatewaySettings, drain| {
            let origin = origin(&settings.database);
            let owner = rustix::process::geteuid().as_raw();
            settings.gateway(owner).start(origin, drain)
        }),
    }
}

fn origin(database: &DatabaseSettings) -> Origin {
    Origin {
        opening: opening(database.clone()),
        clock: Arc::new(SystemClock),
        chance: Arc::new(SystemChance::new()),
    }
}

/// The password is read anew for every try: it may have been rotated.
fn opening(database: DatabaseSettings) -> Opening {
    Arc::new(move || {
        let database = database.clone();
        Box::pin(async move {
            let url = SecretString::from(database.connection()?.as_str());
            let settings = PostgresSettings {
                readers: database.readers,
                acquire_timeout: database.acquire_timeout.0,
                statement_timeout: database.statement_timeout.0,
                lock_timeout: database.lock_timeout.0,
                ..PostgresSettings::new(url)
            };
            let store: Arc<dyn Store> = Arc::new(open_postgres(&settings).await?);
            Ok(store)
        })
    })
}

const EXAMPLES: &str = "\
Examples:
  tamga-gateway --plane device --settings /etc/tamga/gateway-device.toml
  tamga-gateway --plane admin --settings /etc/tamga/gateway-admin.toml

`tamga config check --process gateway-device FILE` tells everything that is wrong in a settings file. Started with its database
or keys out of reach, it stays up, says why at /readyz and in its log, and comes to life by itself. The first SIGTERM or SIGINT
finishes what is in flight, a second one ends at once.

Exit codes: 0 ended as asked, 1 fault, 2 usage or settings, 5 a listener's place is taken";
