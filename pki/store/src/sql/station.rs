// SPDX-License-Identifier: Apache-2.0
//! Stations, the units they made, and how a station stands at the door.

use tamga_registry::account::Standing;
use tamga_registry::device::RegistrationId;
use tamga_registry::id::{GroupId, OrganizationId, StationId};
use tamga_registry::page::Page;
use tamga_registry::role::{Assignment, Role};
use tamga_registry::station::{
    Day, Period, ReworkPolicy, Station, StationCount, StationLimits, StationState,
};
use tamga_registry::store::{StationAdded, StoreFault};
use tamga_x509::time::Timestamp;

use super::batch::{Script, script};
use super::cells::Cells;
use super::enrollment::read_name;
use super::fault::fault;
use super::listing::{self, Pages, pages};
use super::questions::Questions;
use super::{Connection, Row};

macro_rules! stations {
    ($tail:literal) => {
        concat!(
            "SELECT s.id, s.organization_id, s.name, s.presented, s.line, s.product, s.group_id, g.name, g.presented, s.state, s.generation,
                    s.valid_from, s.valid_until, s.most, s.most_per_day, s.most_reworks, s.rework_revokes, s.issued, s.today,
                    s.issued_today, s.created_at
             FROM station s JOIN enrollment_group g ON g.id = s.group_id ",
            $tail
        )
    };
}

fn read(row: &Row) -> Result<Station, StoreFault> {
    let mut cells = Cells::of(row, "station");
    let cells = &mut cells;
    Ok(Station {
        id: cells.id()?,
        organization: cells.id()?,
        name: read_name(cells)?,
        line: cells.maybe_text()?,
        product: cells.maybe_text()?,
        group: cells.id()?,
        group_name: read_name(cells)?,
        state: cells.word()?,
        generation: cells.integer()?,
        period: Period {
            from: cells.maybe_time()?,
            until: cells.maybe_time()?,
        },
        limits: StationLimits {
            most: cells.maybe_number()?,
            most_per_day: cells.maybe_number()?,
        },
        rework: ReworkPolicy {
            most: cells.integer()?,
            revokes: cells.truth()?,
        },
        count: StationCount {
            issued: cells.integer()?,
            day: Day(cells.integer()?),
            issued_that_day: cells.integer()?,
        },
        created_at: cells.time()?,
    })
}

/// The stations of an organization.
pub(super) const LIST: Pages = pages! {
    rows [stations!("WHERE s.organization_id = $1")]
    binds ["$2", "$3", "$4"]
    name ["s.name"] time ["s.created_at", "s.id"]
};

/// A page of them.
pub(super) async fn page(
    organization: OrganizationId,
    page: &Page,
    connection: &mut Connection,
) -> Result<Vec<Station>, StoreFault> {
    let query = sqlx::query(LIST.of(page)).bind(organization.octets().to_vec());
    let rows = listing::bind(query, page).fetch_all(connection).await;
    rows.map_err(fault("stations"))?.iter().map(read).collect()
}

/// All of them, oldest first.
pub(super) async fn by_age(
    organization: OrganizationId,
    connection: &mut Connection,
) -> Result<Vec<Station>, StoreFault> {
    let rows = sqlx::query(stations!(
        "WHERE s.organization_id = $1 ORDER BY s.created_at, s.id"
    ))
    .bind(organization.octets().as_slice())
    .fetch_all(connection)
    .await;
    rows.map_err(fault("stations"))?.iter().map(read).collect()
}

/// One by its name.
pub(super) const FIND: &str = stations!("WHERE s.organization_id = $1 AND s.name = $2");

/// One by its name.
pub(super) async fn find(
    organization: OrganizationId,
    name: &RegistrationId,
    connection: &mut Connection,
) -> Result<Option<Station>, StoreFault> {
    let row = sqlx::query(FIND)
        .bind(organization.octets().as_slice())
        .bind(name.canonical())
        .fetch_optional(connection)
        .await
        .map_err(fault("station"))?;
    row.as_ref().map(read).transpose()
}

/// One by its id.
pub(super) const BY_ID: &str = stations!("WHERE s.id = $1");

/// One by its id.
pub(super) async fn by_id(id: StationId, connection: &mut Connection) -> Result<Option<Station>, StoreFault> {
    let row = sqlx::query(BY_ID)
        .bind(id.octets().as_slice())
        .fetch_optional(connection)
        .await
        .map_err(fault("station"))?;
    row.as_ref().map(read).transpose()
}

/// How a station stands at this moment: it has its one role where it is, and nowhere else.
pub(super) const STANDING: Script = script!(
    "SELECT s.id, s.organization_id, s.valid_from, s.valid_until,
            CASE WHEN s.state = 'enabled' AND o.state = 'active' THEN 1 ELSE 0 END /*number*/
     FROM (SELECT 1 AS one) one JOIN station s ON s.id = $1 JOIN organization o ON o.id = s.organization_id"
);

/// How a station stands at this moment.
pub(super) async fn standing(id: StationId, questions: &Questions) -> Result<Standing, StoreFault> {
    let row = questions
        .ask(STANDING.query().bind(id.octets().as_slice()))
        .await?;
    let Some(row) = row else {
        return Ok(Standing {
            good: false,
            assignments: Vec::new(),
            period: Period::default(),
        });
    };
    let mut cells = Cells::of(&row, "station");
    cells.octets::<16>()?;
    let here = Assignment {
        role: Role::Factory,
        organization: Some(cells.id()?),
    };
    let (from, until) = (cells.maybe_time()?, cells.maybe_time()?);
    Ok(Standing {
        good: cells.truth()?,
        assignments: vec![here],
        period: Period { from, until },
    })
}

