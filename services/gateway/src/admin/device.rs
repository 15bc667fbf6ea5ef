// SPDX-License-Identifier: Apache-2.0
//! Devices.

pub(super) mod revoke;
pub(super) mod show;
