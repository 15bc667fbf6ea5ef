// SPDX-License-Identifier: Apache-2.0
//! Enrollment groups.

pub(super) mod create;
pub(super) mod list;
pub(super) mod switch;