/// Adds a station, or says why not.
pub(super) async fn add(station: &Station, connection: &mut Connection) -> Result<StationAdded, StoreFault> {
    let group = sqlx::query("SELECT 1 FROM enrollment_group WHERE id = $1 AND organization_id = $2")
        .bind(station.group.octets().as_slice())
        .bind(station.organization.octets().as_slice())
        .fetch_optional(&mut *connection)
        .await
        .map_err(fault("adding a station"))?;
    if group.is_none() {
        return Ok(StationAdded::NoGroup);
    }
    let done = sqlx::query(
        "INSERT INTO station (id, organization_id, name, presented, line, product, group_id, state, generation,
                              valid_from, valid_until, most, most_per_day, issued, today, issued_today, created_at,
                              most_reworks, rework_revokes)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,
                 $18, $19)
         ON CONFLICT (organization_id, name) DO NOTHING",
    )
    .bind(station.id.octets().as_slice())
    .bind(station.organization.octets().as_slice())
    .bind(station.name.canonical())
    .bind(station.name.presented())
    .bind(station.line.as_deref())
    .bind(station.product.as_deref())
    .bind(station.group.octets().as_slice())
    .bind(station.state.word())
    .bind(station.generation)
    .bind(station.period.from.map(Timestamp::as_micros))
    .bind(station.period.until.map(Timestamp::as_micros))
    .bind(station.limits.most)
    .bind(station.limits.most_per_day)
    .bind(station.count.issued)
    .bind(station.count.day.0)
    .bind(station.count.issued_that_day)
    .bind(station.created_at.as_micros())
    .bind(station.rework.most)
    .bind(i64::from(station.rework.revokes))
    .execute(connection)
    .await
    .map_err(fault("adding a station"))?;
    match done.rows_affected() {
        0 => Ok(StationAdded::Taken),
        _ => Ok(StationAdded::Added),
    }
}

/// Enables or disables a station. False when there is none of that name.
pub(super) async fn set_state(
    organization: OrganizationId,
    name: &RegistrationId,
    state: StationState,
    connection: &mut Connection,
) -> Result<bool, StoreFault> {
    let done = sqlx::query(
        "UPDATE station SET state = $3, generation = generation + CASE WHEN state = $3 THEN 0 ELSE 1 END
         WHERE organization_id = $1 AND name = $2",
    )
    .bind(organization.octets().as_slice())
    .bind(name.canonical())
    .bind(state.word())
    .execute(connection)
    .await
    .map_err(fault("setting the state of a station"))?;
    Ok(done.rows_affected() == 1)
}

/// The two statements that let a station's credentials prove nobody.
const REVOKE_TOKENS: &str =
    "UPDATE api_token SET revoked_at = $2 WHERE station_id = $1 AND revoked_at IS NULL";
const UNPIN: &str = "DELETE FROM client_certificate WHERE station_id = $1";

/// Removes the stations of a group with their credentials, because the group goes. Told are their names, in order.
pub(super) async fn remove_of_group(
    (organization, group): (OrganizationId, GroupId),
    at: Timestamp,
    connection: &mut Connection,
) -> Result<Vec<RegistrationId>, StoreFault> {
    let during = "removing the stations of a group";
    let (organization, group) = (organization.octets(), group.octets());
    sqlx::query(
        "UPDATE api_token SET revoked_at = $3
         WHERE revoked_at IS NULL
           AND station_id IN (SELECT id FROM station WHERE organization_id = $1 AND group_id = $2)",
    )
    .bind(organization.as_slice())
    .bind(group.as_slice())
    .bind(at.as_micros())
    .execute(&mut *connection)
    .await
    .map_err(fault(during))?;
    sqlx::query(
        "DELETE FROM client_certificate
         WHERE station_id IN (SELECT id FROM station WHERE organization_id = $1 AND group_id = $2)",
    )
    .bind(organization.as_slice())
    .bind(group.as_slice())
    .execute(&mut *connection)
    .await
    .map_err(fault(during))?;
    let removed = sqlx::query(
        "DELETE FROM station WHERE organization_id = $1 AND group_id = $2 RETURNING name, presented",
    )
    .bind(organization.as_slice())
    .bind(group.as_slice())
    .fetch_all(&mut *connection)
    .await
    .map_err(fault(during))?;
    let mut names = removed
        .iter()
        .map(|row| read_name(&mut Cells::of(row, "station")))
        .collect::<Result<Vec<_>, _>>()?;
    names.sort_by(|one, other| one.canonical().cmp(other.canonical()));
    Ok(names)
}

/// Removes a station with its credentials. False when there is none of that name.
pub(super) async fn remove(
    organization: OrganizationId,
    name: &RegistrationId,
    at: Timestamp,
    connection: &mut Connection,
) -> Result<bool, StoreFault> {
    let during = "removing a station";
    let Some(station) = find(organization, name, &mut *connection).await? else {
        return Ok(false);
    };
    let id = station.id.octets().as_slice();
    sqlx::query(REVOKE_TOKENS)
        .bind(id)
        .bind(at.as_micros())
        .execute(&mut *connection)
        .await
        .map_err(fault(during))?;
    for statement in [UNPIN, "DELETE FROM station WHERE id = $1"] {
        sqlx::query(statement)
            .bind(id)
            .execute(&mut *connection)
            .await
            .map_err(fault(during))?;
    }
    Ok(true)
}
