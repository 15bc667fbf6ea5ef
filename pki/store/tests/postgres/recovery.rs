// SPDX-License-Identifier: Apache-2.0
//! A server that goes away and comes back, sessions that are ended, limits that are reached.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tamga_registry::store::IntentVerdict::Kept;
use tamga_registry::store::{IntentVerdict, Store, StoreFault};
use tamga_store::{PostgresSettings, migrate_postgres, open_postgres};
use tamga_test_postgres::{Cluster, Database};

use crate::conformance::orders::first;
use crate::conformance::world::{World, at};
use crate::{fresh, over, secret, settings};

/// Asks until it answers: what passes by itself has passed within the deadline.
async fn soon<T>(mut ask: impl AsyncFnMut() -> Result<T, StoreFault>) -> T {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        match ask().await {
            Ok(answer) => return answer,
            Err(StoreFault::Unavailable(why)) => {
                assert!(Instant::now() < deadline, "it does not recover: {why}");
                tokio::task::yield_now().await;
            }
            Err(fault) => panic!("it does not pass by itself: {fault:?}"),
        }
    }
}

#[tokio::test]
async fn a_crash_of_the_server_is_survived_without_a_restart_of_ours() {
    let cluster = Cluster::start();
    let database = cluster.database().await;
    migrate_postgres(&secret(&database.url())).await.unwrap();
    let world = World::new(over(&database).await).await;
    let known = world.intent(first("pump-1", 1));
    assert_eq!(world.keep(&known).await, Kept);
    for (round, number) in [(0, 10), (1, 11)] {
        if round == 0 {
            cluster.stop_at_once();
        } else {
            cluster.stop_in_order();
        }
        let intent = world.intent(first(&format!("pump-{number}"), number));
        let down = world.store.keep_intents(vec![intent.clone()]).await;
        assert!(matches!(down, Err(StoreFault::Unavailable(_))), "{down:?}");
        let down = world.store.order(known.order.id).await;
        assert!(matches!(down, Err(StoreFault::Unavailable(_))), "{down:?}");
        cluster.start_again();
        assert!(
            soon(async || world.store.order(known.order.id).await)
                .await
                .is_some()
        );
        let verdicts = soon(async || world.store.keep_intents(vec![intent.clone()]).await).await;
        assert_eq!(verdicts, [Kept]);
        let change = soon(async || {
            let act = tamga_registry::store::Act {
                journal: world.journal("group.update", "line-1"),
                spends: None,
            };
            world.store.change(act).await
        });
        change.await.keep().await.unwrap();
    }
}

#[tokio::test]
async fn a_store_closes_when_nobody_writes_and_keeps_nothing_afterwards() {
    let (ground, _database) = fresh().await;
    let world = World::new(ground).await;
    assert_eq!(world.keep(&world.intent(first("pump-1", 1))).await, Kept);
    let closed = tokio::time::timeout(Duration::from_secs(20), world.store.close()).await;
    assert!(closed.is_ok(), "its hands wait for each other");
    let late = world
        .store
        .keep_intents(vec![world.intent(first("pump-2", 2))])
        .await;
    assert!(matches!(late, Err(StoreFault::Unavailable(_))), "{late:?}");
}

#[tokio::test]
async fn sessions_that_are_ended_at_random_lose_nothing_that_was_kept() {
    let (ground, database) = fresh().await;
    let world = World::new(ground).await;
    let ending = end_sessions(&database);
    let calls = (0..120u8).map(|number| {
        let intent = world.intent(first(&format!("pump-{number}"), number));
        let store: Arc<dyn Store> = world.store.clone();
        async move {
            // The answer may get lost with a commit that went through: then the same again is stale.
            let verdicts = soon(async || store.keep_intents(vec![intent.clone()]).await).await;
            let there = soon(async || store.order(intent.order.id).await).await;
            assert!(there.is_some(), "pump-{number} was told {verdicts:?}");
            verdicts[0]
        }
    });
    let working = async {
        let mut verdicts: Vec<IntentVerdict> = Vec::new();
        for call in calls {
            verdicts.push(call.await);
        }
        verdicts
    };
    let verdicts = tokio::select! {
        verdicts = working => verdicts,
        () = ending => unreachable!("it ends never"),
    };
    assert_eq!(verdicts.len(), 120);
    let tallies = world.tallies().await;
    assert_eq!(
        (tallies["order"], tallies["device"], tallies["serial"]),
        (120, 120, 123)
    );
}

/// Ends a session of the program every few milliseconds.
async fn end_sessions(database: &Database) {
    let mut superuser = database.connect().await;
    let mut pace = tokio::time::interval(Duration::from_millis(30));
    loop {
        pace.tick().await;
        sqlx::query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = 'tamga'
             ORDER BY random() LIMIT 1",
        )
        .execute(&mut superuser)
        .await
        .unwrap();
    }
}

