// SPDX-License-Identifier: Apache-2.0
//! A network that swallows everything: connections stay open, and nothing arrives any more.

use std::sync::Arc;
use std::time::{Duration, Instant};

use secrecy::SecretString;
use tamga_registry::store::IntentVerdict::Kept;
use tamga_registry::store::{Act, Hint, Store, StoreFault};
use tamga_store::{PostgresSettings, open_postgres};
use tamga_test_postgres::Database;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::conformance::orders::first;
use crate::conformance::world::{Ground, World};
use crate::{Beside, copied, open};

/// What stands between a store and its server.
struct Wire {
    url: String,
    flows: watch::Sender<bool>,
}

impl Wire {
    async fn to(database: &Database) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = tamga_test_postgres::shared().port();
        let here = listener.local_addr().unwrap().port();
        let (flows, flowing) = watch::channel(true);
        tokio::spawn(async move {
            loop {
                let (ours, _) = listener.accept().await.unwrap();
                let theirs = TcpStream::connect(("127.0.0.1", server)).await.unwrap();
                let (ours, theirs) = (ours.into_split(), theirs.into_split());
                tokio::spawn(carry(ours.0, theirs.1, flowing.clone()));
                tokio::spawn(carry(theirs.0, ours.1, flowing.clone()));
            }
        });
        Self {
            url: database
                .url()
                .replace(&format!(":{server}/"), &format!(":{here}/")),
            flows,
        }
    }
}

/// Carries octets while the wire flows. What comes while it does not is held back.
async fn carry(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut flowing: watch::Receiver<bool>) {
    let mut octets = vec![0; 65_536];
    while let Ok(read @ 1..) = from.read(&mut octets).await {
        let open = flowing.wait_for(|flows| *flows).await.is_ok();
        if !open || to.write_all(&octets[..read]).await.is_err() {
            return;
        }
    }
}

/// Says that nothing answers, and in time.
async fn unanswered<T: std::fmt::Debug>(asked: impl Future<Output = Result<T, StoreFault>>) {
    let began = Instant::now();
    let end = asked.await;
    assert!(matches!(end, Err(StoreFault::Unavailable(_))), "{end:?}");
    assert!(
        began.elapsed() < Duration::from_secs(6),
        "it took {:?}",
        began.elapsed()
    );
}

#[tokio::test]
async fn a_server_that_fell_silent_is_waited_for_within_the_deadline_and_found_again() {
    let database = copied().await;
    let wire = Wire::to(&database).await;
    let settings = PostgresSettings {
        readers: 2,
        ..PostgresSettings::new(SecretString::from(wire.url.clone()))
    };
    let store = Arc::new(open_postgres(&settings).await.unwrap());
    let world = World::new(Ground {
        inspection: Arc::<tamga_store::PostgresStore>::clone(&store),
        store,
        probe: Arc::new(Beside(database.clone())),
    })
    .await;
    let known = world.intent(first("pump-1", 1));
    assert_eq!(world.keep(&known).await, Kept);
    let act = || Act {
        journal: world.journal("group.update", "line-1"),
        spends: None,
    };
    let mut open_change = world.store.change(act()).await.unwrap();

    wire.flows.send(false).unwrap();
    let lost = world.intent(first("pump-2", 2));
    let naming = async { open_change.add_enrollment(&world.individual("pump-3")).await };
    futures::join!(
        unanswered(world.store.ping()),
        unanswered(world.store.order(known.order.id)),
        unanswered(world.store.scope_policy(&world.scope)),
        unanswered(world.store.database_clock()),
        unanswered(world.store.keep_intents(vec![lost.clone()])),
        unanswered(naming),
        async {
            let opened = world.store.change(act()).await.map(|_| ());
            assert!(matches!(opened, Err(StoreFault::Unavailable(_))), "{opened:?}");
        },
    );

    wire.flows.send(true).unwrap();
    let flowing_since = Instant::now();
    let in_time = |what| {
        let waited = flowing_since.elapsed();
        assert!(waited < Duration::from_secs(10), "{what} after {waited:?}");
    };
    while world.store.order(known.order.id).await.is_err() {
        in_time("no read");
    }
    let mut number = 3;
    while world
        .store
        .keep_intents(vec![world.intent(first(&format!("pump-{number}"), number))])
        .await
        .is_err()
    {
        in_time("no write");
        number += 1;
    }
    while world.store.change(act()).await.is_err() {
        in_time("no change");
    }
}

#[tokio::test]
async fn a_session_that_hears_nothing_any_more_is_replaced() {
    let database = copied().await;
    let wire = Wire::to(&database).await;
    let settings = PostgresSettings::new(SecretString::from(wire.url.clone()));
    let store = open_postgres(&settings).await.unwrap();
    let other = open(&database).await;
    heard(&store, &other).await;
    wire.flows.send(false).unwrap();
    // Asked after a while of silence, it does not answer: all that wait are woken, as something may have been missed.
    let woken = tokio::time::timeout(Duration::from_secs(25), store.hint(Hint::PolicyChanged));
    woken.await.expect("the session was given up");
    wire.flows.send(true).unwrap();
    heard(&store, &other).await;
}

/// Tells until it is heard.
async fn heard(here: &impl Store, there: &impl Store) {
    let waiting = tokio::time::timeout(Duration::from_secs(20), here.hint(Hint::SubmissionSettled));
    let telling = async {
        loop {
            there.settle(Vec::new()).await.unwrap();
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        heard = waiting => heard.expect("submissions were settled elsewhere"),
        () = telling => {}
    }
}
