// SPDX-License-Identifier: Apache-2.0
//! `tamga anchor`: authorities of others whose word about devices is taken.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};
use serde_json::{Value, json};
use tamga_registry::device::RegistrationId;

use super::arguments::{AdminArguments, pretty};
use super::certificate_file::only;
use super::show::{Columns, Output, say, sheet, table};
use crate::exit::Failure;
use crate::files::read;

/// Trust anchors.
#[derive(Debug, Subcommand)]
pub(crate) enum Anchor {
    /// Trust an authority's word about devices, once a group refers to it
    #[command(
        after_help = "Examples:\n  tamga anchor create vendor --certificate vendor-root.pem\n  tamga anchor create vendor --certificate vendor-root.pem --intermediate plant.pem --status crl\n  tamga group create vendor-line --anchor vendor"
    )]
    Create {
        /// Its name, unique without regard to case
        name: RegistrationId,
        /// The authority's certificate, PEM or DER: a root or an intermediate
        #[arg(long, value_name = "FILE")]
        certificate: PathBuf,
        /// An authority below it, PEM or DER, for devices that send their own certificate alone; give it again for more
        #[arg(long, value_name = "FILE")]
        intermediate: Vec<PathBuf>,
        /// Whether certificates below it must be covered by revocation lists that you bring
        #[arg(long, value_enum, default_value_t)]
        status: Status,
        #[command(flatten)]
        admin: AdminArguments,
    },
    /// List the anchors by name
    #[command(after_help = "Example:\n  tamga anchor list")]
    List {
        #[command(flatten)]
        admin: AdminArguments,
    },
    /// Show an anchor, its known intermediates and its lists
    #[command(after_help = "Example:\n  tamga anchor show vendor")]
    Show {
        /// Its name
        name: RegistrationId,
        #[command(flatten)]
        admin: AdminArguments,
    },
    /// Make an authority below an anchor known
    #[command(after_help = "Example:\n  tamga anchor add-intermediate vendor plant.pem")]
    AddIntermediate {
        /// The anchor's name
        name: RegistrationId,
        /// The authority's certificate, PEM or DER
        #[arg(value_name = "FILE")]
        certificate: PathBuf,
        #[command(flatten)]
        admin: AdminArguments,
    },
    /// Say whether certificates below an anchor must be covered by revocation lists that you bring
    #[command(after_help = "Example:\n  tamga anchor set-status vendor crl")]
    SetStatus {
        /// The anchor's name
        name: RegistrationId,
        /// What is asked
        #[arg(value_enum)]
        status: Status,
        #[command(flatten)]
        admin: AdminArguments,
    },
    /// Bring a revocation list of an anchor or of one of its known intermediates; it is never fetched
    #[command(
        after_help = "Example:\n  curl -sO http://pki.vendor.example/root.crl && tamga anchor bring-list vendor root.crl"
    )]
    BringList {
        /// The anchor's name
        name: RegistrationId,
        /// The list, PEM or DER
        #[arg(value_name = "FILE")]
        list: PathBuf,
        #[command(flatten)]
        admin: AdminArguments,
    },
    /// Let a disabled anchor vouch for devices again
    #[command(after_help = "Example:\n  tamga anchor enable vendor")]
    Enable {
        /// Its name
        name: RegistrationId,
        #[command(flatten)]
        admin: AdminArguments,
    },
    /// Let an anchor vouch for nobody any more, whatever stands above it
    #[command(after_help = "Example:\n  tamga anchor disable vendor")]
    Disable {
        /// Its name
        name: RegistrationId,
        #[command(flatten)]
        admin: AdminArguments,
    },
    /// Remove an anchor that no group refers to
    #[command(after_help = "Example:\n  tamga anchor delete vendor")]
    Delete {
        /// Its name
        name: RegistrationId,
        #[command(flatten)]
        admin: AdminArguments,
    },
}

/// How the status of the certificates below an anchor is learned.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(crate) enum Status {
    /// It is not asked: devices are turned away by disabling their enrollment
    #[default]
    None,
    /// Each must be covered by a fresh list; what none covers is refused
    Crl,
}

impl Status {
    const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Crl => "crl",
        }
    }
}

