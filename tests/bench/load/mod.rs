// SPDX-License-Identifier: Apache-2.0
//! The generator: a closed loop over keep-alive TLS connections, each asking for one new device after the other, or for
//! many in each call.

mod batch;
mod exchange;
mod request;
mod verdict;

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use tokio::task::{JoinSet, LocalSet};
use tokio::time::timeout_at;

use crate::devices::{self, Device};
use crate::figures;
use crate::machine::{cpu_seconds, cpu_seconds_of_family};
use crate::order::{LoadOrder, Observed, Target};
use exchange::{Line, Tls};
use verdict::Judge;

/// Plays one order to its end.
pub(crate) async fn play(order: LoadOrder) -> Result<Observed> {
    let devices = devices::read(&order.devices, order.skip, order.take)?;
    let asked: Vec<Asked> = request::write_all(&order, devices)?;
    let mut lines = Vec::with_capacity(order.connections);
    for _ in 0..order.connections {
        lines.push(exchange::connect(&order.server).await?);
    }
    let begin = Instant::now();
    let window = Window {
        opens: begin + Duration::from_secs_f64(order.warm_up),
        closes: begin + Duration::from_secs_f64(order.warm_up + order.seconds),
    };
    let work = Rc::new(Work {
        judge: Judge::new(&order.server.target),
        asked,
        next: Cell::new(0),
        window,
    });
    LocalSet::new().run_until(drive(work, lines, &order)).await
}

/// What one connection saw inside the window.
#[derive(Default)]
struct Seen {
    certificates: usize,
    /// How long each answer took.
    waits: Vec<Duration>,
}

impl Seen {
    fn add(&mut self, other: Self) {
        self.certificates += other.certificates;
        self.waits.extend(other.waits);
    }
}

/// A device and the octets of its request.
struct Asked {
    device: Device,
    request: Vec<u8>,
}

/// When answers count.
#[derive(Clone, Copy)]
struct Window {
    opens: Instant,
    closes: Instant,
}

struct Work {
    judge: Judge,
    asked: Vec<Asked>,
    next: Cell<usize>,
    window: Window,
}

impl Work {
    fn take(&self) -> Result<&Asked> {
        let next = self.next.get();
        self.next.set(next + 1);
        self.asked
            .get(next)
            .context("the devices made beforehand are used up: ask for more with --devices")
    }
}

async fn drive(work: Rc<Work>, lines: Vec<Tls>, order: &LoadOrder) -> Result<Observed> {
    let mut tasks = JoinSet::new();
    for line in lines {
        match (&order.server.target, order.rows) {
            (Target::Station { organization, token }, Some(rows)) => {
                let call = batch::Call::new(organization, token, rows);
                tasks.spawn_local(batch::keep_asking(work.clone(), line, call))
            }
            _ => tasks.spawn_local(keep_asking(work.clone(), Line::over(line))),
        };
    }
    let mut seen = work_until(work.window.opens, &mut tasks).await?;
    let before = Spent::by_now(order)?;
    seen.add(work_until(work.window.closes, &mut tasks).await?);
    let after = Spent::by_now(order)?;
    while let Some(task) = tasks.join_next().await {
        seen.add(task??);
    }
    let Seen {
        certificates,
        mut waits,
    } = seen;
    if waits.is_empty() {
        bail!("no answer came within the window: measure for longer with --seconds");
    }
    waits.sort_unstable();
    let each = 1e6 / figures::count(certificates);
    Ok(Observed {
        per_second: figures::count(certificates) / order.seconds,
        p50_ms: figures::quantile(&waits, 0.50).as_secs_f64() * 1e3,
        p99_ms: figures::quantile(&waits, 0.99).as_secs_f64() * 1e3,
        server_cpu_us: (after.server - before.server) * each,
        database_cpu_us: after
            .database
            .zip(before.database)
            .map(|(after, before)| (after - before) * each),
        generator_cpu_us: (after.generator - before.generator) * each,
        used: work.next.get(),
    })
}

/// Processor time, in seconds.
struct Spent {
    server: f64,
    database: Option<f64>,
    generator: f64,
}

impl Spent {
    fn by_now(order: &LoadOrder) -> Result<Self> {
        let mut server = 0.0;
        for process in &order.server.processes {
            server += cpu_seconds(*process)?;
        }
        Ok(Self {
            server,
            database: order.database.map(cpu_seconds_of_family).transpose()?,
            generator: cpu_seconds(std::process::id())?,
        })
    }
}

/// Lets the connections work until then. A connection that ends before is in trouble; one that ends just then brings
/// what it saw.
async fn work_until(then: Instant, tasks: &mut JoinSet<Result<Seen>>) -> Result<Seen> {
    let mut seen = Seen::default();
    while let Ok(Some(ended)) = timeout_at(then.into(), tasks.join_next()).await {
        seen.add(ended??);
        ensure!(Instant::now() >= then, "a connection ended before its time");
    }
    Ok(seen)
}

/// Asks until the window closes.
async fn keep_asking(work: Rc<Work>, mut line: Line) -> Result<Seen> {
    let mut seen = Seen::default();
    let mut first = true;
    loop {
        let asked = work.take()?;
        let sent = Instant::now();
        let answer = line.ask(&asked.request).await?;
        let answered = Instant::now();
        if first {
            work.judge.prove(&answer, &asked.device.csr)?;
            first = false;
        } else {
            work.judge.accept(&answer)?;
        }
        if answered >= work.window.closes {
            return Ok(seen);
        }
        if answered >= work.window.opens {
            seen.certificates += 1;
            seen.waits.push(answered - sent);
        }
    }
}
