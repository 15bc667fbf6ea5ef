// SPDX-License-Identifier: Apache-2.0
//! A process that stays up while what it needs is out of reach, says why, and comes to life by itself.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::{LifeFault, Part, Process};
use crate::drain::Drain;
use crate::duty::Ailment;
use crate::listener::{Addresses, Bound, ListenerConfig, Plane, bind, bind_all};
use crate::ops::Readiness;
use crate::supervisor;
use crate::telemetry::chain;

/// A process that lives, or waits until it can. Dropped, it ends as in a crash.
#[derive(Debug)]
pub struct Waking {
    drain: Drain,
    readiness: Readiness,
    /// Where it listens, once it does.
    alive: watch::Receiver<Option<Addresses>>,
    ops: Addresses,
    life: JoinHandle<Ending>,
}

/// How the life of a process ended.
#[derive(Debug)]
pub enum Ending {
    /// As it was asked to.
    Asked,
    /// A work that cannot be begun again has ended: the process is to be started anew.
    Lost,
    /// It could not open its doors.
    Doors(LifeFault),
}

impl Process {
    /// Answers the monitoring at once; for the rest asks `awaken` again and again until there is a part to live.
    ///
    /// The other places are tried at once and taken when there is somebody to serve at them: until then whoever
    /// connects is refused by the kernel, and a balancer looks elsewhere.
    ///
    /// # Errors
    /// [`LifeFault::Bind`] when a place cannot be taken.
    pub async fn wake<W>(
        self,
        listeners: Vec<ListenerConfig>,
        awaken: impl Fn() -> W + Send + Sync + 'static,
    ) -> Result<Waking, LifeFault>
    where
        W: Future<Output = Result<Part, Ailment>> + Send + 'static,
    {
        let (ops, others): (Vec<_>, Vec<_>) = listeners
            .into_iter()
            .partition(|listener| listener.plane == Plane::Ops);
        let places = bind_all(&ops).await?;
        for listener in &others {
            drop(bind(listener).await?);
        }
        let reason = Reason::default();
        let asked = reason.clone();
        self.readiness.require("awake", move || asked.check());
        let (tell, alive) = watch::channel(None);
        let ops = Addresses::of(&places);
        let (drain, readiness) = (self.drain.clone(), self.readiness.clone());
        let life = Life {
            process: self,
            reason,
            tell,
        };
        Ok(Waking {
            drain,
            readiness,
            alive,
            ops,
            life: tokio::spawn(life.live(places, others, awaken)),
        })
    }
}

struct Life {
    process: Process,
    reason: Reason,
    tell: watch::Sender<Option<Addresses>>,
}

impl Life {
    async fn live<W>(
        self,
        ops: Vec<Bound>,
        others: Vec<ListenerConfig>,
        awaken: impl Fn() -> W + Send + Sync,
    ) -> Ending
    where
        W: Future<Output = Result<Part, Ailment>> + Send,
    {
        let observed = self.process.live(Part::default(), ops).await;
        let observed = match observed {
            Ok(observed) => observed,
            Err(fault) => return Ending::Doors(fault),
        };
        supervisor::tell("READY=1\nSTATUS=starting");
        let begun = self.process.drain.begun().clone();
        let ending = match begun.run_until_cancelled(self.awake(awaken)).await {
            Some(part) => self.serve(part, others).await,
            None => Ending::Asked,
        };
        supervisor::tell("STOPPING=1");
        observed.stop().await;
        ending
    }

    /// Tries until it succeeds. Says why not once for each cause, and always to readiness.
    async fn awake<W>(&self, awaken: impl Fn() -> W + Send + Sync) -> Part
    where
        W: Future<Output = Result<Part, Ailment>> + Send,
    {
        let mut rest = FIRST_REST;
        loop {
            let ailment = match awaken().await {
                Ok(part) => return part,
                Err(ailment) => chain(&*ailment),
            };
            if self.reason.is_news(&ailment) {
                tracing::error!("not ready, and tried again until it is: {ailment}");
                supervisor::tell(&format!("STATUS=not ready: {}", ailment.replace('\n', " ")));
            }
            tokio::time::sleep(rest).await;
            rest = rest.saturating_mul(2).min(LONGEST_REST);
        }
    }

    async fn serve(&self, part: Part, others: Vec<ListenerConfig>) -> Ending {
        let places = match bind_all(&others).await {
            Ok(places) => places,
            Err(fault) => return Ending::Doors(fault.into()),
        };
        let living = match self.process.live(part, places).await {
            Ok(living) => living,
            Err(fault) => return Ending::Doors(fault),
        };
        self.reason.is_over();
        self.tell.send_replace(Some(living.addresses().clone()));
        tracing::info!("awake");
        supervisor::tell("STATUS=serving");
        let lost = living.lost();
        let ending = tokio::select! {
            () = self.process.drain.begun().cancelled() => Ending::Asked,
            () = lost => Ending::Lost,
        };
        living.stop().await;
        ending
    }
}

impl Waking {
    /// Where it listens, once it does; until then, where the monitoring finds it.
    pub fn addresses(&self) -> Addresses {
        let alive = self.alive.borrow().clone();
        alive.map_or_else(|| self.ops.clone(), |alive| self.ops.clone().and(alive))
    }

    /// Where readiness checks are added.
    pub fn readiness(&self) -> &Readiness {
        &self.readiness
    }

    /// Asks it to end, in two stages.
    pub fn drain(&self) -> &Drain {
        &self.drain
    }

    /// Returns when it serves; never, when it ends before.
    pub async fn alive(&self) {
        let mut alive = self.alive.clone();
        if alive.wait_for(Option::is_some).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Returns how it ended, when it has.
    pub async fn ended(&mut self) -> Ending {
        match (&mut self.life).await {
            Ok(ending) => ending,
            Err(fault) => {
                tracing::error!(%fault, "the process did not end well");
                Ending::Lost
            }
        }
    }

    /// Ends it well.
    pub async fn stop(mut self) -> Ending {
        self.drain.begin();
        self.ended().await
    }
}

impl Drop for Waking {
    fn drop(&mut self) {
        self.drain.cut();
        self.life.abort();
    }
}

/// Why the process is not awake; nothing once it is.
#[derive(Clone, Debug)]
struct Reason(Arc<Mutex<Option<String>>>);

impl Default for Reason {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Some(STARTING.to_owned()))))
    }
}

impl Reason {
    fn check(&self) -> Result<(), String> {
        let reason = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        reason.clone().map_or(Ok(()), Err)
    }

    fn is_news(&self, ailment: &str) -> bool {
        let mut reason = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let news = reason.as_deref() != Some(ailment);
        *reason = Some(ailment.to_owned());
        news
    }

    fn is_over(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

const STARTING: &str = "starting";
const FIRST_REST: Duration = Duration::from_millis(100);
const LONGEST_REST: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests;
