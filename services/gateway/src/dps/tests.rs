// SPDX-License-Identifier: Apache-2.0
//! The device plane's document says what its router does.

use axum::body::Body;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::{Request, StatusCode};
use axum::routing::any;
use tower::ServiceExt;

use super::target::{Target, segments};
use super::*;

#[test]
fn the_document_describes_the_routes_and_no_others() {
    crate::route::tests::assert_described(&routes(), include_str!("../../../../openapi/device.json"));
}

#[test]
fn no_two_routes_collide() {
    // The router panics where two of its paths could mean the same.
    let _router: Router<DevicePlane> = routed(routes());
}

/// Whom a request's path names, by the router's own decoding: 200, or the slug of the refusal.
async fn named(path: &str) -> (StatusCode, String) {
    let handler = async |path: Result<Path<(String, String)>, PathRejection>| {
        let target = segments(path).and_then(|(scope, id)| Target::new(&scope, &id));
        match target {
            Ok(target) => (StatusCode::OK, target.registration_id.presented().to_owned()),
            Err(refusal) => (refusal.code().status, refusal.slug().to_owned()),
        }
    };
    let router = Router::new().route("/{idScope}/registrations/{registrationId}", any(handler));
    let response = router
        .oneshot(Request::get(path).body(Body::empty()).unwrap())
        .await
        .unwrap();
    let status = response.status();
    let body = axum::body::to_bytes(response.into_body(), 1_000).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn a_registration_id_is_decoded_once() {
    for (path, id) in [
        ("/0tmK4Q8Z1RW/registrations/Pump-1", "Pump-1"),
        ("/0tmK4Q8Z1RW/registrations/a:b", "a:b"),
        ("/0tmK4Q8Z1RW/registrations/a%3Ab", "a:b"),
        ("/0tmK4Q8Z1RW/registrations/a%3ab?api-version=2019-03-31", "a:b"),
    ] {
        assert_eq!(named(path).await, (StatusCode::OK, id.to_owned()), "{path}");
    }
    let hostile = [
        "a%253Ab",
        "a%2Fb",
        "%2e%2e",
        "..",
        "a%00",
        "a%ff",
        "a;b",
        "a%5cb",
        "a%20",
        "%E2%80%AEa",
    ];
    for wrong in hostile {
        let (status, slug) = named(&format!("/0tmK4Q8Z1RW/registrations/{wrong}")).await;
        assert_eq!(
            (status, slug.as_str()),
            (StatusCode::BAD_REQUEST, "registration_id_invalid"),
            "{wrong}"
        );
    }
    for nowhere in [
        "/0tmK4Q8Z1RW//registrations/a",
        "/0tmK4Q8Z1RW/registrations/a/",
        "/0tmK4Q8Z1RW/Registrations/a",
    ] {
        assert_eq!(named(nowhere).await.0, StatusCode::NOT_FOUND, "{nowhere}");
    }
}

#[test]
fn text_that_can_be_no_scope_is_doubted_like_a_scope_nobody_owns() {
    for scope in ["0ne00000A0A", "registrations", "0tmK4Q8Z1R", "0tmK4Q8Z1RI"] {
        let target = Target::new(scope, "pump-1").unwrap();
        assert_eq!(target.scope().unwrap_err().slug(), "token_signature", "{scope}");
    }
    assert!(Target::new("0TMk4q8z1rw", "pump-1").unwrap().scope().is_ok());
}
