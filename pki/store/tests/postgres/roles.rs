// SPDX-License-Identifier: Apache-2.0
//! What a fallen process can do: what its role can, and no more.

use std::collections::BTreeSet;
use std::sync::Arc;

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tamga_registry::enrollment::EnrollmentState;
use tamga_registry::secret::SealingPurpose;
use tamga_registry::store::IntentVerdict::Kept;
use tamga_registry::store::{Act, Installation, RecordVerdict, Store, StoreFault};
use tamga_store::{
    COLUMNS, PostgresSettings, ROLES, Role, TABLES, migrate_postgres, open_postgres, stray_rights,
};
use tamga_test_postgres::Database;

use crate::conformance::orders::first;
use crate::conformance::world::{World, at};
use crate::{fresh, secret};

/// A store under a login that is a member of this role alone.
pub(crate) async fn under(role: Role, database: &Database) -> Arc<dyn Store> {
    let settings = PostgresSettings {
        readers: 2,
        ..PostgresSettings::new(secret(&database.login(role.name()).await))
    };
    Arc::new(open_postgres(&settings).await.unwrap())
}

async fn connection(role: Role, database: &Database) -> PgConnection {
    let mut connection = database.connect().await;
    sqlx::raw_sql(AssertSqlSafe(format!("SET ROLE {}", role.name())))
        .execute(&mut connection)
        .await
        .unwrap();
    connection
}

/// Whether the server forbids it to this role.
async fn forbidden(role: Role, statement: &str, database: &Database) -> bool {
    let mut connection = connection(role, database).await;
    let mut transaction = connection.begin().await.unwrap();
    let end = sqlx::raw_sql(AssertSqlSafe(statement.to_owned()))
        .execute(&mut *transaction)
        .await;
    match end {
        Ok(_) => false,
        Err(error) => {
            let code = error
                .as_database_error()
                .and_then(|error| error.code().map(std::borrow::Cow::into_owned));
            assert_eq!(code.as_deref(), Some("42501"), "{statement}: {error}");
            true
        }
    }
}

/// What the server has written down, as (table, column or nothing, role, letter); `PUBLIC` is the empty role.
async fn catalogue(database: &Database) -> BTreeSet<(String, String, String, char)> {
    let rows: Vec<(String, String, String, String)> = sqlx::query_as(
        "WITH rights AS (
             SELECT c.oid, '' AS col, c.relowner, COALESCE(c.relacl, acldefault('r', c.relowner)) AS acl FROM pg_class c
             UNION ALL
             SELECT c.oid, t.attname::text, c.relowner, t.attacl
             FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid WHERE t.attacl IS NOT NULL
         )
         SELECT c.relname::text, s.col, COALESCE(r.rolname::text, ''), a.privilege_type
         FROM rights s JOIN pg_class c ON c.oid = s.oid
         CROSS JOIN LATERAL aclexplode(s.acl) a
         LEFT JOIN pg_roles r ON r.oid = a.grantee
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm') AND a.grantee <> s.relowner",
    )
    .fetch_all(&mut database.connect().await)
    .await
    .unwrap();
    let letter = |right: &str| match right {
        "SELECT" => 'r',
        "INSERT" => 'a',
        "UPDATE" => 'w',
        "DELETE" => 'd',
        _ => '?',
    };
    rows.into_iter()
        .map(|(table, column, role, right)| (table, column, role, letter(&right)))
        .collect()
}

#[tokio::test]
async fn the_server_gives_what_the_matrix_says_and_nothing_else() {
    let database = crate::empty().await;
    let mut written = BTreeSet::new();
    for rights in TABLES {
        for role in ROLES {
            for letter in rights.of(role).chars() {
                let (table, role) = (rights.table.to_owned(), role.name().to_owned());
                written.insert((table, String::new(), role, letter));
            }
        }
    }
    for rights in COLUMNS {
        for role in rights.roles {
            for column in rights.columns {
                let (table, role) = (rights.table.to_owned(), role.name().to_owned());
                written.insert((table, (*column).to_owned(), role, rights.right));
            }
        }
    }
    assert_eq!(catalogue(&database).await, written);
    let tables: Vec<(String,)> =
        sqlx::query_as("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'")
            .fetch_all(&mut database.connect().await)
            .await
            .unwrap();
    for (table,) in tables {
        assert!(
            TABLES.iter().any(|rights| rights.table == table),
            "give {table} its row in pki/store/src/postgres/roles.rs"
        );
    }
}

