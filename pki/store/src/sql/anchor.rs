// SPDX-License-Identifier: Apache-2.0
//! Trust anchors with their grants, intermediates and lists.

use tamga_registry::anchor::{
    AnchorFilter, AnchorHead, AnchorIntermediate, AnchorList, AnchorState, AnchorStatus, TrustAnchor,
};
use tamga_registry::device::RegistrationId;
use tamga_registry::id::{AnchorId, OrganizationId};
use tamga_registry::page::Page;
use tamga_registry::store::{AnchorAdded, AnchorRemoved, IntermediateAdded, ListBrought, StoreFault};
use tamga_x509::certificate::Fingerprint;

use super::cells::Cells;
use super::enrollment::read_name;
use super::fault::fault;
use super::listing::{self, Pages, bind_prefix, pages};
use super::{Connection, Query, Row};

macro_rules! anchors {
    ($tail:literal) => {
        concat!(
            "SELECT a.id, a.organization_id, a.name, a.presented, a.certificate, a.status, a.state, a.generation,
                    a.created_at
             FROM anchor a ",
            $tail
        )
    };
}

/// Without its intermediates and lists.
fn read(row: &Row) -> Result<TrustAnchor, StoreFault> {
    let mut cells = Cells::of(row, "anchor");
    Ok(TrustAnchor {
        id: cells.id()?,
        organization: cells.id()?,
        name: read_name(&mut cells)?,
        certificate: cells.bytes()?,
        status: cells.word()?,
        state: cells.word()?,
        generation: cells.integer()?,
        created_at: cells.time()?,
        intermediates: Vec::new(),
        lists: Vec::new(),
    })
}

/// Those an organization may use, oldest first.
pub(super) async fn granted(
    organization: OrganizationId,
    connection: &mut Connection,
) -> Result<Vec<AnchorHead>, StoreFault> {
    let rows = sqlx::query(
        "SELECT a.id, a.organization_id, a.name, a.presented, a.state, a.generation
         FROM anchor a JOIN anchor_grant g ON g.anchor_id = a.id WHERE g.organization_id = $1
         ORDER BY a.created_at, a.id",
    )
    .bind(organization.octets().as_slice())
    .fetch_all(connection)
    .await
    .map_err(fault("granted anchors"))?;
    let read = |row| {
        let mut cells = Cells::of(row, "anchor");
        Ok(AnchorHead {
            id: cells.id()?,
            organization: cells.id()?,
            name: read_name(&mut cells)?,
            state: cells.word()?,
            generation: cells.integer()?,
        })
    };
    rows.iter().map(read).collect()
}

/// One, whosever it is.
pub(super) async fn by_id(
    id: AnchorId,
    connection: &mut Connection,
) -> Result<Option<TrustAnchor>, StoreFault> {
    let query = sqlx::query(anchors!("WHERE a.id = $1"));
    Ok(whole(query.bind(id.octets().as_slice()), connection).await?.pop())
}

/// The anchors of an organization that a filter leaves.
pub(super) const LIST: Pages = pages!(
    rows [anchors!("WHERE a.organization_id = $1 AND (a.state = $2 OR $2 IS NULL)")]
    binds ["$3", "$4", "$5"]
    name ["a.name"]
    time ["a.created_at", "a.id"]
);

/// The same, whose names have a prefix.
pub(super) const LIST_PREFIXED: Pages = pages!(
    rows [
        anchors!("WHERE a.organization_id = $1 AND (a.state = $2 OR $2 IS NULL) AND a.name"),
        by_octets!(), " >= $3 AND a.name", by_octets!(), " < $4"
    ]
    binds ["$5", "$6", "$7"]
    name ["a.name"]
    time ["a.created_at", "a.id"]
);

/// A page of those of an organization.
pub(super) async fn list(
    organization: OrganizationId,
    filter: &AnchorFilter,
    page: &Page,
    connection: &mut Connection,
) -> Result<Vec<TrustAnchor>, StoreFault> {
    let list = match filter.prefix {
        Some(_) => &LIST_PREFIXED,
        None => &LIST,
    };
    let query = sqlx::query(list.of(page))
        .bind(organization.octets().as_slice())
        .bind(filter.state.map(AnchorState::word));
    let query = bind_prefix(query, filter.prefix.as_ref());
    whole(listing::bind(query, page), connection).await
}