#[tokio::test]
async fn a_table_locked_by_a_stranger_is_not_waited_for_for_ever() {
    let (ground, database) = fresh().await;
    let world = World::new(ground).await;
    let hasty = PostgresSettings {
        lock_timeout: Duration::from_millis(200),
        ..settings(&database)
    };
    let store = open_postgres(&hasty).await.unwrap();
    let mut stranger = database.connect().await;
    sqlx::raw_sql("BEGIN; LOCK TABLE certificate IN ACCESS EXCLUSIVE MODE")
        .execute(&mut stranger)
        .await
        .unwrap();
    let intent = world.intent(first("pump-1", 1));
    use tamga_registry::store::Issuance as _;
    let held = store.keep_intents(vec![intent.clone()]).await;
    assert!(matches!(held, Err(StoreFault::Unavailable(_))), "{held:?}");
    sqlx::raw_sql("ROLLBACK").execute(&mut stranger).await.unwrap();
    assert_eq!(store.keep_intents(vec![intent]).await.unwrap(), [Kept]);
}

#[tokio::test]
async fn one_device_that_is_locked_holds_up_no_neighbour() {
    let (ground, database) = fresh().await;
    let world = World::new(ground).await;
    let pump = world.issue(first("pump-1", 1)).await;
    let mut stranger = database.connect().await;
    sqlx::raw_sql("BEGIN; SELECT 1 FROM device FOR UPDATE")
        .execute(&mut stranger)
        .await
        .unwrap();
    let again = world.intent(world.again(&pump, 2, at(10)).await);
    let began = Instant::now();
    // Of one caller, and of many whose rows share a commit.
    let mut rows = vec![again.clone()];
    rows.extend((10..50).map(|number| world.intent(first(&format!("fan-{number}"), number))));
    let verdicts = world.store.keep_intents(rows).await.unwrap();
    assert_eq!(verdicts[0], IntentVerdict::Stale);
    assert!(
        verdicts[1..].iter().all(|verdict| *verdict == Kept),
        "{verdicts:?}"
    );
    let neighbours: Vec<_> = (50..90)
        .map(|number| world.intent(first(&format!("fan-{number}"), number)))
        .collect();
    let (held, kept) = futures::join!(
        world.store.keep_intents(vec![again.clone()]),
        futures::future::join_all(
            neighbours
                .into_iter()
                .map(|neighbour| world.store.keep_intents(vec![neighbour]))
        )
    );
    assert!(matches!(held, Err(StoreFault::Unavailable(_))), "{held:?}");
    for verdict in kept {
        assert_eq!(verdict.unwrap(), [Kept]);
    }
    assert!(
        began.elapsed() < Duration::from_secs(9),
        "twice less than a caller waits"
    );
    sqlx::raw_sql("ROLLBACK").execute(&mut stranger).await.unwrap();
    assert_eq!(world.keep(&again).await, Kept);
}

#[tokio::test]
async fn many_callers_share_one_connection_that_reads() {
    let (ground, database) = fresh().await;
    let world = World::new(ground).await;
    let pump = world.issue(first("pump-1", 1)).await;
    let narrow = PostgresSettings {
        readers: 1,
        ..settings(&database)
    };
    let store: Arc<dyn Store> = Arc::new(open_postgres(&narrow).await.unwrap());
    let open = store
        .change(tamga_registry::store::Act {
            journal: world.journal("group.update", "line-1"),
            spends: None,
        })
        .await
        .unwrap();
    let calls = (0..200).map(|_| store.order(pump.order.id));
    for found in futures::future::join_all(calls).await {
        assert!(found.unwrap().is_some());
    }
    // Also what reads after it has written.
    assert!(
        store
            .take_unfinished(
                crate::conformance::world::at(0),
                crate::conformance::world::at(1),
                1
            )
            .await
            .unwrap()
            .is_empty()
    );
    open.keep().await.unwrap();
}

#[tokio::test]
async fn an_act_that_collides_is_done_again() {
    let (ground, database) = fresh().await;
    let world = World::new(ground).await;
    // A stranger's trigger makes every third attempt a collision, as two writers do that wait for each other.
    let trigger = "CREATE SEQUENCE attempts;
                   CREATE FUNCTION collide() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                       IF nextval('attempts') % 3 <> 0 THEN RAISE EXCEPTION USING ERRCODE = '40P01'; END IF;
                       RETURN NEW; END $$;
                   CREATE TRIGGER collide BEFORE INSERT ON issuance_order FOR EACH ROW EXECUTE FUNCTION collide()";
    sqlx::raw_sql(trigger)
        .execute(&mut database.connect().await)
        .await
        .unwrap();
    for number in 1..=5 {
        let intent = world.intent(first(&format!("pump-{number}"), number));
        assert_eq!(world.keep(&intent).await, Kept);
    }
    assert_eq!(world.tallies().await["order"], 5);
}
