// SPDX-License-Identifier: Apache-2.0
//! Prolongs the leases of orders at work, so that they can be short: what is slow is not taken from who works on it.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};

use tamga_registry::id::OrderId;
use tamga_registry::order::Order;

use super::Bench;
use crate::refusal::Fault;

/// The orders at work and the epochs they are leased under.
#[derive(Clone, Default)]
pub(super) struct Held(Arc<Mutex<HashMap<OrderId, Lease>>>);

#[derive(Clone, Copy)]
struct Lease {
    epoch: i64,
    /// It was there when leases were last prolonged. Most orders are done before.
    seen: bool,
}

/// An order at work. Dropped, it is so no longer, however the work ended.
pub(super) struct Holding {
    held: Held,
    order: OrderId,
    epoch: i64,
}

impl Drop for Holding {
    fn drop(&mut self) {
        let mut held = self.held.lock();
        if held
            .get(&self.order)
            .is_some_and(|lease| lease.epoch == self.epoch)
        {
            held.remove(&self.order);
        }
    }
}

impl Held {
    /// Work on an order begins.
    pub(super) fn take(&self, order: &Order) -> Holding {
        let epoch = order.lease_epoch;
        self.lock().insert(order.id, Lease { epoch, seen: false });
        Holding {
            held: self.clone(),
            order: order.id,
            epoch,
        }
    }

    /// Those that have been at work since the last look.
    fn slow(&self) -> Vec<(OrderId, i64)> {
        let mut slow = Vec::new();
        for (id, lease) in self.lock().iter_mut() {
            if std::mem::replace(&mut lease.seen, true) {
                slow.push((*id, lease.epoch));
            }
        }
        slow
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<OrderId, Lease>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Looks three times a lease, so that no order at work is without one even when a look is late.
pub(super) async fn run(bench: Bench) -> Infallible {
    let mut looks = tokio::time::interval(bench.rules.lease / 3);
    looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        let slow = bench.held.slow();
        if slow.is_empty() {
            continue;
        }
        let until = bench.means.now().saturating_add(bench.rules.lease);
        if let Err(fault) = bench.means.store.hold_orders(slow, until).await {
            // Then somebody else may finish them: fencing sees to it that only one does.
            tracing::warn!(fault = %Fault::from(fault), "orders at work could not be held");
        }
    }
}
