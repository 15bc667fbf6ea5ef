// SPDX-License-Identifier: Apache-2.0
//! The process is asked to end.

use std::process::Command;
use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use tamga_runtime::drain::Drain;
use tamga_runtime::listener::Limits;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::timeout;

use crate::house::{DEADLINE, GET, House, exchange, millis, rest, status};

/// A handler that says when it has begun and goes on when it is let.
async fn house(limits: Limits) -> (House, Arc<Notify>, Arc<Notify>) {
    let (begun, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (tell, wait) = (Arc::clone(&begun), Arc::clone(&go));
    let slow = move || {
        let (tell, wait) = (Arc::clone(&tell), Arc::clone(&wait));
        async move {
            tell.notify_one();
            wait.notified().await;
            "finished"
        }
    };
    let router = Router::new()
        .route("/", get(|| async { "well" }))
        .route("/slow", get(slow));
    (House::open(limits, router).await, begun, go)
}

async fn begin(house: &House, begun: &Notify) -> TcpStream {
    let mut stream = house.connect().await;
    stream
        .write_all(GET.replace("/ ", "/slow ").as_bytes())
        .await
        .expect("sent");
    timeout(DEADLINE, begun.notified())
        .await
        .expect("the handler has begun");
    stream
}

#[tokio::test]
async fn what_is_in_flight_is_finished_and_nothing_new_is_taken() {
    // No other limit ends anything here.
    let (header, idle) = (millis(3_600_000), millis(3_600_000));
    let (house, begun, go) = house(Limits {
        header,
        idle,
        ..Limits::default()
    })
    .await;
    let mut in_flight = begin(&house, &begun).await;
    let mut idle = house.connect().await;
    assert!(exchange(&mut idle, GET).await.ends_with("well"));
    let mut fresh = house.connect().await;

    house.drain.begin();
    assert_eq!(rest(&mut idle).await, "", "idle connections are closed");
    assert_eq!(rest(&mut fresh).await, "", "silent ones too");
    let closed = async { while TcpStream::connect(house.tcp()).await.is_ok() {} };
    timeout(DEADLINE, closed).await.expect("the place is given up");

    go.notify_one();
    let heard = rest(&mut in_flight).await;
    assert_eq!(status(&heard), "200");
    assert!(heard.ends_with("finished"), "{heard}");
    house.ends().await;
}

#[tokio::test]
async fn what_does_not_finish_in_time_is_cut() {
    let (house, begun, _go) = house(Limits {
        drain: millis(100),
        ..Limits::default()
    })
    .await;
    let mut in_flight = begin(&house, &begun).await;
    house.drain.begin();
    assert_eq!(rest(&mut in_flight).await, "");
    house.ends().await;
}

#[tokio::test]
async fn a_cut_waits_for_nobody() {
    let (house, begun, _go) = house(Limits::default()).await;
    let mut in_flight = begin(&house, &begun).await;
    house.drain.cut();
    assert_eq!(rest(&mut in_flight).await, "");
    house.ends().await;
}

#[tokio::test]
async fn one_listener_out_of_time_does_not_cut_another() {
    let (patient, begun, go) = house(Limits::default()).await;
    let mut in_flight = begin(&patient, &begun).await;
    let hasty_limits = Limits {
        drain: millis(50),
        ..Limits::default()
    };
    let config = tamga_runtime::listener::ListenerConfig {
        plane: tamga_runtime::listener::Plane::Ops,
        address: "127.0.0.1:0".parse().expect("address"),
        limits: hasty_limits,
    };
    let bound = tamga_runtime::listener::bind(&config).await.expect("bound");
    let address = bound.local_address().to_string();
    let started = Arc::new(Notify::new());
    let tell = Arc::clone(&started);
    let stuck = move || {
        tell.notify_one();
        std::future::pending::<&str>()
    };
    let router = Router::new().route("/slow", get(stuck));
    let hasty = tamga_runtime::listener::serve(bound, None, router, &crate::house::ids(), &patient.drain);
    let mut stuck = TcpStream::connect(&address).await.expect("connected");
    stuck
        .write_all(GET.replace("/ ", "/slow ").as_bytes())
        .await
        .expect("sent");
    timeout(DEADLINE, started.notified()).await.expect("begun");

    patient.drain.begin();
    timeout(DEADLINE, hasty)
        .await
        .expect("in time")
        .expect("no panic");
    go.notify_one();
    assert!(rest(&mut in_flight).await.ends_with("finished"));
    patient.ends().await;
}

/// Signals are the whole process's, so the story plays in a process of its own.
#[test]
fn the_first_signal_begins_and_the_second_cuts() {
    let this = std::env::current_exe().expect("this program");
    let child = Command::new(this)
        .args(["--ignored", "--exact", "ending::signalled", "--nocapture"])
        .output()
        .expect("run");
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(
        child.status.success() && said.contains("1 passed"),
        "{said}{}",
        String::from_utf8_lossy(&child.stderr)
    );
}

#[tokio::test]
#[ignore = "played by the_first_signal_begins_and_the_second_cuts in a process of its own"]
async fn signalled() {
    let drain = Drain::on_signals().expect("handlers");
    let send = |signal: &str| {
        let sent = Command::new("sh")
            .args(["-c", "kill -$0 $1", signal, &std::process::id().to_string()])
            .status();
        assert!(sent.expect("run").success());
    };
    send("TERM");
    timeout(DEADLINE, drain.begun().cancelled()).await.expect("begun");
    assert!(!drain.at_once().is_cancelled(), "one signal cuts nobody");
    send("INT");
    timeout(DEADLINE, drain.at_once().cancelled()).await.expect("cut");
}
