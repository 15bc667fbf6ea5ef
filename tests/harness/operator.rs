// SPDX-License-Identifier: Apache-2.0
//! An operator: works at the admin plane over the Unix socket, as the user who runs the house.

use std::path::PathBuf;

use data_encoding::BASE64;
use serde_json::{Value, json};
use tamga_runtime::ops::Readiness;

use crate::answer::Certified;
use crate::device::{Device, Door};
use crate::memory::Memory;
use crate::patience::eventually;
use crate::sas::SasKey;
use crate::vendor::{Birth, Vendor};
use crate::wire::{Answer, Request, Wire};

/// One operator.
#[derive(Clone)]
pub struct Operator {
    /// The socket.
    pub socket: PathBuf,
    /// The organization's slug.
    pub organization: String,
    /// Where the devices are to be sent.
    pub door: Door,
    /// Whoever has to learn of what the operator does.
    pub replicas: Replicas,
}

/// The other processes that keep policy in mind: a change takes effect in each of them within a second.
#[derive(Clone)]
pub struct Replicas {
    /// Their readiness, which tells the version they know.
    pub processes: Vec<Readiness>,
    /// Tells the version there is.
    pub memory: Memory,
}

impl Replicas {
    /// Waits until each has learned of what was done before this call.
    pub(crate) async fn learn(&self) {
        if self.processes.is_empty() {
            return;
        }
        let version = self
            .memory
            .number("SELECT policy_version FROM installation")
            .await;
        let knows = |process: &Readiness| {
            let noted = process.noted().remove("policy").unwrap_or_default();
            let known = noted
                .first()
                .and_then(|line| line.strip_prefix("version ")?.parse::<i64>().ok());
            known.is_some_and(|known| known >= version)
        };
        eventually("every process learns of a change", || async {
            self.processes.iter().all(knows).then_some(())
        })
        .await;
    }
}

/// A group or an individual enrollment, with its keys as the operator was shown them.
#[derive(Clone)]
pub struct Enrollment {
    door: Door,
    /// Its name, or the registration id of its one device.
    pub name: String,
    /// The primary key.
    pub primary: SasKey,
    /// The secondary key.
    pub secondary: SasKey,
}

/// A revocation that still wants a reason.
pub struct Revocation<'a> {
    operator: &'a Operator,
    target: String,
}

impl Operator {
    /// Makes a group with the defaults.
    pub async fn creates_group(&self, name: &str) -> Enrollment {
        self.creates_group_with(name, json!({})).await
    }

    /// Makes a group with more terms.
    pub async fn creates_group_with(&self, name: &str, terms: Value) -> Enrollment {
        self.creates("groups", "name", name, terms).await
    }

    /// Makes an individual enrollment.
    pub async fn enrolls(&self, registration_id: &str) -> Enrollment {
        self.creates("enrollments", "registrationId", registration_id, json!({}))
            .await
    }

    async fn creates(&self, nouns: &str, naming: &str, name: &str, mut terms: Value) -> Enrollment {
        terms[naming] = json!(name);
        let request = Request::new("POST", &self.target(&format!("/{nouns}"))).json(&terms);
        let answer = self.asks(request).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        let made = answer.json();
        let key = |name: &str| {
            let text = made["attestation"][name].as_str().expect("a key, shown once");
            self.door.secrets.keep(text);
            SasKey::from_base64(text)
        };
        Enrollment {
            door: self.door.clone(),
            name: name.to_owned(),
            primary: key("primaryKey"),
            secondary: key("secondaryKey"),
        }
    }

    /// Makes an authority a trust anchor. Whether the status below it is asked, and of whom it knows, stand in `terms`.
    pub async fn brings_anchor(&self, name: &str, vendor: &Vendor, mut terms: Value) {
        terms["name"] = json!(name);
        terms["certificate"] = json!(BASE64.encode(vendor.certificate()));
        let answer = self.posts("/anchors", &terms).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
    }

    /// Makes a group that trusts this anchor alone.
    pub async fn trusts(&self, anchor: &str, group: &str) {
        self.trusts_with(anchor, group, json!({})).await;
    }

    /// Makes a group that trusts this anchor alone, with more terms.
    pub async fn trusts_with(&self, anchor: &str, group: &str, mut terms: Value) {
        terms["name"] = json!(group);
        terms["attestation"] = json!({ "type": "x509", "caReferences": { "primary": anchor } });
        let answer = self.posts("/groups", &terms).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
    }

    /// Makes an individual enrollment that pins this certificate.
    pub async fn pins(&self, registration_id: &str, birth: &Birth) {
        let certificate = json!({ "certificate": BASE64.encode(birth.leaf()) });
        let enrollment = json!({
            "registrationId": registration_id,
            "attestation": { "type": "x509", "clientCertificates": { "primary": certificate } },
        });
        let answer = self.posts("/enrollments", &enrollment).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
    }

