// SPDX-License-Identifier: Apache-2.0
//! Enrollment groups.

pub(super) mod create;
pub(super) mod disable;
pub(super) mod enable;
pub(super) mod list;
