// SPDX-License-Identifier: Apache-2.0
//! Relying parties ask the routes, over a memory that publishes what the tests put into it.

use std::collections::BTreeSet;
use std::sync::Mutex;

use async_trait::async_trait;
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt;
use tamga_registry::id::{IssuerId, OrganizationId, SoftwareKeyId};
use tamga_registry::issuer::{Anchor, Issuer, IssuerRole, IssuerState, KeyUri};
use tamga_registry::journal::JournalRow;
use tamga_registry::revocation::{PublicationLease, PublishedList, ShardHealth, ShardId};
use tamga_registry::store::ListIntent;
use tamga_x509::certificate::IssuerCertificate;
use tamga_x509::crl::RevokedEntry;
use tamga_x509::serial::{Serial, ShardCount};
use tamga_x509::time::Timestamp;
use tower::ServiceExt;

use super::*;

mod refresh;

const NOW: i64 = 1_795_000_000;

struct Still;
impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(NOW)
    }
}

/// What is published, and nothing else: the status plane only reads.
#[derive(Default)]
struct Board {
    issuers: Vec<Issuer>,
    lists: Mutex<Vec<(ShardId, PublishedList)>>,
    lists_read: Mutex<u32>,
    issuers_read: Mutex<u32>,
}

impl Board {
    fn publish(&self, shard: ShardId, number: u64) {
        let at = |seconds| Timestamp::from_seconds(NOW + seconds);
        let list = PublishedList {
            number,
            der: format!("list {number}").into_bytes(),
            this_update: at(-60),
            next_update: at(86_400),
            due_at: at(3_600),
        };
        self.lists.lock().unwrap().push((shard, list));
    }
}

#[async_trait]
impl Publication for Board {
    async fn shards_due(&self, _: Timestamp) -> Result<Vec<ShardId>, StoreFault> {
        Ok(Vec::new())
    }
    async fn lease_shard(
        &self,
        _: ShardId,
        _: Timestamp,
        _: Timestamp,
    ) -> Result<Option<PublicationLease>, StoreFault> {
        Ok(None)
    }
    async fn revoked_page(
        &self,
        _: ShardId,
        _: Option<Serial>,
        _: Option<Timestamp>,
    ) -> Result<Vec<RevokedEntry>, StoreFault> {
        Ok(Vec::new())
    }
    async fn keep_list_intent(&self, _: &PublicationLease, _: &ListIntent) -> Result<bool, StoreFault> {
        Ok(false)
    }
    async fn publish_list(
        &self,
        _: &PublicationLease,
        _: Vec<u8>,
        _: Timestamp,
        _: JournalRow,
    ) -> Result<bool, StoreFault> {
        Ok(false)
    }
    async fn release_shard(&self, _: &PublicationLease) -> Result<(), StoreFault> {
        Ok(())
    }
    async fn published_number(&self, shard: ShardId) -> Result<Option<u64>, StoreFault> {
        Ok(self.newest(shard).map(|list| list.number))
    }
    async fn published_list(&self, shard: ShardId) -> Result<Option<PublishedList>, StoreFault> {
        *self.lists_read.lock().unwrap() += 1;
        Ok(self.newest(shard))
    }
    async fn issuers(&self) -> Result<Vec<Issuer>, StoreFault> {
        *self.issuers_read.lock().unwrap() += 1;
        Ok(self.issuers.clone())
    }
    async fn issuer(&self, id: IssuerId) -> Result<Option<Issuer>, StoreFault> {
        Ok(self.issuers.iter().find(|issuer| issuer.id == id).cloned())
    }
    async fn shard_health(&self) -> Result<Vec<ShardHealth>, StoreFault> {
        Ok(Vec::new())
    }
}

impl Board {
    fn newest(&self, shard: ShardId) -> Option<PublishedList> {
        let lists = self.lists.lock().unwrap();
        let of_shard = lists.iter().filter(|(of, _)| *of == shard).map(|(_, list)| list);
        of_shard.max_by_key(|list| list.number).cloned()
    }
}

