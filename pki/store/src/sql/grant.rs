// SPDX-License-Identifier: Apache-2.0
//! Grants of issuers, profiles and anchors: three tables, one list.

use tamga_registry::grant::{Grant, GrantKind, GrantName};
use tamga_registry::id::OrganizationId;
use tamga_registry::page::{BEYOND_NAMES, Direction, Mark, Page};
use tamga_registry::store::{GrantGiven, GrantOf, GrantTaken, GrantUse, StoreFault};
use tamga_x509::time::Timestamp;

use super::cells::Cells;
use super::fault::fault;
use super::{Connection, Query, Row};

/// What organization $1 granted of one kind to others.
macro_rules! granted {
    ($kind:literal, $table:literal, $grant:literal, $id:literal) => {
        concat!(
            "SELECT '",
            $kind,
            "' AS kind, o.slug AS slug, t.name AS name, g.created_at AS created_at
             FROM ",
            $table,
            " t JOIN ",
            $grant,
            " g ON g.",
            $id,
            " = t.id JOIN organization o ON o.id = g.organization_id
             WHERE t.organization_id = $1 AND g.organization_id <> $1"
        )
    };
}

macro_rules! grants {
    ($($tail:tt)+) => {
        concat!(
            "SELECT g.kind, g.slug, g.name, g.created_at FROM (",
            granted!("issuer", "issuer", "issuer_grant", "issuer_id"),
            " UNION ALL ",
            granted!("profile", "profile", "profile_grant", "profile_id"),
            " UNION ALL ",
            granted!("anchor", "anchor", "anchor_grant", "anchor_id"),
            ") g WHERE ",
            $($tail)+
        )
    };
}

/// As [`GrantName`] writes it.
macro_rules! name {
    () => {
        concat!("(g.kind || ':' || g.slug || ':' || g.name)", by_octets!())
    };
}

/// A page of the grants an organization gave, by their names.
pub(super) async fn page(
    owner: OrganizationId,
    page: &Page,
    connection: &mut Connection,
) -> Result<Vec<Grant>, StoreFault> {
    let (statement, first) = match page.sort.direction {
        Direction::Rising => (grants!(name!(), " > $2 ORDER BY ", name!(), " LIMIT $3"), ""),
        Direction::Falling => (
            grants!(name!(), " < $2 ORDER BY ", name!(), " DESC LIMIT $3"),
            BEYOND_NAMES,
        ),
    };
    let after = match &page.after {
        Some(Mark::Name(name)) => name.as_str(),
        Some(Mark::Time(..)) | None => first,
    };
    let rows = sqlx::query(statement)
        .bind(owner.octets().as_slice())
        .bind(after)
        .bind(i64::from(page.fetched()))
        .fetch_all(connection)
        .await
        .map_err(fault("grants"))?;
    rows.iter().map(read).collect()
}

/// A grant an organization gave.
pub(super) async fn find(
    owner: OrganizationId,
    name: &GrantName,
    connection: &mut Connection,
) -> Result<Option<Grant>, StoreFault> {
    let row = sqlx::query(grants!("g.kind = $2 AND g.slug = $3 AND g.name = $4"))
        .bind(owner.octets().as_slice())
        .bind(name.kind.word())
        .bind(name.to.as_str())
        .bind(name.thing.canonical())
        .fetch_optional(connection)
        .await
        .map_err(fault("a grant"))?;
    row.as_ref().map(read).transpose()
}

fn read(row: &Row) -> Result<Grant, StoreFault> {
    let mut cells = Cells::of(row, "grant");
    Ok(Grant {
        name: GrantName {
            kind: cells.word()?,
            to: cells.word()?,
            thing: cells.word()?,
        },
        created_at: cells.time()?,
    })
}

/// The statements of one kind. A grant is of thing $1 to organization $2.
struct Statements {
    /// The id of the thing of organization $1 by name $2.
    find: &'static str,
    held: &'static str,
    give: &'static str,
    take: &'static str,
    /// What refers to it, by noun.
    uses: &'static [(&'static str, &'static str)],
}

macro_rules! statements {
    ($table:literal, $grant:literal, $id:literal, $uses:expr) => {
        Statements {
            find: concat!(
                "SELECT id FROM ",
                $table,
                " WHERE organization_id = $1 AND name = $2"
            ),
            held: concat!(
                "SELECT CASE WHEN EXISTS (SELECT 1 FROM ",
                $grant,
                " WHERE ",
                $id,
                " = $1 AND organization_id = $2)
                             THEN 1 ELSE 0 END"
            ),
            give: concat!(
                "INSERT INTO ",
                $grant,
                " (",
                $id,
                ", organization_id, created_at) VALUES ($1, $2, $3)"
            ),
            take: concat!(
                "DELETE FROM ",
                $grant,
                " WHERE ",
                $id,
                " = $1 AND organization_id = $2"
            ),
            uses: $uses,
        }
    };
}

