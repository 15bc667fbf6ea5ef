// SPDX-License-Identifier: Apache-2.0
//! `tamga migrate`: brings the schema of an installation's Postgres to the version this program knows.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use tamga_runtime::settings::{DatabaseSettings, SecretFile, load_process};
use tamga_store::{SchemaStep, migrate_postgres_telling, pending_postgres};

use super::show::{Output, say};
use crate::exit::{End, Failure};
use crate::memory::{failure, url};
use crate::settings::setup::SetupSettings;

/// Bring the schema of an installation's Postgres to the version this program knows.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Migrate {
    /// The settings file of `tamga setup`: its section [database] is read
    #[arg(long, value_name = "FILE", conflicts_with_all = ["database", "password_file"], required_unless_present = "database")]
    settings: Option<PathBuf>,
    /// The database, as its owner: postgres://owner@host/database, without a password
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// Where its password is: the absolute path of a file of mode 0600, or credential:NAME
    #[arg(long, value_name = "SECRET FILE", requires = "database")]
    password_file: Option<SecretFile>,
    /// List what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// How to write the result
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

impl Migrate {
    pub(crate) async fn run(self) -> Result<(), Failure> {
        let url = url(&self.database()?)?;
        if self.dry_run {
            let pending = pending_postgres(&url).await.map_err(|fault| failure(&fault))?;
            self.tell(&pending, "would be taken", None);
            return Ok(());
        }
        let mut taken = Vec::new();
        let version = migrate_postgres_telling(&url, |step| {
            if self.output == Output::Table {
                say(&format!("{}: taken", named(&step)));
            }
            taken.push(step);
        });
        let version = version.await.map_err(|fault| failure(&fault))?;
        self.tell(&taken, "taken", Some(version));
        Ok(())
    }

    fn database(&self) -> Result<DatabaseSettings, Failure> {
        let usage = |sentence: String| Failure::new(End::Usage, sentence);
        if let Some(url) = &self.database {
            let database = DatabaseSettings {
                url: url.clone(),
                password_file: self.password_file.clone(),
                ..DatabaseSettings::default()
            };
            let faults = database.faults();
            return match faults.is_empty() {
                true => Ok(database),
                false => Err(usage(faults.join("\n"))),
            };
        }
        let file = self.settings.as_deref().unwrap_or(std::path::Path::new(""));
        let settings: SetupSettings = load_process(file).map_err(|fault| usage(fault.to_string()))?;
        Ok(settings.database)
    }

    fn tell(&self, steps: &[SchemaStep], word: &str, version: Option<i64>) {
        let listed: Vec<_> = steps
            .iter()
            .map(|step| json!({ "number": step.number, "concept": step.concept }))
            .collect();
        let told = json!({ "dryRun": self.dry_run, "steps": listed, "version": version });
        if self.output.told(&told) {
            return;
        }
        if self.dry_run {
            steps
                .iter()
                .for_each(|step| say(&format!("{}: {word}", named(step))));
        }
        match (steps.len(), version) {
            (0, _) => say("The schema is up to date."),
            (count, Some(version)) => say(&format!("{count} step(s) taken; the schema is at {version}.")),
            (count, None) => say(&format!("{count} step(s) {word}; nothing was done.")),
        }
    }
}

fn named(step: &SchemaStep) -> String {
    format!("{:04} {}", step.number, step.concept)
}

const EXAMPLES: &str = "\
Examples:
  tamga migrate --settings /etc/tamga/setup.toml --dry-run
  tamga migrate --database 'postgres://tamga-owner@db.example/tamga?sslmode=verify-full' --password-file /etc/tamga/secrets/database_owner

Run it with the new version before its processes are started; those of the version before go on working meanwhile. Run twice it
changes nothing; run by two at once, one waits for the other. The login owns the database.";
