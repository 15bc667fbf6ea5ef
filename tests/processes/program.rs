// SPDX-License-Identifier: Apache-2.0
//! One program of the house at work, and the signals it is sent.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use tamga_tests::patience::eventually;

/// A running program; killed when dropped.
pub(crate) struct Program {
    name: String,
    log: PathBuf,
    child: Child,
}

/// Where cargo laid the program beside this test.
pub(crate) fn path_of(program: &str) -> PathBuf {
    let test = std::env::current_exe().expect("this program");
    let beside = test
        .ancestors()
        .nth(2)
        .expect("deps lies in the profile's folder");
    let path = beside.join(program);
    assert!(
        path.exists(),
        "{} is missing: run `cargo build --workspace --bins` first",
        path.display()
    );
    path
}

impl Program {
    /// Starts it; what it says goes to a file below `folder`.
    pub(crate) fn start(name: &str, program: &str, arguments: &[&str], folder: &Path) -> Self {
        let log = folder.join(format!("{name}.log"));
        let said = File::create(&log).expect("a log");
        let child = Command::new(path_of(program))
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(said.try_clone().expect("the log"))
            .stderr(said)
            .spawn()
            .expect("it starts");
        Self {
            name: name.to_owned(),
            log,
            child,
        }
    }

    /// Sends a signal.
    pub(crate) fn is_sent(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("it runs");
    }

    /// What the system says of it.
    pub(crate) fn status(&self) -> String {
        std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("it runs")
    }

    /// Waits for its end.
    pub(crate) async fn ends(mut self) -> ExitStatus {
        let child = std::cell::RefCell::new(&mut self.child);
        let what = format!("the end of {}", self.name);
        eventually(&what, || async { child.borrow_mut().try_wait().expect("asked") }).await
    }
}

impl Drop for Program {
    #[expect(
        clippy::print_stderr,
        reason = "whoever reads why a story failed reads it there"
    )]
    fn drop(&mut self) {
        // It may have ended already, or stand still.
        self.child.kill().ok();
        self.child.wait().ok();
        if std::thread::panicking() {
            let said = std::fs::read_to_string(&self.log).unwrap_or_default();
            let last: Vec<&str> = said.lines().rev().take(15).collect();
            let last: Vec<&str> = last.into_iter().rev().collect();
            eprintln!("{} said last:\n{}", self.name, last.join("\n"));
        }
    }
}
