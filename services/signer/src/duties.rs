// SPDX-License-Identifier: Apache-2.0
//! What a signer does without being asked, one file a duty; each is a named readiness check.
//!
//! - `hand`: signs what was admitted; a single run, whose early end is fatal;
//! - [`recovery`]: finishes what a crash left; [`publish`]: CRLs; [`service_certificate`]: Tamga's own TLS certificate;
//! - [`clerk`]: judges what doors of other processes handed in;
//! - [`watch`]: issuer keys and lists, for readiness.

pub mod clerk;
pub mod publish;
pub mod recovery;
pub mod service_certificate;
pub mod watch;
