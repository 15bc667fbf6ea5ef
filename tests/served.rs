// SPDX-License-Identifier: Apache-2.0
//! `tamga dev` as its own process, in a home directory of its own and at a loopback address of its own.

use std::io::{BufRead, BufReader, Read};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// The program under test.
pub(crate) const TAMGA: &str = env!("CARGO_BIN_EXE_tamga");
/// Far longer than anything takes; only a test that fails waits for it.
pub(crate) const DEADLINE: Duration = Duration::from_secs(60);

/// All that a command wrote.
pub(crate) fn told(output: &Output) -> String {
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    format!("{out}{err}")
}

/// Where one story plays. Nothing of the machine's own user is reached.
pub(crate) struct Stage {
    home: TempDir,
    address: Ipv4Addr,
}

/// A running `tamga dev`; killed when dropped.
pub(crate) struct Served {
    child: Child,
    said: Arc<Said>,
}

#[derive(Default)]
struct Said {
    text: Mutex<String>,
    more: Condvar,
}

impl Stage {
    /// A stage at 127.x.x.x: each story has ports of its own there, the preferred ones included.
    pub(crate) fn at(address: [u8; 4]) -> Self {
        Self {
            home: TempDir::new().expect("a temporary directory"),
            address: address.into(),
        }
    }

    /// The home directory.
    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// Where `tamga dev` keeps its data by default.
    pub(crate) fn data(&self) -> PathBuf {
        self.home().join(".local/share/tamga-dev")
    }

    /// The address of this stage.
    pub(crate) fn address(&self) -> Ipv4Addr {
        self.address
    }

    /// A command that sees this home and nothing of the caller's settings.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.home()).env("HOME", self.home());
        let own = std::env::vars_os().map(|(name, _)| name);
        let own = own.filter(|name| name.to_string_lossy().starts_with("TAMGA_"));
        for name in own.chain(["XDG_DATA_HOME", "XDG_CONFIG_HOME"].map(Into::into)) {
            command.env_remove(name);
        }
        command
    }

    /// Runs `tamga` to its end.
    pub(crate) fn tamga(&self, arguments: &[&str]) -> Output {
        self.command(TAMGA).args(arguments).output().expect("tamga runs")
    }

    /// Runs a line of shell to its end.
    pub(crate) fn shell(&self, line: &str) -> Output {
        self.command("bash")
            .args(["-c", line])
            .output()
            .expect("bash runs")
    }

    /// Starts `tamga dev` and waits until it has told all it has to tell.
    pub(crate) fn serve(&self) -> Served {
        let mut served = self.start(&[]);
        served.wait_for("Next:");
        served.wait_for("device revoke");
        served
    }

    /// Starts `tamga dev`.
    pub(crate) fn start(&self, arguments: &[&str]) -> Served {
        let mut child = self
            .command(TAMGA)
            .args(["dev", "--address", &self.address.to_string()])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("tamga dev starts");
        let said = Arc::new(Said::default());
        listen(child.stdout.take().expect("piped"), &said);
        listen(child.stderr.take().expect("piped"), &said);
        Served { child, said }
    }
}

impl Served {
    /// A file of the kernel's about the process.
    pub(crate) fn proc_file(&self, name: &str) -> String {
        std::fs::read_to_string(format!("/proc/{}/{name}", self.child.id())).expect("it runs")
    }

    /// All that was told and logged so far.
    pub(crate) fn text(&self) -> String {
        self.said.text.lock().expect("said").clone()
    }

    /// Waits until something is told.
    pub(crate) fn wait_for(&mut self, what: &str) {
        let end = Instant::now() + DEADLINE;
        let mut text = self.said.text.lock().expect("said");
        while !text.contains(what) {
            let left = end.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "`{what}` was never told, but this was:\n{text}");
            let look_again = left.min(Duration::from_millis(200));
            text = self.said.more.wait_timeout(text, look_again).expect("said").0;
            let ended = self.child.try_wait().expect("asked");
            assert!(
                ended.is_none() || text.contains(what),
                "it ended with {ended:?}:\n{text}"
            );
        }
    }

    /// Asks it to end, and waits for that.
    pub(crate) fn end(mut self) -> (ExitStatus, String) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).expect("it runs");
        self.ended()
    }

    /// Waits for its end.
    pub(crate) fn ended(&mut self) -> (ExitStatus, String) {
        let (end, said) = (Instant::now() + DEADLINE, Arc::clone(&self.said));
        let mut text = said.text.lock().expect("said");
        loop {
            if let Some(status) = self.child.try_wait().expect("asked") {
                return (status, text.clone());
            }
            assert!(Instant::now() < end, "it did not end:\n{text}");
            text = said
                .more
                .wait_timeout(text, Duration::from_millis(20))
                .expect("said")
                .0;
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn listen(from: impl Read + Send + 'static, said: &Arc<Said>) {
    let said = Arc::clone(said);
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            let mut text = said.text.lock().expect("said");
            text.push_str(&line);
            text.push('\n');
            said.more.notify_all();
        }
    });
}
