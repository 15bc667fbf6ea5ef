// SPDX-License-Identifier: Apache-2.0
//! What can be asked of the bench on its command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Measures Tamga against the bare and the lawful yardstick.
#[derive(Debug, Parser)]
#[command(name = "tamga-bench")]
pub(crate) struct Options {
    /// A role in a run; without one, the whole course.
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) course: CourseOptions,
}

/// How the course is played.
#[derive(Clone, Debug, Args)]
pub(crate) struct CourseOptions {
    /// Two short runs of everything: shows that it works, measures nothing worth keeping.
    #[arg(long)]
    pub(crate) quick: bool,
    /// Runs of each subject; the median is reported with the smallest and the largest.
    #[arg(long, default_value_t = 5)]
    pub(crate) runs: usize,
    /// Seconds in which answers are counted, each run.
    #[arg(long, default_value_t = 4.0)]
    pub(crate) seconds: f64,
    /// Seconds before that, each run.
    #[arg(long, default_value_t = 1.0)]
    pub(crate) warm_up: f64,
    /// Keep-alive TLS connections, each with one request under way.
    #[arg(long, value_delimiter = ',', default_values_t = [16, 64])]
    pub(crate) connections: Vec<usize>,
    /// Rows of one call of a batch.
    #[arg(long, default_value_t = 1_000)]
    pub(crate) rows: usize,
    /// Databases to measure over.
    #[arg(long, default_value = "both")]
    pub(crate) engine: Engines,
    /// Servers to measure; all when none is named.
    #[arg(long, value_delimiter = ',')]
    pub(crate) only: Vec<Subject>,
    /// Devices made beforehand for each run; by default enough for 8,000 a second.
    #[arg(long)]
    pub(crate) devices: Option<usize>,
    /// Devices and certificates that stand in the product's database before it is measured; for `SQLite`.
    #[arg(long, default_value_t = 0)]
    pub(crate) preload: usize,
    /// Revoked certificates in the publication that is measured; none when 0.
    #[arg(long, default_value_t = 100_000)]
    pub(crate) revoked: usize,
    /// Leaves out the figures of single steps and of publication.
    #[arg(long)]
    pub(crate) no_micro: bool,
    /// Lets the system place generator, servers and Postgres, instead of a core for the first and one for the others.
    #[arg(long)]
    pub(crate) unpinned: bool,
    /// Where databases lie while they are measured: on the disk that is meant.
    #[arg(long, default_value = "target/bench/data")]
    pub(crate) data: PathBuf,
    /// Where the report goes.
    #[arg(long, default_value = "target/bench/report.json")]
    pub(crate) report: PathBuf,
}

impl CourseOptions {
    /// As asked, or cut short by `--quick`.
    pub(crate) fn effective(&self) -> Self {
        let mut effective = self.clone();
        if self.quick {
            effective.runs = self.runs.min(2);
            effective.seconds = self.seconds.min(1.0);
            effective.warm_up = self.warm_up.min(0.3);
            effective.revoked = self.revoked.min(10_000);
        }
        effective
    }
}

/// What is measured over.
#[derive(Copy, Clone, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Engines {
    /// The embedded database.
    Sqlite,
    /// A private Postgres server.
    Postgres,
    /// One after the other.
    Both,
}

impl Engines {
    /// Each of them.
    pub(crate) fn each(self) -> &'static [Engine] {
        match self {
            Self::Sqlite => &[Engine::Sqlite],
            Self::Postgres => &[Engine::Postgres],
            Self::Both => &[Engine::Sqlite, Engine::Postgres],
        }
    }
}

/// A database.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

/// Who is measured.
#[derive(Copy, Clone, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Subject {
    /// One group commit.
    Bare,
    /// Two group commits, the rows of the product.
    Lawful,
    /// The house in one process.
    Product,
    /// A device gateway and a signer, over Postgres.
    Split,
    /// The house in one process, asked by a station for one unit after the other.
    Station,
    /// The house in one process, asked by a station for many units in each call.
    Batch,
}

impl Subject {
    pub(crate) const ALL: [Self; 6] = [
        Self::Bare,
        Self::Lawful,
        Self::Product,
        Self::Split,
        Self::Station,
        Self::Batch,
    ];

    /// Whether one connection is enough to keep it at work, so that it has one figure whatever their number.
    pub(crate) fn is_alone(self) -> bool {
        self == Self::Batch
    }

    /// What its figures are called, without the number of connections; nothing where there are none.
    pub(crate) fn figure(self, engine: Engine) -> Option<&'static str> {
        match (self, engine) {
            (Self::Bare, Engine::Sqlite) => Some("limit/bare/sqlite"),
            (Self::Bare, Engine::Postgres) => Some("limit/bare/postgres"),
            (Self::Lawful, Engine::Sqlite) => Some("limit/lawful/sqlite"),
            (Self::Lawful, Engine::Postgres) => Some("limit/lawful/postgres"),
            (Self::Product, Engine::Sqlite) => Some("enroll/sqlite"),
            (Self::Product, Engine::Postgres) => Some("enroll/postgres"),
            (Self::Split, Engine::Sqlite) => None,
            (Self::Split, Engine::Postgres) => Some("enroll/postgres-split"),
            (Self::Station, Engine::Sqlite) => Some("factory/sqlite/single"),
            (Self::Station, Engine::Postgres) => Some("factory/postgres/single"),
            (Self::Batch, Engine::Sqlite) => Some("factory/sqlite/batch"),
            (Self::Batch, Engine::Postgres) => Some("factory/postgres/batch"),
        }
    }
}

/// A program of a run.
#[derive(Copy, Clone, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Server {
    /// The bare yardstick.
    Bare,
    /// The lawful yardstick.
    Lawful,
    /// The whole house, asked by devices.
    House,
    /// The whole house, asked by a station.
    Factory,
    /// A device gateway alone.
    Gateway,
    /// A signer alone.
    Signer,
}

impl Server {
    /// The word on the command line.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Bare => "bare",
            Self::Lawful => "lawful",
            Self::House => "house",
            Self::Factory => "factory",
            Self::Gateway => "gateway",
            Self::Signer => "signer",
        }
    }
}

/// A role in a run. The course starts these by itself.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serves until it is ended.
    #[command(hide = true)]
    Serve {
        /// Who serves.
        server: Server,
        /// Where its files lie, and its database unless that is on a server.
        #[arg(long)]
        data: PathBuf,
        /// The URL of its database on a server.
        #[arg(long)]
        database: Option<String>,
    },
    /// Founds an installation on a server.
    #[command(hide = true)]
    Found {
        /// Where its root keys lie.
        #[arg(long)]
        data: PathBuf,
        /// The URL of its database.
        #[arg(long)]
        database: String,
    },
    /// Asks one server for certificates.
    #[command(hide = true)]
    Load {
        /// What to do, as JSON.
        order: String,
    },
    /// Times single steps.
    #[command(hide = true)]
    Micro {
        /// Entries of the list that is built.
        #[arg(long)]
        entries: usize,
        /// Seconds for each step.
        #[arg(long)]
        seconds: f64,
    },
    /// Times the publication of a list.
    #[command(hide = true)]
    Publish {
        /// Revoked certificates.
        #[arg(long)]
        entries: usize,
        /// Where the database lies.
        #[arg(long)]
        data: PathBuf,
    },
    /// Fills the product's database.
    #[command(hide = true)]
    Fill {
        /// Where the database lies.
        #[arg(long)]
        data: PathBuf,
        /// Devices, each with a certificate.
        #[arg(long)]
        count: usize,
    },
}
