// SPDX-License-Identifier: Apache-2.0
//! Parts of lists of enrollment groups and of individual enrollments: both are walked alike.

use tamga_registry::enrollment::{EnrollmentFilter, EnrollmentState, Method};
use tamga_registry::id::OrganizationId;
use tamga_registry::page::{By, Listed, Page, Portion};
use tamga_registry::store::StoreFault;

use super::cells::Cells;
use super::fault::fault;
use super::walking::{Bounds, Stretch, Ways};
use super::{Connection, Query};

/// What a filter leaves of enrollments `e` that are called by this column, by $2 to $4. Nothing of it is looked up.
macro_rules! left {
    ($name:literal) => {
        concat!(
            " AND (e.state = $2 OR $2 IS NULL) AND (e.attestation = $3 OR $3 IS NULL)
              AND (substr(",
            $name,
            ", 1, length($4)) = $4 OR $4 IS NULL)"
        )
    };
}
pub(super) use left;

/// A kind of enrollment, as it is listed.
pub(super) trait Enlisted: Listed + Sized {
    /// Its table.
    const TABLE: &'static str;
    /// By name, through the index that keeps it unique.
    const BY_NAME: &'static Ways;
    /// By age.
    const BY_TIME: &'static Ways;

    fn read(cells: &mut Cells<'_>) -> Result<Self, StoreFault>;
}

/// A part of the enrollments of one kind of an organization.
pub(super) async fn list<T: Enlisted>(
    organization: OrganizationId,
    filter: &EnrollmentFilter,
    page: &Page,
    connection: &mut Connection,
) -> Result<Portion<T>, StoreFault> {
    let (ways, bounds) = match page.sort.by {
        By::Name => (T::BY_NAME, Bounds::of_names(filter.prefix.as_ref())),
        By::Time | By::End => (T::BY_TIME, Bounds::times(None, None)),
    };
    let walk = ways.of(page);
    let stretch = match is_sparse(filter, page.sort.by) {
        true => Stretch::measured(walk, organization, (page, bounds), connection).await?,
        false => Stretch::whole(page, bounds),
    };
    let query = sqlx::query(walk.rows).bind(organization.octets().as_slice());
    let rows = stretch
        .bind(bind_filter(query, filter), page)
        .fetch_all(connection)
        .await
        .map_err(fault("enrollments"))?;
    let enrollments = rows
        .iter()
        .map(|row| T::read(&mut Cells::of(row, T::TABLE)))
        .collect::<Result<_, _>>()?;
    Ok(stretch.portion(enrollments, page))
}

/// Whether the filter may leave little of a long stretch. In the order of names a prefix bounds the list.
fn is_sparse(filter: &EnrollmentFilter, by: By) -> bool {
    filter.state.is_some() || filter.method.is_some() || (filter.prefix.is_some() && by != By::Name)
}

fn bind_filter<'q>(query: Query<'q>, filter: &EnrollmentFilter) -> Query<'q> {
    query
        .bind(filter.state.map(EnrollmentState::word))
        .bind(filter.method.map(Method::word))
        .bind(filter.prefix.as_ref().map(|prefix| prefix.least().to_owned()))
}
