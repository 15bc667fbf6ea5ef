// SPDX-License-Identifier: Apache-2.0
//! Reads rows for an inspection, exactly as they are kept.

use tamga_registry::inspection::{
    AskedAt, Assertion, Given, KeptCertificate, KeptInstallation, KeptIssuer, KeptList, KeptRevision,
    KeptRevocation, ListKey, Named,
};
use tamga_registry::store::StoreFault;

use super::cells::Cells;
use super::fault::fault;
use super::{Connection, Row};

/// The keys of those who break a law.
pub(super) async fn offenders(
    assertion: &'static Assertion,
    asked: AskedAt,
    connection: &mut Connection,
) -> Result<Vec<Vec<u8>>, StoreFault> {
    let rows = sqlx::query(assertion.query)
        .bind(asked.now.as_micros())
        .bind(i64::from(asked.limit))
        .fetch_all(connection)
        .await
        .map_err(fault(assertion.law.name))?;
    rows.iter()
        .map(|row| Cells::of(row, assertion.law.name).bytes())
        .collect()
}

/// The installation.
pub(super) async fn installation(
    connection: &mut Connection,
) -> Result<Option<KeptInstallation>, StoreFault> {
    let row = sqlx::query("SELECT trust_domain, restore_epoch FROM installation")
        .fetch_optional(connection)
        .await
        .map_err(fault("inspecting the installation"))?;
    row.map(|row| {
        let mut cells = Cells::of(&row, "installation");
        Ok(KeptInstallation {
            trust_domain: cells.text()?,
            restore_epoch: cells.integer()?,
        })
    })
    .transpose()
}

/// Every issuer.
pub(super) async fn issuers(connection: &mut Connection) -> Result<Vec<KeptIssuer>, StoreFault> {
    let rows = sqlx::query(
        "SELECT id, role, parent_id, certificate, status_url, crl_shards, not_before, not_after FROM issuer ORDER BY id",
    )
    .fetch_all(connection)
    .await
    .map_err(fault("inspecting issuers"))?;
    rows.iter().map(read_issuer).collect()
}

fn read_issuer(row: &Row) -> Result<KeptIssuer, StoreFault> {
    let mut cells = Cells::of(row, "issuer");
    Ok(KeptIssuer {
        id: cells.bytes()?,
        role: cells.text()?,
        parent: cells.maybe_bytes()?,
        certificate: cells.bytes()?,
        status_url: cells.text()?,
        shards: cells.integer()?,
        not_before: cells.integer()?,
        not_after: cells.integer()?,
    })
}

/// Every revision of every profile.
pub(super) async fn revisions(connection: &mut Connection) -> Result<Vec<KeptRevision>, StoreFault> {
    let rows = sqlx::query(
        "SELECT profile_id, revision, config FROM profile_revision ORDER BY profile_id, revision",
    )
    .fetch_all(connection)
    .await
    .map_err(fault("inspecting profiles"))?;
    rows.iter()
        .map(|row| {
            let mut cells = Cells::of(row, "profile_revision");
            Ok(KeptRevision {
                profile: cells.bytes()?,
                revision: cells.integer()?,
                config: cells.text()?,
            })
        })
        .collect()
}

/// How many certificates and intents there are.
pub(super) async fn certificate_count(connection: &mut Connection) -> Result<u64, StoreFault> {
    let row = sqlx::query("SELECT count(*) FROM certificate")
        .fetch_one(connection)
        .await
        .map_err(fault("counting certificates"))?;
    Cells::of(&row, "certificate").number()
}

/// $1 after which id, $2 how many.
pub(super) const CERTIFICATES: &str = "SELECT c.id, c.issuer_id, c.device_id, c.profile_id, c.profile_revision,
         c.serial, c.spki_hash, c.shard, c.state, c.tbs, c.tbs_hash, c.der, c.not_before, c.not_after,
         c.intended_at, d.id, d.presented, g.slug, o.csr
     FROM certificate c LEFT JOIN device d ON d.id = c.device_id LEFT JOIN organization g ON g.id = d.organization_id
     LEFT JOIN issuance_order o ON o.id = c.order_id
     WHERE c.id > $1 ORDER BY c.id LIMIT $2";

/// A page of certificates.
pub(super) async fn certificates(
    after: &[u8],
    limit: u32,
    connection: &mut Connection,
) -> Result<Vec<KeptCertificate>, StoreFault> {
    let rows = sqlx::query(CERTIFICATES)
        .bind(after)
        .bind(i64::from(limit))
        .fetch_all(connection)
        .await
        .map_err(fault("inspecting certificates"))?;
    rows.iter().map(read_certificate).collect()
}

