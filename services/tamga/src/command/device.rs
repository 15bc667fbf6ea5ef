// SPDX-License-Identifier: Apache-2.0
//! `tamga device simulate` and `make-certificate`: what a device does. What operators do is in `noun/device.rs`.

use std::path::PathBuf;

use clap::Subcommand;
use serde_json::json;
use tamga_registry::device::RegistrationId;
use tamga_runtime::chance::SystemChance;
use tamga_runtime::clock::SystemClock;
use tamga_x509::time::Clock;

use super::show::{Output, say};
use super::simulate::Simulate;
use crate::device::KeyType;
use crate::device::birth::born;
use crate::exit::{End, Failure};

/// Devices.
#[derive(Debug, Subcommand)]
pub(crate) enum Device {
    /// Play a device: make a key, enroll over TLS, keep key and certificate chain
    Simulate(Box<Simulate>),
    /// Make a key and a certificate signed by itself, for a device that has none from its factory
    #[command(
        after_help = "Example:\n  tamga device make-certificate pump-8 --out ./pump-8 && tamga enrollment create pump-8 --certificate ./pump-8/birth.pem\n\nWhat is there already is kept: an operator may have pinned it."
    )]
    MakeCertificate {
        /// What the device calls itself
        registration_id: RegistrationId,
        /// Where to keep birth-key.pem (mode 0600) and birth.pem; a directory nobody else may enter
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// The type of a new key: P-256, P-384, RSA-2048 or Ed25519 [default: P-256, or the key that is there]
        #[arg(long, value_name = "TYPE")]
        key_type: Option<KeyType>,
        /// How to write results
        #[arg(long, value_enum, default_value_t)]
        output: Output,
    },
}

impl Device {
    pub(crate) async fn run(self) -> Result<(), Failure> {
        match self {
            Self::Simulate(simulate) => simulate.run().await,
            Self::MakeCertificate {
                registration_id,
                out,
                key_type,
                output,
            } => {
                let (clock, chance) = (SystemClock, SystemChance::new());
                let born = born(&out, &registration_id, key_type, (clock.now(), &chance));
                let born = born.map_err(|fault| Failure::new(End::Usage, fault))?;
                let (key, certificate) = (born.key_file.display(), born.certificate_file.display());
                let made = json!({ "keyFile": born.key_file, "certificateFile": born.certificate_file });
                if !output.told(&made) {
                    say(&format!("key         {key}\ncertificate {certificate}"));
                }
                Ok(())
            }
        }
    }
}
