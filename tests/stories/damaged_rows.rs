// SPDX-License-Identifier: Apache-2.0
//! Every law that is asked of the database is broken in a real one, and `verify` finds that and nothing else.

use std::collections::BTreeSet;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::json;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, Connection as _};
use tamga_store::{assertions, inspect_sqlite};
use tamga_tests::house::House;
use tamga_tests::key_pair::KeyPair;
use tamga_tests::patience::eventually;
use tamga_tests::story;
use tamga_verify::{Question, verify};
use tamga_x509::time::{Clock as _, Timestamp};
use tempfile::TempDir;

/// The laws that are broken, how long afterwards it is asked, and how. Names in braces are replaced.
type Damage = (&'static [&'static str], Duration, &'static str);

const AT_ONCE: Duration = Duration::ZERO;
const MINUTES: Duration = Duration::from_mins(16);
const HOURS: Duration = Duration::from_hours(2);
const DAYS: Duration = Duration::from_hours(8 * 24);

/// What stands for what.
const NAMES: [(&str, &str); 8] = [
    (
        "{good}",
        "(SELECT id FROM device WHERE registration_id = 'pump-1')",
    ),
    (
        "{other}",
        "(SELECT id FROM device WHERE registration_id = 'pump-2')",
    ),
    (
        "{revoked}",
        "(SELECT id FROM device WHERE registration_id = 'pump-3')",
    ),
    (
        "{waiting}",
        "(SELECT id FROM device WHERE registration_id = 'pump-5')",
    ),
    (
        "{certificate}",
        "(SELECT current_id FROM lineage WHERE device_id = (SELECT id FROM device WHERE registration_id = 'pump-1'))",
    ),
    (
        "{key}",
        "(SELECT spki_hash FROM issuance_order WHERE device_id = (SELECT id FROM device WHERE registration_id = 'pump-1'))",
    ),
    ("{issuer}", "(SELECT id FROM issuer WHERE role = 'device')"),
    (
        "{elsewhere}",
        "INSERT INTO organization (id, slug, display_name, parent_id, state, generation, created_at)
         SELECT zeroblob(16), 'other', '', NULL, 'active', 1, created_at FROM organization",
    ),
];

