// SPDX-License-Identifier: Apache-2.0
//! `tamga enrollment`: create, enable, disable; and what creating a group has in common with it.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};
use tamga_registry::device::RegistrationId;
use zeroize::Zeroizing;

use super::arguments::{AdminArguments, pretty};
use super::certificate_file::only;
use super::show::{Columns, Output, warn};
use crate::exit::{End, Failure};
use crate::files::{Audience, put};

/// Individual enrollments.
#[derive(Debug, Subcommand)]
pub(crate) enum Enrollment {
    /// Create an individual enrollment: the device signs with its own keys, shown once, or shows a certificate that is pinned
    #[command(
        after_help = "Examples:\n  tamga enrollment create pump-9 --keys-file pump-9.json\n  tamga device simulate --registration-id pump-9 --device-key-file pump-9.json\n  tamga enrollment create pump-8 --certificate pump-8/birth.pem"
    )]
    Create {
        /// The registration id of the device
        registration_id: RegistrationId,
        /// The certificate the device will show, PEM or DER, self-signed or not
        #[arg(long, value_name = "FILE", conflicts_with = "keys_file")]
        certificate: Option<PathBuf>,
        /// Another certificate it may show, for when the first is rolled
        #[arg(long, value_name = "FILE", requires = "certificate")]
        secondary_certificate: Option<PathBuf>,
        #[command(flatten)]
        creation: Box<Creation>,
        #[command(flatten)]
        admin: AdminArguments,
    },
    /// Let a disabled enrollment admit its device again
    #[command(after_help = "Example:\n  tamga enrollment enable pump-9")]
    Enable {
        /// The registration id of the device
        registration_id: RegistrationId,
        #[command(flatten)]
        admin: AdminArguments,
    },
    /// Let an enrollment admit its device no more, by any road
    #[command(after_help = "Example:\n  tamga enrollment disable pump-9")]
    Disable {
        /// The registration id of the device
        registration_id: RegistrationId,
        #[command(flatten)]
        admin: AdminArguments,
    },
}

impl Enrollment {
    pub(crate) async fn run(self) -> Result<(), Failure> {
        match self {
            Self::Create {
                registration_id,
                certificate,
                secondary_certificate,
                creation,
                admin,
            } => {
                let pin = |file: PathBuf| Ok::<_, Failure>(json!({ "certificate": only(&file)? }));
                let secondary = secondary_certificate.map(pin).transpose()?;
                let primary = certificate.map(pin).transpose()?;
                let attestation = primary.map(|primary| {
                    let pins = json!({ "primary": primary, "secondary": secondary });
                    json!({ "type": "x509", "clientCertificates": pins })
                });
                let place = ("enrollments", "registrationId", &registration_id);
                create(&admin, place, &creation, attestation).await
            }
            Self::Enable {
                registration_id,
                admin,
            } => {
                let path = ["enrollments", registration_id.presented(), "enable"];
                admin.plane()?.act(&path, None).await?;
                admin.done(&format!("enrollment {registration_id} is enabled"));
                Ok(())
            }
            Self::Disable {
                registration_id,
                admin,
            } => {
                let path = ["enrollments", registration_id.presented(), "disable"];
                admin.plane()?.act(&path, None).await?;
                admin.done(&format!("enrollment {registration_id} is disabled"));
                Ok(())
            }
        }
    }
}

/// What a creation may say.
#[derive(Args, Clone, Debug)]
pub(crate) struct Creation {
    /// Write the keys to this new file (mode 0600) instead of showing them
    #[arg(long, value_name = "FILE")]
    keys_file: Option<PathBuf>,
    /// The profile of the certificates [default: device]
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// The issuer of the certificates [default: the only active one]
    #[arg(long, value_name = "NAME")]
    issuer: Option<String>,
    /// What becomes of a new key when no renewal is due [default: allow]
    #[arg(long, value_name = "POLICY", value_parser = ["allow", "refuse"])]
    rekey: Option<String>,
    /// How many certificates a device may draw by new keys in 24 hours [default: 10]
    #[arg(long, value_name = "NUMBER")]
    rekeys_per_day: Option<u32>,
    /// Answered to the devices as assignedHub
    #[arg(long, value_name = "HOST")]
    assigned_hub: Option<String>,
}

