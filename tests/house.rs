// SPDX-License-Identifier: Apache-2.0
//! The architecture, as tests: who may import whom, who may sign, how files are named and how large they grow.

#[path = "house/breach.rs"]
mod breach;
#[path = "house/floors.rs"]
mod floors;
#[path = "house/luggage.rs"]
mod luggage;
#[path = "house/names.rs"]
mod names;
#[path = "house/refusals.rs"]
mod refusals;
#[path = "house/source.rs"]
mod source;
#[path = "house/taste.rs"]
mod taste;
#[path = "house/trust.rs"]
mod trust;