const DAMAGE: &[Damage] = &[
    (
        &["client_certificate_at_home"],
        AT_ONCE,
        "INSERT INTO client_certificate (fingerprint, organization_id, account_id, spki_hash, not_before, not_after, created_at)
         SELECT hex(zeroblob(32)), id, zeroblob(16), zeroblob(32), 1, 1, 1 FROM organization",
    ),
    (
        &["client_certificate_at_home", "station_credential_at_home"],
        AT_ONCE,
        "INSERT INTO client_certificate (fingerprint, organization_id, station_id, spki_hash, not_before, not_after,
                                         certificate_id, created_at)
         SELECT hex(zeroblob(32)), id, zeroblob(16), zeroblob(32), 1, 1, {certificate}, 1 FROM organization",
    ),
    (
        &["kept_answers_open"],
        AT_ONCE,
        "INSERT INTO repetition
         SELECT request_id, 'local:1', zeroblob(32), zeroblob(32), organization_id, 'group:create', 'x', 1, 1, zeroblob(1),
                organization_id, 99
         FROM journal WHERE act = 'group.create'",
    ),
    (
        &["spent_key_told"],
        AT_ONCE,
        "INSERT INTO repetition
         SELECT zeroblob(16), 'local:1', zeroblob(32), zeroblob(32), id, 'group:create', 'x', 1, 1, NULL, NULL, NULL
         FROM organization",
    ),
    (
        &["roles_are_of_people"],
        AT_ONCE,
        "INSERT INTO role_assignment SELECT zeroblob(16), id, NULL, 1, 'house', 1 FROM organization",
    ),
    (
        &["somebody_administers"],
        AT_ONCE,
        "INSERT INTO account (id, organization_id, name, presented, kind, state, created_at)
         SELECT zeroblob(16), id, 'ada', 'ada', 'person', 'disabled', 1 FROM organization;
         INSERT INTO role_assignment SELECT zeroblob(16), id, zeroblob(16), NULL, 'administrator', 1 FROM organization",
    ),
    (
        &["serial_taken"],
        AT_ONCE,
        "DELETE FROM serial WHERE certificate_id = {certificate}",
    ),
    (
        &["record_after_intent"],
        AT_ONCE,
        "UPDATE certificate SET issued_at = intended_at - 1 WHERE id = {certificate}",
    ),
    (
        &["order_yields_one"],
        AT_ONCE,
        "UPDATE issuance_order SET certificate_id = (SELECT current_id FROM lineage WHERE device_id = {other})
         WHERE device_id = {good}",
    ),
    (
        &["organization_suspended_with_its_line"],
        AT_ONCE,
        "UPDATE organization SET suspended_at = created_at",
    ),
    (&["intent_finished"], MINUTES, ""),
    (
        &["certificate_ordered"],
        AT_ONCE,
        "UPDATE issuance_order SET epoch = epoch + 1 WHERE device_id = {good}",
    ),
    (&["house_certificate_kept"], AT_ONCE, "DELETE FROM service_certificate"),
    (
        &["profile_revision_known"],
        AT_ONCE,
        "UPDATE certificate SET profile_revision = 9 WHERE device_id IS NULL",
    ),
    (
        &["order_stands_as_its_certificate"],
        AT_ONCE,
        "UPDATE issuance_order SET state = 'failed' WHERE device_id = {good}",
    ),
    (
        &["certified_key_known"],
        AT_ONCE,
        "UPDATE subject_key SET role = 'stranger' WHERE role = 'service'",
    ),
    (
        &["certified_key_known", "ordered_key_unshared"],
        AT_ONCE,
        "UPDATE subject_key SET device_id = {other} WHERE spki_hash = {key}",
    ),
    (
        &["order_proved"],
        AT_ONCE,
        "UPDATE issuance_order SET evidence = '' WHERE device_id = {good}",
    ),
    (
        &["revoked_device_orders_nothing"],
        AT_ONCE,
        "UPDATE device SET revoked_at = 1 WHERE id = {revoked}",
    ),
    (
        &["device_bound"],
        AT_ONCE,
        "UPDATE device SET bound_to = zeroblob(16) WHERE id = {good}",
    ),
    (
        &["device_bound"],
        AT_ONCE,
        "UPDATE device SET bound_kind = 'individual' WHERE id = {good}",
    ),
    (
        &["good_certificate_has_its_place"],
        AT_ONCE,
        "UPDATE lineage SET current_id = NULL WHERE device_id = {good}",
    ),
    (
        &["current_is_not_provisional"],
        AT_ONCE,
        "UPDATE lineage SET provisional_id = current_id WHERE device_id = {good}",
    ),
    (
        &["line_names_its_own"],
        AT_ONCE,
        "UPDATE lineage SET provisional_id = (SELECT current_id FROM lineage WHERE device_id = {other})
         WHERE device_id = {good}",
    ),
    (
        &["revoked_device_keeps_no_certificate"],
        AT_ONCE,
        "UPDATE device SET state = 'revoked', revoked_reason = 'superseded',
             revoked_at = (SELECT max(created_at) FROM issuance_order) WHERE id = {good}",
    ),
    (
        &["revoked_device_keeps_no_order"],
        AT_ONCE,
        "UPDATE device SET state = 'revoked', revoked_reason = 'superseded',
             revoked_at = (SELECT max(created_at) FROM issuance_order) WHERE id = {waiting}",
    ),
    (
        &["revoked_device_keeps_no_certificate", "departed_device_has_its_tombstone"],
        AT_ONCE,
        "UPDATE device SET state = 'deleted', registration_id = registration_id || '~dev_x' WHERE id = {good}",
    ),
    (
        &["kept_name_has_no_device"],
        AT_ONCE,
        "INSERT INTO device_tombstone (organization_id, registration_id, device_id, epitaph, buried_at)
         SELECT organization_id, registration_id, id, 'revoked', created_at FROM device WHERE id = {good}",
    ),
    (
        &["release_at_home"],
        AT_ONCE,
        "INSERT INTO device_release (device_id, organization_id, to_slug, released_at)
         SELECT id, organization_id, 'beside', created_at FROM device WHERE id = {revoked}",
    ),
    (
        &["issuer_stands"],
        AT_ONCE,
        "UPDATE issuer SET state = 'retired' WHERE role = 'device'",
    ),
    (
        &["issuer_lasts", "authority_columns"],
        AT_ONCE,
        "UPDATE issuer SET not_after = (SELECT max(created_at) FROM issuance_order) + 86400000000
         WHERE role = 'device'",
    ),
    (
        &["device_row_consistent"],
        AT_ONCE,
        "UPDATE device SET revoked_reason = 'superseded' WHERE id = {good}",
    ),
    (
        &["certificate_told"],
        AT_ONCE,
        "UPDATE journal SET request_id = zeroblob(16)
         WHERE request_id = (SELECT request_id FROM issuance_order WHERE device_id = {good})",
    ),
    (
        &["journal_counts"],
        AT_ONCE,
        "DELETE FROM journal
         WHERE commit_order = (SELECT min(commit_order) FROM journal WHERE act = 'device.register')",
    ),
    (
        &["journal_counts"],
        AT_ONCE,
        "UPDATE journal SET act = 'certificate.issue' WHERE act = 'device.revoke'",
    ),
    (
        &["certificate_row_consistent"],
        AT_ONCE,
        "UPDATE certificate SET revoked_at = 1 WHERE id = {certificate}",
    ),
    (
        &["revocation_kept"],
        AT_ONCE,
        "DELETE FROM revocation WHERE serial = (SELECT serial FROM certificate WHERE device_id = {revoked})",
    ),
    (
        &["newest_list_served"],
        AT_ONCE,
        "UPDATE crl_shard SET published_number = (SELECT min(number) FROM crl WHERE issuer_id = {issuer}),
             marks = marks + 1 WHERE issuer_id = {issuer}",
    ),
    (
        &["list_numbers_counted"],
        AT_ONCE,
        "UPDATE crl_shard SET last_number = 0 WHERE issuer_id = {issuer}",
    ),
    (
        &["list_numbers_counted"],
        AT_ONCE,
        "UPDATE crl_shard SET published_marks = marks + 1 WHERE issuer_id = {issuer}",
    ),
    (
        &["lists_go_forward", "list_columns"],
        AT_ONCE,
        "UPDATE crl SET this_update = this_update + 3600000000 WHERE issuer_id = {issuer}
             AND number = (SELECT min(number) FROM crl WHERE issuer_id = {issuer})",
    ),
    (
        &["revocation_backed"],
        AT_ONCE,
        "UPDATE revocation SET not_after = not_after + 1",
    ),
    (
        &["shards_complete"],
        AT_ONCE,
        "DELETE FROM crl_shard WHERE issuer_id = (SELECT id FROM issuer WHERE role = 'root' AND anchor = 'server')",
    ),
    (&["list_fresh", "intent_finished"], DAYS, ""),
    (
        &["revocation_visible", "intent_finished"],
        HOURS,
        "UPDATE crl_shard SET marks = marks + 1 WHERE issuer_id = {issuer};
         UPDATE revocation SET revoked_at = (SELECT max(this_update) FROM crl WHERE issuer_id = {issuer});
         UPDATE certificate SET revoked_at = (SELECT max(this_update) FROM crl WHERE issuer_id = {issuer})
             WHERE state = 'revoked'",
    ),
    (
        &["compromised_key_blocked"],
        AT_ONCE,
        "UPDATE subject_key SET blocked_at = NULL WHERE blocked_at IS NOT NULL",
    ),
    (
        &["blocked_key_certifies_nothing"],
        AT_ONCE,
        "UPDATE subject_key SET blocked_at = 1 WHERE spki_hash = {key}",
    ),
    (
        &["certificate_at_home", "granted_downwards"],
        AT_ONCE,
        "{elsewhere}; UPDATE profile SET organization_id = zeroblob(16) WHERE name <> 'device'",
    ),
    (
        &["mass_revocation_approved"],
        AT_ONCE,
        "INSERT INTO approval (id, organization_id, act, request, digest, object, generation, author, state,
                               created_at, expires_at)
         SELECT zeroblob(16), id, 'certificate.revoke', '', zeroblob(32), '', 1, 'local:7', 'waiting',
                created_at, created_at FROM organization;
         INSERT INTO mass_revocation (id, organization_id, request, author, approval_id, state, expected, revoked, devices,
                                      steps, created_at, finished_at)
         SELECT zeroblob(16), id, '', 'local:7', zeroblob(16), 'done', 0, 0, 0, 0, created_at, created_at
         FROM organization",
    ),
    (
        &["approved_by_another"],
        AT_ONCE,
        "INSERT INTO approval (id, organization_id, act, request, digest, object, generation, author, state,
                               decided_by, decided_at, created_at, expires_at)
         SELECT zeroblob(16), id, 'issuer.update', '', zeroblob(32), '', 1, 'local:7', 'approved', 'local:7',
                created_at, created_at, created_at FROM organization",
    ),
    (
        &["order_at_home"],
        AT_ONCE,
        "{elsewhere}; UPDATE issuance_order SET organization_id = zeroblob(16) WHERE device_id = {good}",
    ),
    (
        &["line_at_home"],
        AT_ONCE,
        "{elsewhere}; UPDATE lineage SET organization_id = zeroblob(16) WHERE device_id = {good}",
    ),
    (
        &["key_at_home"],
        AT_ONCE,
        "{elsewhere}; UPDATE subject_key SET organization_id = zeroblob(16) WHERE spki_hash = {key}",
    ),
    (
        &["symmetric_keys_at_home"],
        AT_ONCE,
        "INSERT INTO enrollment_symmetric_key
         SELECT zeroblob(16), organization_id, primary_key, secondary_key, data_key, created_at
         FROM enrollment_symmetric_key LIMIT 1",
    ),
    (
        &["symmetric_keys_open"],
        AT_ONCE,
        "UPDATE enrollment_symmetric_key SET data_key = 99",
    ),
    (&["software_keys_open"], AT_ONCE, "UPDATE software_key SET data_key = 99"),
    (&["symmetric_keys_kept"], AT_ONCE, "DELETE FROM enrollment_symmetric_key"),
    (
        &["chain_references_kept"],
        AT_ONCE,
        "UPDATE enrollment_group SET attestation = 'certificate_chain'",
    ),
    (
        &["settled_submission_tells_nothing"],
        AT_ONCE,
        "INSERT INTO submission
         SELECT NULL, zeroblob(16), organization_id, scope, 'a', 'a', NULL, zeroblob(1), 1, zeroblob(16), zeroblob(16),
                NULL, 1, 'refused', NULL, 'slug', 'sentence', 1, 1, 1, NULL FROM id_scope",
    ),
    (
        &["submission_ordered"],
        AT_ONCE,
        "INSERT INTO submission
         SELECT NULL, zeroblob(16), organization_id, scope, 'a', 'a', NULL, NULL, 1, zeroblob(16), zeroblob(16),
                NULL, 1, 'ordered', zeroblob(16), NULL, NULL, 1, 1, 1, NULL FROM id_scope",
    ),
    (
        &["station_counts"],
        AT_ONCE,
        "UPDATE station SET issued = issued + 1",
    ),
    (
        &["station_at_home"],
        AT_ONCE,
        "UPDATE station SET group_id = zeroblob(16)",
    ),
    (
        &["rework_at_home"],
        AT_ONCE,
        "INSERT INTO rework SELECT {good}, zeroblob(16), 1, 1, id, 1 FROM station",
    ),
    (
        &["station_credential_at_home"],
        AT_ONCE,
        "UPDATE api_token SET station_id = zeroblob(16) WHERE station_id IS NOT NULL",
    ),
];