#[tokio::test]
async fn rights_that_were_given_by_hand_are_taken_back_by_the_next_migration() {
    let database = crate::empty().await;
    let before = catalogue(&database).await;
    sqlx::raw_sql(
        "GRANT ALL ON ALL TABLES IN SCHEMA public TO PUBLIC, tamga_device;
         GRANT INSERT (state, order_id), UPDATE (lease_epoch) ON submission TO PUBLIC, tamga_device",
    )
    .execute(&mut database.connect().await)
    .await
    .unwrap();
    assert_ne!(catalogue(&database).await, before);
    let stray = stray_rights(&secret(&database.url())).await.unwrap();
    for told in [
        "everybody should not have UPDATE of submission.lease_epoch",
        "tamga_device should not have DELETE on device",
    ] {
        assert!(stray.iter().any(|one| one == told), "{told} in {stray:?}");
    }
    migrate_postgres(&secret(&database.url())).await.unwrap();
    assert_eq!(catalogue(&database).await, before);
    assert_eq!(
        stray_rights(&secret(&database.url())).await.unwrap(),
        Vec::<String>::new()
    );
    sqlx::raw_sql("REVOKE SELECT ON issuer FROM tamga_status")
        .execute(&mut database.connect().await)
        .await
        .unwrap();
    let stray = stray_rights(&secret(&database.url())).await.unwrap();
    assert_eq!(stray, ["tamga_status lacks SELECT on issuer"]);
}

#[tokio::test]
async fn a_stranger_with_a_login_is_not_even_let_in() {
    let database = crate::empty().await;
    let login = format!("{}_stranger", database.name());
    sqlx::raw_sql(AssertSqlSafe(format!("CREATE ROLE {login} LOGIN")))
        .execute(&mut database.connect().await)
        .await
        .unwrap();
    assert!(PgConnection::connect(&database.url_of(&login)).await.is_err());
}