fn read_certificate(row: &Row) -> Result<KeptCertificate, StoreFault> {
    let mut cells = Cells::of(row, "certificate");
    Ok(KeptCertificate {
        id: cells.bytes()?,
        issuer: cells.bytes()?,
        device: cells.maybe_bytes()?,
        profile: cells.bytes()?,
        revision: cells.integer()?,
        serial: cells.bytes()?,
        spki: cells.bytes()?,
        shard: cells.integer()?,
        state: cells.text()?,
        tbs: cells.maybe_bytes()?,
        tbs_hash: cells.bytes()?,
        der: cells.maybe_bytes()?,
        not_before: cells.integer()?,
        not_after: cells.integer()?,
        intended_at: cells.integer()?,
        named: read_named(&mut cells)?,
        request: cells.maybe_bytes()?,
    })
}

fn read_named(cells: &mut Cells<'_>) -> Result<Option<Named>, StoreFault> {
    if cells.nothing(3)? {
        return Ok(None);
    }
    cells.bytes()?;
    Ok(Some(Named {
        presented: cells.text()?,
        organization: cells.text()?,
    }))
}

/// The names of all lists.
pub(super) async fn list_keys(connection: &mut Connection) -> Result<Vec<ListKey>, StoreFault> {
    let rows = sqlx::query("SELECT issuer_id, shard, number FROM crl ORDER BY issuer_id, shard, number")
        .fetch_all(connection)
        .await
        .map_err(fault("inspecting lists"))?;
    rows.iter()
        .map(|row| {
            let mut cells = Cells::of(row, "crl");
            Ok(ListKey {
                issuer: cells.bytes()?,
                shard: cells.integer()?,
                number: cells.integer()?,
            })
        })
        .collect()
}

/// One list.
pub(super) async fn list(key: &ListKey, connection: &mut Connection) -> Result<Option<KeptList>, StoreFault> {
    let row = sqlx::query(
        "SELECT l.issuer_id, l.shard, l.number, l.tbs_hash, l.der, l.entries, l.this_update, l.next_update,
                CASE WHEN s.published_number = l.number AND s.published_marks = s.marks THEN 1 ELSE 0 END
         FROM crl l LEFT JOIN crl_shard s ON s.issuer_id = l.issuer_id AND s.shard = l.shard
         WHERE l.issuer_id = $1 AND l.shard = $2 AND l.number = $3",
    )
    .bind(key.issuer.as_slice())
    .bind(key.shard)
    .bind(key.number)
    .fetch_optional(connection)
    .await
    .map_err(fault("inspecting a list"))?;
    row.map(|row| {
        let mut cells = Cells::of(&row, "crl");
        Ok(KeptList {
            issuer: cells.bytes()?,
            shard: cells.integer()?,
            number: cells.integer()?,
            tbs_hash: cells.bytes()?,
            der: cells.maybe_bytes()?,
            entries: cells.integer()?,
            this_update: cells.integer()?,
            next_update: cells.integer()?,
            covers: cells.integer()? == 1,
        })
    })
    .transpose()
}

/// A page of revocations.
pub(super) async fn revocations(
    of: &ListKey,
    after: &[u8],
    limit: u32,
    connection: &mut Connection,
) -> Result<Vec<KeptRevocation>, StoreFault> {
    let rows = sqlx::query(
        "SELECT serial, revoked_at, reason, not_after FROM revocation
         WHERE issuer_id = $1 AND shard = $2 AND serial > $3 ORDER BY serial LIMIT $4",
    )
    .bind(of.issuer.as_slice())
    .bind(of.shard)
    .bind(after)
    .bind(i64::from(limit))
    .fetch_all(connection)
    .await
    .map_err(fault("inspecting revocations"))?;
    rows.iter()
        .map(|row| {
            let mut cells = Cells::of(row, "revocation");
            Ok(KeptRevocation {
                serial: cells.bytes()?,
                revoked_at: cells.integer()?,
                reason: cells.text()?,
                not_after: cells.integer()?,
            })
        })
        .collect()
}

/// Who gave a serial number.
pub(super) async fn given(serial: &[u8], connection: &mut Connection) -> Result<Option<Given>, StoreFault> {
    let row = sqlx::query(
        "SELECT s.issuer_id, c.state FROM serial s LEFT JOIN certificate c ON c.id = s.certificate_id
         WHERE s.serial = $1",
    )
    .bind(serial)
    .fetch_optional(connection)
    .await
    .map_err(fault("inspecting a serial number"))?;
    row.map(|row| {
        let mut cells = Cells::of(&row, "serial");
        Ok(Given {
            issuer: cells.bytes()?,
            state: cells.maybe_text()?,
        })
    })
    .transpose()
}