/// A copy of a real database in which everything holds: good certificates, a revoked device, a compromised key, an
/// intent that waits for its signature, several lists.
struct Ground {
    copy: PathBuf,
    now: Timestamp,
    directory: TempDir,
}

impl Ground {
    async fn lay() -> Self {
        let house = House::new().await;
        let operator = house.operator();
        let group = operator.creates_group("line").await;
        for at in 1..=4 {
            let device = group.device(&format!("pump-{at}"));
            device.enrolls(&KeyPair::new()).await.certified();
        }
        operator
            .revokes_device(&group.device("pump-3"))
            .because("superseded")
            .await;
        lists_follow(&house, 1).await;
        operator
            .revokes_device(&group.device("pump-4"))
            .because("key_compromise")
            .await;
        lists_follow(&house, 2).await;
        house.watch.lets_fail(usize::MAX);
        group.device("pump-5").enrolls(&KeyPair::new()).await;
        let principal = operator.makes_station("flash-1", "line", json!({})).await;
        operator
            .makes_token(&operator.organization, &principal, "factory")
            .await;
        let directory = TempDir::new().expect("a directory");
        let copy = directory.path().join("whole.db");
        house
            .memory()
            .rows(&format!("VACUUM INTO '{}'", copy.display()))
            .await;
        fs::set_permissions(&copy, Permissions::from_mode(0o600)).expect("a mode");
        Self {
            copy,
            now: house.clock.now(),
            directory,
        }
    }

