// SPDX-License-Identifier: Apache-2.0
//! The program `tamga-signer`: reads its settings, opens memory, starts, ends by signals.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use secrecy::SecretString;
use tamga_authority::means::{Opening, Origin};
use tamga_registry::store::Store;
use tamga_runtime::chance::SystemChance;
use tamga_runtime::clock::SystemClock;
use tamga_runtime::exit::{End, Failure};
use tamga_runtime::program;
use tamga_runtime::settings::DatabaseSettings;
use tamga_signer::settings::SignerSettings;
use tamga_store::{PostgresSettings, open_postgres};

/// Tamga's signer: holds the issuers' keys, signs, publishes; listens at no network address
#[derive(Parser)]
#[command(name = "tamga-signer", version, after_help = EXAMPLES)]
struct Command {
    /// The settings file; docs/reference/settings.md lists the keys
    #[arg(long, value_name = "FILE")]
    settings: PathBuf,
}

fn main() -> ExitCode {
    let command = Command::parse();
    program::run(&command.settings, |settings: SignerSettings, drain| {
        let origin = Origin {
            opening: opening(settings.database.clone()),
            clock: Arc::new(SystemClock),
            chance: Arc::new(SystemChance::new()),
        };
        async move {
            let signer = settings
                .signer()
                .map_err(|fault| Failure::new(End::Usage, fault))?;
            signer.start(origin, drain).await
        }
    })
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
  tamga-signer --settings /etc/tamga/signer.toml

`tamga config check --process signer FILE` tells everything that is wrong in a settings file. Started with its database or
keys out of reach, it stays up, says why at /readyz of its Unix socket and in its log, and comes to life by itself. The first SIGTERM or SIGINT finishes what is
in flight, a second one ends at once.

Exit codes: 0 ended as asked, 1 fault, 2 usage or settings, 5 a listener's place is taken";
