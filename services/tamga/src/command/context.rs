// SPDX-License-Identifier: Apache-2.0
//! `tamga context`: roads to admin planes under names, so that no command need repeat them.

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use tamga_registry::organization::OrganizationSlug;
use tamga_x509::pem;

use super::arguments::road::RoadArguments;
use super::show::{Output, say, table};
use crate::admin::contexts::{Context as Kept, Contexts, contexts_file};
use crate::device::bundle::named_in_bundle;
use crate::exit::{End, Failure};
use crate::files::{Audience, private_directory, put};

/// Contexts.
#[derive(Debug, Subcommand)]
pub(crate) enum Context {
    /// Keep a road to an admin plane under a name; the first one kept is the current one
    Add(Box<Add>),
    /// List the contexts; the current one has a star
    #[command(after_help = "Example:\n  tamga context list")]
    List {
        /// How to write results
        #[arg(long, value_enum, default_value_t)]
        output: Output,
    },
    /// Make a context the current one: it is used where no other road is named
    #[command(after_help = "Example:\n  tamga context use plant")]
    Use {
        /// Its name
        name: String,
        /// How to write results
        #[arg(long, value_enum, default_value_t)]
        output: Output,
    },
    /// Forget a context; the files it names stay
    #[command(after_help = "Example:\n  tamga context remove plant")]
    Remove {
        /// Its name
        name: String,
        /// How to write results
        #[arg(long, value_enum, default_value_t)]
        output: Output,
    },
}

/// Keep a road to an admin plane under a name.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Add {
    /// Its name; one that is there already is replaced
    name: String,
    /// The organization that is meant when none is named
    #[arg(long, value_name = "SLUG")]
    organization: Option<OrganizationSlug>,
    /// How to write results
    #[arg(long, value_enum, default_value_t)]
    output: Output,
    #[command(flatten)]
    road: RoadArguments,
}

impl Context {
    pub(crate) async fn run(self) -> Result<(), Failure> {
        match self {
            Self::Add(add) => add.run().await,
            Self::List { output } => list(output),
            Self::Use { name, output } => change(output, &format!("{name} is the current context"), |all| {
                all.named(&name)?;
                all.current = Some(name.clone());
                Ok(())
            }),
            Self::Remove { name, output } => change(output, &format!("context {name} is forgotten"), |all| {
                all.named(&name)?;
                all.all.remove(&name);
                all.current.take_if(|current| *current == name);
                Ok(())
            }),
        }
    }
}

impl Add {
    async fn run(self) -> Result<(), Failure> {
        let usage = |sentence: &str| Failure::new(End::Usage, sentence.to_owned());
        let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
        if self.name.is_empty() || self.name.starts_with('.') || !self.name.chars().all(plain) {
            return Err(usage(
                "a context's name has letters, digits, -, _ and ., and begins with none of the last",
            ));
        }
        let file = contexts_file()?;
        let mut contexts = Contexts::read(&file)?;
        let mut kept = self.road.to_keep();
        kept.organization = self.organization.as_ref().map(ToString::to_string);
        if kept.token_file.as_ref().is_some_and(|file| file.ends_with("-")) {
            return Err(usage("standard input cannot be kept: name a file with the token"));
        }
        if let Some((fingerprint, status_url)) = self.road.fingerprint() {
            let anchor = named_in_bundle(status_url, fingerprint).await?;
            let folder = file.parent().unwrap_or(std::path::Path::new("."));
            private_directory(folder)?;
            let place = folder.join(format!("{}-anchor.pem", self.name));
            let text = pem::certificates(&[anchor.der()]);
            put(&place, text.as_bytes(), Audience::Everybody)?;
            kept.ca_file = Some(place);
        }
        let faults = kept.faults();
        if !faults.is_empty() {
            return Err(usage(
                &faults
                    .join("; ")
                    .replace("ca_file", "--ca-file")
                    .replace("give url", "give --url"),
            ));
        }
        contexts.all.insert(self.name.clone(), kept);
        let first = contexts.current.is_none();
        contexts.current.get_or_insert_with(|| self.name.clone());
        contexts.keep(&file)?;
        let current = if first { ", and the current one" } else { "" };
        let sentence = format!("context {} is kept in {}{current}", self.name, file.display());
        if !self.output.told(&json!({ "name": self.name, "file": file })) {
            say(&sentence);
        }
        Ok(())
    }
}

fn list(output: Output) -> Result<(), Failure> {
    let contexts = Contexts::read(&contexts_file()?)?;
    let current = contexts.current.as_deref();
    let rows = contexts.all.iter();
    let rows: Vec<Value> = rows
        .map(|(name, context)| row(name, context, current == Some(name)))
        .collect();
    if !output.told(&Value::Array(rows.clone())) {
        table(&rows, COLUMNS);
    }
    Ok(())
}

fn row(name: &str, context: &Kept, current: bool) -> Value {
    let mut row = serde_json::to_value(context).unwrap_or_default();
    let credential = match (&context.token_file, &context.client_certificate) {
        (Some(_), _) => "API token",
        (None, Some(_)) => "client certificate",
        (None, None) if context.socket.is_some() => "this user",
        (None, None) => "none",
    };
    row["name"] = json!(name);
    row["current"] = json!(current);
    row["credential"] = json!(credential);
    row["star"] = json!(if current { "*" } else { "" });
    row["place"] = json!(
        context
            .url
            .clone()
            .or_else(|| Some(context.socket.as_ref()?.display().to_string()))
    );
    row
}

fn change(
    output: Output,
    sentence: &str,
    act: impl FnOnce(&mut Contexts) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let file = contexts_file()?;
    let mut contexts = Contexts::read(&file)?;
    act(&mut contexts)?;
    contexts.keep(&file)?;
    if !output.told(&json!({})) {
        say(sentence);
    }
    Ok(())
}

const COLUMNS: &super::show::Columns = &[
    ("", "/star"),
    ("NAME", "/name"),
    ("PLACE", "/place"),
    ("ORGANIZATION", "/organization"),
    ("CREDENTIAL", "/credential"),
];

const EXAMPLES: &str = "\
Examples:
  tamga context add here --socket /run/tamga/admin.sock
  tamga context add plant --url https://tamga.example:8444 --ca-file anchor.pem --token-file ~/.config/tamga/plant.token --organization plant
  tamga context add far --url https://10.0.0.5:8444 --fingerprint 5f1e… --status-url http://10.0.0.5:8480 --client-certificate jane.pem --client-key-file jane-key.pem

The file of contexts names where secrets are and holds none. `tamga whoami` tells whether the road is good.";
