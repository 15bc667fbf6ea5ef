// SPDX-License-Identifier: Apache-2.0
//! What becomes of groups and individual enrollments later: other terms, other keys, an end.

use tamga_registry::device::RegistrationId;
use tamga_registry::enrollment::{Attestation, EnrollmentRef, Terms};
use tamga_registry::id::OrganizationId;
use tamga_registry::secret::SealedPair;
use tamga_registry::store::{StoreFault, TermsReplaced};
use tamga_x509::time::Timestamp;

use super::fault::fault;
use super::{Connection, attestation, enrollment, station};

macro_rules! replace_terms {
    ($table:literal) => {
        concat!(
            "UPDATE ",
            $table,
            " SET profile_id = $3, issuer_id = $4, rekey = $5, rekeys_per_day = $6, assigned_hub = $7,
                 generation = generation + 1
             WHERE organization_id = $1 AND id = $2"
        )
    };
}

/// Gives one other terms, and a group its anchors.
pub(super) async fn terms(
    organization: OrganizationId,
    of: EnrollmentRef,
    terms: &Terms,
    connection: &mut Connection,
) -> Result<TermsReplaced, StoreFault> {
    // What may be used is looked up before a change opens, by a policy that may be older.
    if !enrollment::are_granted(organization, terms, connection).await? {
        return Ok(TermsReplaced::NoGrant);
    }
    if let Attestation::Anchors(anchors) = &terms.attestation {
        run(
            "DELETE FROM enrollment_anchor WHERE organization_id = $1 AND group_id = $2",
            organization,
            of,
            connection,
        )
        .await?;
        for anchor in std::iter::once(anchors.primary).chain(anchors.secondary) {
            match attestation::anchor_used(organization, anchor, connection).await? {
                (false, _) => return Ok(TermsReplaced::NoAnchor),
                (true, true) => return Ok(TermsReplaced::AnchorInUse),
                (true, false) => {}
            }
        }
        attestation::add(of.octets(), organization, terms, connection).await?;
    }
    let update = match of {
        EnrollmentRef::Group(_) => replace_terms!("enrollment_group"),
        EnrollmentRef::Individual(_) => replace_terms!("individual_enrollment"),
    };
    sqlx::query(update)
        .bind(organization.octets().as_slice())
        .bind(of.octets().as_slice())
        .bind(terms.profile.octets().as_slice())
        .bind(terms.issuer.octets().as_slice())
        .bind(terms.rekey.word())
        .bind(terms.rekeys_per_day)
        .bind(terms.assigned_hub.as_deref())
        .execute(connection)
        .await
        .map_err(fault("replacing the terms of an enrollment"))?;
    Ok(TermsReplaced::Replaced)
}

/// Gives one other keys.
pub(super) async fn keys(
    organization: OrganizationId,
    of: EnrollmentRef,
    keys: &SealedPair,
    connection: &mut Connection,
) -> Result<(), StoreFault> {
    sqlx::query(
        "UPDATE enrollment_symmetric_key SET primary_key = $3, secondary_key = $4, data_key = $5
         WHERE organization_id = $1 AND enrollment_id = $2",
    )
    .bind(organization.octets().as_slice())
    .bind(of.octets().as_slice())
    .bind(keys.primary.as_slice())
    .bind(keys.secondary.as_slice())
    .bind(keys.data_key)
    .execute(&mut *connection)
    .await
    .map_err(fault("replacing the keys of an enrollment"))?;
    let raise = match of {
        EnrollmentRef::Group(_) => {
            "UPDATE enrollment_group SET generation = generation + 1 WHERE organization_id = $1 AND id = $2"
        }
        EnrollmentRef::Individual(_) => {
            "UPDATE individual_enrollment SET generation = generation + 1 WHERE organization_id = $1 AND id = $2"
        }
    };
    run(raise, organization, of, connection).await?;
    Ok(())
}

/// $1 an organization, $2 a group, $3 now.
const BURY_GROUP: &str =
    "INSERT INTO enrollment_tombstone (id, organization_id, kind, name, attestation, created_at, deleted_at)
     SELECT id, organization_id, 'group', presented, attestation, created_at, $3 FROM enrollment_group
     WHERE organization_id = $1 AND id = $2";

/// $1 an organization, $2 an individual enrollment, $3 now.
const BURY_INDIVIDUAL: &str =
    "INSERT INTO enrollment_tombstone (id, organization_id, kind, name, attestation, created_at, deleted_at)
     SELECT id, organization_id, 'individual', presented, attestation, created_at, $3 FROM individual_enrollment
     WHERE organization_id = $1 AND id = $2";

/// Removes one with all it holds, and leaves a tombstone. Told are the stations that went with a group; none when there is
/// none of that id.
pub(super) async fn remove(
    organization: OrganizationId,
    of: EnrollmentRef,
    at: Timestamp,
    connection: &mut Connection,
) -> Result<Option<Vec<RegistrationId>>, StoreFault> {
    let (bury, rows) = match of {
        EnrollmentRef::Group(_) => (
            BURY_GROUP,
            [
                "DELETE FROM enrollment_anchor WHERE organization_id = $1 AND group_id = $2",
                "DELETE FROM enrollment_symmetric_key WHERE organization_id = $1 AND enrollment_id = $2",
                "DELETE FROM enrollment_group WHERE organization_id = $1 AND id = $2",
            ],
        ),
        EnrollmentRef::Individual(_) => (
            BURY_INDIVIDUAL,
            [
                "DELETE FROM enrollment_certificate WHERE organization_id = $1 AND enrollment_id = $2",
                "DELETE FROM enrollment_symmetric_key WHERE organization_id = $1 AND enrollment_id = $2",
                "DELETE FROM individual_enrollment WHERE organization_id = $1 AND id = $2",
            ],
        ),
    };
    let buried = sqlx::query(bury)
        .bind(organization.octets().as_slice())
        .bind(of.octets().as_slice())
        .bind(at.as_micros())
        .execute(&mut *connection)
        .await
        .map_err(fault("burying an enrollment"))?;
    if buried.rows_affected() == 0 {
        return Ok(None);
    }
    let stations = match of {
        EnrollmentRef::Group(group) => {
            station::remove_of_group((organization, group), at, &mut *connection).await?
        }
        EnrollmentRef::Individual(_) => Vec::new(),
    };
    for statement in rows {
        run(statement, organization, of, connection).await?;
    }
    Ok(Some(stations))
}

async fn run(
    statement: &'static str,
    organization: OrganizationId,
    of: EnrollmentRef,
    connection: &mut Connection,
) -> Result<(), StoreFault> {
    sqlx::query(statement)
        .bind(organization.octets().as_slice())
        .bind(of.octets().as_slice())
        .execute(connection)
        .await
        .map_err(fault("changing an enrollment"))?;
    Ok(())
}