/// One of an organization.
pub(super) async fn find(
    organization: OrganizationId,
    name: &RegistrationId,
    connection: &mut Connection,
) -> Result<Option<TrustAnchor>, StoreFault> {
    let query = sqlx::query(anchors!("WHERE a.organization_id = $1 AND a.name = $2"));
    let query = query
        .bind(organization.octets().as_slice())
        .bind(name.canonical());
    Ok(whole(query, connection).await?.pop())
}

/// The anchors of a query, each with what belongs to it.
async fn whole(query: Query<'_>, connection: &mut Connection) -> Result<Vec<TrustAnchor>, StoreFault> {
    let rows = query
        .fetch_all(&mut *connection)
        .await
        .map_err(fault("anchors"))?;
    let mut anchors = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    for anchor in &mut anchors {
        anchor.intermediates = intermediates(anchor.id, connection).await?;
        anchor.lists = lists(anchor.id, connection).await?;
    }
    Ok(anchors)
}

async fn intermediates(
    anchor: AnchorId,
    connection: &mut Connection,
) -> Result<Vec<AnchorIntermediate>, StoreFault> {
    let rows = sqlx::query(
        "SELECT fingerprint, certificate, created_at FROM anchor_intermediate WHERE anchor_id = $1
         ORDER BY created_at, fingerprint",
    )
    .bind(anchor.octets().as_slice())
    .fetch_all(connection)
    .await
    .map_err(fault("intermediates of an anchor"))?;
    let read = |row| {
        let mut cells = Cells::of(row, "anchor_intermediate");
        cells.octets::<32>()?;
        Ok(AnchorIntermediate {
            certificate: cells.bytes()?,
            created_at: cells.time()?,
        })
    };
    rows.iter().map(read).collect()
}

async fn lists(anchor: AnchorId, connection: &mut Connection) -> Result<Vec<AnchorList>, StoreFault> {
    let rows = sqlx::query(
        "SELECT covers, der, this_update, next_update, created_at FROM anchor_list WHERE anchor_id = $1
         ORDER BY covers",
    )
    .bind(anchor.octets().as_slice())
    .fetch_all(connection)
    .await
    .map_err(fault("lists of an anchor"))?;
    let read = |row| {
        let mut cells = Cells::of(row, "anchor_list");
        Ok(AnchorList {
            covers: Fingerprint(cells.octets()?),
            der: cells.bytes()?,
            this_update: cells.time()?,
            next_update: cells.time()?,
            created_at: cells.time()?,
        })
    };
    rows.iter().map(read).collect()
}

/// $1 an organization, $2 a name, $3 a fingerprint: whether another anchor has either.
const TAKEN: &str = "SELECT
     CASE WHEN EXISTS (SELECT 1 FROM anchor WHERE organization_id = $1 AND name = $2) THEN 1 ELSE 0 END,
     CASE WHEN EXISTS (SELECT 1 FROM anchor WHERE organization_id = $1 AND fingerprint = $3) THEN 1 ELSE 0 END";

/// $1 an organization: how many anchors it has.
pub(super) const COUNT: &str = "SELECT COUNT(*) FROM anchor WHERE organization_id = $1";

/// $1 an organization: how many octets the lists of its anchors have.
pub(super) const LIST_OCTETS: &str = "SELECT CAST(COALESCE(SUM(length(l.der)), 0) AS BIGINT)
     FROM anchor a JOIN anchor_list l ON l.anchor_id = a.id WHERE a.organization_id = $1";

/// Adds an anchor with what belongs to it and its owner's grant, or says why not.
pub(super) async fn add(
    anchor: &TrustAnchor,
    most: u32,
    connection: &mut Connection,
) -> Result<AnchorAdded, StoreFault> {
    let taken = sqlx::query(TAKEN)
        .bind(anchor.organization.octets().as_slice())
        .bind(anchor.name.canonical())
        .bind(anchor.fingerprint().0.to_vec())
        .fetch_one(&mut *connection)
        .await
        .map_err(fault("adding an anchor"))?;
    let mut cells = Cells::of(&taken, "anchor");
    match (cells.truth()?, cells.truth()?) {
        (true, _) => return Ok(AnchorAdded::Taken),
        (false, true) => return Ok(AnchorAdded::CertificateTaken),
        (false, false) => {}
    }
    if counted(COUNT, anchor.organization, connection).await? >= i64::from(most) {
        return Ok(AnchorAdded::Crowded);
    }
    insert(anchor, connection).await?;
    for intermediate in &anchor.intermediates {
        insert_intermediate(anchor.id, intermediate, connection).await?;
    }
    for list in &anchor.lists {
        insert_list(anchor.id, list, connection).await?;
    }
    Ok(AnchorAdded::Added)
}

