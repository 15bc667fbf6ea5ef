// SPDX-License-Identifier: Apache-2.0
//! Arguments that several commands share: where the service is, as whom to come, how to write results.

pub(super) mod road;

use std::path::PathBuf;

use clap::Args;
use tamga_registry::organization::OrganizationSlug;

use self::road::RoadArguments;
use super::show::Output;
use crate::admin::AdminPlane;
use crate::admin::contexts::Context;
use crate::dev::directory::default_directory;
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
        self.data.clone().or_else(default_directory).ok_or_else(homeless)
    }
}

/// There is no usual place.
fn homeless() -> Failure {
    let sentence = "there is no home directory to keep data in: name a directory with --data";
    Failure::new(End::Usage, sentence)
}

/// The admin plane, and how to write what it answers.
#[derive(Args, Clone, Debug)]
pub(crate) struct AdminArguments {
    /// The organization [default: that of the context, else `default`]
    #[arg(long, value_name = "SLUG")]
    organization: Option<OrganizationSlug>,
    /// How to write results
    #[arg(long, value_enum, default_value_t)]
    output: Output,
    #[command(flatten)]
    road: RoadArguments,
}

/// The admin plane as it was named, with files and environment looked at.
#[derive(Clone, Debug)]
pub(crate) struct Admin {
    plane: AdminPlane,
    output: Output,
}

impl AdminArguments {
    /// Finds the road and reads the credential.
    pub(crate) async fn admin(&self) -> Result<Admin, Failure> {
        let context = self.road.context()?;
        let organization = self.organization(context.as_ref())?;
        let road = self.road.road(context).await?;
        Ok(Admin {
            plane: AdminPlane::new(road, organization),
            output: self.output,
        })
    }

    fn organization(&self, context: Option<&Context>) -> Result<OrganizationSlug, Failure> {
        if let Some(organization) = &self.organization {
            return Ok(organization.clone());
        }
        let known = context.and_then(|context| context.organization.as_deref());
        let slug = known.unwrap_or(FIRST_ORGANIZATION).parse();
        slug.map_err(|fault| Failure::new(End::Usage, fault))
    }
}

impl Admin {
    /// The admin plane.
    pub(crate) fn plane(&self) -> &AdminPlane {
        &self.plane
    }

    /// The organization.
    pub(crate) fn organization(&self) -> &OrganizationSlug {
        self.plane.organization()
    }

    /// How to write results.
    pub(crate) fn output(&self) -> Output {
        self.output
    }
}
