// SPDX-License-Identifier: Apache-2.0
//! Enrollment groups and individual enrollments, and who a registration id is.

use tamga_registry::device::{Device, RegistrationId};
use tamga_registry::enrollment::{Attestation, EnrollmentState, Group, IndividualEnrollment, Method, Terms};
use tamga_registry::id::OrganizationId;
use tamga_registry::store::{Enrollee, EnrolleeQuestion, EnrollmentAdded, GroupAdded, StoreFault};

use super::attestation::{
    self, group_attestation, group_attestation_rows, individual_attestation, individual_attestation_rows,
};
use super::batch::{Script, script};
use super::cells::Cells;
use super::certificate::{self, certificate_columns};
use super::device::{self, device_columns, tombstone_columns};
use super::fault::{fault, unavailable};
use super::lineage::{self, key_columns};
use super::questions::Questions;
use super::{Connection, Query};

/// The terms of a group or enrollment `e`, as [`read_terms`] takes them after id, organization, canonical and presented
/// name; what it holds follows.
macro_rules! terms_columns {
    () => {
        "e.state, e.generation, e.attestation, e.profile_id, e.issuer_id, e.rekey, e.rekeys_per_day, e.assigned_hub,
         e.created_at, "
    };
}

pub(super) use terms_columns;

/// How many columns an individual enrollment has in all.
const WIDTH: usize = 13 + attestation::WIDTH;

macro_rules! groups {
    ($($tail:expr),+) => {
        concat!(
            "SELECT e.id, e.organization_id, e.name, e.presented, ",
            terms_columns!(),
            group_attestation!(),
            " FROM enrollment_group e ",
            group_attestation_rows!(),
            " WHERE ",
            $($tail),+
        )
    };
}

pub(super) use groups;

macro_rules! individuals {
    ($($tail:expr),+) => {
        concat!(
            "SELECT e.id, e.organization_id, e.registration_id, e.presented, ",
            terms_columns!(),
            individual_attestation!(),
            " FROM individual_enrollment e ",
            individual_attestation_rows!(),
            " WHERE ",
            $($tail),+
        )
    };
}
pub(super) use individuals;

pub(super) fn read_group(cells: &mut Cells<'_>) -> Result<Group, StoreFault> {
    Ok(Group {
        id: cells.id()?,
        organization: cells.id()?,
        name: read_name(cells)?,
        terms: read_terms(cells, attestation::of_group)?,
    })
}

/// Reads a canonical name and the one that was presented.
pub(super) fn read_name(cells: &mut Cells<'_>) -> Result<RegistrationId, StoreFault> {
    let (canonical, name): (_, RegistrationId) = (cells.text()?, cells.word()?);
    if name.canonical() != canonical {
        return Err(cells.damaged("its name is not the one it was presented with"));
    }
    Ok(name)
}

