// SPDX-License-Identifier: Apache-2.0
//! What a device was told, and what a story expects of it.

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::BASE64;
use serde_json::Value;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use crate::wire::Answer;

/// An answer of the device plane.
#[derive(Clone, Debug)]
pub struct Told {
    /// As it came.
    pub answer: Answer,
}

/// A certificate a device was handed, with the chain above it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certified {
    /// DER: the leaf first, its root last.
    pub chain: Vec<Vec<u8>>,
}

impl Told {
    /// The state within, whichever call was answered.
    pub fn state(&self) -> Value {
        let body = self.answer.json();
        match body.get("registrationState") {
            Some(state) => state.clone(),
            None => body,
        }
    }

    /// Assigned; panics with the answer when it is anything else.
    #[track_caller]
    pub fn assigned(&self) -> &Self {
        let state = self.state();
        assert!(
            matches!(self.answer.status, 200 | 202) && state["status"] == "assigned",
            "expected assigned: {} {}",
            self.answer.status,
            self.answer.text()
        );
        assert!(
            state["deviceId"].is_string() && state["assignedHub"].is_string(),
            "{state}"
        );
        self
    }

    /// Assigned, with the certificate that was asked for.
    #[track_caller]
    pub fn certified(&self) -> Certified {
        self.assigned();
        let chain = self.chain();
        assert!(
            !chain.is_empty(),
            "assigned without a chain: {}",
            self.answer.text()
        );
        Certified { chain }
    }

    /// The order is stored; the certificate is on its way.
    #[track_caller]
    pub fn assigning(&self) -> &Self {
        assert_eq!(self.answer.status, 202, "{}", self.answer.text());
        assert_eq!(self.state()["status"], "assigning", "{}", self.answer.text());
        let wait: u32 = self
            .answer
            .header("retry-after")
            .unwrap_or_default()
            .parse()
            .expect("whole seconds");
        assert!((2..=5).contains(&wait), "Java ignores {wait}");
        self
    }

    /// Refused with this status and slug, in the error form every client reads.
    #[track_caller]
    pub fn refused(&self, status: u16, slug: &str) -> &Self {
        let told = self.answer.text();
        assert_eq!(self.answer.status, status, "expected {slug}: {told}");
        let body = self.answer.json();
        assert_eq!(body["info"]["slug"], slug, "{told}");
        assert_eq!(
            body["errorCode"].as_u64().unwrap_or_default() / 1_000,
            u64::from(status),
            "{told}"
        );
        assert_eq!(
            self.answer.header("x-ms-error-code"),
            Some(body["errorCode"].to_string().as_str())
        );
        assert_eq!(
            self.answer.header("x-ms-request-id"),
            body["trackingId"].as_str(),
            "{told}"
        );
        assert!(
            body["message"].as_str().is_some_and(|message| message.len() > 20),
            "{told}"
        );
        assert!(self.chain().is_empty(), "a refusal carries a certificate: {told}");
        self
    }

    /// The operation came to nothing, in the form C#, Java and Node read: 200, `failed`, with code and message.
    #[track_caller]
    pub fn failed(&self, slug: &str) -> &Self {
        let (told, state) = (self.answer.text(), self.state());
        assert_eq!(
            (self.answer.status, &state["status"]),
            (200, &"failed".into()),
            "{told}"
        );
        assert!(state["errorCode"].is_u64(), "{told}");
        assert!(
            state["errorMessage"]
                .as_str()
                .is_some_and(|message| message.contains(slug)),
            "{told}"
        );
        assert!(self.chain().is_empty(), "a failure carries a certificate: {told}");
        self
    }

    /// The id of the operation, to be polled.
    #[track_caller]
    pub fn operation(&self) -> String {
        self.answer.json()["operationId"]
            .as_str()
            .expect("an operation id")
            .to_owned()
    }

    /// The id of the request, as the journal keeps it.
    pub fn request_id(&self) -> [u8; 16] {
        let shown = self
            .answer
            .header("x-ms-request-id")
            .expect("every answer names its request");
        uuid::Uuid::parse_str(shown)
            .expect("a request id is a UUID")
            .into_bytes()
    }

    /// Whatever certificates the answer carries, by either door.
    pub fn chain(&self) -> Vec<Vec<u8>> {
        let Ok(body) = serde_json::from_slice::<Value>(&self.answer.body) else {
            return Vec::new();
        };
        let state = body.get("registrationState").unwrap_or(&body);
        let of = |place: &Value| -> Vec<Vec<u8>> {
            let texts = place["issuedCertificateChain"].as_array().into_iter().flatten();
            texts
                .map(|text| {
                    BASE64
                        .decode(text.as_str().expect("text").as_bytes())
                        .expect("base64")
                })
                .collect()
        };
        let (top, payload) = (of(state), of(&state["payload"]));
        assert!(
            top.is_empty() || payload.is_empty() || top == payload,
            "two doors, two certificates"
        );
        if top.is_empty() { payload } else { top }
    }
}

impl Certified {
    /// DER of the certificate itself.
    pub fn leaf(&self) -> &[u8] {
        &self.chain[0]
    }

    /// The certificate itself, read by another library than the house's.
    pub fn read(&self) -> X509Certificate<'_> {
        X509Certificate::from_der(self.leaf()).expect("a certificate").1
    }

    /// SHA-256 of its SubjectPublicKeyInfo.
    pub fn spki_hash(&self) -> [u8; 32] {
        let spki = self.read().public_key().raw.to_vec();
        digest(&SHA256, &spki)
            .as_ref()
            .try_into()
            .expect("SHA-256 has 32 octets")
    }

    /// Its serial, as the house shows it.
    pub fn serial(&self) -> String {
        data_encoding::HEXLOWER.encode(self.read().raw_serial())
    }
}