fn issuer(number: u8, parent: Option<u8>, anchor: Anchor, state: IssuerState) -> Issuer {
    let mut parameters = rcgen::CertificateParams::default();
    parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    parameters.key_usages = vec![
        rcgen::KeyUsagePurpose::KeyCertSign,
        rcgen::KeyUsagePurpose::CrlSign,
    ];
    parameters
        .distinguished_name
        .push(rcgen::DnType::CommonName, format!("authority {number}"));
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = parameters.self_signed(&key).unwrap();
    Issuer {
        id: IssuerId::from_octets([number; 16]),
        organization: OrganizationId::from_octets([0xee; 16]),
        name: format!("authority-{number}"),
        role: if parent.is_none() {
            IssuerRole::Root
        } else {
            IssuerRole::Device
        },
        anchor,
        parent: parent.map(|number| IssuerId::from_octets([number; 16])),
        certificate: IssuerCertificate::parse(certificate.der()).unwrap(),
        key: KeyUri::Software(SoftwareKeyId::from_octets([number; 16])),
        state,
        generation: 1,
        status_url: "http://pki.example".parse().unwrap(),
        shards: ShardCount::new(4).unwrap(),
    }
}

fn board() -> Arc<Board> {
    let issuers = vec![
        issuer(3, None, Anchor::Server, IssuerState::Active),
        issuer(2, Some(1), Anchor::Device, IssuerState::Retiring),
        issuer(1, None, Anchor::Device, IssuerState::Active),
        issuer(4, None, Anchor::Device, IssuerState::Retired),
    ];
    Arc::new(Board {
        issuers,
        ..Board::default()
    })
}

fn shard(shard: u32) -> ShardId {
    ShardId {
        issuer: IssuerId::from_octets([2; 16]),
        shard,
    }
}

/// A relying party behind whatever caches there are.
struct Party {
    router: Router,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Party {
    fn before(board: &Arc<Board>) -> Self {
        let store: Arc<dyn Publication> = Arc::<Board>::clone(board);
        Self {
            router: router(StatusPlane::new(
                store,
                Arc::new(Still),
                StatusSettings::default(),
            )),
        }
    }

    async fn asks(&self, method: &str, path: &str, condition: Option<(&str, &str)>) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if let Some((name, value)) = condition {
            request = request.header(name, value);
        }
        let response = self
            .router
            .clone()
            .oneshot(request.body(Body::empty()).unwrap())
            .await
            .unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    async fn gets(&self, path: &str) -> Answer {
        self.asks("GET", path, None).await
    }
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .unwrap_or_else(|| panic!("no {name}"))
            .to_str()
            .unwrap()
    }
}

fn list_path(number: u32) -> String {
    format!("/c/{}/{number}.crl", shard(0).issuer)
}

#[tokio::test]
async fn a_list_is_served_with_what_caches_need() {
    let board = board();
    board.publish(shard(0), 7);
    let party = Party::before(&board);
    let list = party.gets(&list_path(0)).await;
    assert_eq!(
        (list.status, list.body.as_slice()),
        (StatusCode::OK, &b"list 7"[..])
    );
    assert_eq!(list.header("content-type"), "application/pkix-crl");
    assert_eq!(list.header("content-length"), "6");
    assert_eq!(
        list.header("cache-control"),
        "public, max-age=30, stale-if-error=86370"
    );
    assert!(list.header("last-modified").ends_with(" GMT"));
    let again = party
        .asks("GET", &list_path(0), Some(("if-none-match", list.header("etag"))))
        .await;
    assert_eq!((again.status, again.body.len()), (StatusCode::NOT_MODIFIED, 0));
    assert_eq!(again.header("etag"), list.header("etag"));
    assert_eq!(again.header("cache-control"), list.header("cache-control"));
    let head = party.asks("HEAD", &list_path(0), None).await;
    assert_eq!((head.status, head.body.len()), (StatusCode::OK, 0));
    assert_eq!(head.header("content-length"), "6");
    assert_eq!(head.header("etag"), list.header("etag"));
}

#[tokio::test]
async fn the_bytes_are_read_once_and_the_pointer_each_time() {
    let board = board();
    board.publish(shard(0), 7);
    let party = Party::before(&board);
    for _ in 0..3 {
        assert_eq!(party.gets(&list_path(0)).await.body, b"list 7");
    }
    assert_eq!(*board.lists_read.lock().unwrap(), 1);
    board.publish(shard(0), 8);
    assert_eq!(
        party.gets(&list_path(0)).await.body,
        b"list 8",
        "the next request sees the next list"
    );
}

