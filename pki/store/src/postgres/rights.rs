// SPDX-License-Identifier: Apache-2.0
//! Compares the rights a server gives with the matrix: what a role lacks, and what somebody was given by hand.

use std::collections::BTreeSet;

use secrecy::SecretString;
use sqlx::{ConnectOptions as _, Connection as _};

use super::open::{PostgresFault, options};
use super::roles::{COLUMNS, ROLES, TABLES};
use super::schema::SchemaFault;

/// A right: table, column or nothing, role or nothing for everybody, and what may be done.
type Right = (String, String, String, String);

/// What differs, a sentence each; empty where every role has the rights it should and nobody any other.
///
/// # Errors
/// [`PostgresFault`] when the server does not answer or does not tell.
pub async fn stray_rights(url: &SecretString) -> Result<Vec<String>, PostgresFault> {
    let options = options(url)?
        .application_name("tamga doctor")
        .disable_statement_logging();
    let mut connection = options.connect().await.map_err(PostgresFault::Unreachable)?;
    let given: Vec<Right> = sqlx::query_as(GIVEN)
        .fetch_all(&mut connection)
        .await
        .map_err(SchemaFault::Refused)?;
    connection.close().await.ok();
    let (given, meant) = (given.into_iter().collect::<BTreeSet<_>>(), meant());
    let lacking = meant.difference(&given).map(|right| told(right, "lacks"));
    let stray = given
        .difference(&meant)
        .map(|right| told(right, "should not have"));
    Ok(lacking.chain(stray).collect())
}

fn meant() -> BTreeSet<Right> {
    let mut meant = BTreeSet::new();
    for rights in TABLES {
        for role in ROLES {
            for letter in rights.of(role).chars() {
                meant.insert(right((rights.table, ""), role.name(), letter));
            }
        }
    }
    for rights in COLUMNS {
        for role in rights.roles {
            for column in rights.columns {
                meant.insert(right((rights.table, column), role.name(), rights.right));
            }
        }
    }
    meant
}

fn right((table, column): (&str, &str), role: &str, letter: char) -> Right {
    let word = match letter {
        'r' => "SELECT",
        'a' => "INSERT",
        'w' => "UPDATE",
        'd' => "DELETE",
        _ => "?",
    };
    (
        table.to_owned(),
        column.to_owned(),
        role.to_owned(),
        word.to_owned(),
    )
}

fn told((table, column, role, word): &Right, verb: &str) -> String {
    let role = if role.is_empty() { "everybody" } else { role };
    match column.is_empty() {
        true => format!("{role} {verb} {word} on {table}"),
        false => format!("{role} {verb} {word} of {table}.{column}"),
    }
}

/// What the server has written down of tables and columns, but for what their owner may.
const GIVEN: &str = "
WITH rights AS (
    SELECT c.oid, '' AS col, c.relowner, COALESCE(c.relacl, acldefault('r', c.relowner)) AS acl FROM pg_class c
    UNION ALL
    SELECT c.oid, t.attname::text, c.relowner, t.attacl
    FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid WHERE t.attacl IS NOT NULL
)
SELECT c.relname::text, s.col, COALESCE(r.rolname::text, ''), a.privilege_type
FROM rights s JOIN pg_class c ON c.oid = s.oid
CROSS JOIN LATERAL aclexplode(s.acl) a
LEFT JOIN pg_roles r ON r.oid = a.grantee
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm') AND a.grantee <> s.relowner";
