// SPDX-License-Identifier: Apache-2.0
//! The process between the tests and Postgres: a script that watches a pipe, so that Postgres ends with its holder.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::Lasting;
use crate::programs::{OLDEST, Programs};

/// The script, running. Dropped, its input ends, and it ends Postgres.
pub(crate) struct Keeper {
    child: Child,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Keeper {
    /// Starts a cluster. Returns its directory and port besides.
    pub(crate) fn start(lasting: Option<&Lasting>) -> (Self, String, u16) {
        let programs = Programs::find().unwrap_or_else(|| {
            panic!("no Postgres {OLDEST} or newer is installed; `make setup-test` brings it in")
        });
        let mut told = Vec::new();
        for port in ports().take(ATTEMPTS) {
            let mut keeper = Self::spawn(&programs, port, lasting);
            match keeper.ask("start") {
                Ok(directory) => return (keeper, directory, port),
                // Another process may have taken the port since we looked.
                Err(why) => told.push(why),
            }
        }
        panic!("no private Postgres could be started: {told:#?}");
    }

    fn spawn(programs: &Programs, port: u16, lasting: Option<&Lasting>) -> Self {
        let mut words = lasting.map_or(&[][..], |lasting| &lasting.started_by).iter();
        let mut command = match words.next() {
            Some(program) => {
                let mut command = Command::new(program);
                command.args(words).arg("/bin/sh");
                command
            }
            None => Command::new("/bin/sh"),
        };
        let mut child = command
            .args(["-c", include_str!("keeper.sh"), "tamga-postgres-keeper"])
            .arg(&programs.directory)
            .arg(programs.user.unwrap_or_default())
            .arg(port.to_string())
            .args(lasting.map(|lasting| &lasting.data))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
            .expect("a shell is there");
        let orders = child.stdin.take();
        let answers = child.stdout.take().expect("its output is a pipe");
        Self {
            child,
            orders,
            answers: BufReader::new(answers),
        }
    }

    /// Gives an order and waits until it is done.
    pub(crate) fn order(&mut self, order: &str) {
        if let Err(why) = self.ask(order) {
            panic!("Postgres was told to {order}: {why}");
        }
    }

    fn ask(&mut self, order: &str) -> Result<String, String> {
        let orders = self.orders.as_mut().expect("it is open until it is dropped");
        // When the script has ended, its last line says why.
        writeln!(orders, "{order}").ok();
        let mut answer = String::new();
        self.answers
            .read_line(&mut answer)
            .expect("its output can be read");
        match answer.trim_end().strip_prefix("done ") {
            Some(place) => Ok(place.to_owned()),
            None if answer.is_empty() => Err("its keeper ended".to_owned()),
            None => Err(answer),
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.orders = None;
        self.child.wait().ok();
    }
}

/// How many ports are tried.
const ATTEMPTS: usize = 8;

/// Free ports below those that the system gives out by itself, each process beginning elsewhere: nobody takes one
/// while its Postgres is stopped for a moment.
fn ports() -> impl Iterator<Item = u16> {
    let first = std::process::id().wrapping_mul(37) % RANGE;
    (0..RANGE)
        .filter_map(move |step| u16::try_from(LOWEST + (first + step) % RANGE).ok())
        .filter(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
}

const LOWEST: u32 = 20_000;
const RANGE: u32 = 12_000;
