// SPDX-License-Identifier: Apache-2.0
//! What enrollments hold to measure their devices by: sealed keys, pinned certificates, anchors.

use tamga_registry::enrollment::{AnchorPair, Attestation, Method, PinnedPair, Terms};
use tamga_registry::id::OrganizationId;
use tamga_registry::secret::SealedPair;
use tamga_registry::store::StoreFault;
use tamga_x509::certificate::Fingerprint;

use super::Connection;
use super::cells::Cells;
use super::fault::fault;

/// What a group `e` holds, as [`of_group`] takes it.
macro_rules! group_attestation {
    () => {
        "y.primary_key, y.secondary_key, y.data_key, a1.anchor_id, a2.anchor_id"
    };
}
pub(super) use group_attestation;

/// Where it stands.
macro_rules! group_attestation_rows {
    () => {
        "LEFT JOIN enrollment_symmetric_key y ON y.enrollment_id = e.id
         LEFT JOIN enrollment_anchor a1 ON a1.group_id = e.id AND a1.slot = 'primary'
         LEFT JOIN enrollment_anchor a2 ON a2.group_id = e.id AND a2.slot = 'secondary'"
    };
}
pub(super) use group_attestation_rows;

/// What an individual enrollment `e` holds, as [`of_individual`] takes it.
macro_rules! individual_attestation {
    () => {
        "y.primary_key, y.secondary_key, y.data_key, a1.certificate, a2.certificate"
    };
}
pub(super) use individual_attestation;

/// Where it stands.
macro_rules! individual_attestation_rows {
    () => {
        "LEFT JOIN enrollment_symmetric_key y ON y.enrollment_id = e.id
         LEFT JOIN enrollment_certificate a1 ON a1.enrollment_id = e.id AND a1.slot = 'primary'
         LEFT JOIN enrollment_certificate a2 ON a2.enrollment_id = e.id AND a2.slot = 'secondary'"
    };
}
pub(super) use individual_attestation_rows;

/// How many columns either is.
pub(super) const WIDTH: usize = 5;

/// Reads what a group holds.
pub(super) fn of_group(method: Method, cells: &mut Cells<'_>) -> Result<Attestation, StoreFault> {
    let pair = read_pair(cells)?;
    let (primary, secondary) = (cells.maybe_id()?, cells.maybe_id()?);
    match method {
        Method::SymmetricKey => owed_pair(pair, cells),
        Method::CertificateChain => {
            let primary = primary.ok_or_else(|| cells.damaged("its anchors are missing"))?;
            Ok(Attestation::Anchors(AnchorPair { primary, secondary }))
        }
    }
}

/// Reads what an individual enrollment holds.
pub(super) fn of_individual(method: Method, cells: &mut Cells<'_>) -> Result<Attestation, StoreFault> {
    let pair = read_pair(cells)?;
    let (primary, secondary) = (cells.maybe_bytes()?, cells.maybe_bytes()?);
    match method {
        Method::SymmetricKey => owed_pair(pair, cells),
        Method::CertificateChain => {
            let primary = primary.ok_or_else(|| cells.damaged("its certificates are missing"))?;
            Ok(Attestation::Pinned(PinnedPair { primary, secondary }))
        }
    }
}

fn read_pair(cells: &mut Cells<'_>) -> Result<Option<SealedPair>, StoreFault> {
    if cells.nothing(3)? {
        return Ok(None);
    }
    Ok(Some(SealedPair {
        primary: cells.bytes()?,
        secondary: cells.bytes()?,
        data_key: cells.integer()?,
    }))
}

fn owed_pair(pair: Option<SealedPair>, cells: &Cells<'_>) -> Result<Attestation, StoreFault> {
    pair.map(Attestation::SymmetricKey)
        .ok_or_else(|| cells.damaged("its symmetric keys are missing"))
}

/// Adds what a new group or individual enrollment holds.
pub(super) async fn add(
    enrollment: &[u8; 16],
    organization: OrganizationId,
    terms: &Terms,
    connection: &mut Connection,
) -> Result<(), StoreFault> {
    let of = Of {
        enrollment,
        organization,
        terms,
    };
    match &terms.attestation {
        Attestation::SymmetricKey(pair) => of.add_keys(pair, connection).await,
        Attestation::Pinned(pins) => {
            of.add_pin("primary", &pins.primary, connection).await?;
            match &pins.secondary {
                Some(secondary) => of.add_pin("secondary", secondary, connection).await,
                None => Ok(()),
            }
        }
        Attestation::Anchors(anchors) => of.add_anchors(*anchors, connection).await,
    }
}