impl Anchor {
    pub(crate) async fn run(self) -> Result<(), Failure> {
        match self {
            Self::Create {
                name,
                certificate,
                intermediate,
                status,
                admin,
            } => {
                let intermediates: Result<Vec<_>, _> = intermediate.iter().map(|file| only(file)).collect();
                let body = json!({
                    "name": name.presented(),
                    "certificate": only(&certificate)?,
                    "status": status.word(),
                    "intermediates": intermediates?,
                });
                let made = admin.plane()?.act(&["anchors"], Some(body)).await?;
                admin.write(&made, ANCHOR);
                Ok(())
            }
            Self::List { admin } => list(&admin).await,
            Self::Show { name, admin } => {
                let anchor = admin.plane()?.read(&["anchors", name.presented()], "").await?;
                show(&admin, &anchor);
                Ok(())
            }
            Self::AddIntermediate {
                name,
                certificate,
                admin,
            } => {
                let body = json!({ "certificate": only(&certificate)? });
                let what = format!("anchor {name} knows {}", certificate.display());
                tell(&admin, &name, ("intermediates", Some(body)), &what).await
            }
            Self::SetStatus { name, status, admin } => {
                let body = json!({ "status": status.word() });
                let what = format!("the status below anchor {name} is {}", status.word());
                tell(&admin, &name, ("status", Some(body)), &what).await
            }
            Self::BringList { name, list, admin } => {
                let path = ["anchors", name.presented(), "lists"];
                let kept = admin
                    .plane()?
                    .bring(&path, "application/pkix-crl", read(&list)?)
                    .await?;
                admin.write(&kept, LIST);
                Ok(())
            }
            Self::Enable { name, admin } => {
                tell(
                    &admin,
                    &name,
                    ("enable", None),
                    &format!("anchor {name} is enabled"),
                )
                .await
            }
            Self::Disable { name, admin } => {
                tell(
                    &admin,
                    &name,
                    ("disable", None),
                    &format!("anchor {name} is disabled"),
                )
                .await
            }
            Self::Delete { name, admin } => {
                admin.plane()?.delete(&["anchors", name.presented()]).await?;
                admin.done(&format!("anchor {name} is removed"));
                Ok(())
            }
        }
    }
}

/// An act on an anchor that answers nothing.
async fn tell(
    admin: &AdminArguments,
    name: &RegistrationId,
    (verb, body): (&str, Option<Value>),
    sentence: &str,
) -> Result<(), Failure> {
    let path = ["anchors", name.presented(), verb];
    admin.plane()?.act(&path, body).await?;
    admin.done(sentence);
    Ok(())
}

async fn list(admin: &AdminArguments) -> Result<(), Failure> {
    let items = admin.plane()?.read_all(&["anchors"]).await?;
    match admin.output() {
        Output::Table => table(&items, COLUMNS),
        Output::Json => say(&pretty(&Value::Array(items))),
    }
    Ok(())
}

fn show(admin: &AdminArguments, anchor: &Value) {
    if admin.output() == Output::Json {
        return say(&pretty(anchor));
    }
    sheet(anchor, ANCHOR);
    for (member, columns) in [("intermediates", INTERMEDIATES), ("lists", LISTS)] {
        let items = anchor[member].as_array().map_or(&[][..], Vec::as_slice);
        if !items.is_empty() {
            say("");
            table(items, columns);
        }
    }
}

const ANCHOR: &Columns = &[
    ("name", "/name"),
    ("id", "/id"),
    ("state", "/state"),
    ("status", "/status"),
    ("subject", "/certificate/subject"),
    ("sha256", "/certificate/sha256"),
    ("valid till", "/certificate/notAfter"),
];

const COLUMNS: &Columns = &[
    ("NAME", "/name"),
    ("STATE", "/state"),
    ("STATUS", "/status"),
    ("SUBJECT", "/certificate/subject"),
    ("NOT AFTER", "/certificate/notAfter"),
    ("ANCHOR", "/id"),
];

const INTERMEDIATES: &Columns = &[
    ("INTERMEDIATE", "/subject"),
    ("NOT AFTER", "/notAfter"),
    ("SHA256", "/sha256"),
];

const LISTS: &Columns = &[
    ("LIST OF", "/thisUpdate"),
    ("NEXT UPDATE", "/nextUpdate"),
    ("BROUGHT AT", "/broughtAt"),
];

const LIST: &Columns = &[("list of", "/thisUpdate"), ("next update", "/nextUpdate")];
