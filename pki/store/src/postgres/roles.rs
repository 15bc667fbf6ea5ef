// SPDX-License-Identifier: Apache-2.0
//! The database roles, and what each may do with each table: the one place, applied by every migration.
//!
//! They are groups without a login: each process has a login of its own that is a member of one of them. A fallen process
//! can do what its role can, and no more.

use std::fmt::Write as _;

use sqlx::{AssertSqlSafe, PgConnection};
use tamga_registry::secret::SealingPurpose;

use super::schema::SchemaFault;

/// A group of logins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The device plane: reads policy, writes down what was asked and proved.
    Device,
    /// The admin plane: changes policy, revokes; reads no issuer key.
    Admin,
    /// The status plane: reads.
    Status,
    /// The hand: orders, certificates, lists; changes no policy.
    Signer,
}

/// All of them.
pub const ROLES: [Role; 4] = [Role::Device, Role::Admin, Role::Status, Role::Signer];

impl Role {
    /// Its name in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Device => "tamga_device",
            Self::Admin => "tamga_admin",
            Self::Status => "tamga_status",
            Self::Signer => "tamga_signer",
        }
    }

    /// Whether it keeps rows by scripts, which live in a session's temporary schema.
    fn keeps_by_scripts(self) -> bool {
        !matches!(self, Self::Status)
    }

    /// The purposes whose sealed keys it sees in `data_key` and `software_key`.
    pub fn purposes(self) -> &'static [SealingPurpose] {
        match self {
            Self::Device | Self::Admin => &[SealingPurpose::DeviceSecrets, SealingPurpose::ServiceKeys],
            Self::Status => &[],
            Self::Signer => &[
                SealingPurpose::DeviceSecrets,
                SealingPurpose::ServiceKeys,
                SealingPurpose::IssuerKeys,
            ],
        }
    }
}

/// What the roles may do with a table, in the letters of Postgres's own access lists: `r` select, `a` insert, `w` update,
/// `d` delete.
#[derive(Debug, Clone, Copy)]
pub struct TableRights {
    /// The table.
    pub table: &'static str,
    /// Rights of the device plane.
    pub device: &'static str,
    /// Rights of the admin plane.
    pub admin: &'static str,
    /// Rights of the status plane.
    pub status: &'static str,
    /// Rights of the signer.
    pub signer: &'static str,
}

impl TableRights {
    /// The letters of one role.
    pub fn of(&self, role: Role) -> &'static str {
        match role {
            Role::Device => self.device,
            Role::Admin => self.admin,
            Role::Status => self.status,
            Role::Signer => self.signer,
        }
    }
}

const fn table(table: &'static str, [device, admin, status, signer]: [&'static str; 4]) -> TableRights {
    TableRights {
        table,
        device,
        admin,
        status,
        signer,
    }
}

