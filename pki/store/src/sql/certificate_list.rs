// SPDX-License-Identifier: Apache-2.0
//! Certificates of devices, as operators look at them: found through their orders, which are kept by age, or by the end
//! of their lives.

use tamga_registry::certificate::{CertificateFilter, CertificateStanding, SeenCertificate};
use tamga_registry::device::RegistrationId;
use tamga_registry::id::{CertificateId, OrganizationId};
use tamga_registry::page::{By, Page, Portion};
use tamga_registry::store::StoreFault;
use tamga_x509::time::Timestamp;

use super::cells::Cells;
use super::certificate::{self, certificate_columns};
use super::fault::fault;
use super::walking::{Bounds, Stretch, Ways, at_home, ways_by_time};
use super::{Connection, Query, Row};

/// Certificates, each with its order, its device and its place.
macro_rules! certificates {
    ($from:literal, $($tail:expr),+) => {
        concat!(
            "SELECT ",
            certificate_columns!(),
            ", o.id, o.created_at, d.presented,
              CASE WHEN l.current_id = c.id THEN 'current' WHEN l.provisional_id = c.id THEN 'provisional' END
              FROM ",
            $from,
            " JOIN device d ON d.id = o.device_id
              LEFT JOIN lineage l ON l.device_id = c.device_id AND l.profile_id = c.profile_id
              WHERE ",
            $($tail),+
        )
    };
}

/// What the filter leaves, by $2 to $6. Nothing of it is looked up.
macro_rules! left {
    () => {
        " AND (c.state = $2 OR $2 IS NULL) AND (c.issuer_id = $3 OR $3 IS NULL)
          AND (c.profile_id = $4 OR $4 IS NULL)
          AND (c.not_after + 0 < $5 OR $5 IS NULL) AND (c.not_after + 0 > $6 OR $6 IS NULL)"
    };
}

/// By age, through the orders.
pub(super) const BY_TIME: Ways = ways_by_time!(
    rows [certificates!(
        "issuance_order o JOIN certificate c ON c.id = o.certificate_id",
        listed!("o.organization_id"), " = $1", left!()
    )]
    binds ["$7", "$8", "$9", "$10", "$11"]
    of [concat!("issuance_order o WHERE ", listed!("o.organization_id"), " = $1")]
    time ["o.created_at", "o.id"]
);

/// By the end of their lives.
pub(super) const BY_END: Ways = ways_by_time!(
    rows [certificates!(
        "certificate c JOIN issuance_order o ON o.id = c.order_id",
        listed!("c.organization_id"), " = $1", left!()
    )]
    binds ["$7", "$8", "$9", "$10", "$11"]
    of [concat!("certificate c WHERE ", listed!("c.organization_id"), " = $1")]
    time ["c.not_after", "c.id"]
);

/// Those of one device, with those of its name that are gone, or the one of a serial number: few, found by it and put in order.
macro_rules! found {
    ($time:literal, $id:literal) => {
        ways_by_time!(
            rows [certificates!(
                "issuance_order o JOIN certificate c ON c.id = o.certificate_id",
                "o.device_id IN (
                     SELECT n.id FROM device n WHERE n.organization_id = $1 AND n.registration_id = $8
                     UNION ALL
                     SELECT n.id FROM device n WHERE n.organization_id = $1
                       AND n.registration_id > $8 || '~' AND n.registration_id < $8 || '~~'
                     UNION ALL
                     SELECT s.device_id FROM serial t JOIN certificate s ON s.id = t.certificate_id
                     WHERE t.serial = $7 AND $8 IS NULL)
                 AND ($7 IS NULL OR c.serial = $7) AND ",
                at_home!("o.organization_id"),
                left!()
            )]
            binds ["$9", "$10", "$11", "$12", "$13"]
            of ["certificate c WHERE c.organization_id = $1"]
            time [$time, $id]
        )
    };
}

/// By age.
pub(super) const FOUND_BY_TIME: Ways = found!("o.created_at + 0", "o.id");