/// Reads what an enrollment of some kind holds.
type ReadAttestation = fn(Method, &mut Cells<'_>) -> Result<Attestation, StoreFault>;

fn read_terms(cells: &mut Cells<'_>, read_attestation: ReadAttestation) -> Result<Terms, StoreFault> {
    let (state, generation, method) = (cells.word()?, cells.integer()?, cells.word()?);
    Ok(Terms {
        state,
        generation,
        profile: cells.id()?,
        issuer: cells.id()?,
        rekey: cells.word()?,
        rekeys_per_day: cells.integer()?,
        assigned_hub: cells.maybe_text()?,
        created_at: cells.time()?,
        attestation: read_attestation(method, cells)?,
    })
}

/// The groups of an organization, oldest first.
pub(super) async fn groups_by_age(
    organization: OrganizationId,
    connection: &mut Connection,
) -> Result<Vec<Group>, StoreFault> {
    let rows = sqlx::query(groups!(
        listed!("e.organization_id"),
        " = $1 ORDER BY e.created_at, e.id"
    ))
    .bind(organization.octets().as_slice())
    .fetch_all(connection)
    .await
    .map_err(fault("groups"))?;
    rows.iter()
        .map(|row| read_group(&mut Cells::of(row, "enrollment_group")))
        .collect()
}

/// $1 an organization, $2 a registration id, $3 a key, $4 a serial: one instant's answer.
pub(super) const ENROLLEE: Script = script!(concat!(
    "SELECT e.id, e.organization_id, e.registration_id, e.presented, ",
    terms_columns!(),
    individual_attestation!(),
    ", ",
    device_columns!(),
    ", ",
    key_columns!(),
    ", ",
    tombstone_columns!(),
    ", ",
    certificate_columns!(),
    ", CASE WHEN l.current_id = c.id THEN 'current' WHEN l.provisional_id = c.id THEN 'provisional' END
      /*number*/ FROM (SELECT 1 AS one) one
      LEFT JOIN individual_enrollment e ON e.organization_id = $1 AND e.registration_id = $2 ",
    individual_attestation_rows!(),
    " LEFT JOIN device d ON d.organization_id = $1 AND d.registration_id = $2
      LEFT JOIN device_tombstone t ON t.organization_id = $1 AND t.registration_id = $2
      LEFT JOIN subject_key k ON k.spki_hash = $3
      LEFT JOIN serial s ON s.serial = $4
      LEFT JOIN certificate c ON c.id = s.certificate_id
      LEFT JOIN lineage l ON l.device_id = c.device_id AND l.profile_id = c.profile_id"
));

/// Who a registration id is, and what is known of the certificate it presented.
pub(super) async fn enrollee(
    question: &EnrolleeQuestion<'_>,
    questions: &Questions,
) -> Result<Enrollee, StoreFault> {
    let asked = ENROLLEE
        .query()
        .bind(question.organization.octets().as_slice())
        .bind(question.registration_id.canonical())
        .bind(question.key.as_ref().map(|key| key.0.as_slice()))
        .bind(
            question
                .serial
                .as_ref()
                .map(|serial| serial.as_bytes().as_slice()),
        );
    let row = questions.ask(asked).await?;
    let row = row.ok_or_else(|| unavailable("the database did not answer for an enrollee"))?;
    let mut cells = Cells::of(&row, "individual_enrollment");
    let individual = if cells.nothing(WIDTH)? {
        None
    } else {
        Some(read_individual(&mut cells)?)
    };
    let device: Option<Device> = if cells.nothing(device::WIDTH)? {
        None
    } else {
        Some(device::read(&mut cells)?)
    };
    let key = lineage::read_key(&mut cells)?;
    let tombstone = device::read_tombstone(&mut cells)?;
    let certificate = if cells.nothing(certificate::WIDTH)? {
        None
    } else {
        Some((certificate::read(&mut cells)?, cells.maybe_word()?))
    };
    Ok(Enrollee {
        individual,
        device,
        tombstone,
        key,
        certificate,
    })
}

pub(super) fn read_individual(cells: &mut Cells<'_>) -> Result<IndividualEnrollment, StoreFault> {
    Ok(IndividualEnrollment {
        id: cells.id()?,
        organization: cells.id()?,
        registration_id: read_name(cells)?,
        terms: read_terms(cells, attestation::of_individual)?,
    })
}

/// Adds a group, or says why not.
pub(super) async fn add_group(group: &Group, connection: &mut Connection) -> Result<GroupAdded, StoreFault> {
    if !are_granted(group.organization, &group.terms, connection).await? {
        return Ok(GroupAdded::NoGrant);
    }
    if let Attestation::Anchors(anchors) = &group.terms.attestation {
        for anchor in std::iter::once(anchors.primary).chain(anchors.secondary) {
            match attestation::anchor_used(group.organization, anchor, connection).await? {
                (false, _) => return Ok(GroupAdded::NoAnchor),
                (true, true) => return Ok(GroupAdded::AnchorInUse),
                (true, false) => {}
            }
        }
    }
    let insert = sqlx::query(
        "INSERT INTO enrollment_group (id, organization_id, name, presented, state, generation, attestation,
                                       profile_id, issuer_id, rekey, rekeys_per_day, assigned_hub, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
         ON CONFLICT (organization_id, name) DO NOTHING",
    );
    let insert = bind_named(insert, group.id.octets(), group.organization, &group.name);
    let done = bind_terms(insert, &group.terms)
        .execute(&mut *connection)
        .await
        .map_err(fault("adding a group"))?;
    if done.rows_affected() == 0 {
        return Ok(GroupAdded::Taken);
    }
    attestation::add(group.id.octets(), group.organization, &group.terms, connection).await?;
    Ok(GroupAdded::Added)
}

/// $1 an enrollment to be added to organization $2 for registration id $3: whether another has the name, and whether a
/// device of that name is bound elsewhere.
pub(super) const NAME_USED: &str = "SELECT
     CASE WHEN EXISTS (SELECT 1 FROM individual_enrollment
                       WHERE organization_id = $2 AND registration_id = $3) THEN 1 ELSE 0 END,
     CASE WHEN EXISTS (SELECT 1 FROM device
                       WHERE organization_id = $2 AND registration_id = $3 AND bound_to <> $1) THEN 1 ELSE 0 END";

/// Adds an individual enrollment, or says why not.
pub(super) async fn add_individual(
    enrollment: &IndividualEnrollment,
    connection: &mut Connection,
) -> Result<EnrollmentAdded, StoreFault> {
    let used = sqlx::query(NAME_USED)
        .bind(enrollment.id.octets().as_slice())
        .bind(enrollment.organization.octets().as_slice())
        .bind(enrollment.registration_id.canonical())
        .fetch_one(&mut *connection)
        .await
        .map_err(fault("adding an enrollment"))?;
    let mut cells = Cells::of(&used, "individual_enrollment");
    match (cells.truth()?, cells.truth()?) {
        (true, _) => return Ok(EnrollmentAdded::Taken),
        (false, true) => return Ok(EnrollmentAdded::BoundElsewhere),
        (false, false) => {}
    }
    if let Attestation::Pinned(pins) = &enrollment.terms.attestation
        && attestation::pin_used(enrollment.organization, pins, connection).await?
    {
        return Ok(EnrollmentAdded::CertificateInUse);
    }
    if !are_granted(enrollment.organization, &enrollment.terms, connection).await? {
        return Ok(EnrollmentAdded::NoGrant);
    }
    insert_individual(enrollment, connection).await?;
    attestation::add(
        enrollment.id.octets(),
        enrollment.organization,
        &enrollment.terms,
        connection,
    )
    .await?;
    Ok(EnrollmentAdded::Added)
}

/// Whether an organization may use the profile and the issuer of these terms. Its policy is held still.
pub(super) async fn are_granted(
    organization: OrganizationId,
    terms: &Terms,
    connection: &mut Connection,
) -> Result<bool, StoreFault> {
    let row = sqlx::query(
        "SELECT CASE WHEN EXISTS (SELECT 1 FROM profile_grant WHERE profile_id = $1 AND organization_id = $3)
                      AND EXISTS (SELECT 1 FROM issuer_grant WHERE issuer_id = $2 AND organization_id = $3)
                     THEN 1 ELSE 0 END",
    )
    .bind(terms.profile.octets().as_slice())
    .bind(terms.issuer.octets().as_slice())
    .bind(organization.octets().as_slice())
    .fetch_one(connection)
    .await
    .map_err(fault("looking for grants"))?;
    Cells::of(&row, "profile_grant").truth()
}

async fn insert_individual(
    enrollment: &IndividualEnrollment,
    connection: &mut Connection,
) -> Result<(), StoreFault> {
    let insert = sqlx::query(
        "INSERT INTO individual_enrollment (id, organization_id, registration_id, presented, state, generation,
                                            attestation, profile_id, issuer_id, rekey, rekeys_per_day,
                                            assigned_hub, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
    );
    let insert = bind_named(
        insert,
        enrollment.id.octets(),
        enrollment.organization,
        &enrollment.registration_id,
    );
    bind_terms(insert, &enrollment.terms)
        .execute(connection)
        .await
        .map_err(fault("adding an enrollment"))?;
    Ok(())
}

fn bind_named<'q>(
    query: Query<'q>,
    id: &[u8; 16],
    organization: OrganizationId,
    name: &RegistrationId,
) -> Query<'q> {
    query
        .bind(id.as_slice())
        .bind(organization.octets().as_slice())
        .bind(name.canonical())
        .bind(name.presented())
}

