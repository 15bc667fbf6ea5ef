// SPDX-License-Identifier: Apache-2.0
//! Completes intents: the certificate is recorded and placed in its line, or superseded from the start, or lost to another.
//!
//! In each script the order is closed last: «order open under this lease, certificate no longer intended» is true
//! only inside the script, so a repeated record writes nothing.

use async_trait::async_trait;
use tamga_registry::store::{Record, RecordVerdict, StoreFault};

use super::batch::{self, Binds, script};
use super::fault::miscounted;
use super::journal::{self, journal_row};
use super::writer::Keep;

/// A row looked up by its key is in this state. No index of the rows in one state may be taken for it: an engine that
/// planned while there were few would walk all of them, and all that were among them since, for every row.
macro_rules! is_state {
    ($state:literal) => {
        concat!("COALESCE(state, '') = '", $state, "'")
    };
}
pub(super) use is_state;

/// The order $2 is open under lease $3 and waits for certificate $1.
macro_rules! held {
    () => {
        "EXISTS (SELECT 1 FROM issuance_order o
                 WHERE o.id = $2 AND o.state = 'open' AND o.lease_epoch = $3 AND o.certificate_id = $1)"
    };
}
pub(super) use held;

/// The device of order $2 is left alone by other writers: all that touches its line takes it first.
macro_rules! lock_device {
    () => {
        "SELECT 1 FROM device WHERE id = (SELECT o.device_id FROM issuance_order o WHERE o.id = $2) FOR NO KEY UPDATE"
    };
}
pub(super) use lock_device;

/// Nobody takes order $2 over meanwhile.
macro_rules! lock_order {
    () => {
        "SELECT 1 FROM issuance_order /*rows*/ WHERE id = $2 FOR NO KEY UPDATE OF issuance_order"
    };
}
pub(super) use lock_order;

macro_rules! recorded {
    () => {
        concat!(
            held!(),
            " AND EXISTS (SELECT 1 FROM certificate WHERE id = $1 AND state IN ('issued', 'superseded'))"
        )
    };
}

/// A certificate that comes late, after one that was intended later and is valid, is superseded from the start: it
/// must not displace what the device asked for last. Which came later, the line's versions tell: clocks step back.
macro_rules! complete {
    () => {
        concat!(
            "UPDATE certificate
             SET state = CASE WHEN EXISTS (
                     SELECT 1 FROM lineage l JOIN certificate n ON ",
            one_of!("n.id", "l.current_id", "l.provisional_id"),
            "
                     JOIN issuance_order later ON later.id = n.order_id
                     WHERE l.device_id = certificate.device_id AND l.profile_id = certificate.profile_id
                       AND n.state = 'issued' AND n.not_after >= $5
                       AND later.line_version > (SELECT own.line_version FROM issuance_order own WHERE own.id = $2)
                 ) THEN 'superseded' ELSE 'issued' END,
                 der = $4, tbs = NULL, issued_at = $5
             /*rows*/ WHERE id = $1 AND ", is_state!("intended"), " AND device_id = $17
               AND EXISTS (SELECT 1 FROM device d WHERE d.id = certificate.device_id AND d.state = 'active')
               AND ", held!()
        )
    };
}

/// The provisional certificate that this one replaces.
macro_rules! supersede {
    () => {
        concat!(
            "UPDATE certificate SET state = 'superseded'
             /*rows*/ WHERE state = 'issued'
               AND id = (SELECT l.provisional_id FROM issuance_order w
                         JOIN lineage l ON l.device_id = w.device_id AND l.profile_id = w.profile_id
                         WHERE w.id = $2)
               AND EXISTS (SELECT 1 FROM certificate n WHERE n.id = $1 AND n.state = 'issued')
               AND ",
            held!()
        )
    };
}

/// Whether the line has a valid certificate. One superseded by the statement before was valid until then.
macro_rules! line_is_valid {
    () => {
        concat!(
            "EXISTS (SELECT 1 FROM certificate v WHERE ",
            one_of!("v.id", "lineage.current_id", "lineage.provisional_id"),
            " AND v.state IN ('issued', 'superseded') AND v.not_after >= $5)"
        )
    };
}

macro_rules! place {
    () => {
        concat!(
            "UPDATE lineage
             SET current_id = CASE WHEN ",
            line_is_valid!(),
            " THEN current_id ELSE $1 END,
                 provisional_id = CASE WHEN ",
            line_is_valid!(),
            " THEN $1 ELSE NULL END,
                 version = version + 1
             /*rows*/ WHERE device_id = $17
               AND profile_id = (SELECT profile_id FROM issuance_order WHERE id = $2)
               AND EXISTS (SELECT 1 FROM certificate n WHERE n.id = $1 AND n.state = 'issued')
               AND ",
            held!()
        )
    };
}

pub(super) const RECORD: batch::Script = script!(
    @order "$17";
    @apart "$17";
    @apart "$1";
    @apart "$2";
    @apart "$6";
    @lock "SELECT 1 FROM device /*rows*/ WHERE id = $17 FOR NO KEY UPDATE OF device";
    @lock lock_order!();
    complete!(),
    supersede!(),
    place!(),
    journal_row!(
        [
            "$6", "$7", "$8", "$9", "$10", "$11", "$12", "$13", "$14", "$15", "$16"
        ],
        recorded!()
    ),
    concat!(
        "UPDATE issuance_order SET state = 'fulfilled'
         /*rows*/ WHERE id = $2 AND state = 'open' AND ",
        recorded!()
    )
);

#[async_trait]
impl Keep for Record {
    type Verdict = RecordVerdict;

    /// Nothing of it is written, and the order is still open for whoever takes it next.
    fn spoiled() -> Option<RecordVerdict> {
        Some(RecordVerdict::Lost)
    }

    fn script(&self) -> Option<Result<Binds, StoreFault>> {
        let query = RECORD
            .query()
            .bind(self.certificate.octets().as_slice())
            .bind(self.order.octets().as_slice())
            .bind(self.lease_epoch)
            .bind(self.der.as_slice())
            .bind(self.at.as_micros());
        let query = journal::bind(query, &self.journal);
        Some(Ok(query.bind(self.device.octets().as_slice())))
    }

    fn verdict(&self, written: u64) -> Result<RecordVerdict, StoreFault> {
        match written {
            0 => Ok(RecordVerdict::Lost),
            // Certificate, journal, order: it has no place in the line.
            3 => Ok(RecordVerdict::Overtaken),
            // The line as well; the provisional it replaces.
            4 | 5 => Ok(RecordVerdict::Recorded),
            rows => Err(miscounted("keeping a record", rows)),
        }
    }
}
