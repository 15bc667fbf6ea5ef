// SPDX-License-Identifier: Apache-2.0
//! Arguments that several commands share: where the service is, which organization, how to write results.

use std::path::PathBuf;

use clap::Args;
use serde_json::Value;
use tamga_registry::organization::OrganizationSlug;

use super::show::{Columns, Output, say, sheet};
use crate::admin::AdminPlane;
use crate::dev::directory::{ADMIN_SOCKET, default_directory};
use crate::exit::{End, Failure};
use crate::settings::FIRST_ORGANIZATION;

/// Where a data directory is.
#[derive(Args, Clone, Debug)]
pub(crate) struct DataArgument {
    /// The data directory of `tamga dev` [default: $XDG_DATA_HOME/tamga-dev, else ~/.local/share/tamga-dev]
    #[arg(long, value_name = "DIR", env = "TAMGA_DATA", hide_env_values = true)]
    data: Option<PathBuf>,
}

impl DataArgument {
    /// The directory that was named, or the usual one.
    pub(crate) fn directory(&self) -> Result<PathBuf, Failure> {
        self.data.clone().or_else(default_directory).ok_or_else(|| {
            Failure::new(
                End::Usage,
                "there is no home directory to keep data in: name a directory with --data",
            )
        })
    }
}

/// The admin plane, and how to write what it answers.
#[derive(Args, Clone, Debug)]
pub(crate) struct AdminArguments {
    /// The admin socket [default: admin.sock in the data directory]
    #[arg(long, value_name = "PATH", env = "TAMGA_SOCKET", hide_env_values = true)]
    socket: Option<PathBuf>,
    #[command(flatten)]
    data: DataArgument,
    /// The organization
    #[arg(long, value_name = "SLUG", default_value = FIRST_ORGANIZATION)]
    organization: OrganizationSlug,
    /// How to write results
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

impl AdminArguments {
    /// The admin plane.
    pub(crate) fn plane(&self) -> Result<AdminPlane, Failure> {
        let socket = match &self.socket {
            Some(socket) => socket.clone(),
            None => self.data.directory()?.join(ADMIN_SOCKET),
        };
        Ok(AdminPlane::new(&socket, self.organization.clone()))
    }

    /// How to write results.
    pub(crate) fn output(&self) -> Output {
        self.output
    }

    /// Writes one item.
    pub(crate) fn write(&self, item: &Value, members: &Columns) {
        match self.output {
            Output::Table => sheet(item, members),
            Output::Json => say(&pretty(item)),
        }
    }

    /// Says that something was done; scripts read the exit code.
    pub(crate) fn done(&self, sentence: &str) {
        match self.output {
            Output::Table => say(sentence),
            Output::Json => say("{}"),
        }
    }
}

/// JSON as people can read it too.
pub(crate) fn pretty(item: &Value) -> String {
    // A value that was read as JSON can be written as JSON.
    serde_json::to_string_pretty(item).unwrap_or_default()
}