const ISSUER: Statements = statements!(
    "issuer",
    "issuer_grant",
    "issuer_id",
    &[
        (
            "enrollment group",
            "SELECT presented FROM enrollment_group WHERE issuer_id = $1 AND organization_id = $2 LIMIT 1"
        ),
        (
            "individual enrollment",
            "SELECT presented FROM individual_enrollment WHERE issuer_id = $1 AND organization_id = $2 LIMIT 1"
        ),
    ]
);

const PROFILE: Statements = statements!(
    "profile",
    "profile_grant",
    "profile_id",
    &[
        (
            "enrollment group",
            "SELECT presented FROM enrollment_group WHERE profile_id = $1 AND organization_id = $2 LIMIT 1"
        ),
        (
            "individual enrollment",
            "SELECT presented FROM individual_enrollment WHERE profile_id = $1 AND organization_id = $2 LIMIT 1"
        ),
    ]
);

const ANCHOR: Statements = statements!(
    "anchor",
    "anchor_grant",
    "anchor_id",
    &[(
        "enrollment group",
        "SELECT g.presented FROM enrollment_anchor a JOIN enrollment_group g ON g.id = a.group_id
         WHERE a.anchor_id = $1 AND a.organization_id = $2 LIMIT 1"
    )]
);

fn statements(kind: GrantKind) -> &'static Statements {
    match kind {
        GrantKind::Issuer => &ISSUER,
        GrantKind::Profile => &PROFILE,
        GrantKind::Anchor => &ANCHOR,
    }
}

/// Gives a grant. The grantee's policy is held still.
pub(super) async fn give(
    grant: &GrantOf,
    at: Timestamp,
    connection: &mut Connection,
) -> Result<GrantGiven, StoreFault> {
    let Some(thing) = thing_of(grant, connection).await? else {
        return Ok(GrantGiven::NothingThere);
    };
    let statements = statements(grant.kind);
    if is_held(&thing, grant, connection).await? {
        return Ok(GrantGiven::Held);
    }
    bind(sqlx::query(statements.give), &thing, grant)
        .bind(at.as_micros())
        .execute(connection)
        .await
        .map_err(fault("giving a grant"))?;
    Ok(GrantGiven::Given)
}

/// Takes a grant back that nothing refers to. The grantee's policy is held still.
pub(super) async fn take(grant: &GrantOf, connection: &mut Connection) -> Result<GrantTaken, StoreFault> {
    let Some(thing) = thing_of(grant, connection).await? else {
        return Ok(GrantTaken::NoGrant);
    };
    let statements = statements(grant.kind);
    if !is_held(&thing, grant, connection).await? {
        return Ok(GrantTaken::NoGrant);
    }
    for (noun, statement) in statements.uses {
        let user = bind(sqlx::query(*statement), &thing, grant)
            .fetch_optional(&mut *connection)
            .await
            .map_err(fault("looking for what refers to a grant"))?;
        if let Some(user) = user {
            let name = Cells::of(&user, "grant").text()?;
            return Ok(GrantTaken::InUse(GrantUse { noun, name }));
        }
    }
    bind(sqlx::query(statements.take), &thing, grant)
        .execute(connection)
        .await
        .map_err(fault("taking a grant back"))?;
    Ok(GrantTaken::Taken)
}

async fn thing_of(grant: &GrantOf, connection: &mut Connection) -> Result<Option<[u8; 16]>, StoreFault> {
    let row = sqlx::query(statements(grant.kind).find)
        .bind(grant.owner.octets().as_slice())
        .bind(grant.thing.canonical())
        .fetch_optional(connection)
        .await
        .map_err(fault("finding what is granted"))?;
    row.map(|row| Cells::of(&row, grant.kind.word()).octets())
        .transpose()
}

async fn is_held(thing: &[u8; 16], grant: &GrantOf, connection: &mut Connection) -> Result<bool, StoreFault> {
    let row = bind(sqlx::query(statements(grant.kind).held), thing, grant)
        .fetch_one(connection)
        .await
        .map_err(fault("looking for a grant"))?;
    Cells::of(&row, "grant").truth()
}

fn bind<'q>(query: Query<'q>, thing: &[u8; 16], grant: &GrantOf) -> Query<'q> {
    query.bind(thing.to_vec()).bind(grant.to.octets().to_vec())
}