#[tokio::test]
async fn a_shard_waits_for_its_first_list_or_is_none() {
    let party = Party::before(&board());
    let waiting = party.gets(&list_path(3)).await;
    assert_eq!(waiting.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(waiting.header("retry-after"), "5");
    assert_eq!(party.gets(&list_path(4)).await.status, StatusCode::NOT_FOUND);
    let stranger = format!("/c/{}/0.crl", IssuerId::from_octets([9; 16]));
    assert_eq!(party.gets(&stranger).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_issuer_is_served_as_its_certificate() {
    let board = board();
    let party = Party::before(&board);
    let found = party.gets(&format!("/i/{}.cer", shard(0).issuer)).await;
    assert_eq!(found.status, StatusCode::OK);
    assert_eq!(found.header("content-type"), "application/pkix-cert");
    assert_eq!(found.body, board.issuers[1].certificate.der());
    assert_eq!(
        party
            .gets(&format!("/i/{}.cer", IssuerId::from_octets([9; 16])))
            .await
            .status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn the_bundle_keeps_the_anchors_of_devices_and_of_the_house_apart() {
    let board = board();
    let party = Party::before(&board);
    let bundle = party.gets("/bundle").await;
    assert_eq!(bundle.header("content-type"), "application/json");
    let bundle: serde_json::Value = serde_json::from_slice(&bundle.body).unwrap();
    let issuers = |list: &str| -> Vec<String> {
        let entries = bundle[list].as_array().unwrap().iter();
        entries
            .map(|entry| entry["issuer"].as_str().unwrap().to_owned())
            .collect()
    };
    let id = |number| vec![IssuerId::from_octets([number; 16]).to_string()];
    assert_eq!(bundle["version"], 1);
    assert_eq!(issuers("deviceAnchors"), id(1), "the retired root is gone");
    assert_eq!(issuers("deviceIntermediates"), id(2));
    assert_eq!(issuers("serverAnchors"), id(3));
    assert_eq!(issuers("serverIntermediates"), Vec::<String>::new());
    assert_eq!(
        bundle["deviceAnchors"][0]["crls"][3],
        format!("http://pki.example/c/{}/3.crl", id(1)[0])
    );

    let device = party.gets("/bundle/device.pem").await;
    let server = party.gets("/bundle/server.pem").await;
    assert_eq!(device.header("content-type"), "application/x-pem-file");
    assert_eq!(
        String::from_utf8(device.body.clone()).unwrap(),
        bundle["deviceAnchors"][0]["pem"].as_str().unwrap()
    );
    assert_eq!(
        String::from_utf8(server.body).unwrap(),
        bundle["serverAnchors"][0]["pem"].as_str().unwrap()
    );
    assert_eq!(
        String::from_utf8(device.body)
            .unwrap()
            .matches("BEGIN CERTIFICATE")
            .count(),
        1,
        "anchors only"
    );
}

#[tokio::test]
async fn nothing_else_is_found_and_nothing_is_changed() {
    let party = Party::before(&board());
    for path in [
        "/",
        "/bundle/",
        "/bundle/../bundle",
        "/%62undle",
        "/c/x/0.crl",
        "/i/..%2f..%2fetc%2fpasswd.cer",
        "/metrics",
    ] {
        let answer = party.gets(path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(answer.body, b"not found\n", "{path}");
    }
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "BREW"] {
        let answer = party.asks(method, "/bundle", None).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method}");
        assert_eq!(answer.header("allow"), "GET,HEAD");
    }
}

#[test]
fn the_document_describes_the_routes_and_no_others() {
    let document: serde_json::Value =
        serde_json::from_str(include_str!("../../../openapi/status.json")).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let described: BTreeSet<&str> = paths.keys().map(String::as_str).collect();
    let routed: BTreeSet<&str> = ROUTES.iter().map(|route| route.path).collect();
    assert_eq!(described, routed);
    for (path, item) in paths {
        let methods: BTreeSet<&str> = item
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .filter(|key| *key != "parameters")
            .collect();
        assert_eq!(methods, BTreeSet::from(["get", "head"]), "{path}");
    }
}
