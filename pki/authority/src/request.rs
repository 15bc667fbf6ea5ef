// SPDX-License-Identifier: Apache-2.0
//! What every act carries of the request it is part of: an id that reaches the journal, and where it came from.

use std::net::IpAddr;

use tamga_registry::id::RequestId;
use tamga_registry::repetition::Once;

/// Of which request an act is part.
#[derive(Debug, Clone, Copy)]
pub struct RequestContext {
    /// Shown to the caller, logged, and written into the journal.
    pub request: RequestId,
    /// The address the socket saw; absent on a Unix socket and for the house's own duties.
    pub source: Option<IpAddr>,
    /// What tells it when it is sent again; absent where its sender gave it no key.
    pub once: Option<Once>,
}
