// SPDX-License-Identifier: Apache-2.0
//! Accounts, and the roles that they and users of the operating system have.

use tamga_registry::account::{Account, AccountName, AccountState, GivenRole, Grantee};
use tamga_registry::id::{AccountId, AssignmentId, OrganizationId};
use tamga_registry::page::Page;
use tamga_registry::role::Role;
use tamga_registry::store::{AccountSet, RoleGiven, RoleTaken, StoreFault};

use super::cells::Cells;
use super::fault::fault;
use super::listing::{self, Pages, pages};
use super::{Connection, Row};

macro_rules! accounts {
    ($tail:literal) => {
        concat!(
            "SELECT a.id, a.organization_id, a.name, a.presented, a.kind, a.state, a.generation, a.created_at
             FROM account a ",
            $tail
        )
    };
}

macro_rules! assignments {
    ($tail:literal) => {
        concat!(
            "SELECT r.id, r.organization_id, r.account_id, r.local_uid, r.role, r.created_at FROM role_assignment r ",
            $tail
        )
    };
}

fn read(row: &Row) -> Result<Account, StoreFault> {
    let mut cells = Cells::of(row, "account");
    Ok(Account {
        id: cells.id()?,
        organization: cells.id()?,
        name: read_name(&mut cells)?,
        kind: cells.word()?,
        state: cells.word()?,
        generation: cells.integer()?,
        created_at: cells.time()?,
    })
}

/// Two columns: canonical and presented.
fn read_name(cells: &mut Cells<'_>) -> Result<AccountName, StoreFault> {
    let (canonical, name) = (cells.text()?, cells.word::<AccountName>()?);
    match name.canonical() == canonical {
        true => Ok(name),
        false => Err(cells.damaged(format_args!("{name} is not written {canonical}"))),
    }
}

fn read_role(row: &Row) -> Result<GivenRole, StoreFault> {
    let mut cells = Cells::of(row, "role_assignment");
    let (id, organization) = (cells.id()?, cells.id()?);
    let grantee = match (cells.maybe_id()?, cells.maybe_number()?) {
        (Some(account), None) => Grantee::Account(account),
        (None, Some(uid)) => Grantee::LocalUser { uid },
        (None, None) | (Some(_), Some(_)) => {
            return Err(cells.damaged("it is neither an account's nor a user's"));
        }
    };
    Ok(GivenRole {
        id,
        organization,
        grantee,
        role: cells.word()?,
        created_at: cells.time()?,
    })
}

pub(super) const ACCOUNTS: Pages = pages! {
    rows [accounts!("WHERE a.organization_id = $1")]
    binds ["$2", "$3", "$4"]
    name ["a.name"] time ["a.created_at", "a.id"]
};

pub(super) const ASSIGNMENTS: Pages = pages! {
    rows [assignments!("WHERE r.organization_id = $1")]
    binds ["$2", "$3", "$4"]
    name ["r.role"] time ["r.created_at", "r.id"]
};

/// A page of those of an organization.
pub(super) async fn page(
    organization: OrganizationId,
    page: &Page,
    connection: &mut Connection,
) -> Result<Vec<Account>, StoreFault> {
    let query = sqlx::query(ACCOUNTS.of(page)).bind(organization.octets().to_vec());
    let rows = listing::bind(query, page).fetch_all(connection).await;
    rows.map_err(fault("accounts"))?.iter().map(read).collect()
}

/// A page of the roles that were given in an organization.
pub(super) async fn role_page(
    organization: OrganizationId,
    page: &Page,
    connection: &mut Connection,
) -> Result<Vec<GivenRole>, StoreFault> {
    let query = sqlx::query(ASSIGNMENTS.of(page)).bind(organization.octets().to_vec());
    let rows = listing::bind(query, page).fetch_all(connection).await;
    rows.map_err(fault("roles"))?.iter().map(read_role).collect()
}

/// One by its name.
pub(super) async fn find(
    organization: OrganizationId,
    name: &AccountName,
    connection: &mut Connection,
) -> Result<Option<Account>, StoreFault> {
    let row = sqlx::query(accounts!("WHERE a.organization_id = $1 AND a.name = $2"))
        .bind(organization.octets().as_slice())
        .bind(name.canonical())
        .fetch_optional(connection)
        .await
        .map_err(fault("account"))?;
    row.as_ref().map(read).transpose()
}

/// One by its id.
pub(super) async fn by_id(id: AccountId, connection: &mut Connection) -> Result<Option<Account>, StoreFault> {
    let row = sqlx::query(accounts!("WHERE a.id = $1"))
        .bind(id.octets().as_slice())
        .fetch_optional(connection)
        .await
        .map_err(fault("account"))?;
    row.as_ref().map(read).transpose()
}

/// Adds an account. False when its name is taken.
pub(super) async fn add(account: &Account, connection: &mut Connection) -> Result<bool, StoreFault> {
    let done = sqlx::query(
        "INSERT INTO account (id, organization_id, name, presented, kind, state, generation, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (organization_id, name) DO NOTHING",
    )
    .bind(account.id.octets().as_slice())
    .bind(account.organization.octets().as_slice())
    .bind(account.name.canonical())
    .bind(account.name.presented())
    .bind(account.kind.word())
    .bind(account.state.word())
    .bind(account.generation)
    .bind(account.created_at.as_micros())
    .execute(connection)
    .await
    .map_err(fault("adding an account"))?;
    Ok(done.rows_affected() == 1)
}