impl Creation {
    /// The members of the body that are given.
    fn body(&self, (member, name): (&str, &RegistrationId), attestation: Option<Value>) -> Value {
        let given = [
            (member, Some(json!(name.presented()))),
            ("attestation", attestation),
            ("profile", self.profile.as_ref().map(|text| json!(text))),
            ("issuer", self.issuer.as_ref().map(|text| json!(text))),
            ("rekey", self.rekey.as_ref().map(|text| json!(text))),
            ("rekeysPerDay", self.rekeys_per_day.map(|number| json!(number))),
            ("assignedHub", self.assigned_hub.as_ref().map(|text| json!(text))),
        ];
        let given = given
            .into_iter()
            .filter_map(|(member, value)| Some((member.to_owned(), value?)));
        Value::Object(given.collect::<Map<_, _>>())
    }
}

/// Creates a group or an individual enrollment, and keeps or shows its keys, if it has any.
pub(crate) async fn create(
    admin: &AdminArguments,
    (collection, member, name): (&str, &str, &RegistrationId),
    creation: &Creation,
    attestation: Option<Value>,
) -> Result<(), Failure> {
    let plane = admin.plane()?;
    if let Some(file) = &creation.keys_file {
        reserve(file)?;
    }
    let made = plane
        .act(&[collection], Some(creation.body((member, name), attestation)))
        .await;
    let mut made = made.inspect_err(|_| release(creation.keys_file.as_deref()))?;
    match &creation.keys_file {
        Some(file) => {
            let keys = take_keys(&mut made);
            put(file, Zeroizing::new(pretty(&keys)).as_bytes(), Audience::Owner)?;
        }
        None if admin.output() == Output::Table && made["attestation"]["primaryKey"].is_string() => {
            warn("These keys are shown once and kept sealed: store them now, where only you can read them.");
        }
        None => {}
    }
    admin.write(&made, MADE);
    Ok(())
}

/// The keys go into the file and nowhere else.
fn take_keys(made: &mut Value) -> Value {
    let mut keys = json!({ "name": made.get("name").or(made.get("registrationId")) });
    for member in ["primaryKey", "secondaryKey"] {
        if let Some(attestation) = made.get_mut("attestation").and_then(Value::as_object_mut) {
            keys[member] = attestation.remove(member).unwrap_or_default();
        }
    }
    keys
}

/// Makes sure that keys can be kept before there are any: they are shown only once.
fn reserve(file: &Path) -> Result<(), Failure> {
    if file.exists() {
        let sentence = format!(
            "{} exists already and may hold keys: choose another file",
            file.display()
        );
        return Err(Failure::new(End::Usage, sentence));
    }
    Ok(put(file, b"", Audience::Owner)?)
}

fn release(file: Option<&Path>) {
    if let Some(file) = file {
        // Empty, and of no use; a leftover does no harm.
        let _ = std::fs::remove_file(file);
    }
}

const MADE: &Columns = &[
    ("name", "/name"),
    ("registration id", "/registrationId"),
    ("id", "/id"),
    ("state", "/state"),
    ("attestation", "/attestation/type"),
    ("primary key", "/attestation/primaryKey"),
    ("secondary key", "/attestation/secondaryKey"),
    ("anchor", "/attestation/caReferences/primary"),
    ("secondary anchor", "/attestation/caReferences/secondary"),
    (
        "certificate",
        "/attestation/clientCertificates/primary/info/sha256",
    ),
    (
        "secondary certificate",
        "/attestation/clientCertificates/secondary/info/sha256",
    ),
    ("rekey", "/rekey"),
    ("rekeys per day", "/rekeysPerDay"),
    ("assigned hub", "/assignedHub"),
];
