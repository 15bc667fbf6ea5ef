// SPDX-License-Identifier: Apache-2.0
//! More strangers than there is room for.

use std::process::Command;

use axum::Router;
use axum::routing::get;
use tamga_runtime::listener::Limits;
use tamga_runtime::telemetry::Metrics;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use crate::house::{DEADLINE, GET, House, answer, exchange, rest};

fn router() -> Router {
    Router::new().route("/", get(|| async { "well" }))
}

async fn from(source: &str, house: &House) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("socket");
    socket
        .bind(format!("{source}:0").parse().expect("address"))
        .expect("bound");
    socket.connect(house.tcp()).await.expect("connected")
}

#[tokio::test]
async fn one_address_cannot_take_more_than_its_share() {
    let limits = Limits {
        connections_per_address: 2,
        ..Limits::default()
    };
    let house = House::open(limits, router()).await;
    let mut first = from("127.0.0.1", &house).await;
    let mut second = from("127.0.0.1", &house).await;
    assert!(exchange(&mut first, GET).await.ends_with("well"));
    assert!(exchange(&mut second, GET).await.ends_with("well"));
    assert_eq!(
        rest(&mut from("127.0.0.1", &house).await).await,
        "",
        "the third is closed at once"
    );
    assert!(
        exchange(&mut from("127.0.0.2", &house).await, GET)
            .await
            .ends_with("well"),
        "others are served"
    );
    assert!(
        exchange(&mut first, GET).await.ends_with("well"),
        "those admitted stay"
    );

    drop(second);
    let again = async {
        loop {
            let mut stream = from("127.0.0.1", &house).await;
            if stream.write_all(GET.as_bytes()).await.is_ok() && rest_begins(&mut stream).await {
                return;
            }
        }
    };
    timeout(DEADLINE, again).await.expect("the room is given back");
}

async fn rest_begins(stream: &mut TcpStream) -> bool {
    timeout(DEADLINE, stream.readable())
        .await
        .expect("in time")
        .is_ok()
        && stream.try_read(&mut [0; 8]).is_ok_and(|read| read > 0)
}

#[tokio::test]
async fn when_the_house_is_full_newcomers_wait_their_turn() {
    let house = House::open(
        Limits {
            connections: 1,
            ..Limits::default()
        },
        router(),
    )
    .await;
    let mut first = house.connect().await;
    assert!(exchange(&mut first, GET).await.ends_with("well"));
    let mut waiting = house.connect().await;
    waiting
        .write_all(GET.as_bytes())
        .await
        .expect("the kernel holds it");
    assert!(exchange(&mut first, GET).await.ends_with("well"));
    drop(first);
    assert!(answer(&mut waiting).await.ends_with("well"));
}

/// The limit on descriptors is the whole process's, so the story plays in a process of its own.
#[test]
fn a_process_out_of_descriptors_waits_and_recovers() {
    let this = std::env::current_exe().expect("this program");
    let child = Command::new("sh")
        .args([
            "-c",
            "ulimit -n 48 && exec \"$0\" --ignored --exact crowd::out_of_descriptors --nocapture",
        ])
        .arg(this)
        .output()
        .expect("run");
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(
        child.status.success() && said.contains("1 passed"),
        "{said}{}",
        String::from_utf8_lossy(&child.stderr)
    );
}

#[test]
#[ignore = "played by a_process_out_of_descriptors_waits_and_recovers in a process with few descriptors"]
fn out_of_descriptors() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("runtime");
    runtime.block_on(async {
        let metrics = Metrics::start().expect("metrics");
        let house = House::open(Limits::default(), router()).await;
        let mut first = house.connect().await;
        assert!(exchange(&mut first, GET).await.ends_with("well"));
        let mut crowd = Vec::new();
        while let Ok(stream) = TcpStream::connect(house.tcp()).await {
            crowd.push(stream);
            assert!(crowd.len() < 1000, "the descriptors never run out");
        }
        let refusals = "tamga_accepts_total{plane=\"device\",outcome=\"refused_by_system\"}";
        let refused = || {
            let text = metrics.render();
            let line = text
                .lines()
                .find_map(|line| line.strip_prefix(refusals))
                .map(str::to_owned);
            line.map_or(0, |count| count.trim().parse::<u64>().expect("a count"))
        };
        let several = async {
            while refused() < 3 {
                tokio::task::yield_now().await;
            }
        };
        let began = std::time::Instant::now();
        timeout(DEADLINE, several).await.expect("the system refuses");
        assert!(
            exchange(&mut first, GET).await.ends_with("well"),
            "those inside are served meanwhile"
        );
        let most = began.elapsed().as_millis() / 10 + 3;
        assert!(
            u128::from(refused()) <= most,
            "{} refusals in {:?}: it spins",
            refused(),
            began.elapsed()
        );
        drop(crowd);
        let served = async { exchange(&mut house.connect().await, GET).await };
        assert!(
            timeout(DEADLINE, served)
                .await
                .expect("recovered in time")
                .ends_with("well")
        );
    });
}
