// SPDX-License-Identifier: Apache-2.0
//! Stories of doors that hold no key and signers that have no socket: what one proves, another judges again and signs.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a story that cannot go on ends, with a sentence"
)]

#[path = "split/backlog.rs"]
mod backlog;
#[path = "split/distrust.rs"]
mod distrust;
#[path = "split/takeover.rs"]
mod takeover;
#[path = "split/told.rs"]
mod told;