/// Every table there is. What a role is not given here it does not have.
pub const TABLES: &[TableRights] = &[
    //                                    device  admin   status  signer
    table("schema_step", ["r", "r", "r", "r"]),
    table("installation", ["r", "r", "r", "r"]),
    table("organization", ["r", "ra", "r", "r"]),
    table("id_scope", ["r", "ra", "r", "r"]),
    table("issuer", ["r", "r", "r", "r"]),
    table("issuer_grant", ["r", "rad", "", "r"]),
    table("profile", ["r", "ra", "", "r"]),
    table("profile_revision", ["r", "ra", "", "r"]),
    table("profile_grant", ["r", "rad", "", "r"]),
    table("enrollment_group", ["r", "rad", "", "r"]),
    table("individual_enrollment", ["r", "rad", "", "r"]),
    table("station", ["r", "rad", "", "r"]),
    table("rework", ["", "ra", "", "r"]),
    table("enrollment_symmetric_key", ["r", "rad", "", "r"]),
    table("device", ["r", "r", "", "raw"]),
    table("device_tombstone", ["r", "raw", "", "r"]),
    table("device_release", ["", "rawd", "", ""]),
    table("subject_key", ["r", "ra", "", "raw"]),
    table("issuance_order", ["r", "r", "", "raw"]),
    table("certificate", ["r", "r", "r", "raw"]),
    table("serial", ["r", "r", "", "ra"]),
    table("lineage", ["r", "r", "", "raw"]),
    table("revocation", ["", "ra", "r", "rawd"]),
    table("crl_shard", ["", "r", "r", "rw"]),
    table("crl", ["", "r", "r", "rawd"]),
    table("journal", ["", "r", "", ""]),
    table("refusal_tally", ["ra", "ra", "", "ra"]),
    table("submission", ["r", "r", "", "rwd"]),
    table("heartbeat", ["rad", "rad", "rad", "rad"]),
    table("anchor", ["r", "rad", "", "r"]),
    table("anchor_grant", ["r", "rad", "", "r"]),
    table("anchor_intermediate", ["r", "rad", "", "r"]),
    table("anchor_list", ["r", "rad", "", "r"]),
    table("enrollment_anchor", ["r", "rad", "", "r"]),
    table("enrollment_certificate", ["r", "rad", "", "r"]),
    table("enrollment_tombstone", ["", "ra", "", ""]),
    table("repetition", ["", "rad", "", ""]),
    table("cursor_key", ["", "r", "", ""]),
    table("data_key", ["r", "ra", "", "ra"]),
    table("software_key", ["r", "r", "", "ra"]),
    table("service_certificate", ["r", "r", "", "ra"]),
    table("account", ["", "ra", "", ""]),
    table("role_assignment", ["", "rad", "", ""]),
    table("api_token", ["", "ra", "", ""]),
    table("client_certificate", ["", "rad", "", ""]),
    table("approval", ["", "ra", "", ""]),
    table("mass_revocation", ["", "ra", "", ""]),
];

/// What roles may do with some columns of a table and not with the others.
#[derive(Debug, Clone, Copy)]
pub struct ColumnRights {
    /// The table.
    pub table: &'static str,
    /// Who.
    pub roles: &'static [Role],
    /// What, in the letters of [`TableRights`].
    pub right: char,
    /// The columns.
    pub columns: &'static [&'static str],
}

const fn columns(
    table: &'static str,
    (roles, right): (&'static [Role], char),
    columns: &'static [&'static str],
) -> ColumnRights {
    ColumnRights {
        table,
        roles,
        right,
        columns,
    }
}

const DEVICE: &[Role] = &[Role::Device];
const ADMIN: &[Role] = &[Role::Admin];
const SIGNER: &[Role] = &[Role::Signer];
const WRITERS: &[Role] = &[Role::Device, Role::Admin, Role::Signer];

