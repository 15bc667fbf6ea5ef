// SPDX-License-Identifier: Apache-2.0
//! Id scopes.

pub(super) mod list;