/// Enables or disables an account.
pub(super) async fn set_state(
    organization: OrganizationId,
    name: &AccountName,
    state: AccountState,
    connection: &mut Connection,
) -> Result<AccountSet, StoreFault> {
    let before = administrators(connection).await?;
    let done = sqlx::query(
        "UPDATE account SET state = $3, generation = generation + CASE WHEN state = $3 THEN 0 ELSE 1 END
         WHERE organization_id = $1 AND name = $2",
    )
    .bind(organization.octets().as_slice())
    .bind(name.canonical())
    .bind(state.word())
    .execute(&mut *connection)
    .await
    .map_err(fault("setting the state of an account"))?;
    if done.rows_affected() == 0 {
        return Ok(AccountSet::NoAccount);
    }
    match last_was_taken(before, connection).await? {
        true => Ok(AccountSet::LastAdministrator),
        false => Ok(AccountSet::Set),
    }
}

/// The roles of one grantee, wherever they hold.
pub(super) async fn roles_of(
    grantee: Grantee,
    connection: &mut Connection,
) -> Result<Vec<GivenRole>, StoreFault> {
    let query = match grantee {
        Grantee::Account(account) => {
            sqlx::query(assignments!("WHERE r.account_id = $1")).bind(account.octets().to_vec())
        }
        Grantee::LocalUser { uid } => {
            sqlx::query(assignments!("WHERE r.local_uid = $1")).bind(i64::from(uid))
        }
    };
    let rows = query.fetch_all(connection).await.map_err(fault("roles"))?;
    rows.iter().map(read_role).collect()
}

/// One given role.
pub(super) async fn role(
    organization: OrganizationId,
    id: AssignmentId,
    connection: &mut Connection,
) -> Result<Option<GivenRole>, StoreFault> {
    let row = sqlx::query(assignments!("WHERE r.id = $1 AND r.organization_id = $2"))
        .bind(id.octets().as_slice())
        .bind(organization.octets().as_slice())
        .fetch_optional(connection)
        .await
        .map_err(fault("role"))?;
    row.as_ref().map(read_role).transpose()
}

/// Gives a role.
pub(super) async fn give(given: &GivenRole, connection: &mut Connection) -> Result<RoleGiven, StoreFault> {
    let (account, uid) = match given.grantee {
        Grantee::Account(account) => (Some(account.octets().to_vec()), None),
        Grantee::LocalUser { uid } => (None, Some(i64::from(uid))),
    };
    let done = sqlx::query(
        "INSERT INTO role_assignment (id, organization_id, account_id, local_uid, role, created_at)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
    )
    .bind(given.id.octets().as_slice())
    .bind(given.organization.octets().as_slice())
    .bind(account)
    .bind(uid)
    .bind(given.role.word())
    .bind(given.created_at.as_micros())
    .execute(connection)
    .await
    .map_err(fault("giving a role"))?;
    Ok(match done.rows_affected() {
        1 => RoleGiven::Given,
        _ => RoleGiven::Taken,
    })
}

/// Takes a role away.
pub(super) async fn take(
    organization: OrganizationId,
    id: AssignmentId,
    connection: &mut Connection,
) -> Result<RoleTaken, StoreFault> {
    let before = administrators(connection).await?;
    let done = sqlx::query("DELETE FROM role_assignment WHERE id = $1 AND organization_id = $2")
        .bind(id.octets().as_slice())
        .bind(organization.octets().as_slice())
        .execute(&mut *connection)
        .await
        .map_err(fault("taking a role"))?;
    if done.rows_affected() == 0 {
        return Ok(RoleTaken::NoRole);
    }
    match last_was_taken(before, connection).await? {
        true => Ok(RoleTaken::LastAdministrator),
        false => Ok(RoleTaken::Taken),
    }
}

/// Whether there were administrators before, and there are none now.
pub(super) async fn last_was_taken(before: i64, connection: &mut Connection) -> Result<bool, StoreFault> {
    Ok(before > 0 && administrators(connection).await? == 0)
}

/// How many administer the whole installation by a role they were given, and may come in: as [`super::credential`] lets
/// them.
pub(super) async fn administrators(connection: &mut Connection) -> Result<i64, StoreFault> {
    let row = sqlx::query(
        "SELECT COUNT(*) FROM role_assignment r
         JOIN organization o ON o.id = r.organization_id AND o.parent_id IS NULL
         LEFT JOIN account a ON a.id = r.account_id
         LEFT JOIN organization h ON h.id = a.organization_id
         WHERE r.role = $1
           AND (a.id IS NULL OR (a.state = 'enabled' AND (h.state = 'active' OR h.id = o.id)))",
    )
    .bind(Role::Administrator.word())
    .fetch_one(connection)
    .await
    .map_err(fault("counting administrators"))?;
    Cells::of(&row, "role_assignment").integer()
}
