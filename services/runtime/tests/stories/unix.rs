// SPDX-License-Identifier: Apache-2.0
//! The operator's own socket on this machine.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use axum::routing::get;
use axum::{Extension, Router};
use tamga_runtime::listener::{BindFault, Limits, ListenerConfig, Peer, PeerAddress, Plane, bind};
use tokio::net::UnixStream;

use crate::house::{GET, House, exchange};

fn router() -> Router {
    Router::new().route(
        "/",
        get(|Extension(peer): Extension<Peer>| async move { peer.address.to_string() }),
    )
}

fn config(path: &std::path::Path) -> ListenerConfig {
    let address = format!("unix:{}", path.display()).parse().expect("address");
    ListenerConfig {
        plane: Plane::Admin,
        address,
        limits: Limits::default(),
    }
}

#[tokio::test]
async fn the_socket_is_its_owners_alone_and_the_kernel_names_the_caller() {
    let directory = tempfile::tempdir().expect("directory");
    let path = directory.path().join("admin.sock");
    let house = House::at(
        &format!("unix:{}", path.display()),
        Limits::default(),
        None,
        router(),
    )
    .await;
    let made = fs::symlink_metadata(&path).expect("made");
    assert_eq!(made.permissions().mode() & 0o7777, 0o600);
    let mut stream = UnixStream::connect(&path).await.expect("connected");
    let heard = exchange(&mut stream, GET).await;
    let me = PeerAddress::Unix {
        uid: made.uid(),
        gid: made.gid(),
        pid: i32::try_from(std::process::id()).ok(),
    };
    assert!(heard.ends_with(&me.to_string()), "{heard} is not {me}");

    let names: Vec<_> = fs::read_dir(directory.path()).expect("listed").collect();
    assert_eq!(names.len(), 1, "nothing else is left beside it: {names:?}");
    drop(stream);
    house.drain.begin();
    house.ends().await;
    assert!(!path.exists(), "the socket goes with its listener");
}

#[tokio::test]
async fn a_socket_left_by_a_fallen_process_is_replaced() {
    let directory = tempfile::tempdir().expect("directory");
    let path = directory.path().join("admin.sock");
    drop(std::os::unix::net::UnixListener::bind(&path).expect("left behind"));
    assert!(path.exists());
    let house = House::at(
        &format!("unix:{}", path.display()),
        Limits::default(),
        None,
        router(),
    )
    .await;
    let mut stream = UnixStream::connect(&path).await.expect("connected");
    assert!(exchange(&mut stream, GET).await.contains("unix:uid="));
    house.drain.cut();
    house.ends().await;
}

#[tokio::test]
async fn a_living_listener_is_not_pushed_aside() {
    let directory = tempfile::tempdir().expect("directory");
    let path = directory.path().join("admin.sock");
    let _first = bind(&config(&path)).await.expect("first");
    let fault = bind(&config(&path)).await.expect_err("second");
    assert!(matches!(fault, BindFault::InUse(_)), "{fault}");
    assert!(fault.to_string().contains("another process listens"), "{fault}");
    UnixStream::connect(&path).await.expect("the first still listens");
}

#[tokio::test]
async fn a_file_in_the_way_is_not_removed() {
    let directory = tempfile::tempdir().expect("directory");
    let path = directory.path().join("admin.sock");
    fs::write(&path, "precious").expect("written");
    let fault = bind(&config(&path)).await.expect_err("refused");
    assert!(matches!(fault, BindFault::NotASocket(_)), "{fault}");
    assert_eq!(fs::read_to_string(&path).expect("still there"), "precious");
}

#[tokio::test]
async fn a_path_too_long_for_the_kernel_is_named_with_its_limit() {
    let directory = tempfile::tempdir().expect("directory");
    let path = directory.path().join("x".repeat(100));
    let fault = bind(&config(&path)).await.expect_err("refused");
    let BindFault::PathTooLong { most, .. } = &fault else {
        panic!("{fault}")
    };
    assert!(*most > 0 && fault.to_string().contains("too long"), "{fault}");
}

#[tokio::test]
async fn a_directory_that_is_missing_is_named() {
    let fault = bind(&config(std::path::Path::new("/nonexistent/admin.sock")))
        .await
        .expect_err("refused");
    assert!(fault.to_string().contains("/nonexistent/admin.sock"), "{fault}");
    assert!(fault.to_string().contains("make its directory first"), "{fault}");
}
