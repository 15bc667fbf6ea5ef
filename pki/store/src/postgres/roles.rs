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

    /// The purposes whose sealed keys it sees in `data_key` and `software_key`.
    pub fn purposes(self) -> &'static [SealingPurpose] {
        match self {
            Self::Device | Self::Admin => &[SealingPurpose::DeviceSecrets, SealingPurpose::ServiceKeys],
            Self::Status => &[SealingPurpose::ServiceKeys],
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
    table("installation", ["r", "rw", "r", "r"]),
    table("organization", ["r", "raw", "r", "r"]),
    table("id_scope", ["r", "raw", "r", "r"]),
    table("issuer", ["r", "r", "r", "r"]),
    table("issuer_grant", ["r", "rad", "", "r"]),
    table("profile", ["r", "raw", "", "r"]),
    table("profile_revision", ["r", "ra", "", "r"]),
    table("profile_grant", ["r", "rad", "", "r"]),
    table("enrollment_group", ["r", "rawd", "", "r"]),
    table("individual_enrollment", ["r", "rawd", "", "r"]),
    table("enrollment_symmetric_key", ["r", "rawd", "", "r"]),
    table("device", ["r", "rw", "", "raw"]),
    table("subject_key", ["r", "raw", "", "raw"]),
    table("issuance_order", ["r", "rw", "", "raw"]),
    table("certificate", ["r", "rw", "r", "raw"]),
    table("serial", ["r", "r", "", "ra"]),
    table("lineage", ["r", "rw", "", "raw"]),
    table("revocation", ["", "raw", "r", "rawd"]),
    table("crl_shard", ["", "rw", "r", "rw"]),
    table("crl", ["", "r", "r", "rawd"]),
    table("journal", ["a", "ra", "", "a"]),
    table("refusal_tally", ["raw", "raw", "", "raw"]),
    table("submission", ["ra", "r", "", "rwd"]),
    table("heartbeat", ["rawd", "rawd", "rawd", "rawd"]),
    table("anchor", ["r", "rawd", "", "r"]),
    table("anchor_grant", ["r", "rad", "", "r"]),
    table("anchor_intermediate", ["r", "rad", "", "r"]),
    table("anchor_list", ["r", "rawd", "", "r"]),
    table("enrollment_anchor", ["r", "rad", "", "r"]),
    table("enrollment_certificate", ["r", "rad", "", "r"]),
    table("data_key", ["r", "ra", "r", "ra"]),
    table("software_key", ["r", "r", "r", "ra"]),
    table("service_certificate", ["r", "r", "", "ra"]),
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

/// Takes back every right there was and gives those of [`TABLES`], in the transaction at hand.
pub(super) async fn grant(connection: &mut PgConnection) -> Result<(), SchemaFault> {
    sqlx::raw_sql(AssertSqlSafe(grants()))
        .execute(connection)
        .await
        .map_err(SchemaFault::Refused)?;
    Ok(())
}

fn grants() -> String {
    let all = ROLES.map(Role::name).join(", ");
    let mut sql = format!(
        "REVOKE ALL ON SCHEMA public FROM PUBLIC, {all};
         GRANT USAGE ON SCHEMA public TO {all};
         REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, {all};
         ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON TABLES FROM PUBLIC;
         DO $$ BEGIN
             EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
             -- Temporary: a session's scripts live there.
             EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO {all}', current_database());
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
    for table in BY_PURPOSE {
        writeln!(sql, "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;").ok();
        for role in ROLES {
            let name = role.name();
            let purposes: Vec<String> = role
                .purposes()
                .iter()
                .map(|purpose| format!("'{}'", purpose.word()))
                .collect();
            let purposes = purposes.join(", ");
            writeln!(
                sql,
                "DROP POLICY IF EXISTS {name}_purposes ON {table};
                 CREATE POLICY {name}_purposes ON {table} TO {name}
                     USING (purpose IN ({purposes})) WITH CHECK (purpose IN ({purposes}));"
            )
            .ok();
        }
    }
    sql
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
