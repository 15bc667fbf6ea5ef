// SPDX-License-Identifier: Apache-2.0
//! Individual enrollments.

pub(super) mod create;
pub(super) mod switch;
