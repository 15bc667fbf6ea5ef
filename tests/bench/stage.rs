// SPDX-License-Identifier: Apache-2.0
//! Sets the stage of one run: the programs that serve, each on its core, over a database.

use std::path::Path;

use anyhow::{Context, Result};

use crate::options::{Server, Subject};
use crate::order::{Founded, Ready, Standing};
use crate::postgres::Fresh;
use crate::role::{Core, Role};

/// Programs that serve. They end when this is dropped.
pub(crate) struct Stage {
    pub(crate) ready: Ready,
    _roles: Vec<Role>,
}

impl Stage {
    /// Starts them; the database is in `folder` unless there is one on a server.
    pub(crate) fn set(subject: Subject, core: Core, folder: &Path, database: Option<&Fresh>) -> Result<Self> {
        let owner = database.map(|database| database.owner.as_str());
        let server = match subject {
            Subject::Bare => Server::Bare,
            Subject::Lawful => Server::Lawful,
            Subject::Product => Server::House,
            Subject::Station | Subject::Batch => Server::Factory,
            Subject::Split => return Self::split(core, folder, database.context("a database on a server")?),
        };
        let mut role = serve(server, core, folder, owner)?;
        Ok(Self {
            ready: role.hear()?,
            _roles: vec![role],
        })
    }

    fn split(core: Core, folder: &Path, database: &Fresh) -> Result<Self> {
        let found = ["found", "--data", text(folder)?, "--database", &database.owner];
        let founded: Founded = Role::start(core, &found)?.hear()?;
        let mut signer = serve(Server::Signer, core, folder, Some(&database.signer))?;
        let signs: Standing = signer.hear()?;
        let mut gateway = serve(Server::Gateway, core, folder, Some(&database.device))?;
        let answers: Standing = gateway.hear()?;
        Ok(Self {
            ready: Ready {
                processes: vec![signs.process, answers.process],
                address: answers.address.context("a gateway that listens nowhere")?,
                anchor: founded.anchor,
                target: founded.target,
            },
            _roles: vec![gateway, signer],
        })
    }
}

fn serve(server: Server, core: Core, folder: &Path, database: Option<&str>) -> Result<Role> {
    let mut arguments = vec!["serve", server.word(), "--data", text(folder)?];
    if let Some(url) = database {
        arguments.extend(["--database", url]);
    }
    Role::start(core, &arguments)
}

/// A path as an argument.
pub(crate) fn text(path: &Path) -> Result<&str> {
    path.to_str()
        .with_context(|| format!("{} is no text", path.display()))
}