/// By the end of their lives.
pub(super) const FOUND_BY_END: Ways = found!("c.not_after + 0", "c.id");

/// A part of the certificates of an organization's devices.
pub(super) async fn list(
    organization: OrganizationId,
    filter: &CertificateFilter,
    page: &Page,
    connection: &mut Connection,
) -> Result<Portion<SeenCertificate>, StoreFault> {
    let found = filter.device.is_some() || filter.serial.is_some();
    let ways = match (page.sort.by, found) {
        (By::End, false) => &BY_END,
        (By::End, true) => &FOUND_BY_END,
        (By::Name | By::Time, false) => &BY_TIME,
        (By::Name | By::Time, true) => &FOUND_BY_TIME,
    };
    let (walk, bounds) = (ways.of(page), bounds(filter, page.sort.by));
    let stretch = match found || !is_sparse(filter, page.sort.by) {
        true => Stretch::whole(page, bounds),
        false => Stretch::measured(walk, organization, (page, bounds), connection).await?,
    };
    let query = sqlx::query(walk.rows).bind(organization.octets().as_slice());
    let query = bind_filter(query, filter);
    let query = match found {
        true => query
            .bind(filter.serial.map(|serial| serial.as_bytes().to_vec()))
            .bind(filter.device.as_ref().map(|id| id.canonical().to_owned())),
        false => query,
    };
    let rows = stretch
        .bind(query, page)
        .fetch_all(connection)
        .await
        .map_err(fault("certificates"))?;
    let certificates = rows.iter().map(read).collect::<Result<_, _>>()?;
    Ok(stretch.portion(certificates, page))
}

/// Where the list lies: an expiry bounds it where it is in that order.
fn bounds(filter: &CertificateFilter, by: By) -> Bounds {
    match by {
        By::End => {
            let after = filter.expires_after.map(Timestamp::as_micros);
            let from = after.map(|after| Timestamp::from_micros(after.saturating_add(1)));
            Bounds::times(from, filter.expires_before)
        }
        By::Name | By::Time => Bounds::times(None, None),
    }
}

/// Whether the filter may leave little of a long stretch.
fn is_sparse(filter: &CertificateFilter, by: By) -> bool {
    let by_expiry = filter.expires_before.is_some() || filter.expires_after.is_some();
    filter.state.is_some()
        || filter.issuer.is_some()
        || filter.profile.is_some()
        || (by_expiry && by != By::End)
}

fn bind_filter<'q>(query: Query<'q>, filter: &CertificateFilter) -> Query<'q> {
    query
        .bind(filter.state.map(CertificateStanding::word))
        .bind(filter.issuer.map(|id| id.octets().to_vec()))
        .bind(filter.profile.map(|id| id.octets().to_vec()))
        .bind(filter.expires_before.map(Timestamp::as_micros))
        .bind(filter.expires_after.map(Timestamp::as_micros))
}

fn read(row: &Row) -> Result<SeenCertificate, StoreFault> {
    let mut cells = Cells::of(row, "certificate");
    Ok(SeenCertificate {
        record: certificate::read(&mut cells)?,
        order: cells.id()?,
        ordered_at: cells.time()?,
        registration_id: cells.word::<RegistrationId>()?,
        place: cells.maybe_word()?,
    })
}

pub(super) const FIND: &str = certificates!(
    "certificate c JOIN issuance_order o ON o.id = c.order_id",
    "c.id = $2 AND ",
    at_home!("c.organization_id")
);

/// A certificate of a device of an organization.
pub(super) async fn find(
    organization: OrganizationId,
    id: CertificateId,
    connection: &mut Connection,
) -> Result<Option<SeenCertificate>, StoreFault> {
    let row = sqlx::query(FIND)
        .bind(organization.octets().as_slice())
        .bind(id.octets().as_slice())
        .fetch_optional(connection)
        .await
        .map_err(fault("certificate"))?;
    row.as_ref().map(read).transpose()
}
