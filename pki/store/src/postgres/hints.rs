// SPDX-License-Identifier: Apache-2.0
//! Hints between all processes that have the database open, through the server.
//!
//! One session listens and one tells, apart from those that read and write. What was told while the first was not
//! connected is lost, so whoever waits is woken when it comes back.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sqlx::PgPool;
use sqlx::postgres::PgListener;
use tamga_registry::store::{Hint, Hinted};
use tokio::sync::Notify;
use tokio::task::AbortHandle;

use super::Connection;
use super::connector::{Connector, in_time};

/// Wakes who waits. Its clones wake the same.
#[derive(Clone)]
pub(super) struct Hints(Arc<Post>);

/// The two tasks end with the last who holds it.
struct Post {
    board: Arc<Board>,
    messengers: PgPool,
    tasks: [AbortHandle; 2],
}

impl Drop for Post {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

#[derive(Default)]
struct Board {
    here: [Arc<Notify>; Hint::ALL.len()],
    /// The kinds still to be told to others, a bit each: many of one kind are told once.
    untold: AtomicUsize,
    tell: Notify,
}

impl Hints {
    pub(super) fn start(connector: &Connector) -> Self {
        let messengers = connector.messenger();
        let board = Arc::new(Board::default());
        let tasks = [
            tokio::spawn(listen(board.clone(), messengers.clone())).abort_handle(),
            tokio::spawn(tell(board.clone(), connector.clone())).abort_handle(),
        ];
        Self(Arc::new(Post {
            board,
            messengers,
            tasks,
        }))
    }

    /// Something of this kind was kept.
    pub(super) fn give(&self, of: Hint) {
        let board = &self.0.board;
        board.wake(of);
        board.untold.fetch_or(1 << place(of), Ordering::Relaxed);
        board.tell.notify_one();
    }

    /// Resolves at the next hint after this call.
    pub(super) fn wait(&self, of: Hint) -> Hinted {
        // `notify_waiters` reaches it from now on, polled or not.
        Box::pin(self.0.board.here[place(of)].clone().notified_owned())
    }

    /// Tells and wakes nobody any more.
    pub(super) async fn close(&self) {
        for task in &self.0.tasks {
            task.abort();
        }
        self.0.messengers.close().await;
    }
}

impl Board {
    fn wake(&self, of: Hint) {
        self.here[place(of)].notify_waiters();
    }

    fn wake_all(&self) {
        for of in Hint::ALL {
            self.wake(of);
        }
    }
}

async fn listen(board: Arc<Board>, messengers: PgPool) {
    loop {
        if let Err(error) = listen_while_connected(&board, &messengers).await {
            tracing::debug!(%error, "no hints are heard from other processes for now");
        }
        board.wake_all();
        tokio::time::sleep(AGAIN_AFTER).await;
    }
}

async fn listen_while_connected(board: &Board, messengers: &PgPool) -> Result<(), sqlx::Error> {
    // A pool of its own: a session that fell silent keeps its place until the network gives it up.
    let options = messengers.connect_options().as_ref().clone();
    let own = messengers.options().clone().connect_lazy_with(options);
    let mut listener = PgListener::connect_with(&own).await?;
    in_time(listener.listen(CHANNEL)).await?;
    board.wake_all();
    loop {
        let Ok(heard) = tokio::time::timeout(QUIET_AT_MOST, listener.try_recv()).await else {
            // Nothing was told for a while, or nothing arrives any more: only the server can tell which.
            in_time(sqlx::query("SELECT 1").execute(&mut listener)).await?;
            continue;
        };
        let Some(notification) = heard? else {
            return Ok(());
        };
        for word in notification.payload().split(' ') {
            // Another version may know other kinds.
            if let Some(of) = Hint::ALL.into_iter().find(|of| self::word(*of) == word) {
                board.wake(of);
            }
        }
    }
}

async fn tell(board: Arc<Board>, connector: Connector) {
    let mut session = None;
    loop {
        board.tell.notified().await;
        let untold = board.untold.swap(0, Ordering::Relaxed);
        let words: Vec<&str> = Hint::ALL
            .into_iter()
            .filter(|of| untold & (1 << place(*of)) != 0)
            .map(word)
            .collect();
        // A session kept from before may have ended meanwhile; then a new one tells.
        for _ in 0..2 {
            let kept = session.is_some();
            match in_time(tell_once(&mut session, &connector, &words.join(" "))).await {
                Ok(()) => break,
                Err(error) => {
                    session = None;
                    if !kept {
                        tracing::debug!(%error, "a hint is not told to other processes: they look by themselves");
                        break;
                    }
                }
            }
        }
    }
}

async fn tell_once(
    session: &mut Option<Connection>,
    connector: &Connector,
    words: &str,
) -> Result<(), sqlx::Error> {
    let mut telling = match session.take() {
        Some(known) => known,
        None => {
            let mut new = connector.connect().await?;
            // What is told has no need to be on disk.
            sqlx::raw_sql("SET synchronous_commit = off")
                .execute(&mut new)
                .await?;
            new
        }
    };
    sqlx::query("SELECT pg_notify($1, $2)")
        .bind(CHANNEL)
        .bind(words)
        .execute(&mut telling)
        .await?;
    // A session that did not answer is not used again.
    *session = Some(telling);
    Ok(())
}

fn place(of: Hint) -> usize {
    match of {
        Hint::SubmissionKept => 0,
        Hint::SubmissionSettled => 1,
        Hint::RevocationKept => 2,
        Hint::PolicyChanged => 3,
    }
}

fn word(of: Hint) -> &'static str {
    match of {
        Hint::SubmissionKept => "submission_kept",
        Hint::SubmissionSettled => "submission_settled",
        Hint::RevocationKept => "revocation_kept",
        Hint::PolicyChanged => "policy_changed",
    }
}

/// Where hints are told.
const CHANNEL: &str = "tamga_hints";

/// How long nothing may be heard before the server is asked whether it still speaks to us.
const QUIET_AT_MOST: Duration = Duration::from_secs(15);

/// After how long the server is asked again.
const AGAIN_AFTER: Duration = Duration::from_millis(500);
