// SPDX-License-Identifier: Apache-2.0
//! `tamga doctor`: looks at everything an installation stands on, and says what mends what is not well.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};
use tamga_gateway::settings::{AdminGatewaySettings, DeviceGatewaySettings};
use tamga_keys::seal::Purpose;
use tamga_runtime::clock::SystemClock;
use tamga_runtime::listener::ListenerConfig;
use tamga_runtime::settings::{DatabaseSettings, ProcessSettings, SecretFile, load_process};
use tamga_signer::settings::SignerSettings;
use tamga_status::settings::StatusProcessSettings;
use tamga_store::{OpenFault, inspect_sqlite};
use tamga_x509::time::Clock as _;

use super::arguments::DataArgument;
use super::config::Process;
use super::show::{Columns, Output, say, table};
use crate::dev::directory::Directory;
use crate::device::ServerAnchor;
use crate::doctor::{Findings, State, authorities, keys, memory, planes};
use crate::exit::{End, Failure, chain};
use crate::files::private_directory;
use crate::house::{DATABASE, SECRETS};
use crate::settings::Settings;
use crate::settings::setup::SetupSettings;

/// Look at everything an installation stands on, and say what mends it.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Doctor {
    #[command(flatten)]
    data: DataArgument,
    /// An installation over Postgres: a settings file of one of its processes, that of `tamga setup` for the whole
    #[arg(long, value_name = "FILE", conflicts_with = "data")]
    settings: Option<PathBuf>,
    /// Whose settings they are
    #[arg(long, value_enum, default_value = "setup", requires = "settings")]
    process: Process,
    /// How to write the findings
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

/// What a settings file tells of a process.
struct Patient {
    database: DatabaseSettings,
    keys: Vec<(Purpose, Option<SecretFile>)>,
    listeners: Vec<ListenerConfig>,
    /// It comes to the database as its owner, and may see everything.
    owner: bool,
}

impl Doctor {
    pub(crate) async fn run(self) -> Result<(), Failure> {
        let mut findings = Findings::default();
        match &self.settings {
            None => self.look_at_house(&mut findings).await?,
            Some(file) => self.look_at_process(file, &mut findings).await?,
        }
        self.tell(&findings);
        match findings.count(State::Failed) {
            0 => Ok(()),
            failed => {
                let sentence = format!(
                    "{failed} of {} checks failed; each says what mends it",
                    findings.all().len()
                );
                Err(Failure::new(End::Fault, sentence))
            }
        }
    }

    /// A data directory of `tamga dev`.
    async fn look_at_house(&self, findings: &mut Findings) -> Result<(), Failure> {
        let directory = Directory::at(self.data.directory()?);
        let root = directory.root();
        if !root.join(DATABASE).exists() {
            let sentence = format!(
                "{} is not the data directory of a `tamga dev` that was started: name one with --data, or a settings file with --settings",
                root.display()
            );
            return Err(Failure::new(End::Usage, sentence));
        }
        for private in [root.to_owned(), root.join(SECRETS)] {
            match private_directory(&private) {
                Ok(()) => findings.ok("files", format!("{} is its owner's alone", private.display())),
                Err(fault) => findings.failed(
                    "files",
                    fault.to_string(),
                    format!("chmod 0700 {}", private.display()),
                ),
            }
        }
        let roots = roots_within(&root.join(SECRETS));
        keys::look(&places(&roots), findings);
        look_at_file(&root.join(DATABASE), findings).await;
        look_at_service(&directory, findings).await;
        Ok(())
    }

    /// A process over Postgres.
    async fn look_at_process(&self, file: &Path, findings: &mut Findings) -> Result<(), Failure> {
        let patient = match patient(self.process, file) {
            Ok(Some(patient)) => patient,
            Ok(None) => {
                let sentence = "a house in one process has no database server: leave --process dev out, and name its directory with --data";
                return Err(Failure::new(End::Usage, sentence));
            }
            Err(failure) => {
                findings.failed(
                    "settings",
                    failure.to_string(),
                    "docs/reference/settings.md lists every key",
                );
                return Ok(());
            }
        };
        findings.ok("settings", format!("{} is accepted", file.display()));
        let roots = keys::look(&places(&patient.keys), findings);
        planes::look_at_listeners(&patient.listeners, findings).await;
        let Some(store) = memory::open(&patient.database, findings).await else {
            return Ok(());
        };
        memory::compare_clocks(&store, || SystemClock.now(), findings).await;
        memory::look_at_processes(&store, SystemClock.now(), findings).await;
        keys::prove(&roots, &store, findings).await;
        if patient.owner {
            memory::compare_rights(&patient.database, findings).await;
            authorities::look(&store, SystemClock.now(), findings).await;
        }
        tamga_registry::store::Store::close(&store).await;
        Ok(())
    }

    fn tell(&self, findings: &Findings) {
        let rows: Vec<Value> = findings.all().iter().map(|finding| json!(finding)).collect();
        let well = findings.count(State::Failed) == 0;
        if self.output.told(&json!({ "well": well, "findings": rows })) {
            return;
        }
        table(&rows, COLUMNS);
        for finding in findings.all() {
            if let Some(fix) = &finding.fix {
                say(&format!("\n{}: {}\n  → {fix}", finding.check, finding.seen));
            }
        }
        if well && findings.count(State::Warning) == 0 {
            say("\nnothing is amiss");
        }
    }
}

