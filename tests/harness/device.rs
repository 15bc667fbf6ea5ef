// SPDX-License-Identifier: Apache-2.0
//! A device: it signs tokens, makes keys, asks for certificates, and remembers what it was handed.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use data_encoding::BASE64;
use rustls::ClientConfig;
use serde_json::{Value, json};
use tamga_x509::time::Clock as _;

use crate::answer::{Certified, Told};
use crate::clock::StoryClock;
use crate::key_pair::KeyPair;
use crate::operator::Enrollment;
use crate::patience::eventually;
use crate::sas::{Dialect, NODE, SasKey, Token};
use crate::secrets::Secrets;
use crate::vendor::Birth;
use crate::wire::{Request, Wire};

/// Every certificate any device of a house was ever handed.
#[derive(Clone, Default)]
pub struct Ledger(Arc<Mutex<Vec<Vec<u8>>>>);

impl Ledger {
    /// DER of the certificates handed out so far, leaves only.
    pub fn handed_out(&self) -> Vec<Vec<u8>> {
        self.0.lock().unwrap().clone()
    }

    /// One more was handed out.
    pub(crate) fn writes(&self, leaf: &[u8]) {
        self.0.lock().unwrap().push(leaf.to_vec());
    }

    fn write(&self, told: &Told) {
        self.0.lock().unwrap().extend(told.chain().into_iter().next());
    }
}

/// The doors of one house, which devices knock at in turn.
#[derive(Clone)]
pub struct Doors(Arc<(Vec<SocketAddr>, AtomicUsize)>);

impl Doors {
    /// These.
    pub fn new(addresses: Vec<SocketAddr>) -> Self {
        assert!(!addresses.is_empty(), "a house has a door");
        Self(Arc::new((addresses, AtomicUsize::new(0))))
    }

    /// All of them.
    pub fn all(&self) -> &[SocketAddr] {
        &self.0.0
    }

    /// The one whose turn it is.
    pub fn next(&self) -> SocketAddr {
        let (addresses, knocks) = &*self.0;
        addresses[knocks.fetch_add(1, Ordering::Relaxed) % addresses.len()]
    }
}

/// What devices know of a house: where its door is, and whom to trust there.
#[derive(Clone)]
pub struct Door {
    /// Where it listens; the first, where there are several.
    pub address: SocketAddr,
    /// All of them.
    pub doors: Doors,
    /// Trusts the house's printed server anchor, at the story's time.
    pub tls: Arc<ClientConfig>,
    /// The id scope.
    pub scope: String,
    /// The time devices know.
    pub clock: Arc<StoryClock>,
    /// What was handed out.
    pub ledger: Ledger,
    /// What may be seen nowhere.
    pub secrets: Secrets,
}

/// One device.
#[derive(Clone)]
pub struct Device {
    /// The door it knocks at.
    pub door: Door,
    /// As it writes it.
    pub registration_id: String,
    /// What it signs tokens with, where it has no certificate.
    pub key: SasKey,
    /// What it shows in the handshake instead of a token.
    pub certificate: Option<Birth>,
    /// How it writes them.
    pub dialect: Dialect,
    /// The `api-version` it names.
    pub api_version: &'static str,
}

/// The version the newest clients name.
pub const NEWEST: &str = "2026-11-01";

impl Device {
    /// A device that holds this key and writes as Node does.
    pub fn new(door: Door, registration_id: &str, key: SasKey) -> Self {
        door.secrets.keep(&key.to_base64());
        Self {
            door,
            registration_id: registration_id.to_owned(),
            key,
            certificate: None,
            dialect: NODE,
            api_version: NEWEST,
        }
    }

    /// A device that proves itself by a certificate.
    pub fn born(door: Door, registration_id: &str, birth: &Birth) -> Self {
        Self {
            door,
            registration_id: registration_id.to_owned(),
            key: SasKey::none(),
            certificate: Some(birth.clone()),
            dialect: NODE,
            api_version: NEWEST,
        }
    }

    /// The same device, proving itself by another certificate, without a token.
    #[must_use]
    pub fn showing(&self, certificate: &Birth) -> Self {
        Self {
            certificate: Some(certificate.clone()),
            ..self.clone()
        }
    }

    /// The same device, speaking as another client does.
    #[must_use]
    pub fn speaking(&self, dialect: Dialect) -> Self {
        Self {
            dialect,
            ..self.clone()
        }
    }

    /// The same device under another spelling of its id.
    #[must_use]
    pub fn spelled(&self, registration_id: &str) -> Self {
        Self {
            registration_id: registration_id.to_owned(),
            ..self.clone()
        }
    }