/// Whose it is.
struct Of<'a> {
    enrollment: &'a [u8; 16],
    organization: OrganizationId,
    terms: &'a Terms,
}

impl Of<'_> {
    async fn add_keys(&self, pair: &SealedPair, connection: &mut Connection) -> Result<(), StoreFault> {
        sqlx::query(
            "INSERT INTO enrollment_symmetric_key (enrollment_id, organization_id, primary_key, secondary_key,
                                                   data_key, created_at)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(self.enrollment.as_slice())
        .bind(self.organization.octets().as_slice())
        .bind(pair.primary.as_slice())
        .bind(pair.secondary.as_slice())
        .bind(pair.data_key)
        .bind(self.terms.created_at.as_micros())
        .execute(connection)
        .await
        .map_err(fault("adding the keys of an enrollment"))?;
        Ok(())
    }

    async fn add_pin(
        &self,
        slot: &'static str,
        certificate: &[u8],
        connection: &mut Connection,
    ) -> Result<(), StoreFault> {
        sqlx::query(
            "INSERT INTO enrollment_certificate (enrollment_id, organization_id, slot, certificate, fingerprint,
                                                 created_at)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(self.enrollment.as_slice())
        .bind(self.organization.octets().as_slice())
        .bind(slot)
        .bind(certificate)
        .bind(Fingerprint::of(certificate).0.as_slice())
        .bind(self.terms.created_at.as_micros())
        .execute(connection)
        .await
        .map_err(fault("pinning a certificate"))?;
        Ok(())
    }

    async fn add_anchors(&self, anchors: AnchorPair, connection: &mut Connection) -> Result<(), StoreFault> {
        let secondary = anchors.secondary.map(|secondary| ("secondary", secondary));
        for (slot, anchor) in std::iter::once(("primary", anchors.primary)).chain(secondary) {
            sqlx::query(
                "INSERT INTO enrollment_anchor (group_id, organization_id, slot, anchor_id, created_at)
                 VALUES ($1, $2, $3, $4, $5)",
            )
            .bind(self.enrollment.as_slice())
            .bind(self.organization.octets().as_slice())
            .bind(slot)
            .bind(anchor.octets().as_slice())
            .bind(self.terms.created_at.as_micros())
            .execute(&mut *connection)
            .await
            .map_err(fault("naming an anchor"))?;
        }
        Ok(())
    }
}

/// $1 an organization, $2 an anchor: whether it is granted, and whether a group refers to it.
pub(super) const ANCHOR_USED: &str = "SELECT
     CASE WHEN EXISTS (SELECT 1 FROM anchor_grant WHERE anchor_id = $2 AND organization_id = $1) THEN 1 ELSE 0 END,
     CASE WHEN EXISTS (SELECT 1 FROM enrollment_anchor
                       WHERE anchor_id = $2 AND organization_id = $1) THEN 1 ELSE 0 END";

/// Whether an anchor is granted to an organization, and whether one of its groups refers to it already.
pub(super) async fn anchor_used(
    organization: OrganizationId,
    anchor: tamga_registry::id::AnchorId,
    connection: &mut Connection,
) -> Result<(bool, bool), StoreFault> {
    let row = sqlx::query(ANCHOR_USED)
        .bind(organization.octets().as_slice())
        .bind(anchor.octets().as_slice())
        .fetch_one(connection)
        .await
        .map_err(fault("naming an anchor"))?;
    let mut cells = Cells::of(&row, "enrollment_anchor");
    Ok((cells.truth()?, cells.truth()?))
}

/// $1 an organization, $2 a fingerprint: whether an enrollment pins that certificate.
pub(super) const PIN_USED: &str = "SELECT CASE WHEN EXISTS (SELECT 1 FROM enrollment_certificate
     WHERE organization_id = $1 AND fingerprint = $2) THEN 1 ELSE 0 END";

/// Whether one of these certificates is pinned by another individual enrollment of an organization.
pub(super) async fn pin_used(
    organization: OrganizationId,
    pins: &PinnedPair,
    connection: &mut Connection,
) -> Result<bool, StoreFault> {
    for certificate in std::iter::once(&pins.primary).chain(&pins.secondary) {
        let row = sqlx::query(PIN_USED)
            .bind(organization.octets().as_slice())
            .bind(Fingerprint::of(certificate).0.as_slice())
            .fetch_one(&mut *connection)
            .await
            .map_err(fault("pinning a certificate"))?;
        if Cells::of(&row, "enrollment_certificate").truth()? {
            return Ok(true);
        }
    }
    Ok(false)
}
