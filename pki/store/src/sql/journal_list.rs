// SPDX-License-Identifier: Apache-2.0
//! The journal, as operators read it.

use tamga_registry::id::{OrganizationId, RequestId};
use tamga_registry::journal::{Ending, JournalEntry, JournalFilter, SearchedText, TrackingId};
use tamga_registry::page::{Page, Portion};
use tamga_registry::store::StoreFault;

use super::cells::Cells;
use super::fault::fault;
use super::walking::{Bounds, Stretch, Ways, at_home, ways_by_time};
use super::{Connection, Query, Row};

macro_rules! entries {
    ($($tail:expr),+) => {
        concat!(
            "SELECT j.id, j.at, j.act, j.actor, j.object, j.request_id, j.outcome, j.reason FROM journal j WHERE ",
            $($tail),+
        )
    };
}

/// What the filter leaves, by $2 to $4. Nothing of it is looked up.
macro_rules! left {
    () => {
        " AND (j.actor = $2 OR $2 IS NULL) AND (j.act = $3 OR $3 IS NULL) AND (j.outcome = $4 OR $4 IS NULL)"
    };
}

/// The rows of organization $1 that a filter leaves.
pub(super) const LIST: Ways = ways_by_time!(
    rows [entries!("j.organization_id = $1", left!())]
    binds ["$5", "$6", "$7", "$8", "$9"]
    of ["journal j WHERE j.organization_id = $1"]
    time ["j.at", "j.id"]
);

/// Those about one object, which have an index of their own.
pub(super) const OF_OBJECT: Ways = ways_by_time!(
    rows [entries!("j.organization_id = $1 AND j.object = $5", left!())]
    binds ["$6", "$7", "$8", "$9", "$10"]
    of ["journal j WHERE j.organization_id = $1 AND j.object = $6"]
    time ["j.at", "j.id"]
);

/// Those of one request: few, found by it and put in order.
pub(super) const OF_REQUEST: Ways = ways_by_time!(
    rows [entries!(
        "j.request_id = $5 AND (j.object || '' = $6 OR $6 IS NULL) AND ", at_home!("j.organization_id"), left!()
    )]
    binds ["$7", "$8", "$9", "$10", "$11"]
    of ["journal j WHERE j.organization_id = $1"]
    time ["j.at + 0", "j.id"]
);

/// A part of the journal of an organization.
pub(super) async fn list(
    organization: OrganizationId,
    filter: &JournalFilter,
    page: &Page,
    connection: &mut Connection,
) -> Result<Portion<JournalEntry>, StoreFault> {
    let ways = match (&filter.request, &filter.object) {
        (Some(_), _) => &OF_REQUEST,
        (None, Some(_)) => &OF_OBJECT,
        (None, None) => &LIST,
    };
    let (walk, bounds) = (ways.of(page), Bounds::times(filter.from, filter.to));
    let sparse = filter.actor.is_some() || filter.act.is_some() || filter.ending.is_some();
    // One object may have as many rows as an organization.
    let object = filter.object.as_ref().map(SearchedText::as_str);
    let stretch = match sparse && filter.request.is_none() {
        true => Stretch::measured_among(walk, (organization, object), (page, bounds), connection).await?,
        false => Stretch::whole(page, bounds),
    };
    let query = sqlx::query(walk.rows).bind(organization.octets().as_slice());
    let rows = stretch
        .bind(bind_filter(query, filter), page)
        .fetch_all(connection)
        .await
        .map_err(fault("the journal"))?;
    let entries = rows.iter().map(read).collect::<Result<_, _>>()?;
    Ok(stretch.portion(entries, page))
}

fn bind_filter<'q>(query: Query<'q>, filter: &JournalFilter) -> Query<'q> {
    let text = |text: &Option<SearchedText>| text.as_ref().map(|text| text.as_str().to_owned());
    let query = query
        .bind(text(&filter.actor))
        .bind(text(&filter.act))
        .bind(filter.ending.map(Ending::word));
    match (&filter.request, &filter.object) {
        (Some(TrackingId(request)), _) => query.bind(request.octets().to_vec()).bind(text(&filter.object)),
        (None, Some(_)) => query.bind(text(&filter.object)),
        (None, None) => query,
    }
}

fn read(row: &Row) -> Result<JournalEntry, StoreFault> {
    let mut cells = Cells::of(row, "journal");
    Ok(JournalEntry {
        id: cells.id()?,
        at: cells.time()?,
        act: cells.text()?,
        actor: cells.text()?,
        object: cells.text()?,
        request: TrackingId(cells.id()?),
        ending: cells.word()?,
        reason: cells.maybe_text()?,
    })
}

pub(super) const TOLD: &str = entries!(
    "j.request_id = $2 AND ",
    at_home!("j.organization_id"),
    " ORDER BY j.at + 0, j.id"
);

/// What the journal tells of a request, oldest first.
pub(super) async fn of_request(
    organization: OrganizationId,
    request: RequestId,
    connection: &mut Connection,
) -> Result<Vec<JournalEntry>, StoreFault> {
    let rows = sqlx::query(TOLD)
        .bind(organization.octets().as_slice())
        .bind(request.octets().as_slice())
        .fetch_all(connection)
        .await
        .map_err(fault("the journal of a request"))?;
    rows.iter().map(read).collect()
}
