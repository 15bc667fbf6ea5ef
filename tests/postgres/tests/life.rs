// SPDX-License-Identifier: Apache-2.0
//! A cluster serves, is stopped and started, and ends with its holder.

use std::path::Path;
use std::time::{Duration, Instant};

use sqlx::{Connection as _, PgConnection};
use tamga_test_postgres::{Cluster, database, shared};

#[tokio::test]
async fn two_stories_do_not_see_each_other() {
    let (mine, yours) = (database().await, database().await);
    let make = "CREATE TABLE pump (id BIGINT)";
    sqlx::raw_sql(make)
        .execute(&mut mine.connect().await)
        .await
        .unwrap();
    sqlx::raw_sql(make)
        .execute(&mut yours.connect().await)
        .await
        .unwrap();
    assert_ne!(mine.name(), yours.name());
}

#[tokio::test]
async fn a_login_is_a_member_of_its_group() {
    let database = database().await;
    sqlx::raw_sql("CREATE ROLE pumpers NOLOGIN")
        .execute(&mut database.connect().await)
        .await
        .unwrap();
    let url = database.login("pumpers").await;
    let (member,): (bool,) = sqlx::query_as("SELECT pg_has_role(current_user, 'pumpers', 'MEMBER')")
        .fetch_one(&mut PgConnection::connect(&url).await.unwrap())
        .await
        .unwrap();
    assert!(member);
}

#[tokio::test]
async fn what_was_committed_outlives_a_crash() {
    let cluster = Cluster::start();
    let database = cluster.database().await;
    let work = "CREATE TABLE pump (id BIGINT); INSERT INTO pump VALUES (1)";
    sqlx::raw_sql(work)
        .execute(&mut database.connect().await)
        .await
        .unwrap();
    cluster.stop_at_once();
    assert!(PgConnection::connect(&database.url()).await.is_err());
    cluster.start_again();
    let (pumps,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM pump")
        .fetch_one(&mut database.connect().await)
        .await
        .unwrap();
    assert_eq!(pumps, 1);
    let place = cluster.socket_directory().to_owned();
    assert!(Path::new(&place).exists());
    drop(cluster);
    assert!(!Path::new(&place).exists());
}

/// Plays the holder that is killed: starts the shared cluster, says where it is, and waits for its end.
#[test]
#[ignore = "played by a_cluster_ends_with_a_holder_that_is_killed"]
fn a_holder() {
    println!("cluster {} {}", shared().socket_directory(), shared().port());
    loop {
        std::thread::park();
    }
}

#[test]
fn a_cluster_ends_with_a_holder_that_is_killed() {
    use std::io::{BufRead as _, BufReader};
    use std::process::{Command, Stdio};

    let mut holder = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "a_holder", "--nocapture"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(holder.stdout.take().unwrap()).lines();
    let told = lines
        .map_while(Result::ok)
        .find_map(|line| Some(line.split_once("cluster ")?.1.to_owned()))
        .unwrap();
    let (place, port) = told.split_once(' ').unwrap();
    let port: u16 = port.parse().unwrap();
    let answers = || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok();
    assert!(answers() && Path::new(place).exists());
    holder.kill().unwrap();
    holder.wait().unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    while answers() || Path::new(place).exists() {
        assert!(Instant::now() < deadline, "it outlives its holder");
        std::thread::yield_now();
    }
}