#[tokio::test]
async fn what_a_role_must_never_do_is_forbidden() {
    let (ground, database) = fresh().await;
    World::new(ground).await;
    let policy = [
        "UPDATE enrollment_group SET state = 'enabled'",
        "UPDATE individual_enrollment SET state = 'enabled'",
        "INSERT INTO profile_revision (profile_id, revision, config, created_at) SELECT id, 9, '{}', 0 FROM profile",
        "UPDATE issuer SET state = 'active'",
        "INSERT INTO issuer_grant SELECT * FROM issuer_grant",
        "UPDATE organization SET state = 'active'",
    ];
    for role in [Role::Device, Role::Status, Role::Signer] {
        for statement in policy {
            assert!(
                forbidden(role, statement, &database).await,
                "{role:?}: {statement}"
            );
        }
    }
    let journal = [
        "UPDATE journal SET act = ''",
        "DELETE FROM journal",
        "TRUNCATE journal",
    ];
    for role in ROLES {
        for statement in journal {
            assert!(
                forbidden(role, statement, &database).await,
                "{role:?}: {statement}"
            );
        }
        for statement in [
            "CREATE TABLE mine (id BIGINT)",
            "ALTER TABLE device DISABLE ROW LEVEL SECURITY",
        ] {
            assert!(
                forbidden(role, statement, &database).await,
                "{role:?}: {statement}"
            );
        }
    }
    let own = [
        (Role::Device, "UPDATE device SET state = 'active'"),
        (Role::Device, "INSERT INTO certificate SELECT * FROM certificate"),
        (Role::Device, "UPDATE certificate SET state = 'issued'"),
        (Role::Device, "DELETE FROM revocation"),
        (Role::Device, "SELECT * FROM journal"),
        (Role::Device, "UPDATE submission SET state = 'ordered'"),
        // A door says what it was told, not how far that has come.
        (
            Role::Device,
            "INSERT INTO submission (id, lease_epoch) SELECT id, 9223372036854775807 FROM device",
        ),
        (
            Role::Device,
            "INSERT INTO submission (id, state, order_id) SELECT id, 'ordered', id FROM issuance_order",
        ),
        (
            Role::Device,
            "INSERT INTO submission (arrival, id) OVERRIDING SYSTEM VALUE SELECT 0, id FROM device",
        ),
        // Nor can it give the word of a station.
        (
            Role::Device,
            "INSERT INTO submission (id, station_id) SELECT id, id FROM station",
        ),
        (Role::Device, "UPDATE station SET issued = 0"),
        (Role::Admin, "UPDATE station SET issued = 0"),
        (Role::Signer, "UPDATE station SET most = NULL"),
        (
            Role::Device,
            "INSERT INTO journal (commit_order, id) SELECT 1, id FROM device",
        ),
        (
            Role::Admin,
            "INSERT INTO journal (commit_order, id) SELECT 1, id FROM device",
        ),
        (
            Role::Signer,
            "INSERT INTO journal (commit_order, id) SELECT 1, id FROM device",
        ),
        (Role::Admin, "UPDATE certificate SET der = tbs"),
        (Role::Admin, "UPDATE issuance_order SET csr = evidence::bytea"),
        (Role::Admin, "UPDATE installation SET restore_epoch = 9"),
        (Role::Admin, "UPDATE crl_shard SET published_number = 1"),
        (Role::Admin, "UPDATE revocation SET not_after = 0"),
        (Role::Admin, "UPDATE device SET presented = registration_id"),
        (Role::Admin, "UPDATE subject_key SET role = 'stranger'"),
        (Role::Admin, "UPDATE lineage SET epoch = 0"),
        // Who may do what is the admin plane's alone, and what credentials are kept as besides.
        (Role::Device, "SELECT * FROM account"),
        (Role::Device, "SELECT * FROM role_assignment"),
        (Role::Device, "SELECT secret_hash FROM api_token"),
        (Role::Device, "SELECT * FROM client_certificate"),
        (Role::Status, "SELECT * FROM account"),
        (Role::Status, "SELECT * FROM role_assignment"),
        (Role::Status, "SELECT secret_hash FROM api_token"),
        (Role::Status, "SELECT * FROM client_certificate"),
        (Role::Signer, "SELECT * FROM account"),
        (Role::Signer, "SELECT * FROM role_assignment"),
        (Role::Signer, "SELECT secret_hash FROM api_token"),
        (Role::Signer, "SELECT * FROM client_certificate"),
        (Role::Admin, "UPDATE api_token SET secret_hash = id"),
        (Role::Admin, "UPDATE api_token SET expires_at = 0"),
        (Role::Admin, "DELETE FROM api_token"),
        (Role::Admin, "UPDATE account SET organization_id = id"),
        (Role::Admin, "UPDATE role_assignment SET role = 'administrator'"),
        (Role::Admin, "UPDATE organization SET slug = display_name"),
        (Role::Admin, "UPDATE organization SET parent_id = NULL"),
        (Role::Status, "SELECT 1 FROM data_key"),
        (Role::Status, "SELECT 1 FROM software_key"),
        (Role::Status, "SELECT * FROM enrollment_symmetric_key"),
        (Role::Status, "SELECT * FROM journal"),
        (Role::Status, "DELETE FROM revocation"),
        (Role::Admin, "INSERT INTO certificate SELECT * FROM certificate"),
        (Role::Admin, "INSERT INTO software_key SELECT * FROM software_key"),
        (Role::Admin, "DELETE FROM revocation"),
        (Role::Signer, "DELETE FROM certificate"),
    ];
    for (role, statement) in own {
        assert!(
            forbidden(role, statement, &database).await,
            "{role:?}: {statement}"
        );
    }
}

#[tokio::test]
async fn who_keeps_no_rows_by_scripts_makes_nothing_temporary() {
    let database = crate::empty().await;
    for role in ROLES {
        let temporary = forbidden(role, "CREATE TEMPORARY TABLE mine (id BIGINT)", &database).await;
        assert_eq!(temporary, role == Role::Status, "{role:?}");
    }
}

