// SPDX-License-Identifier: Apache-2.0
//! The desk of a door without keys: what was proved is handed in, batch by batch, and what became of it is waited for.
//!
//! However many wait, one statement keeps what was handed in meanwhile and one query asks after them all.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tamga_registry::id::SubmissionId;
use tamga_registry::store::{Hint, Hinted, Posted, Store};
use tamga_registry::submission::{Settlement, Submission};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use crate::means::Means;
use crate::refusal::Fault;

/// Where the door hands in.
#[derive(Clone)]
pub struct Desk {
    posts: mpsc::Sender<Post>,
    store: Arc<dyn Store>,
}

/// The clerk's side of the desk, in the same process: posts, and looks for answers.
pub struct DeskWork {
    store: Arc<dyn Store>,
    posts: mpsc::Receiver<Post>,
    rules: DeskRules,
    awaited: Awaited,
}

/// How the desk works.
#[derive(Debug, Clone, Copy)]
pub struct DeskRules {
    /// How many submissions may wait to be stored before the door has to.
    pub queue: usize,
    /// How many are committed at once, at most.
    pub batch: usize,
}

impl Default for DeskRules {
    fn default() -> Self {
        Self {
            queue: 1_024,
            batch: 128,
        }
    }
}

/// A submission on its way into memory, and who waits for it.
struct Post {
    submission: Submission,
    most_waiting: u32,
    posted: oneshot::Sender<Result<Posted, String>>,
    settled: oneshot::Sender<Settlement>,
}

/// What became of handing in.
pub(crate) enum Filing {
    /// It is stored.
    Kept(Waiting),
    /// Too many of its organization wait.
    Crowded,
}

/// Waits for the settlement of a stored submission.
pub(crate) struct Waiting(oneshot::Receiver<Settlement>);

/// Who waits for which submission.
#[derive(Clone, Default)]
struct Awaited {
    by_id: Arc<Mutex<HashMap<SubmissionId, oneshot::Sender<Settlement>>>>,
    more: Arc<Notify>,
}

impl Desk {
    /// Both sides.
    pub fn new(means: &Means, rules: DeskRules) -> (Self, DeskWork) {
        let (posts, queue) = mpsc::channel(rules.queue.max(1));
        let store = means.store.clone();
        let work = DeskWork {
            store: store.clone(),
            posts: queue,
            rules,
            awaited: Awaited::default(),
        };
        (Self { posts, store }, work)
    }

    /// Hands a submission in; returns when it is stored, or not for want of room.
    pub(crate) async fn file(&self, submission: Submission, most_waiting: u32) -> Result<Filing, Fault> {
        let (posted_sender, posted) = oneshot::channel();
        let (settled_sender, settled) = oneshot::channel();
        let post = Post {
            submission,
            most_waiting,
            posted: posted_sender,
            settled: settled_sender,
        };
        self.posts.send(post).await.map_err(|_| stopped())?;
        match posted.await.map_err(|_| stopped())? {
            Ok(Posted::Kept) => Ok(Filing::Kept(Waiting(settled))),
            Ok(Posted::Crowded) => Ok(Filing::Crowded),
            Err(told) => Err(Fault::new(POSTING, told)),
        }
    }

    /// Resolves when submissions were settled after this call. A hint: whoever waits looks again.
    pub(crate) fn settled(&self) -> Hinted {
        self.store.hint(Hint::SubmissionSettled)
    }
}

impl Waiting {
    pub(crate) async fn settled(self) -> Result<Settlement, Fault> {
        self.0.await.map_err(|_| stopped())
    }
}

impl DeskWork {
    /// Works until stopped and nothing is left to be stored.
    pub async fn run(self, stop: CancellationToken) {
        let Self {
            store,
            posts,
            rules,
            awaited,
        } = self;
        tokio::select! {
            () = post_all(&*store, posts, rules, (&awaited, stop)) => {}
            never = look_for_answers(&*store, &awaited) => match never {},
        }
    }
}

async fn post_all(
    store: &dyn Store,
    mut queue: mpsc::Receiver<Post>,
    rules: DeskRules,
    (awaited, stop): (&Awaited, CancellationToken),
) {
    let mut posts = Vec::with_capacity(rules.batch);
    let mut open = true;
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled(), if open => {
                open = false;
                queue.close();
            }
            taken = queue.recv_many(&mut posts, rules.batch.max(1)) => {
                if taken == 0 {
                    return;
                }
                post(store, std::mem::take(&mut posts), awaited).await;
            }
        }
    }
}

async fn post(store: &dyn Store, posts: Vec<Post>, awaited: &Awaited) {
    // The limit is one for the whole door.
    let most_waiting = posts.iter().map(|post| post.most_waiting).min().unwrap_or(0);
    let rows = posts.iter().map(|post| post.submission.clone()).collect();
    match store.submit(rows, most_waiting).await {
        Ok(verdicts) => {
            for (post, verdict) in posts.into_iter().zip(verdicts) {
                if verdict == Posted::Kept {
                    awaited.add(post.submission.id, post.settled);
                }
                // Whoever went away is told when it polls.
                drop(post.posted.send(Ok(verdict)));
            }
        }
        Err(fault) => {
            let told = fault.to_string();
            tracing::error!(fault = %Fault::from(fault), "a batch of submissions could not be kept");
            for post in posts {
                drop(post.posted.send(Err(told.clone())));
            }
        }
    }
}

async fn look_for_answers(store: &dyn Store, awaited: &Awaited) -> Infallible {
    let mut hint = store.hint(Hint::SubmissionSettled);
    loop {
        awaited.anybody().await;
        // A hint only: looking again and again finds the same.
        let _ = tokio::time::timeout(POLL, hint).await;
        // Asked for before the look: an answer between the two is not lost.
        hint = store.hint(Hint::SubmissionSettled);
        let ids = awaited.ids();
        if ids.is_empty() {
            continue;
        }
        match store.settlements(&ids).await {
            Ok(settled) => awaited.tell(settled),
            Err(fault) => {
                tracing::error!(fault = %Fault::from(fault), "answers could not be looked for");
                tokio::time::sleep(POLL).await;
            }
        }
    }
}

impl Awaited {
    fn add(&self, id: SubmissionId, waiting: oneshot::Sender<Settlement>) {
        self.lock().insert(id, waiting);
        self.more.notify_one();
    }

    /// Returns when anybody waits.
    async fn anybody(&self) {
        while self.ids().is_empty() {
            self.more.notified().await;
        }
    }

    /// What is still waited for.
    fn ids(&self) -> Vec<SubmissionId> {
        let mut by_id = self.lock();
        by_id.retain(|_, waiting| !waiting.is_closed());
        by_id.keys().copied().collect()
    }

    fn tell(&self, settled: Vec<(SubmissionId, Settlement)>) {
        let mut by_id = self.lock();
        for (id, settlement) in settled {
            if let Some(waiting) = by_id.remove(&id) {
                drop(waiting.send(settlement));
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<SubmissionId, oneshot::Sender<Settlement>>> {
        self.by_id.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Desk").finish_non_exhaustive()
    }
}

impl std::fmt::Debug for DeskWork {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("DeskWork")
            .field("rules", &self.rules)
            .finish_non_exhaustive()
    }
}

fn stopped() -> Fault {
    Fault::new(POSTING, "the desk has stopped")
}

const POSTING: &str = "handing a submission in";
/// How long an answer may go unnoticed when no hint came.
const POLL: Duration = Duration::from_millis(100);