/// Every right on some columns only. A door writes down what it was told, and not how far that has come; an operator's
/// process revokes, switches and sets terms, and rewrites nothing of what was proved or issued; nobody chooses a row's
/// place in the journal.
#[rustfmt::skip]
pub const COLUMNS: &[ColumnRights] = &[
    columns("submission", (DEVICE, 'a'), &[
        "id", "organization_id", "id_scope", "registration_id", "presented", "csr", "evidence", "data_key", "operation",
        "request_id", "source", "received_at",
    ]),
    // A door for devices can give no station's word.
    columns("submission", (ADMIN, 'a'), &[
        "id", "organization_id", "id_scope", "registration_id", "presented", "csr", "evidence", "data_key", "operation",
        "request_id", "source", "received_at", "station_id",
    ]),
    columns("journal", (WRITERS, 'a'), &[
        "id", "organization_id", "at", "act", "actor", "object", "request_id", "outcome", "reason", "entry", "salt",
    ]),
    columns("refusal_tally", (WRITERS, 'w'), &["refused"]),
    columns("heartbeat", (&ROLES, 'w'), &["seen_at", "health"]),
    columns("installation", (ADMIN, 'w'), &["policy_version"]),
    columns("profile", (ADMIN, 'w'), &["revision"]),
    columns("issuer", (ADMIN, 'w'), &["state", "generation"]),
    columns("mass_revocation", (ADMIN, 'w'), &[
        "state", "revoked", "devices", "steps", "after_device", "walk_began_at", "finished_at",
    ]),
    columns("approval", (ADMIN, 'w'), &["state", "decided_by", "decided_at", "reason"]),
    columns("station", (ADMIN, 'w'), &["state", "generation"]),
    columns("rework", (ADMIN, 'w'), &["reworks", "is_open", "station_id", "opened_at"]),
    columns("rework", (SIGNER, 'w'), &["is_open"]),
    columns("station", (SIGNER, 'w'), &["issued", "today", "issued_today"]),
    columns("device", (ADMIN, 'w'), &[
        "registration_id", "state", "revoked_at", "revoked_reason", "generation", "bound_method", "bound_kind", "bound_to",
        "updated_at",
    ]),
    columns("subject_key", (ADMIN, 'w'), &["organization_id", "device_id", "blocked_at"]),
    columns("enrollment_group", (ADMIN, 'w'), &[
        "state", "generation", "profile_id", "issuer_id", "rekey", "rekeys_per_day", "assigned_hub",
    ]),
    columns("individual_enrollment", (ADMIN, 'w'), &[
        "state", "generation", "profile_id", "issuer_id", "rekey", "rekeys_per_day", "assigned_hub",
    ]),
    columns("enrollment_symmetric_key", (ADMIN, 'w'), &["primary_key", "secondary_key", "data_key"]),
    columns("issuance_order", (ADMIN, 'w'), &["state", "failure"]),
    columns("certificate", (ADMIN, 'w'), &["state", "revoked_at", "revoked_reason"]),
    columns("lineage", (ADMIN, 'w'), &["version", "rise_pending"]),
    columns("revocation", (ADMIN, 'w'), &["reason"]),
    columns("crl_shard", (ADMIN, 'w'), &["marks"]),
    columns("anchor", (ADMIN, 'w'), &["state", "status", "generation"]),
    columns("repetition", (ADMIN, 'w'), &[
        "spent_by", "request", "organization_id", "permission", "object", "spent_at", "expires_at", "answer",
        "answer_organization_id", "data_key",
    ]),
    columns("organization", (ADMIN, 'w'), &["display_name", "state", "suspended_at", "generation"]),
    columns("account", (ADMIN, 'w'), &["state", "generation"]),
    columns("api_token", (ADMIN, 'w'), &["last_used_at", "revoked_at"]),
    columns("anchor_list", (ADMIN, 'w'), &["der", "this_update", "next_update", "created_at"]),
];

/// Tables whose rows a role sees by their purpose only.
const BY_PURPOSE: [&str; 2] = ["data_key", "software_key"];

/// Makes the roles that are missing.
///
/// # Errors
/// When some are missing and the login may make none: then the statement that makes them is told.
pub(super) async fn make(connection: &mut PgConnection) -> Result<(), SchemaFault> {
    for role in ROLES {
        let name = role.name();
        let known: Option<(i32,)> = sqlx::query_as("SELECT 1 FROM pg_roles WHERE rolname = $1")
            .bind(name)
            .fetch_optional(&mut *connection)
            .await
            .map_err(SchemaFault::Refused)?;
        if known.is_some() {
            continue;
        }
        // Roles belong to the whole cluster: another database's migration may make them at this very moment.
        let make = format!(
            "DO $$ BEGIN CREATE ROLE {name} NOLOGIN;
             EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        );
        match sqlx::raw_sql(AssertSqlSafe(make)).execute(&mut *connection).await {
            Ok(_) => {}
            Err(error) if is_forbidden(&error) => return Err(SchemaFault::Roles { sql: make_all() }),
            Err(error) => return Err(SchemaFault::Refused(error)),
        }
    }
    Ok(())
}

fn is_forbidden(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code)
        .is_some_and(|code| code == "42501")
}

/// What a superuser runs where the migrating login may not make roles.
fn make_all() -> String {
    ROLES
        .map(|role| format!("CREATE ROLE {} NOLOGIN;", role.name()))
        .join(" ")
}

/// Takes back every right there was and gives those of [`TABLES`] and [`COLUMNS`], in the transaction at hand.
pub(super) async fn grant(connection: &mut PgConnection) -> Result<(), SchemaFault> {
    let policies = policies(connection).await?;
    sqlx::raw_sql(AssertSqlSafe(grants() + &policies))
        .execute(connection)
        .await
        .map_err(SchemaFault::Refused)?;
    Ok(())
}

fn names(roles: &[Role]) -> String {
    let names: Vec<&str> = roles.iter().map(|role| role.name()).collect();
    names.join(", ")
}

