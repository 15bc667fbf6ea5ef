// SPDX-License-Identifier: Apache-2.0
//! Writes journal rows: one shape for every act, and the tally of anonymous refusals.

use tamga_registry::id::{JournalRowId, OrganizationId};
use tamga_registry::journal::{Event, JournalRow, Outcome};
use tamga_registry::role::Principal;
use tamga_x509::chance::{Chance, octets};
use tamga_x509::time::Timestamp;

use crate::refusal::Fault;
use crate::request::RequestContext;

/// What happened, as an act says it.
#[derive(Debug)]
pub(crate) struct Happening<'a> {
    pub(crate) organization: Option<OrganizationId>,
    pub(crate) act: &'static str,
    pub(crate) actor: Principal,
    pub(crate) object: String,
    pub(crate) context: RequestContext,
    pub(crate) outcome: Outcome,
    pub(crate) digests: &'a [[u8; 32]],
}

impl Happening<'_> {
    /// The row that is kept.
    pub(crate) fn row(self, at: Timestamp, chance: &dyn Chance) -> Result<JournalRow, Fault> {
        let event = Event {
            id: JournalRowId::fresh(at, chance)?,
            at,
            organization: self.organization,
            act: self.act,
            actor: self.actor,
            object: self.object,
            request: self.context.request,
            outcome: self.outcome,
            digests: self.digests.to_vec(),
            source: self.context.source,
        };
        JournalRow::new(event, octets::<16>(chance)?).map_err(Fault::during_act("writing the journal"))
    }
}
