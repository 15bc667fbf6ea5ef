// SPDX-License-Identifier: Apache-2.0
//! Certificates.

pub(super) mod revoke;