fn grants() -> String {
    let all = names(&ROLES);
    let scripted = names(
        &ROLES
            .into_iter()
            .filter(|role| role.keeps_by_scripts())
            .collect::<Vec<_>>(),
    );
    // What is taken back of a table is taken back of its columns.
    let mut sql = format!(
        "REVOKE ALL ON SCHEMA public FROM PUBLIC, {all};
         GRANT USAGE ON SCHEMA public TO {all};
         REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, {all};
         ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON TABLES FROM PUBLIC;
         DO $$ BEGIN
             EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC, {all}', current_database());
             EXECUTE format('GRANT CONNECT ON DATABASE %I TO {all}', current_database());
             EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO {scripted}', current_database());
         END $$;\n"
    );
    for rights in TABLES {
        for role in ROLES {
            let words: Vec<&str> = rights.of(role).chars().filter_map(word).collect();
            if !words.is_empty() {
                let (words, table, name) = (words.join(", "), rights.table, role.name());
                writeln!(sql, "GRANT {words} ON {table} TO {name};").ok();
            }
        }
    }
    for rights in COLUMNS {
        if let Some(word) = word(rights.right) {
            let (columns, table) = (rights.columns.join(", "), rights.table);
            writeln!(
                sql,
                "GRANT {word} ({columns}) ON {table} TO {};",
                names(rights.roles)
            )
            .ok();
        }
    }
    sql
}

/// What makes the policies of [`BY_PURPOSE`] as they should be. Nothing where they are: each of these statements would
/// make everybody wait who has the table open.
async fn policies(connection: &mut PgConnection) -> Result<String, SchemaFault> {
    let secured: Vec<(String,)> = sqlx::query_as(
        "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relrowsecurity",
    )
    .fetch_all(&mut *connection)
    .await
    .map_err(SchemaFault::Refused)?;
    let there: Vec<(String, String, String)> = sqlx::query_as(
        "SELECT tablename::text, policyname::text,
                concat_ws(' ', permissive, cmd, array_to_string(roles, ','), qual, with_check)
         FROM pg_policies WHERE schemaname = 'public'",
    )
    .fetch_all(connection)
    .await
    .map_err(SchemaFault::Refused)?;
    let mut sql = String::new();
    for table in BY_PURPOSE {
        if secured.iter().all(|(secured,)| secured != table) {
            writeln!(sql, "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;").ok();
        }
        let wanted: Vec<_> = ROLES
            .into_iter()
            .filter_map(|role| Some((role, seen_by(role)?)))
            .collect();
        for (_, name, said) in there.iter().filter(|(of, _, _)| of == table) {
            let stays = wanted
                .iter()
                .any(|(role, seen)| is_policy(*role, seen, (name, said)));
            if !stays {
                writeln!(sql, "DROP POLICY {name} ON {table};").ok();
            }
        }
        for (role, seen) in wanted {
            let made = there
                .iter()
                .any(|(of, name, said)| of == table && is_policy(role, &seen, (name, said)));
            if !made {
                let name = role.name();
                writeln!(
                    sql,
                    "CREATE POLICY {name}_purposes ON {table} TO {name} USING {seen} WITH CHECK {seen};"
                )
                .ok();
            }
        }
    }
    Ok(sql)
}

/// The rows that a role sees, as the server spells it; nothing where it sees none.
fn seen_by(role: Role) -> Option<String> {
    let purposes: Vec<String> = role
        .purposes()
        .iter()
        .map(|purpose| format!("'{}'::text", purpose.word()))
        .collect();
    (!purposes.is_empty()).then(|| format!("(purpose = ANY (ARRAY[{}]))", purposes.join(", ")))
}

/// Whether a policy, by its name and by what the server says of it, is the one of this role.
fn is_policy(role: Role, seen: &str, (name, said): (&str, &str)) -> bool {
    let role = role.name();
    name == format!("{role}_purposes") && said == format!("PERMISSIVE ALL {role} {seen} {seen}")
}

/// The word for a letter of an access list.
fn word(letter: char) -> Option<&'static str> {
    match letter {
        'r' => Some("SELECT"),
        'a' => Some("INSERT"),
        'w' => Some("UPDATE"),
        'd' => Some("DELETE"),
        _ => None,
    }
}
