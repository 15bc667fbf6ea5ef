// SPDX-License-Identifier: Apache-2.0
//! Orders, intents and records that are easy to make, and the short ways through an enrollment.

use std::time::Duration;

use tamga_registry::certificate::{CertificateRecord, CertificateState};
use tamga_registry::enrollment::EnrollmentRef;
use tamga_registry::id::{CertificateId, DeviceId, OrderId, RequestId};
use tamga_registry::lineage::Line;
use tamga_registry::order::{OperationId, Order, OrderKind, OrderState};
use tamga_registry::store::{
    CertificateStrike, Expected, Intent, IntentVerdict, LineQuestion, Record, RecordVerdict, Struck,
};
use tamga_x509::certificate::Validity;
use tamga_x509::crl::RevocationReason;
use tamga_x509::key::SpkiHash;
use tamga_x509::serial::ShardCount;
use tamga_x509::time::Timestamp;

use super::world::{DAY, World, at};

/// What a device asks for.
#[derive(Clone, Copy)]
pub(crate) struct Asking<'a> {
    pub(crate) id: &'a str,
    /// Absent when it is new.
    pub(crate) device: Option<DeviceId>,
    pub(crate) key: SpkiHash,
    pub(crate) epoch: i64,
    /// The version of its line as it was judged.
    pub(crate) line: Option<i64>,
    pub(crate) at: Timestamp,
}

/// A key, by number.
pub(crate) fn key(number: u8) -> SpkiHash {
    SpkiHash([number; 32])
}

/// The first order of a device nobody knows yet.
pub(crate) fn first(id: &str, number: u8) -> Asking<'_> {
    Asking {
        id,
        device: None,
        key: key(number),
        epoch: 1,
        line: None,
        at: at(0),
    }
}

impl World {
    /// An intent for what is asked, as the hand would hand it in. Certificates live for 90 days.
    pub(crate) fn intent(&self, asking: Asking<'_>) -> Intent {
        let new = asking.device.is_none().then(|| self.new_device(asking.id));
        let device = asking.device.or(new.as_ref().map(|new| new.id)).unwrap();
        let serial = self.serial(asking.at);
        let (order, certificate) = (
            OrderId::fresh(asking.at, &self.chance).unwrap(),
            CertificateId::fresh(asking.at, &self.chance).unwrap(),
        );
        let end = asking.at.saturating_add(Duration::from_secs(90 * DAY));
        Intent {
            device_journal: new.as_ref().map(|_| self.journal("device.register", asking.id)),
            device: new,
            registration_id: asking.id.parse().unwrap(),
            birth: None,
            order: Order {
                id: order,
                organization: self.organization,
                device,
                revision: self.profile,
                issuer: self.issuer,
                spki: asking.key,
                csr: vec![0x30, 0],
                epoch: asking.epoch,
                kind: OrderKind::First,
                state: OrderState::Open,
                certificate,
                operation: OperationId::fresh(&self.chance).unwrap(),
                evidence: format!(
                    "symmetric_key derived primary{}",
                    EnrollmentRef::Group(self.group.id).end_of_evidence()
                ),
                request: RequestId::fresh(asking.at, &self.chance).unwrap(),
                lease_epoch: 1,
                station: None,
                created_at: asking.at,
            },
            certificate: CertificateRecord {
                id: certificate,
                organization: self.organization,
                issuer: self.issuer,
                order: Some(order),
                device: Some(device),
                revision: self.profile,
                epoch: asking.epoch,
                serial,
                spki: asking.key,
                shard: serial.shard(ShardCount::new(2).unwrap()),
                validity: Validity::new(asking.at.floor_to_second(), end.floor_to_second()).unwrap(),
                state: CertificateState::Intended {
                    tbs: vec![0x30, 1, 0],
                },
                intended_at: asking.at,
            },
            tbs_hash: [6; 32],
            expected: Expected {
                device: asking.device.map(|_| 1),
                lineage: asking.line,
                ..self.expecting_nobody()
            },
            lease_until: asking.at.saturating_add(Duration::from_secs(30)),
        }
    }

    pub(crate) async fn keep(&self, intent: &Intent) -> IntentVerdict {
        let verdicts = self.store.keep_intents(vec![intent.clone()]).await.unwrap();
        assert_eq!(verdicts.len(), 1);
        verdicts[0]
    }

    pub(crate) fn record_of(&self, intent: &Intent, at: Timestamp) -> Record {
        Record {
            certificate: intent.certificate.id,
            order: intent.order.id,
            device: intent.order.device,
            lease_epoch: intent.order.lease_epoch,
            der: vec![0x30, 2, 5, 0],
            at,
            journal: self.journal("certificate.issue", "recorded"),
        }
    }

    pub(crate) async fn record(&self, intent: &Intent, at: Timestamp) -> RecordVerdict {
        let verdicts = self
            .store
            .keep_records(vec![self.record_of(intent, at)])
            .await
            .unwrap();
        assert_eq!(verdicts.len(), 1);
        verdicts[0]
    }

    /// From the request to the recorded certificate, a second later.
    pub(crate) async fn issue(&self, asking: Asking<'_>) -> Intent {
        let intent = self.intent(asking);
        assert_eq!(self.keep(&intent).await, IntentVerdict::Kept);
        let recorded = asking.at.saturating_add(Duration::from_secs(1));
        assert_eq!(self.record(&intent, recorded).await, RecordVerdict::Recorded);
        intent
    }

    /// A later order of the same device, judged by its line as it stands now.
    pub(crate) async fn again<'a>(&self, before: &'a Intent, number: u8, at: Timestamp) -> Asking<'a> {
        let line = self.line(before, number).await;
        let lineage = line.lineage.unwrap();
        Asking {
            id: before.registration_id.presented(),
            device: Some(before.order.device),
            key: key(number),
            epoch: lineage.epoch,
            line: Some(lineage.version),
            at,
        }
    }

    /// The line of an intent's device, as far as a key is concerned, where the last day is recent on the second day.
    pub(crate) async fn line(&self, intent: &Intent, number: u8) -> Line {
        self.line_since(intent, number, at(0).saturating_sub(Duration::from_secs(1)))
            .await
    }

    pub(crate) async fn line_since(&self, intent: &Intent, number: u8, recent: Timestamp) -> Line {
        let question = LineQuestion {
            device: Some(intent.order.device),
            profile: self.profile.profile,
            spki: key(number),
            recent,
        };
        self.store.line(&question).await.unwrap()
    }

    /// The current and the provisional certificate of an intent's device.
    pub(crate) async fn places(&self, intent: &Intent) -> (Option<CertificateId>, Option<CertificateId>) {
        let lineage = self.line(intent, 0).await.lineage.unwrap();
        (
            lineage.current.map(|certificate| certificate.id),
            lineage.provisional.map(|certificate| certificate.id),
        )
    }

    pub(crate) async fn state(&self, intent: &Intent) -> &'static str {
        self.store
            .certificate(intent.certificate.id)
            .await
            .unwrap()
            .unwrap()
            .state
            .word()
    }

    pub(crate) fn strike_of(&self, intent: &Intent, at: Timestamp) -> CertificateStrike {
        CertificateStrike {
            organization: self.organization,
            certificate: intent.certificate.id,
            reason: RevocationReason::Superseded,
            at,
        }
    }

    /// Revokes a certificate, in a change of its own.
    pub(crate) async fn strike(&self, strike: CertificateStrike) -> Struck {
        let mut change = self.change("certificate.revoke").await;
        let struck = change.strike_certificate(strike).await.unwrap();
        change.keep().await.unwrap();
        struck
    }
}
