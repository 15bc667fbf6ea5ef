// SPDX-License-Identifier: Apache-2.0
//! A device as devices are: whatever happens to its connection, it asks again, at either door, until it has its answer.

use std::io;
use std::time::Duration;

use tamga_tests::answer::Told;
use tamga_tests::device::Device;
use tamga_tests::key_pair::KeyPair;
use tamga_tests::wire::{Request, Wire};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

/// A device and its one key.
pub(crate) struct Customer {
    device: Device,
    key: KeyPair,
}

/// How one wish ended.
pub(crate) struct Served {
    /// The certificate and those above it, DER.
    pub(crate) chain: Vec<Vec<u8>>,
    /// How long it took, with everything that was asked again.
    pub(crate) took: Duration,
    /// Answers that were whole and said no.
    pub(crate) refused: Vec<u16>,
}

impl Customer {
    pub(crate) fn new(device: Device) -> Self {
        Self {
            device,
            key: KeyPair::new(),
        }
    }

    /// Asks for its certificate until it has it.
    pub(crate) async fn is_served(&self) -> Served {
        let begun = Instant::now();
        let mut refused = Vec::new();
        let mut ticks = interval(PAUSE);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut asking: Option<String> = None;
        while begun.elapsed() < PATIENCE {
            ticks.tick().await;
            let request = match &asking {
                None => self.registration(),
                Some(operation) => self.poll(operation),
            };
            let Ok(Ok(told)) = timeout(ONE_ANSWER, self.asks(&request)).await else {
                // Cut, refused by the network, or nobody there: the other door next.
                continue;
            };
            let status = told.answer.status;
            match told.chain() {
                chain if !chain.is_empty() => {
                    return Served {
                        chain,
                        took: begun.elapsed(),
                        refused,
                    };
                }
                _ if status == 202 => asking = Some(told.operation()),
                _ => {
                    refused.push(status);
                    asking = None;
                }
            }
        }
        panic!(
            "{} was not served within {PATIENCE:?}; it was told {refused:?}",
            self.device.registration_id
        );
    }

    fn registration(&self) -> Request {
        self.device
            .registration_of(&self.key.request(&self.device.registration_id))
    }

    fn poll(&self, operation: &str) -> Request {
        self.device.poll_of(operation)
    }

    async fn asks(&self, request: &Request) -> io::Result<Told> {
        let door = &self.device.door;
        let mut wire = Wire::tls(door.doors.next(), std::sync::Arc::clone(&door.tls)).await?;
        let answer = wire.ask(request).await?;
        Ok(Told { answer })
    }
}

/// Between two tries.
const PAUSE: Duration = Duration::from_millis(50);
/// Longer than a door waits before it says 202.
const ONE_ANSWER: Duration = Duration::from_secs(12);
/// Longer than a restart of everything takes.
const PATIENCE: Duration = Duration::from_secs(45);
