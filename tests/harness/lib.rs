// SPDX-License-Identifier: Apache-2.0
//! The people of the stories, the house they visit, and what must hold when each story ends.
//!
//! - [`house`]: a real house in a directory of its own, on ports of its own, under a clock that can be moved;
//! - [`topology`]: the ways a house is put together; `#[story]` tells each story in all of them; [`database`]: a
//!   Postgres database of a story's own;
//! - [`clock`], [`patience`]: time that can be moved, and waiting that ends;
//! - [`workshop`]: doors and signers as separate as processes are, over one memory;
//! - [`device`], [`vendor`], [`operator`], [`visitor`], [`station`], [`relying_party`]: the people; their methods read like prose;
//! - [`answer`]: what a device was told, and what a story expects of it;
//! - [`wire`], [`sas`], [`key_pair`]: HTTP, tokens and requests with encoders of our own, so that odd ones can be sent;
//! - [`memory`]: the house's tables, read beside it; [`watch`]: its keys; [`secrets`]: its log; [`oracle`]: whether
//!   nothing happened;
//! - [`invariants`]: what holds for every certificate and list there is, asked at the end of each story;
//! - [`openapi`]: whether answers are what the published documents say; [`programs`]: other people's stacks;
//!   [`relay`]: a TCP address for those that know no Unix socket.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "this crate is for tests alone: whatever goes wrong in it ends the test, with a sentence"
)]

pub use tamga_story::story;

pub mod answer;
pub mod clock;
pub mod database;
pub mod device;
pub mod house;
pub mod invariants;
pub mod key_pair;
pub mod memory;
pub mod openapi;
pub mod operator;
pub mod oracle;
pub mod patience;
pub mod programs;
pub mod relay;
pub mod relying_party;
mod running;
pub mod sas;
pub mod secrets;
mod split;
pub mod station;
pub mod topology;
pub mod vendor;
pub mod visitor;
pub mod watch;
pub mod wire;
pub mod workshop;