    /// The same device, with the key its group derives for some spelling of its id.
    #[must_use]
    pub fn with_key_of(&self, registration_id: &str, group: &Enrollment) -> Self {
        let key = group.primary.derived_for(registration_id);
        Self { key, ..self.clone() }
    }

    /// Registers without asking for a certificate.
    pub async fn registers(&self) -> Told {
        self.puts(&json!({ "registrationId": self.registration_id }))
            .await
    }

    /// Asks for a certificate on this key by `csr`. Every request is signed anew, so no two have the same bytes.
    pub async fn enrolls(&self, key: &KeyPair) -> Told {
        self.sends(&key.request(&self.registration_id)).await
    }

    /// Asks for a certificate on this key until it has it: a house on a busy machine may say that it is on its way.
    pub async fn is_certified(&self, key: &KeyPair) -> Certified {
        eventually("the device has its certificate", || async {
            let told = self.enrolls(key).await;
            let under_way = told.answer.status == 202 && told.state()["status"] == "assigning";
            (!under_way).then(|| told.certified())
        })
        .await
    }

    /// Asks for one by `payload.csr`, as released clients do.
    pub async fn enrolls_by_payload(&self, key: &KeyPair) -> Told {
        let csr = BASE64.encode(&key.request(&self.registration_id));
        self.puts(&json!({ "registrationId": self.registration_id, "payload": { "csr": csr } }))
            .await
    }

    /// Sends this request, whatever it is.
    pub async fn sends(&self, csr: &[u8]) -> Told {
        self.asks(self.registration_of(csr)).await
    }

    /// A registration with this request, not yet sent.
    pub fn registration_of(&self, csr: &[u8]) -> Request {
        self.register(&json!({ "registrationId": self.registration_id, "csr": BASE64.encode(csr) }))
    }

    /// Registers with this body.
    pub async fn puts(&self, body: &Value) -> Told {
        self.asks(self.register(body)).await
    }

    /// Registers with this Authorization, whatever it is.
    pub async fn presents(&self, authorization: &str) -> Told {
        let body = json!({ "registrationId": self.registration_id });
        let target = self.target("/register");
        self.asks(
            Request::new("PUT", &target)
                .header("Authorization", authorization)
                .json(&body),
        )
        .await
    }

    /// Asks what became of an operation.
    pub async fn polls(&self, operation: &str) -> Told {
        self.asks(self.poll_of(operation)).await
    }

    /// A poll of this operation, not yet sent.
    pub fn poll_of(&self, operation: &str) -> Request {
        let target = self.target(&format!("/operations/{operation}"));
        // Node sends `{}` with each poll.
        self.proving(Request::new("GET", &target)).json(&json!({}))
    }

    /// Asks what is known of its registration.
    pub async fn looks_up(&self) -> Told {
        let body = json!({ "registrationId": self.registration_id });
        let request = self.proving(Request::new("POST", &self.target("")));
        self.asks(request.json(&body)).await
    }

    /// A registration with this body, not yet sent.
    pub fn register(&self, body: &Value) -> Request {
        self.proving(Request::new("PUT", &self.target("/register")))
            .json(body)
    }

    /// A token, unless the device shows a certificate.
    fn proving(&self, request: Request) -> Request {
        match &self.certificate {
            Some(_) => request,
            None => request.header("Authorization", &self.token()),
        }
    }

    /// A token as of now, before it is signed.
    pub fn token_now(&self) -> Token {
        let whom = (self.door.scope.as_str(), self.registration_id.as_str());
        Token::of(&self.dialect, whom, self.door.clock.now().seconds())
    }

    fn token(&self) -> String {
        let token = self.token_now().signed_by(&self.key);
        self.door.secrets.keep(&token);
        token
    }

    /// A path of its registration.
    pub fn target(&self, end: &str) -> String {
        let Self {
            door,
            registration_id,
            ..
        } = self;
        let version = self.api_version;
        format!(
            "/{}/registrations/{registration_id}{end}?api-version={version}",
            door.scope
        )
    }

    /// Sends any request to the door, over a connection of its own.
    pub async fn asks(&self, request: Request) -> Told {
        let mut wire = self.connects().await;
        let answer = wire.ask(&request).await.expect("the device plane answers");
        let told = Told { answer };
        self.door.ledger.write(&told);
        told
    }

    /// A connection to the door.
    pub async fn connects(&self) -> Wire {
        let Door { address, tls, .. } = &self.door;
        let tls = match &self.certificate {
            Some(certificate) => certificate.shown_at(&self.door),
            None => Arc::clone(tls),
        };
        Wire::tls(*address, tls).await.expect("the door opens")
    }
}