async fn look_at_file(database: &Path, findings: &mut Findings) {
    let memory = match inspect_sqlite(database).await {
        Ok(memory) => memory,
        Err(fault) => {
            let fix = match &fault {
                OpenFault::Exposed { .. } => "give it back to its owner alone: chmod 0600",
                OpenFault::Schema(_) => "start it with the version of Tamga that made it, or a later one",
                OpenFault::Missing { .. }
                | OpenFault::InUse { .. }
                | OpenFault::File { .. }
                | OpenFault::Database { .. } => {
                    "is the disk full or read-only? Bring back a backup where the file is damaged"
                }
            };
            return findings.failed("database", chain(&fault), fix);
        }
    };
    findings.ok(
        "database",
        "it opens, and its schema is the one this program knows",
    );
    authorities::look(&memory, SystemClock.now(), findings).await;
    memory.close().await;
}

/// What `tamga dev` wrote down about itself, and who answers there.
async fn look_at_service(directory: &Directory, findings: &mut Findings) {
    let Ok(service) = directory.service() else {
        return findings.skipped("service", "it has never told where it serves: start `tamga dev`");
    };
    if tokio::net::UnixStream::connect(directory.admin_socket())
        .await
        .is_err()
    {
        let fix = "start it with `tamga dev`; what follows from its running was not looked at";
        return findings.warning("service", "`tamga dev` does not serve from this directory", fix);
    }
    planes::look_at_readiness(&service.ops_url, findings).await;
    let Ok(anchor) = ServerAnchor::from_file(&directory.server_anchor()) else {
        return findings.failed(
            "certificates",
            "the server anchor cannot be read",
            "start `tamga dev` again: it writes it anew",
        );
    };
    for (what, url) in [
        ("the device plane", &service.endpoint),
        ("the admin plane", &service.admin_url),
    ] {
        if let Ok(endpoint) = url.parse() {
            planes::look_at_certificate((what, &endpoint), &anchor, SystemClock.now(), findings).await;
        }
    }
}

fn roots_within(secrets: &Path) -> Vec<(Purpose, Option<SecretFile>)> {
    let all = [Purpose::DeviceSecrets, Purpose::IssuerKeys, Purpose::ServiceKeys];
    all.map(|purpose| {
        let file = SecretFile::Path(secrets.join(format!("{purpose}.key")));
        (purpose, Some(file))
    })
    .into()
}

fn places(keys: &[(Purpose, Option<SecretFile>)]) -> Vec<keys::Place<'_>> {
    keys.iter()
        .map(|(purpose, file)| keys::Place {
            purpose: *purpose,
            file: file.as_ref(),
        })
        .collect()
}

/// Reads a settings file; none for a house in one process.
fn patient(process: Process, file: &Path) -> Result<Option<Patient>, Failure> {
    Ok(Some(match process {
        Process::Dev => {
            read::<Settings>(file)?;
            return Ok(None);
        }
        Process::Setup => {
            let settings: SetupSettings = read(file)?;
            let sealing = settings.sealing;
            Patient {
                database: settings.database,
                keys: every_root(sealing.device_secrets, sealing.issuer_keys, sealing.service_keys),
                listeners: Vec::new(),
                owner: true,
            }
        }
        Process::GatewayDevice => {
            let settings: DeviceGatewaySettings = read(file)?;
            let sealing = settings.sealing;
            Patient {
                database: settings.database,
                keys: every_root(sealing.device_secrets, None, sealing.service_keys),
                listeners: settings.listeners,
                owner: false,
            }
        }
        Process::GatewayAdmin => {
            let settings: AdminGatewaySettings = read(file)?;
            let sealing = settings.sealing;
            Patient {
                database: settings.database,
                keys: every_root(sealing.device_secrets, None, sealing.service_keys),
                listeners: settings.listeners,
                owner: false,
            }
        }
        Process::Status => {
            let settings: StatusProcessSettings = read(file)?;
            Patient {
                database: settings.database,
                keys: Vec::new(),
                listeners: settings.listeners,
                owner: false,
            }
        }
        Process::Signer => {
            let settings: SignerSettings = read(file)?;
            let sealing = settings.sealing;
            Patient {
                database: settings.database,
                keys: every_root(sealing.device_secrets, sealing.issuer_keys, sealing.service_keys),
                listeners: settings.listeners,
                owner: false,
            }
        }
    }))
}

fn every_root(
    device_secrets: Option<SecretFile>,
    issuer_keys: Option<SecretFile>,
    service_keys: Option<SecretFile>,
) -> Vec<(Purpose, Option<SecretFile>)> {
    vec![
        (Purpose::DeviceSecrets, device_secrets),
        (Purpose::IssuerKeys, issuer_keys),
        (Purpose::ServiceKeys, service_keys),
    ]
}

fn read<S: ProcessSettings>(file: &Path) -> Result<S, Failure> {
    load_process(file).map_err(|fault| Failure::new(End::Usage, fault))
}

const COLUMNS: &Columns = &[("STATE", "/state"), ("CHECK", "/check"), ("SEEN", "/seen")];

const EXAMPLES: &str = "\
Examples:
  tamga doctor                                     the house in one process, in its usual directory
  tamga doctor --data ./try --output json
  tamga doctor --settings /etc/tamga/setup.toml    an installation over Postgres, as the owner of its database
  tamga doctor --settings /etc/tamga/signer.toml --process signer

It looks at files, root keys, the database and its schema, clocks, roles, who reported last, issuers, revocation lists, ports and TLS
certificates, changes nothing, and shows no secret. Run it as the user of the service. Exit codes: 0 nothing failed, 1 something did.";
