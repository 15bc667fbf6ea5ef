// SPDX-License-Identifier: Apache-2.0
//! API tokens and client certificates, and how whoever they prove stands.

use tamga_registry::account::{ApiToken, ClientCertificate, GivenRole, Grantee, Holder, Standing};
use tamga_registry::id::{AccountId, CertificateId, OrganizationId, TokenId};
use tamga_registry::page::Page;
use tamga_registry::role::Role;
use tamga_registry::station::Period;
use tamga_registry::store::{KnownCertificate, StoreFault};
use tamga_x509::certificate::Fingerprint;
use tamga_x509::serial::Serial;
use tamga_x509::time::Timestamp;

use super::batch::{Binds, Script, script};
use super::cells::Cells;
use super::fault::fault;
use super::listing::{self, Pages, pages};
use super::questions::Questions;
use super::writer::Keep;
use super::{Connection, Row, account};

macro_rules! tokens {
    ($tail:literal) => {
        concat!("SELECT ", token_columns!(), " FROM api_token t ", $tail)
    };
}

macro_rules! token_columns {
    () => {
        "t.id, t.organization_id, t.account_id, t.station_id, t.label, t.role, t.secret_hash, t.created_at, t.expires_at,
         t.last_used_at, t.revoked_at"
    };
}

/// Whether pinned certificate c, with [`what_it_hangs_on`], proves anybody still: neither its key nor, where we issued it,
/// itself was revoked, and its device may enroll.
macro_rules! sound {
    () => {
        "k.blocked_at IS NULL AND (c.certificate_id IS NULL OR x.state IN ('issued', 'superseded'))
         AND (x.device_id IS NULL OR v.state = 'active')"
    };
}
pub(super) use sound;

/// The key of pinned certificate c, its row where we issued it, and its device.
macro_rules! what_it_hangs_on {
    () => {
        "LEFT JOIN subject_key k ON k.spki_hash = c.spki_hash
         LEFT JOIN certificate x ON x.id = c.certificate_id
         LEFT JOIN device v ON v.id = x.device_id"
    };
}
pub(super) use what_it_hangs_on;

