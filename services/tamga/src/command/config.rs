// SPDX-License-Identifier: Apache-2.0
//! `tamga config check`: whether a process would take a settings file, with everything that is wrong in it.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;
use tamga_gateway::settings::{AdminGatewaySettings, DeviceGatewaySettings};
use tamga_runtime::settings::{ProcessSettings, SettingsFault, load_process};
use tamga_signer::settings::SignerSettings;
use tamga_status::settings::StatusProcessSettings;

use super::show::{Output, say};
use crate::exit::{End, Failure};
use crate::settings::Settings;
use crate::settings::setup::SetupSettings;

/// Settings files.
#[derive(Debug, Subcommand)]
pub(crate) enum Config {
    /// Tell everything that is wrong in a settings file; nothing is started
    Check(Check),
}

/// Tell everything that is wrong in a settings file; nothing is started.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Check {
    /// Whose settings they are
    #[arg(long, value_enum)]
    process: Process,
    /// The settings file
    file: PathBuf,
    /// How to write the result
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

/// The processes that read a settings file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Process {
    /// `tamga dev`
    Dev,
    /// `tamga setup` and `tamga migrate`
    Setup,
    /// `tamga-gateway --plane device`
    GatewayDevice,
    /// `tamga-gateway --plane admin`
    GatewayAdmin,
    /// `tamga-status`
    Status,
    /// `tamga-signer`
    Signer,
}

impl Config {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let Self::Check(check) = self;
        let judged = match check.process {
            Process::Dev => check.judge::<Settings>(),
            Process::Setup => check.judge::<SetupSettings>(),
            Process::GatewayDevice => check.judge::<DeviceGatewaySettings>(),
            Process::GatewayAdmin => check.judge::<AdminGatewaySettings>(),
            Process::Status => check.judge::<StatusProcessSettings>(),
            Process::Signer => check.judge::<SignerSettings>(),
        };
        match judged {
            Ok(()) => {
                check.tell(&[]);
                Ok(())
            }
            Err(fault) => {
                check.tell(&faults(&fault));
                Err(Failure::new(End::Usage, fault))
            }
        }
    }
}

impl Check {
    fn judge<S: ProcessSettings>(&self) -> Result<(), SettingsFault> {
        load_process::<S>(&self.file).map(|_| ())
    }

    /// To scripts always, to people only where the failure does not tell the same.
    fn tell(&self, faults: &[String]) {
        let file = self.file.display().to_string();
        let judged = json!({ "file": file, "accepted": faults.is_empty(), "faults": faults });
        if !self.output.told(&judged) && faults.is_empty() {
            say(&format!("{file} is accepted."));
        }
    }
}

fn faults(fault: &SettingsFault) -> Vec<String> {
    match fault {
        SettingsFault::Unreadable { .. } => vec![fault.to_string()],
        SettingsFault::Senseless { faults, .. } => faults.clone(),
        SettingsFault::Content { faults, .. } => faults.0.iter().map(ToString::to_string).collect(),
    }
}

const EXAMPLES: &str = "\
Examples:
  tamga config check --process signer /etc/tamga/signer.toml
  tamga config check --process gateway-device gateway-device.toml --output json

Secrets are not read, and no database is asked. Exit codes: 0 accepted, 2 refused.";
