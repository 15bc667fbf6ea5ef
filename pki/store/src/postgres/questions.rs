// SPDX-License-Identifier: Apache-2.0
//! Questions that every request asks: those that wait together are asked together, by sessions that do nothing else.
//!
//! A session is never handed to who asks: whoever goes away leaves no answer unread behind, and nobody has to be asked
//! whether it still answers before the next question.

use std::sync::Arc;
use std::time::Duration;

use tamga_registry::store::StoreFault;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

use super::batch::{Binds, question};
use super::connector::{Connector, still_leads};
use super::fault::{fault, unavailable};
use super::{Connection, DEADLINE, Row};

/// Where questions are asked. Its clones are the same.
#[derive(Clone)]
pub(super) struct Questions {
    queue: mpsc::Sender<Job>,
    askers: Arc<Mutex<Vec<JoinHandle<()>>>>,
}

enum Job {
    Ask(Asked),
    /// Nothing is asked any more.
    Close,
}

struct Asked {
    question: Binds,
    answer: oneshot::Sender<Result<Option<Row>, StoreFault>>,
}

impl Questions {
    /// Starts the sessions. They connect when they are needed.
    pub(super) fn start(connector: &Connector) -> Self {
        let (sender, queue) = mpsc::channel(QUEUE);
        let queue = Arc::new(Mutex::new(queue));
        let askers = (0..ASKERS).map(|_| {
            let asker = Asker {
                connector: connector.clone(),
                session: None,
            };
            tokio::spawn(asker.work(queue.clone()))
        });
        Self {
            queue: sender,
            askers: Arc::new(Mutex::new(askers.collect())),
        }
    }

    /// Asks. At most one row answers.
    pub(super) async fn ask(&self, question: Binds) -> Result<Option<Row>, StoreFault> {
        let (answer, answered) = oneshot::channel();
        let job = Job::Ask(Asked { question, answer });
        self.queue.send(job).await.map_err(|_| ended())?;
        answered.await.map_err(|_| ended())?
    }

    /// Answers what is asked, and no more.
    pub(super) async fn close(&self) {
        // Whoever closed it before us is enough.
        self.queue.send(Job::Close).await.ok();
        for asker in self.askers.lock().await.drain(..) {
            asker.await.ok();
        }
    }
}

fn ended() -> StoreFault {
    unavailable("the database is being closed")
}

/// One session.
struct Asker {
    connector: Connector,
    /// With the instant it answered last.
    session: Option<(Connection, Instant)>,
}

impl Asker {
    async fn work(mut self, queue: Arc<Mutex<mpsc::Receiver<Job>>>) {
        let mut jobs = Vec::with_capacity(TOGETHER);
        loop {
            let taken = {
                let mut queue = queue.lock().await;
                let taken = queue.recv_many(&mut jobs, TOGETHER).await;
                if jobs.iter().any(|job| matches!(job, Job::Close)) {
                    queue.close();
                }
                taken
            };
            if taken == 0 {
                return;
            }
            let asked = jobs.drain(..).filter_map(|job| match job {
                // Whoever went away meanwhile needs no answer.
                Job::Ask(asked) => (!asked.answer.is_closed()).then_some(asked),
                Job::Close => None,
            });
            let asked: Vec<Asked> = asked.collect();
            if !asked.is_empty() {
                self.answer(asked).await;
            }
        }
    }

    async fn answer(&mut self, asked: Vec<Asked>) {
        let (questions, waiting): (Vec<_>, Vec<_>) = asked
            .into_iter()
            .map(|asked| (asked.question, asked.answer))
            .unzip();
        let answers = timeout(DEADLINE, self.ask(&questions)).await;
        let answers =
            answers.unwrap_or_else(|_| Err(unavailable("the database did not answer within the deadline")));
        match answers {
            Ok(answers) => {
                for (waiting, answer) in waiting.into_iter().zip(answers) {
                    waiting.send(Ok(answer)).ok();
                }
            }
            Err(fault) => {
                for waiting in waiting {
                    waiting.send(Err(again(&fault))).ok();
                }
            }
        }
    }

    /// One that was used before may have been ended meanwhile: then the same is asked by a new one.
    async fn ask(&mut self, questions: &[Binds]) -> Result<Vec<Option<Row>>, StoreFault> {
        let kept = self.session.is_some();
        match self.ask_once(questions).await {
            Err(StoreFault::Unavailable(_)) if kept => self.ask_once(questions).await,
            answers => answers,
        }
    }

    /// A session that did not answer is not used again: it is put back only once it has.
    async fn ask_once(&mut self, questions: &[Binds]) -> Result<Vec<Option<Row>>, StoreFault> {
        let mut connection = self.connection().await?;
        let answers = question::ask_all(questions, &mut connection).await?;
        self.session = Some((connection, Instant::now()));
        Ok(answers)
    }

    async fn connection(&mut self) -> Result<Connection, StoreFault> {
        if let Some((mut connection, answered)) = self.session.take() {
            // One used just now answers. After a while the server may have restarted, or be a standby by now.
            if answered.elapsed() < TRUSTED_FOR || still_leads(&mut connection).await.unwrap_or(false) {
                return Ok(connection);
            }
        }
        self.connector.connect().await.map_err(fault("connecting"))
    }
}

/// The same fault for each who asked.
fn again(fault: &StoreFault) -> StoreFault {
    match fault {
        StoreFault::Unavailable(why) => unavailable(&why.to_string()),
        StoreFault::Broken { during, source } => StoreFault::Broken {
            during,
            source: source.to_string().into(),
        },
        StoreFault::Damaged { table, row, what } => StoreFault::Damaged {
            table,
            row: row.clone(),
            what: what.clone(),
        },
        StoreFault::Repeated => StoreFault::Repeated,
    }
}

/// How many sessions ask: while one waits for its answers, the other asks what came meanwhile.
const ASKERS: usize = 2;

/// How many questions are asked together at most.
const TOGETHER: usize = 128;

/// How many may wait before who asks waits to hand in.
const QUEUE: usize = 4096;

/// How long a session that rests is believed to answer.
const TRUSTED_FOR: Duration = Duration::from_secs(1);