async fn counted(
    query: &'static str,
    organization: OrganizationId,
    connection: &mut Connection,
) -> Result<i64, StoreFault> {
    let row = sqlx::query(query)
        .bind(organization.octets().as_slice())
        .fetch_one(connection)
        .await
        .map_err(fault("counting what an organization keeps of anchors"))?;
    Cells::of(&row, "anchor").integer()
}

async fn insert(anchor: &TrustAnchor, connection: &mut Connection) -> Result<(), StoreFault> {
    sqlx::query(
        "INSERT INTO anchor (id, organization_id, name, presented, certificate, fingerprint, status, state,
                             generation, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(anchor.id.octets().as_slice())
    .bind(anchor.organization.octets().as_slice())
    .bind(anchor.name.canonical())
    .bind(anchor.name.presented())
    .bind(anchor.certificate.as_slice())
    .bind(anchor.fingerprint().0.to_vec())
    .bind(anchor.status.word())
    .bind(anchor.state.word())
    .bind(anchor.generation)
    .bind(anchor.created_at.as_micros())
    .execute(&mut *connection)
    .await
    .map_err(fault("adding an anchor"))?;
    sqlx::query("INSERT INTO anchor_grant (anchor_id, organization_id, created_at) VALUES ($1, $2, $3)")
        .bind(anchor.id.octets().as_slice())
        .bind(anchor.organization.octets().as_slice())
        .bind(anchor.created_at.as_micros())
        .execute(connection)
        .await
        .map_err(fault("granting an anchor"))?;
    Ok(())
}

/// False when the anchor had it.
async fn insert_intermediate(
    anchor: AnchorId,
    intermediate: &AnchorIntermediate,
    connection: &mut Connection,
) -> Result<bool, StoreFault> {
    let done = sqlx::query(
        "INSERT INTO anchor_intermediate (anchor_id, fingerprint, certificate, created_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (anchor_id, fingerprint) DO NOTHING",
    )
    .bind(anchor.octets().as_slice())
    .bind(Fingerprint::of(&intermediate.certificate).0.to_vec())
    .bind(intermediate.certificate.as_slice())
    .bind(intermediate.created_at.as_micros())
    .execute(connection)
    .await
    .map_err(fault("adding an intermediate"))?;
    Ok(done.rows_affected() == 1)
}

/// False when the one that is kept is as new, or newer.
async fn insert_list(
    anchor: AnchorId,
    list: &AnchorList,
    connection: &mut Connection,
) -> Result<bool, StoreFault> {
    let done = sqlx::query(
        "INSERT INTO anchor_list (anchor_id, covers, der, this_update, next_update, created_at)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (anchor_id, covers) DO UPDATE
         SET der = excluded.der, this_update = excluded.this_update, next_update = excluded.next_update,
             created_at = excluded.created_at
         WHERE anchor_list.this_update < excluded.this_update",
    )
    .bind(anchor.octets().as_slice())
    .bind(list.covers.0.to_vec())
    .bind(list.der.as_slice())
    .bind(list.this_update.as_micros())
    .bind(list.next_update.as_micros())
    .bind(list.created_at.as_micros())
    .execute(connection)
    .await
    .map_err(fault("keeping a list of an anchor"))?;
    Ok(done.rows_affected() == 1)
}

/// Enables or disables an anchor. False when there is none of that name.
pub(super) async fn set_state(
    organization: OrganizationId,
    name: &RegistrationId,
    state: AnchorState,
    connection: &mut Connection,
) -> Result<bool, StoreFault> {
    let update = sqlx::query("UPDATE anchor SET state = $2 WHERE id = $1 AND state <> $2");
    set(update, (organization, name, state.word()), connection).await
}

/// Says how the status below an anchor is learned. False when there is none of that name.
pub(super) async fn set_status(
    organization: OrganizationId,
    name: &RegistrationId,
    status: AnchorStatus,
    connection: &mut Connection,
) -> Result<bool, StoreFault> {
    let update = sqlx::query("UPDATE anchor SET status = $2 WHERE id = $1 AND status <> $2");
    set(update, (organization, name, status.word()), connection).await
}

async fn set(
    update: Query<'_>,
    (organization, name, word): (OrganizationId, &RegistrationId, &'static str),
    connection: &mut Connection,
) -> Result<bool, StoreFault> {
    let Some(anchor) = id_of(organization, name, connection).await? else {
        return Ok(false);
    };
    let done = update
        .bind(anchor.octets().as_slice())
        .bind(word)
        .execute(&mut *connection)
        .await
        .map_err(fault("setting an anchor"))?;
    if done.rows_affected() == 1 {
        changed(anchor, connection).await?;
    }
    Ok(true)
}

/// Adds a certificate that completes chains below an anchor.
pub(super) async fn add_intermediate(
    organization: OrganizationId,
    name: &RegistrationId,
    intermediate: &AnchorIntermediate,
    connection: &mut Connection,
) -> Result<IntermediateAdded, StoreFault> {
    let Some(anchor) = id_of(organization, name, connection).await? else {
        return Ok(IntermediateAdded::NoAnchor);
    };
    if !insert_intermediate(anchor, intermediate, connection).await? {
        return Ok(IntermediateAdded::Known);
    }
    changed(anchor, connection).await?;
    Ok(IntermediateAdded::Added)
}

/// Keeps a list for an anchor.
pub(super) async fn bring_list(
    organization: OrganizationId,
    name: &RegistrationId,
    (list, most): (&AnchorList, u64),
    connection: &mut Connection,
) -> Result<ListBrought, StoreFault> {
    let Some(anchor) = id_of(organization, name, connection).await? else {
        return Ok(ListBrought::NoAnchor);
    };
    if !insert_list(anchor, list, connection).await? {
        return Ok(ListBrought::NotNewer);
    }
    // With it, and without the one whose place it takes.
    let kept = counted(LIST_OCTETS, organization, connection).await?;
    if u64::try_from(kept).is_ok_and(|kept| kept > most) {
        return Ok(ListBrought::Crowded);
    }
    changed(anchor, connection).await?;
    Ok(ListBrought::Kept)
}

/// Removes an anchor that no group refers to.
pub(super) async fn remove(
    organization: OrganizationId,
    name: &RegistrationId,
    connection: &mut Connection,
) -> Result<AnchorRemoved, StoreFault> {
    let Some(anchor) = id_of(organization, name, connection).await? else {
        return Ok(AnchorRemoved::NoAnchor);
    };
    let row = sqlx::query(
        "SELECT CASE WHEN EXISTS (SELECT 1 FROM enrollment_anchor WHERE anchor_id = $1) THEN 1 ELSE 0 END",
    )
    .bind(anchor.octets().as_slice())
    .fetch_one(&mut *connection)
    .await
    .map_err(fault("removing an anchor"))?;
    if Cells::of(&row, "enrollment_anchor").truth()? {
        return Ok(AnchorRemoved::InUse);
    }
    for statement in [
        "DELETE FROM anchor_list WHERE anchor_id = $1",
        "DELETE FROM anchor_intermediate WHERE anchor_id = $1",
        "DELETE FROM anchor_grant WHERE anchor_id = $1",
        "DELETE FROM anchor WHERE id = $1",
    ] {
        sqlx::query(statement)
            .bind(anchor.octets().as_slice())
            .execute(&mut *connection)
            .await
            .map_err(fault("removing an anchor"))?;
    }
    Ok(AnchorRemoved::Removed)
}

async fn id_of(
    organization: OrganizationId,
    name: &RegistrationId,
    connection: &mut Connection,
) -> Result<Option<AnchorId>, StoreFault> {
    let row = sqlx::query("SELECT id FROM anchor WHERE organization_id = $1 AND name = $2")
        .bind(organization.octets().as_slice())
        .bind(name.canonical())
        .fetch_optional(connection)
        .await
        .map_err(fault("finding an anchor"))?;
    row.map(|row| Cells::of(&row, "anchor").id()).transpose()
}

/// An anchor is not what it was: whatever its groups admitted by it and is not yet kept is judged again.
async fn changed(anchor: AnchorId, connection: &mut Connection) -> Result<(), StoreFault> {
    for statement in [
        "UPDATE anchor SET generation = generation + 1 WHERE id = $1",
        "UPDATE enrollment_group SET generation = generation + 1
         WHERE id IN (SELECT group_id FROM enrollment_anchor WHERE anchor_id = $1)",
    ] {
        sqlx::query(statement)
            .bind(anchor.octets().as_slice())
            .execute(&mut *connection)
            .await
            .map_err(fault("changing an anchor"))?;
    }
    Ok(())
}