    /// The laws that are broken after this.
    async fn after(&self, statements: &str, later: Duration) -> BTreeSet<String> {
        let path = self.directory.path().join("damaged.db");
        fs::copy(&self.copy, &path).expect("a copy");
        if !statements.is_empty() {
            damage(&path, statements).await;
        }
        let memory = inspect_sqlite(&path).await.expect("it opens");
        let question = Question::as_of(self.now.saturating_add(later));
        let report = verify(&memory, &question, &|_| {}).await.expect("to the end");
        memory.close().await;
        report
            .findings
            .iter()
            .map(|found| found.law.name.to_owned())
            .collect()
    }
}

/// Waits until the list that is served names so many certificates.
async fn lists_follow(house: &House, named: i64) {
    let query = "SELECT coalesce(max(l.entries), 0) FROM crl l JOIN crl_shard s ON s.issuer_id = l.issuer_id \
                 AND s.published_number = l.number AND s.marks = s.published_marks";
    eventually("the served list names it", || async {
        (house.memory().number(query).await == named).then_some(())
    })
    .await;
}

async fn damage(path: &Path, statements: &str) {
    let options = SqliteConnectOptions::new().filename(path).foreign_keys(false);
    let mut connection = SqliteConnection::connect_with(&options).await.expect("it opens");
    let statements = NAMES.iter().fold(statements.to_owned(), |text, (name, meaning)| {
        text.replace(name, meaning)
    });
    for statement in statements.split(';') {
        let done = sqlx::query(AssertSqlSafe(statement.to_owned()))
            .execute(&mut connection)
            .await
            .unwrap_or_else(|error| panic!("{error}: {statement}"));
        assert!(done.rows_affected() > 0, "changed nothing: {statement}");
    }
    connection.close().await.expect("it closes");
}

// The damage is written in SQLite's words; the laws themselves are asked on both engines, in every story.
#[story(sqlite)]
async fn each_law_of_the_database_is_broken_and_found() {
    let ground = Ground::lay().await;
    assert_eq!(ground.after("", AT_ONCE).await, BTreeSet::new());
    for (laws, later, statements) in DAMAGE {
        let wanted: BTreeSet<String> = laws.iter().map(|&law| law.to_owned()).collect();
        assert_eq!(ground.after(statements, *later).await, wanted, "{statements}");
    }
    let broken: BTreeSet<&str> = DAMAGE.iter().flat_map(|(laws, _, _)| *laws).copied().collect();
    for assertion in assertions() {
        assert!(
            broken.contains(assertion.law.name),
            "{} is broken by no damage",
            assertion.law.name
        );
    }
}