    /// Brings a list of an anchor or of an authority below it.
    pub async fn brings_list(&self, anchor: &str, list: Vec<u8>) -> Answer {
        let target = self.target(&format!("/anchors/{anchor}/lists"));
        let request = Request::new("POST", &target).header("Content-Type", "application/pkix-crl");
        self.asks(request.body(list)).await
    }

    /// Removes a thing of the organization.
    pub async fn deletes(&self, path: &str) -> Answer {
        self.asks(Request::new("DELETE", &self.target(path))).await
    }

    /// Lets an organization below use an issuer, a profile or an anchor.
    pub async fn grants(&self, kind: &str, name: &str, to: &str) {
        let grant = json!({ "kind": kind, "name": name, "to": to });
        let answer = self.posts("/grants", &grant).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
    }

    /// Disables a group, an enrollment or an anchor: `groups/line`.
    pub async fn disables(&self, what: &str) {
        self.acts(&format!("/{what}/disable")).await;
    }

    /// Enables it again.
    pub async fn enables(&self, what: &str) {
        self.acts(&format!("/{what}/enable")).await;
    }

    /// Reads a path of the organization.
    pub async fn gets(&self, path: &str) -> Answer {
        self.asks(Request::new("GET", &self.target(path))).await
    }

    /// Sends a body to a path of the organization; nothing, where it is null.
    pub async fn posts(&self, path: &str, body: &Value) -> Answer {
        let request = Request::new("POST", &self.target(path));
        let request = if body.is_null() {
            request
        } else {
            request.json(body)
        };
        self.asks(request).await
    }

    /// Disables a group.
    pub async fn disables_group(&self, group: &Enrollment) {
        self.acts(&format!("/groups/{}/disable", group.name)).await;
    }

    /// Enables a group.
    pub async fn enables_group(&self, group: &Enrollment) {
        self.acts(&format!("/groups/{}/enable", group.name)).await;
    }

    /// Disables an individual enrollment.
    pub async fn disables_enrollment(&self, enrollment: &Enrollment) {
        self.acts(&format!("/enrollments/{}/disable", enrollment.name))
            .await;
    }

    async fn acts(&self, path: &str) {
        let answer = self.asks(Request::new("POST", &self.target(path))).await;
        assert_eq!(answer.status, 204, "{path}: {}", answer.text());
    }

    /// Looks at a device and its certificates.
    pub async fn looks_at(&self, device: &Device) -> Value {
        let target = self.target(&format!("/devices/{}", device.registration_id));
        let answer = self.asks(Request::new("GET", &target)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    /// What the operator sees of one certificate of a device.
    pub async fn looks_at_certificate(&self, device: &Device, certified: &Certified) -> Value {
        let seen = self.looks_at(device).await;
        let serial = certified.serial();
        let mut fit = seen["certificates"].as_array().into_iter().flatten();
        let found = fit.find(|certificate| certificate["serial"] == serial.as_str());
        found
            .cloned()
            .unwrap_or_else(|| panic!("{serial} is not among {seen}"))
    }

    /// `certificate.revoke`.
    pub async fn revokes_certificate(&self, device: &Device, certified: &Certified) -> Revocation<'_> {
        let seen = self.looks_at_certificate(device, certified).await;
        let id = seen["id"].as_str().expect("an id");
        Revocation {
            operator: self,
            target: self.target(&format!("/certificates/{id}/revoke")),
        }
    }

    /// `device.revoke`.
    pub fn revokes_device(&self, device: &Device) -> Revocation<'_> {
        Revocation {
            operator: self,
            target: self.target(&format!("/devices/{}/revoke", device.registration_id)),
        }
    }

    /// A path within the organization.
    pub fn target(&self, end: &str) -> String {
        format!("/v1/organizations/{}{end}", self.organization)
    }

    /// Sends any request over a connection of its own.
    pub async fn asks(&self, request: Request) -> Answer {
        let mut wire = Wire::unix(&self.socket).await.expect("the admin socket is there");
        let answer = wire.ask(&request).await.expect("the admin plane answers");
        self.replicas.learn().await;
        answer
    }
}

impl Revocation<'_> {
    /// Gives the reason, and revokes.
    pub async fn because(self, reason: &str) -> Value {
        let request = Request::new("POST", &self.target).json(&json!({ "reason": reason }));
        let answer = self.operator.asks(request).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }
}

impl Enrollment {
    /// A device of the group, with the key derived for it.
    pub fn device(&self, registration_id: &str) -> Device {
        let key = self.primary.derived_for(registration_id);
        Device::new(self.door.clone(), registration_id, key)
    }

    /// The one device of an individual enrollment.
    pub fn its_device(&self) -> Device {
        Device::new(self.door.clone(), &self.name, self.primary.clone())
    }
}
