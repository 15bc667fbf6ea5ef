// SPDX-License-Identifier: Apache-2.0
//! A private Postgres for the tests of one process: started when first asked for, ended with the process, however it ends.
//!
//! Each test takes a [`Database`] of its own from the [`shared`] cluster. A story that stops Postgres starts a
//! [`Cluster`] of its own.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test without its database ends, and says why"
)]

mod keeper;
mod programs;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use keeper::Keeper;
use programs::Programs;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

/// The cluster all tests of this process share; the first caller starts it.
///
/// # Panics
/// When Postgres is not installed (`make setup-test` installs it) or does not start.
pub fn shared() -> &'static Cluster {
    static SHARED: OnceLock<Cluster> = OnceLock::new();
    SHARED.get_or_init(Cluster::start)
}

/// An empty database of the [`shared`] cluster.
pub async fn database() -> Database {
    shared().database().await
}

/// Whether a Postgres is installed that is new enough; `make setup-test` brings one in.
pub fn is_installed() -> bool {
    Programs::find().is_some()
}

/// How a cluster is kept whose commits shall survive a crash of the machine, as in earnest.
#[derive(Clone, Debug)]
pub struct Lasting {
    /// Where its data lies: made, and gone with the cluster. Any user must be able to come this far.
    pub data: PathBuf,
    /// A program that starts it, with its arguments, such as `taskset`; may be none.
    pub started_by: Vec<String>,
}

/// A running Postgres of ours. It ends when this is dropped, or when the process ends.
pub struct Cluster {
    keeper: Mutex<Keeper>,
    socket_directory: String,
    data: PathBuf,
    port: u16,
    databases: AtomicU32,
}

impl Cluster {
    /// Makes a cluster and starts it.
    ///
    /// # Panics
    /// When Postgres is not installed (`make setup-test` installs it) or does not start.
    pub fn start() -> Self {
        Self::kept(None)
    }

    /// As [`Self::start`], with every commit on disk before it is told.
    ///
    /// # Panics
    /// As [`Self::start`].
    pub fn start_lasting(lasting: &Lasting) -> Self {
        Self::kept(Some(lasting))
    }

    fn kept(lasting: Option<&Lasting>) -> Self {
        let (keeper, socket_directory, port) = Keeper::start(lasting);
        Self {
            keeper: Mutex::new(keeper),
            data: lasting.map_or_else(
                || Path::new(&socket_directory).join("data"),
                |lasting| lasting.data.clone(),
            ),
            socket_directory,
            port,
            databases: AtomicU32::new(0),
        }
    }

    /// Stops Postgres as a crash would: sessions end in the middle, what was committed stays.
    pub fn stop_at_once(&self) {
        self.order("stop");
    }

    /// Stops Postgres in good order; open transactions are rolled back.
    pub fn stop_in_order(&self) {
        self.order("halt");
    }

    /// Starts Postgres again, at the same port and socket.
    pub fn start_again(&self) {
        self.order("start");
    }

    fn order(&self, order: &str) {
        self.keeper
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .order(order);
    }

    /// The directory of its Unix socket.
    pub fn socket_directory(&self) -> &str {
        &self.socket_directory
    }

    /// The process all its others descend from, while it runs.
    pub fn process(&self) -> Option<u32> {
        let told = std::fs::read_to_string(self.data.join("postmaster.pid")).ok()?;
        told.lines().next()?.trim().parse().ok()
    }

    /// Its port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Makes an empty database.
    ///
    /// # Panics
    /// When Postgres does not make it.
    pub async fn database(&self) -> Database {
        // From the untouched template: another session may stand in the other one.
        self.make("template0").await
    }

    /// Makes a copy of a database that nobody is connected to.
    ///
    /// # Panics
    /// When Postgres does not make it.
    pub async fn copy(&self, of: &Database) -> Database {
        self.make(&of.name).await
    }

    async fn make(&self, template: &str) -> Database {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        let database = Database {
            name: format!("story_{number}"),
            port: self.port,
        };
        let url = format!("postgres://postgres@127.0.0.1:{}/postgres", self.port);
        let mut connection = PgConnection::connect(&url).await.expect("the cluster answers");
        let statement = format!("CREATE DATABASE {} TEMPLATE {template}", database.name);
        sqlx::raw_sql(AssertSqlSafe(statement))
            .execute(&mut connection)
            .await
            .expect("the database is made");
        database
    }
}

impl std::fmt::Debug for Cluster {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Cluster")
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}

/// One database of a cluster. Nobody else is given it.
#[derive(Clone, Debug)]
pub struct Database {
    name: String,
    port: u16,
}

impl Database {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How its superuser connects.
    pub fn url(&self) -> String {
        self.url_of("postgres")
    }

    /// How this login connects. No password is asked for.
    pub fn url_of(&self, login: &str) -> String {
        format!("postgres://{login}@127.0.0.1:{}/{}", self.port, self.name)
    }

    /// A connection of the superuser, to look past the program under test.
    ///
    /// # Panics
    /// When Postgres does not answer.
    pub async fn connect(&self) -> PgConnection {
        PgConnection::connect(&self.url())
            .await
            .expect("the database answers")
    }

    /// Makes a login that is a member of `group`, as an installation does for a process. It is named after database and
    /// group, for roles belong to the whole cluster. Returns its URL.
    ///
    /// # Panics
    /// When there is no such group.
    pub async fn login(&self, group: &str) -> String {
        let login = format!("{}_{group}", self.name);
        let statement = format!("CREATE ROLE {login} LOGIN IN ROLE {group}");
        sqlx::raw_sql(AssertSqlSafe(statement))
            .execute(&mut self.connect().await)
            .await
            .unwrap_or_else(|error| panic!("a login of {group}: {error}"));
        self.url_of(&login)
    }
}