#[tokio::test]
async fn sealed_keys_are_seen_by_whoever_may_unseal_them_alone() {
    let (ground, database) = fresh().await;
    let world = World::new(ground).await;
    for role in ROLES.into_iter().filter(|role| *role != Role::Status) {
        let mut connection = connection(role, &database).await;
        for table in ["software_key", "data_key"] {
            let seen: Vec<(String,)> =
                sqlx::query_as(AssertSqlSafe(format!("SELECT DISTINCT purpose FROM {table}")))
                    .fetch_all(&mut connection)
                    .await
                    .unwrap();
            let may: Vec<&str> = role.purposes().iter().map(|purpose| purpose.word()).collect();
            assert!(
                seen.iter().all(|(purpose,)| may.contains(&purpose.as_str())),
                "{role:?}: {seen:?}"
            );
        }
    }
    let organization = world.organization;
    let issuer_keys = SealingPurpose::IssuerKeys;
    let admin = under(Role::Admin, &database).await;
    assert!(
        admin
            .data_keys(issuer_keys, organization)
            .await
            .unwrap()
            .is_empty()
    );
    let signer = under(Role::Signer, &database).await;
    assert_eq!(
        signer.data_keys(issuer_keys, organization).await.unwrap().len(),
        1
    );
    let smuggled = "INSERT INTO data_key (purpose, organization_id, version, wrapped, created_at)
                    SELECT 'issuer_keys', id, 7, '\\x00', 0 FROM organization";
    assert!(forbidden(Role::Admin, smuggled, &database).await);
}

#[tokio::test]
async fn an_enrollment_goes_its_way_through_the_roles() {
    let (ground, database) = fresh().await;
    let world = World::new(ground).await;
    let [device, admin, status, signer] = [
        under(Role::Device, &database).await,
        under(Role::Admin, &database).await,
        under(Role::Status, &database).await,
        under(Role::Signer, &database).await,
    ];
    for store in [&device, &admin, &status, &signer] {
        store.ping().await.unwrap();
        assert!(matches!(
            store.installation().await.unwrap(),
            Some(Installation { .. })
        ));
        assert_eq!(store.issuers().await.unwrap().len(), 3);
    }
    // The door reads policy, and writes down what it refuses.
    let policy = device.scope_policy(&world.scope).await.unwrap().unwrap();
    assert_eq!(policy.groups.len(), 1);
    assert_eq!(policy.data_keys.len(), 1);
    device
        .keep_refusals(vec![world.journal("device.enroll", "pump-1")])
        .await
        .unwrap();
    let tally = tamga_registry::journal::RefusalTally {
        minute: 1,
        source_prefix: "192.0.2.0/24".to_owned(),
        reason: "token_expired",
        refused: 2,
    };
    device.keep_tallies(vec![tally.clone(), tally]).await.unwrap();
    let intent = world.intent(first("pump-1", 1));
    assert!(
        device.keep_intents(vec![intent.clone()]).await.is_err(),
        "it issues nothing"
    );

    // The hand keeps, records and publishes.
    assert_eq!(signer.keep_intents(vec![intent.clone()]).await.unwrap(), [Kept]);
    let record = world.record_of(&intent, at(1));
    assert_eq!(
        signer.keep_records(vec![record]).await.unwrap(),
        [RecordVerdict::Recorded]
    );
    assert!(device.order(intent.order.id).await.unwrap().is_some());

    // The operator disables and revokes; the hand does not.
    let (organization, line) = (world.organization, &world.group.name);
    let act = |what| Act {
        journal: world.journal(what, "object"),
        spends: None,
    };
    let mut change = admin.change(act("group.update")).await.unwrap();
    change
        .set_group_state(organization, line, EnrollmentState::Disabled)
        .await
        .unwrap();
    change.keep().await.unwrap();
    let mut change = admin.change(act("certificate.revoke")).await.unwrap();
    change
        .strike_certificate(world.strike_of(&intent, at(10)))
        .await
        .unwrap();
    change.keep().await.unwrap();
    let mut change = signer.change(act("group.update")).await.unwrap();
    let refused = change
        .set_group_state(organization, line, EnrollmentState::Enabled)
        .await;
    assert!(matches!(refused, Err(StoreFault::Broken { .. })), "{refused:?}");

    let shard = tamga_registry::revocation::ShardId {
        issuer: world.issuer,
        shard: intent.certificate.shard,
    };
    assert!(status.revoked_page(shard, None, None).await.unwrap().len() == 1);
    let lease = signer.lease_shard(shard, at(20), at(60)).await.unwrap().unwrap();
    let list = tamga_registry::store::ListIntent {
        tbs_hash: [8; 32],
        entries: 1,
        this_update: at(20),
        next_update: at(9000),
    };
    assert!(signer.keep_list_intent(&lease, &list).await.unwrap());
    assert!(
        signer
            .publish_list(
                &lease,
                vec![0x30, 0],
                at(8000),
                world.journal("crl.publish", "list")
            )
            .await
            .unwrap()
    );
    assert_eq!(
        status.published_list(shard).await.unwrap().unwrap().number,
        lease.number
    );
}
