// SPDX-License-Identifier: Apache-2.0
//! `tamga group`: create, list, enable, disable.

use clap::Subcommand;
use serde_json::Value;
use tamga_registry::device::RegistrationId;

use super::arguments::{AdminArguments, pretty};
use super::enrollment::{Creation, create};
use super::show::{Columns, Output, say, table};
use crate::exit::Failure;

/// Enrollment groups.
#[derive(Debug, Subcommand)]
pub(crate) enum Group {
    /// Create a group; its keys are shown once
    #[command(
        after_help = "Examples:\n  tamga group create line-7 --keys-file line-7.json\n  tamga group create line-7 --output json"
    )]
    Create {
        /// Its name, unique without regard to case
        name: RegistrationId,
        #[command(flatten)]
        creation: Creation,
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
                creation,
                admin,
            } => create(&admin, "group", &name, &creation).await,
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

/// All of them, however many pages that takes.
async fn list(admin: &AdminArguments) -> Result<(), Failure> {
    let plane = admin.plane()?;
    let (mut items, mut query) = (Vec::new(), "limit=1000".to_owned());
    loop {
        let mut page = plane.read(&["groups"], &query).await?;
        if let Some(Value::Array(found)) = page.get_mut("items").map(Value::take) {
            items.extend(found);
        }
        match page["next"].as_str() {
            // A group's name needs no escaping in a query but for the colon, which may stand there.
            Some(next) => query = format!("limit=1000&after={next}"),
            None => break,
        }
    }
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