fn bind_terms<'q>(query: Query<'q>, terms: &Terms) -> Query<'q> {
    query
        .bind(terms.state.word())
        .bind(terms.generation)
        .bind(terms.attestation.method().word())
        .bind(terms.profile.octets().as_slice())
        .bind(terms.issuer.octets().as_slice())
        .bind(terms.rekey.word())
        .bind(terms.rekeys_per_day)
        .bind(terms.assigned_hub.as_deref())
        .bind(terms.created_at.as_micros())
}

macro_rules! set_state {
    ($table:literal, $name:literal) => {
        concat!(
            "UPDATE ",
            $table,
            " SET state = $3, generation = generation + CASE WHEN state = $3 THEN 0 ELSE 1 END
             WHERE organization_id = $1 AND ",
            $name,
            " = $2"
        )
    };
}

/// Enables or disables a group. False when there is none of that name.
pub(super) async fn set_group_state(
    organization: OrganizationId,
    name: &RegistrationId,
    state: EnrollmentState,
    connection: &mut Connection,
) -> Result<bool, StoreFault> {
    set_state(
        sqlx::query(set_state!("enrollment_group", "name")),
        (organization, name, state),
        connection,
    )
    .await
}

/// Enables or disables an individual enrollment. False when there is none of that name.
pub(super) async fn set_individual_state(
    organization: OrganizationId,
    id: &RegistrationId,
    state: EnrollmentState,
    connection: &mut Connection,
) -> Result<bool, StoreFault> {
    let update = sqlx::query(set_state!("individual_enrollment", "registration_id"));
    set_state(update, (organization, id, state), connection).await
}

async fn set_state(
    update: Query<'_>,
    (organization, name, state): (OrganizationId, &RegistrationId, EnrollmentState),
    connection: &mut Connection,
) -> Result<bool, StoreFault> {
    let done = update
        .bind(organization.octets().as_slice())
        .bind(name.canonical())
        .bind(state.word())
        .execute(connection)
        .await
        .map_err(fault("setting the state of an enrollment"))?;
    Ok(done.rows_affected() == 1)
}
