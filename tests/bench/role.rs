// SPDX-License-Identifier: Apache-2.0
//! Starts this program in another role, on a core of its own, and hears the one line it has to say.

use std::env;
use std::io::{BufRead, BufReader, Write, stdout};
use std::process::{Child, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Says the one line.
pub(crate) fn announce(what: &impl Serialize) -> Result<()> {
    let mut line = serde_json::to_string(what)?;
    line.push('\n');
    let mut out = stdout().lock();
    out.write_all(line.as_bytes())?;
    Ok(out.flush()?)
}

/// A process in a role. It ends when this is dropped.
pub(crate) struct Role {
    child: Child,
    said: BufReader<ChildStdout>,
}

/// Which core a role runs on.
#[derive(Copy, Clone, Debug)]
pub(crate) enum Core {
    Any,
    Number(usize),
}

impl Core {
    /// The program that places another one there, with its arguments; none where the system may place it.
    pub(crate) fn words(self) -> Vec<String> {
        match self {
            Self::Any => Vec::new(),
            Self::Number(core) => vec!["taskset".to_owned(), "--cpu-list".to_owned(), core.to_string()],
        }
    }
}

impl Role {
    /// Starts it.
    pub(crate) fn start(core: Core, arguments: &[&str]) -> Result<Self> {
        let program = env::current_exe().context("where this program lies")?;
        let mut words = core.words().into_iter();
        let mut command = match words.next() {
            Some(first) => {
                let mut command = Command::new(first);
                command.args(words).arg(program);
                command
            }
            None => Command::new(program),
        };
        let mut child = command
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("starting {arguments:?}"))?;
        let said = BufReader::new(child.stdout.take().context("its output")?);
        Ok(Self { child, said })
    }

    /// Hears its line.
    pub(crate) fn hear<T: DeserializeOwned>(&mut self) -> Result<T> {
        let mut line = String::new();
        self.said.read_line(&mut line)?;
        ensure!(
            !line.is_empty(),
            "it ended without a word: its error stands above"
        );
        Ok(serde_json::from_str(&line)?)
    }
}

impl Drop for Role {
    fn drop(&mut self) {
        // It may have ended by itself; a server is cut, for what it kept is either thrown away or meant to survive that.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Whether processes can be given a core.
pub(crate) fn can_pin() -> bool {
    Command::new("taskset")
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
