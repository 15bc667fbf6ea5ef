// SPDX-License-Identifier: Apache-2.0
//! A signer that stood still while it held the right to publish: when it wakes up it can publish nothing.

use rustix::process::Signal;
use sqlx::{Connection as _, PgConnection, Row as _};
use tamga_tests::patience::eventually;

use crate::customer::Customer;
use crate::installation::Installation;

/// The shard of the devices' issuer.
const SHARD: &str = "SELECT s.published_number, s.lease_epoch, s.lease_until, s.last_number FROM crl_shard s
     JOIN issuer i ON i.id = s.issuer_id WHERE i.role = 'device'";

struct Shard {
    published: Option<i64>,
    lease_epoch: i64,
    leased: bool,
}

async fn shard(connection: &mut PgConnection) -> Shard {
    let row = sqlx::query(SHARD).fetch_one(connection).await.expect("a shard");
    let until: i64 = row.get(2);
    Shard {
        published: row.get(0),
        lease_epoch: row.get(1),
        leased: until > 0,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signer_that_was_paused_with_the_lease_publishes_nothing_when_it_wakes() {
    let installation = Installation::new().await;
    let served = Customer::new(installation.device("pump-1")).is_served().await;
    let mut looking = installation.database.connect().await;
    let before = shard(&mut looking).await;

    // Only one signer is awake, and it cannot keep the intent of a list: it stands there with the lease.
    let (paused, other) = (installation.program("signer-1"), installation.program("signer-2"));
    other.is_sent(Signal::STOP);
    let mut holding = installation.database.connect().await;
    let mut held = holding.begin().await.expect("a transaction");
    sqlx::raw_sql("LOCK TABLE crl IN SHARE ROW EXCLUSIVE MODE")
        .execute(&mut *held)
        .await
        .expect("the lock");
    installation.revokes(&served.chain[0]).await;
    let looking = tokio::sync::Mutex::new(looking);
    let leased = eventually("the signer takes the lease", || async {
        let now = shard(&mut *looking.lock().await).await;
        (now.leased && now.lease_epoch > before.lease_epoch).then_some(now)
    })
    .await;
    paused.is_sent(Signal::STOP);
    held.rollback().await.expect("let go");
    other.is_sent(Signal::CONT);

    let published = eventually("the other signer publishes when the lease has ended", || async {
        let now = shard(&mut *looking.lock().await).await;
        (now.published > before.published).then_some(now)
    })
    .await;
    assert!(
        published.lease_epoch > leased.lease_epoch,
        "under a lease of its own, after the paused one's"
    );
    paused.is_sent(Signal::CONT);
    installation.is_ready("signer-1").await;

    // Another revocation, so that there is something that the awakened one would overwrite.
    let second = Customer::new(installation.device("pump-2")).is_served().await;
    installation.revokes(&second.chain[0]).await;
    eventually("the list that names the second", || async {
        let now = shard(&mut *looking.lock().await).await;
        (now.published > published.published).then_some(())
    })
    .await;
    each_number_was_published_once(&mut *looking.lock().await).await;
    installation.is_lawful();
}

/// What the journal says was published, and what the tables hold.
async fn each_number_was_published_once(connection: &mut PgConnection) {
    let rows = sqlx::query("SELECT object FROM journal WHERE act = 'crl.publish' AND outcome = 'done'")
        .fetch_all(&mut *connection)
        .await
        .expect("the journal");
    let mut told: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    let all = told.len();
    told.sort();
    told.dedup();
    assert_eq!(told.len(), all, "one list, one row: {told:?}");
}
