// SPDX-License-Identifier: Apache-2.0
//! Stories of a process whose needs are out of reach when it starts.

use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use tamga_x509::time::{Clock as _, Timestamp};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;
use crate::chance::SystemChance;
use crate::clock::SystemClock;
use crate::listener::{Address, Limits};
use crate::process::Served;

fn listeners() -> Vec<ListenerConfig> {
    let listener = |plane| ListenerConfig {
        plane,
        address: Address::Tcp(([127, 0, 0, 1], 0).into()),
        limits: Limits::default(),
    };
    vec![listener(Plane::Ops), listener(Plane::Status)]
}

fn part() -> Part {
    Part {
        fronts: vec![Served {
            plane: Plane::Status,
            front: Router::new().into(),
            tls: None,
        }],
        ..Part::default()
    }
}

fn process() -> Process {
    Process::new(Drain::new(), Arc::new(SystemClock), Arc::new(SystemChance::new())).unwrap()
}

async fn readyz(waking: &Waking) -> String {
    let address = waking.addresses().tcp(Plane::Ops).unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = b"GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

async fn within<T>(what: &str, work: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), work)
        .await
        .expect(what)
}

#[tokio::test]
async fn a_process_without_what_it_needs_stays_up_says_why_and_comes_to_life_by_itself() {
    assert!(SystemClock.now() > Timestamp::from_seconds(0));
    let tries = Arc::new(AtomicUsize::new(0));
    let tried = Arc::clone(&tries);
    let awaken = move || {
        let number = tried.fetch_add(1, Ordering::SeqCst);
        async move {
            match number {
                0..3 => Err("the database is out of reach".into()),
                _ => Ok(part()),
            }
        }
    };
    let waking = process().wake(listeners(), awaken).await.unwrap();
    within("it says why", async {
        while !readyz(&waking).await.contains("the database is out of reach") {}
    })
    .await;
    assert_eq!(
        waking.addresses().tcp(Plane::Status),
        None,
        "nobody is served yet"
    );
    within("it comes to life", waking.alive()).await;
    let ready = readyz(&waking).await;
    assert!(ready.starts_with("HTTP/1.1 200"), "{ready}");
    assert!(waking.addresses().tcp(Plane::Status).is_some());
    assert!(matches!(within("a good end", waking.stop()).await, Ending::Asked));
    assert_eq!(tries.load(Ordering::SeqCst), 4);
}

#[tokio::test]
async fn a_process_that_waits_can_be_asked_to_end() {
    let awaken = || async { Err("never".into()) };
    let waking = process().wake(listeners(), awaken).await.unwrap();
    assert!(matches!(within("a good end", waking.stop()).await, Ending::Asked));
}

#[tokio::test]
async fn a_place_that_is_taken_is_told_at_once() {
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut listeners = listeners();
    listeners[1].address = Address::Tcp(taken.local_addr().unwrap());
    let refused = process()
        .wake(listeners, || async { Ok(part()) })
        .await
        .unwrap_err();
    assert!(refused.to_string().contains("cannot listen at"), "{refused}");
}

#[tokio::test]
async fn a_process_is_not_asked_for_a_plane_it_does_not_serve() {
    let mut waking = process()
        .wake(listeners(), || async { Ok(Part::default()) })
        .await
        .unwrap();
    let ending = within("it ends", waking.ended()).await;
    assert!(
        matches!(ending, Ending::Doors(LifeFault::NothingToServe(Plane::Status))),
        "{ending:?}"
    );
}
