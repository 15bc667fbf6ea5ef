// SPDX-License-Identifier: Apache-2.0
//! `tamga group`: create, list, enable, disable.

use clap::Subcommand;
use serde_json::{Value, json};
use tamga_registry::device::RegistrationId;

use super::arguments::{AdminArguments, pretty};
use super::enrollment::{Creation, create};
use super::show::{Columns, Output, say, table};
use crate::exit::Failure;

/// Enrollment groups.
#[derive(Debug, Subcommand)]
pub(crate) enum Group {
    /// Create a group: its devices sign with keys derived from its own, shown once, or show certificates below an anchor
    #[command(
        after_help = "Examples:\n  tamga group create line-7 --keys-file line-7.json\n  tamga group create line-7 --output json\n  tamga group create vendor-line --anchor vendor"
    )]
    Create {
        /// Its name, unique without regard to case
        name: RegistrationId,
        /// The trust anchor that vouches for its devices
        #[arg(long, value_name = "NAME", conflicts_with = "keys_file")]
        anchor: Option<RegistrationId>,
        /// Another trust anchor, for when the first is rolled
        #[arg(long, value_name = "NAME", requires = "anchor")]
        secondary_anchor: Option<RegistrationId>,
        #[command(flatten)]
        creation: Box<Creation>,
        #[command(flatten)]
        admin: AdminArguments,
    },
    /// List the groups by name
    #[command(after_help = "Example:\n  tamga group list")]
    List {
        #[command(flatten)]
        admin: AdminArguments,
    },
    /// Let a disabled group admit devices again
    #[command(after_help = "Example:\n  tamga group enable line-7")]
    Enable {
        /// Its name
        name: RegistrationId,
        #[command(flatten)]
        admin: AdminArguments,
    },
    /// Let a group admit no device any more; certificates stay good
    #[command(after_help = "Example:\n  tamga group disable line-7")]
    Disable {
        /// Its name
        name: RegistrationId,
        #[command(flatten)]
        admin: AdminArguments,
    },
}

impl Group {
    pub(crate) async fn run(self) -> Result<(), Failure> {
        match self {
            Self::Create {
                name,
                anchor,
                secondary_anchor,
                creation,
                admin,
            } => {
                let attestation = anchor.map(|primary| {
                    let secondary = secondary_anchor.as_ref().map(RegistrationId::presented);
                    let names = json!({ "primary": primary.presented(), "secondary": secondary });
                    json!({ "type": "x509", "caReferences": names })
                });
                create(&admin, ("groups", "name", &name), &creation, attestation).await
            }
            Self::List { admin } => list(&admin).await,
            Self::Enable { name, admin } => {
                admin
                    .plane()?
                    .act(&["groups", name.presented(), "enable"], None)
                    .await?;
                admin.done(&format!("group {name} is enabled"));
                Ok(())
            }
            Self::Disable { name, admin } => {
                admin
                    .plane()?
                    .act(&["groups", name.presented(), "disable"], None)
                    .await?;
                admin.done(&format!("group {name} is disabled"));
                Ok(())
            }
        }
    }
}

async fn list(admin: &AdminArguments) -> Result<(), Failure> {
    let items = admin.plane()?.read_all(&["groups"]).await?;
    match admin.output() {
        Output::Table => table(&items, COLUMNS),
        Output::Json => say(&pretty(&Value::Array(items))),
    }
    Ok(())
}

const COLUMNS: &Columns = &[
    ("NAME", "/name"),
    ("STATE", "/state"),
    ("ATTESTATION", "/attestation/type"),
    ("REKEY", "/rekey"),
    ("CREATED AT", "/createdAt"),
    ("GROUP", "/id"),
];
