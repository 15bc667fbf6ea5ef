// SPDX-License-Identifier: Apache-2.0
//! Stories of a house that is left alone: its own duties keep its lists fresh and its TLS certificate valid.

use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use tamga::dev::ports::Ports;
use tamga::device::ServerAnchor;
use tamga::exchange::get;
use tamga::house::{House, RunningHouse};
use tamga::settings::Settings;
use tamga_runtime::chance::SystemChance;
use tamga_runtime::listener::Plane;
use tamga_x509::crl::Crl;
use tamga_x509::time::{Clock, Timestamp};

use crate::served::DEADLINE;

/// A clock that stands until it is moved.
struct Standing(AtomicI64);

impl Clock for Standing {
    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(self.0.load(Ordering::SeqCst))
    }
}

impl Standing {
    fn days_pass(&self, days: i64) {
        self.0.fetch_add(days * 86_400, Ordering::SeqCst);
    }
}

const NOON: i64 = 1_795_003_200;

/// At an address of its own: whatever ports it gets are free again when it comes back.
async fn house(data: &Path, address: [u8; 4], clock: Arc<Standing>) -> RunningHouse {
    let ports = Ports {
        address: Ipv4Addr::from(address).into(),
        device: 0,
        status: 0,
        ops: 0,
        admin: None,
    };
    let listeners = ports.listeners(&data.join("admin.sock"));
    let settings = named(address)
        .house(data.join("data"), listeners)
        .expect("settings");
    House::start(settings, clock, Arc::new(SystemChance::new()))
        .await
        .expect("a house")
}

/// Settings whose TLS certificate is for this address.
fn named(address: [u8; 4]) -> Settings {
    let mut settings = Settings::default();
    settings.tls.names.push(Ipv4Addr::from(address).to_string());
    settings
}

/// Looks again and again until it sees what it waits for.
async fn until<T, F: Future<Output = Option<T>>>(what: &str, mut look: impl FnMut() -> F) -> T {
    let mut looks = tokio::time::interval(Duration::from_millis(50));
    let looking = async {
        loop {
            looks.tick().await;
            if let Some(seen) = look().await {
                return seen;
            }
        }
    };
    tokio::time::timeout(DEADLINE, looking).await.expect(what)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_house_left_alone_renews_its_tls_certificate_and_shows_it_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let clock = Arc::new(Standing(AtomicI64::new(NOON)));
    let house = house(folder.path(), [127, 85, 0, 1], clock.clone()).await;
    let endpoint = format!(
        "https://{}",
        house.addresses().tcp(Plane::Device).expect("an address")
    );
    let endpoint = endpoint.parse().expect("an endpoint");
    let anchor: ServerAnchor = house.anchors().server()[0].clone();
    let shown = async || {
        let stream = anchor
            .connect(&endpoint, None, clock.clone())
            .await
            .expect("trusted");
        let chain = stream.get_ref().1.peer_certificates().expect("shown").to_vec();
        chain[0].clone()
    };
    let first = shown().await;
    assert_eq!(shown().await, first, "nothing changes while nothing is due");
    clock.days_pass(25);
    let look = || async { Some(shown().await).filter(|leaf| *leaf != first) };
    let second = until("a renewed certificate is shown", look).await;
    clock.days_pass(25);
    let look = || async { Some(shown().await).filter(|leaf| *leaf != second) };
    until("and so is the one after it", look).await;
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_house_left_alone_publishes_its_lists_before_they_grow_old() {
    let folder = tempfile::tempdir().expect("a folder");
    let clock = Arc::new(Standing(AtomicI64::new(NOON)));
    let house = house(folder.path(), [127, 85, 0, 2], clock.clone()).await;
    let base = format!(
        "http://{}",
        house.addresses().tcp(Plane::Status).expect("an address")
    );
    let bundle = get(&format!("{base}/bundle")).await.expect("a bundle");
    let bundle: serde_json::Value = serde_json::from_slice(&bundle).expect("JSON");
    let urls: Vec<&str> = [
        "deviceAnchors",
        "deviceIntermediates",
        "serverAnchors",
        "serverIntermediates",
    ]
    .into_iter()
    .filter_map(|side| bundle[side][0]["crls"][0].as_str())
    .collect();
    assert_eq!(urls.len(), 4, "every authority has a list: {bundle}");
    for day in 1..=3u64 {
        clock.days_pass(1);
        for url in &urls {
            let now = clock.now();
            let fresh = || async {
                let der = get(url).await.expect("a list");
                let list = Crl::parse(&der).expect("a list");
                (list.this_update() >= now).then_some((list.next_update(), list.number()))
            };
            let (next_update, number) = until("a list of today", fresh).await;
            assert!(next_update > now && number > day, "day {day}: {number}");
        }
    }
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_house_that_was_stopped_for_long_is_fresh_when_it_answers_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let clock = Arc::new(Standing(AtomicI64::new(NOON)));
    let (data, address) = (folder.path().join("data"), [127, 85, 0, 3]);
    let first = house(folder.path(), address, clock.clone()).await;
    assert!(first.is_first_start());
    let (addresses, scope) = (first.addresses().clone(), first.id_scope().clone());
    first.stop().await;
    clock.days_pass(60);
    let listeners = addresses
        .all()
        .iter()
        .map(|(plane, address)| tamga_runtime::listener::ListenerConfig {
            plane: *plane,
            address: address.clone(),
            limits: Default::default(),
        });
    let settings = named(address).house(data, listeners.collect()).expect("settings");
    let second = House::start(settings, clock.clone(), Arc::new(SystemChance::new()))
        .await
        .expect("again");
    assert!(!second.is_first_start());
    assert_eq!((second.addresses(), second.id_scope()), (&addresses, &scope));
    let ops = second.addresses().tcp(Plane::Ops).expect("an address");
    until("it is ready", || async {
        get(&format!("http://{ops}/readyz")).await.ok()
    })
    .await;
    let endpoint = format!(
        "https://{}",
        second.addresses().tcp(Plane::Device).expect("an address")
    );
    let endpoint = endpoint.parse().expect("an endpoint");
    second.anchors().server()[0]
        .connect(&endpoint, None, clock)
        .await
        .expect("a certificate that is valid now");
    second.stop().await;
}
