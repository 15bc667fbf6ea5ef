// SPDX-License-Identifier: Apache-2.0
//! `tamga dev`: a house that sets itself up in one directory, with one simulated device, and goes on serving.
//!
//! - [`directory`]: where things lie; [`ports`]: chosen once, kept for good;
//! - [`simulators`]: the group of the simulated devices, and the first of them;
//! - [`summary`]: what is told at every start, and written down for the other commands.

pub mod directory;
pub mod ports;
pub mod simulators;
pub mod summary;