/// Whether account a of organization o may come in. Who administers the installation, at home at its top, comes in while
/// that is suspended: else nobody could resume it but at the machine.
macro_rules! good_account {
    ($administrator:literal) => {
        concat!(
            "a.state = 'enabled' AND (o.state = 'active'
                 OR (o.parent_id IS NULL
                     AND EXISTS (SELECT 1 FROM role_assignment top
                                 WHERE top.account_id = a.id AND top.organization_id = o.id AND top.role = ",
            $administrator,
            ")))"
        )
    };
}
pub(super) use good_account;

macro_rules! certificates {
    ($tail:literal) => {
        concat!(
            "SELECT c.fingerprint, c.organization_id, c.account_id, c.station_id, c.spki_hash, c.not_before, c.not_after,
                    c.certificate_id, c.created_at,
                    CASE WHEN ",
            sound!(),
            " THEN 1 ELSE 0 END FROM client_certificate c ",
            what_it_hangs_on!(),
            " ",
            $tail
        )
    };
}

/// Two columns, of which one is null.
fn read_holder(cells: &mut Cells<'_>) -> Result<Holder, StoreFault> {
    match (cells.maybe_id()?, cells.maybe_id()?) {
        (Some(account), None) => Ok(Holder::Account(account)),
        (None, Some(station)) => Ok(Holder::Station(station)),
        (None, None) | (Some(_), Some(_)) => Err(cells.damaged("it is neither an account's nor a station's")),
    }
}

fn columns(holder: Holder) -> (Option<Vec<u8>>, Option<Vec<u8>>) {
    match holder {
        Holder::Account(account) => (Some(account.octets().to_vec()), None),
        Holder::Station(station) => (None, Some(station.octets().to_vec())),
    }
}

fn read_token(row: &Row) -> Result<ApiToken, StoreFault> {
    let mut cells = Cells::of(row, "api_token");
    Ok(ApiToken {
        id: cells.id()?,
        organization: cells.id()?,
        holder: read_holder(&mut cells)?,
        label: cells.text()?,
        role: cells.word()?,
        secret_hash: cells.octets()?,
        created_at: cells.time()?,
        expires_at: cells.time()?,
        last_used_at: cells.maybe_time()?,
        revoked_at: cells.maybe_time()?,
    })
}

fn read_certificate(row: &Row) -> Result<KnownCertificate, StoreFault> {
    let mut cells = Cells::of(row, "client_certificate");
    let certificate = ClientCertificate {
        fingerprint: cells.word()?,
        organization: cells.id()?,
        holder: read_holder(&mut cells)?,
        spki: cells.key()?,
        not_before: cells.time()?,
        not_after: cells.time()?,
        issued: cells.maybe_id()?,
        created_at: cells.time()?,
    };
    Ok(KnownCertificate {
        certificate,
        sound: cells.truth()?,
    })
}

pub(super) const TOKENS: Pages = pages! {
    rows [tokens!("WHERE t.organization_id = $1")]
    binds ["$2", "$3", "$4"]
    name ["t.label"] time ["t.created_at", "t.id"]
};

pub(super) const CERTIFICATES: Pages = pages! {
    rows [certificates!("WHERE c.organization_id = $1")]
    binds ["$2", "$3", "$4"]
    name ["c.fingerprint"] time ["c.created_at", "c.spki_hash"]
};

/// A page of the tokens that hold in an organization.
pub(super) async fn token_page(
    organization: OrganizationId,
    page: &Page,
    connection: &mut Connection,
) -> Result<Vec<ApiToken>, StoreFault> {
    let query = sqlx::query(TOKENS.of(page)).bind(organization.octets().to_vec());
    let rows = listing::bind(query, page).fetch_all(connection).await;
    let rows = rows.map_err(fault("tokens"))?;
    rows.iter().map(read_token).collect()
}

/// A page of the certificates that are pinned in an organization.
pub(super) async fn certificate_page(
    organization: OrganizationId,
    page: &Page,
    connection: &mut Connection,
) -> Result<Vec<ClientCertificate>, StoreFault> {
    let query = sqlx::query(CERTIFICATES.of(page)).bind(organization.octets().to_vec());
    let rows = listing::bind(query, page).fetch_all(connection).await;
    let rows = rows.map_err(fault("client certificates"))?;
    let read = |row| read_certificate(row).map(|known| known.certificate);
    rows.iter().map(read).collect()
}

/// The certificate of an organization with this serial, octet for octet.
pub(super) async fn recorded(
    organization: OrganizationId,
    serial: &Serial,
    der: &[u8],
    connection: &mut Connection,
) -> Result<Option<CertificateId>, StoreFault> {
    let row = sqlx::query(
        "SELECT c.id FROM serial s JOIN certificate c ON c.id = s.certificate_id
         WHERE s.serial = $1 AND c.der = $2 AND c.organization_id = $3",
    )
    .bind(serial.as_bytes().as_slice())
    .bind(der)
    .bind(organization.octets().as_slice())
    .fetch_optional(connection)
    .await
    .map_err(fault("recorded certificate"))?;
    row.map(|row| Cells::of(&row, "certificate").id()).transpose()
}

/// The token $1: each call that comes with one asks for it.
pub(super) const TOKEN: Script = script!(concat!(
    "SELECT ",
    token_columns!(),
    " /*number*/ FROM (SELECT 1 AS one) one JOIN api_token t ON t.id = $1"
));

/// A token that somebody comes with.
pub(super) async fn token_shown(id: TokenId, questions: &Questions) -> Result<Option<ApiToken>, StoreFault> {
    let row = questions.ask(TOKEN.query().bind(id.octets().as_slice())).await?;
    row.as_ref().map(read_token).transpose()
}

/// A token by its id.
pub(super) async fn token(id: TokenId, connection: &mut Connection) -> Result<Option<ApiToken>, StoreFault> {
    let row = sqlx::query(tokens!("WHERE t.id = $1"))
        .bind(id.octets().as_slice())
        .fetch_optional(connection)
        .await
        .map_err(fault("token"))?;
    row.as_ref().map(read_token).transpose()
}

/// A pinned certificate by its fingerprint, and whether neither it nor its key was revoked.
pub(super) async fn certificate(
    fingerprint: Fingerprint,
    connection: &mut Connection,
) -> Result<Option<KnownCertificate>, StoreFault> {
    let row = sqlx::query(certificates!("WHERE c.fingerprint = $1"))
        .bind(fingerprint.to_string())
        .fetch_optional(connection)
        .await
        .map_err(fault("client certificate"))?;
    row.as_ref().map(read_certificate).transpose()
}

/// How an account stands at this moment.
pub(super) async fn account_standing(
    id: AccountId,
    connection: &mut Connection,
) -> Result<Standing, StoreFault> {
    let good = account_is_good(id, &mut *connection).await?;
    let roles = account::roles_of(Grantee::Account(id), connection).await?;
    Ok(Standing {
        good,
        assignments: roles.iter().map(GivenRole::assignment).collect(),
        period: Period::default(),
    })
}

async fn account_is_good(id: AccountId, connection: &mut Connection) -> Result<bool, StoreFault> {
    let row = sqlx::query(concat!(
        "SELECT CASE WHEN ",
        good_account!("$2"),
        " THEN 1 ELSE 0 END FROM account a JOIN organization o ON o.id = a.organization_id WHERE a.id = $1",
    ))
    .bind(id.octets().as_slice())
    .bind(Role::Administrator.word())
    .fetch_optional(connection)
    .await
    .map_err(fault("standing of an account"))?;
    row.map_or(Ok(false), |row| Cells::of(&row, "account").truth())
}

/// Adds a token.
pub(super) async fn add_token(token: &ApiToken, connection: &mut Connection) -> Result<(), StoreFault> {
    let (account, station) = columns(token.holder);
    sqlx::query(
        "INSERT INTO api_token (id, organization_id, account_id, station_id, label, role, secret_hash, created_at,
                                expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(token.id.octets().as_slice())
    .bind(token.organization.octets().as_slice())
    .bind(account)
    .bind(station)
    .bind(token.label.as_str())
    .bind(token.role.word())
    .bind(token.secret_hash.to_vec())
    .bind(token.created_at.as_micros())
    .bind(token.expires_at.as_micros())
    .execute(connection)
    .await
    .map_err(fault("adding a token"))?;
    Ok(())
}

/// Revokes a token; one that is revoked keeps its date. False when there is none.
pub(super) async fn revoke_token(
    organization: OrganizationId,
    id: TokenId,
    at: Timestamp,
    connection: &mut Connection,
) -> Result<bool, StoreFault> {
    let done = sqlx::query(
        "UPDATE api_token SET revoked_at = COALESCE(revoked_at, $3) WHERE id = $1 AND organization_id = $2",
    )
    .bind(id.octets().as_slice())
    .bind(organization.octets().as_slice())
    .bind(at.as_micros())
    .execute(connection)
    .await
    .map_err(fault("revoking a token"))?;
    Ok(done.rows_affected() == 1)
}

const NOTE_USE: Script = script!(
    @order "$1";
    "UPDATE api_token SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2)"
);

/// When a token was last used.
pub(super) struct TokenUse {
    pub(super) token: TokenId,
    pub(super) at: Timestamp,
}

impl Keep for TokenUse {
    type Verdict = ();

    fn script(&self) -> Option<Result<Binds, StoreFault>> {
        let query = NOTE_USE.query();
        let query = query
            .bind(self.token.octets().as_slice())
            .bind(self.at.as_micros());
        Some(Ok(query))
    }

    /// A token may be gone, or its later use written down.
    fn verdict(&self, _: u64) -> Result<(), StoreFault> {
        Ok(())
    }
}

/// Pins a certificate. False when it proves somebody already.
pub(super) async fn pin(pinned: &ClientCertificate, connection: &mut Connection) -> Result<bool, StoreFault> {
    let (account, station) = columns(pinned.holder);
    let done = sqlx::query(
        "INSERT INTO client_certificate (fingerprint, organization_id, account_id, station_id, spki_hash, not_before,
                                         not_after, certificate_id, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (fingerprint) DO NOTHING",
    )
    .bind(pinned.fingerprint.to_string())
    .bind(pinned.organization.octets().as_slice())
    .bind(account)
    .bind(station)
    .bind(pinned.spki.0.to_vec())
    .bind(pinned.not_before.as_micros())
    .bind(pinned.not_after.as_micros())
    .bind(pinned.issued.map(|id| id.octets().to_vec()))
    .bind(pinned.created_at.as_micros())
    .execute(connection)
    .await
    .map_err(fault("pinning a client certificate"))?;
    Ok(done.rows_affected() == 1)
}

/// Lets a pinned certificate prove nobody. False when it is pinned nowhere in the organization.
pub(super) async fn unpin(
    organization: OrganizationId,
    fingerprint: Fingerprint,
    connection: &mut Connection,
) -> Result<bool, StoreFault> {
    let done = sqlx::query("DELETE FROM client_certificate WHERE fingerprint = $1 AND organization_id = $2")
        .bind(fingerprint.to_string())
        .bind(organization.octets().as_slice())
        .execute(connection)
        .await
        .map_err(fault("unpinning a client certificate"))?;
    Ok(done.rows_affected() == 1)
}
