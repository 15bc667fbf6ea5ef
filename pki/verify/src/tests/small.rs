// SPDX-License-Identifier: Apache-2.0
//! A small installation in which everything holds: a root, an issuer, two devices' certificates, a server's, a unit's
//! of its birth, an intent, and a list. Written by the house's own writers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tamga_registry::id::{DeviceId, IssuerId};
use tamga_registry::inspection::{
    Given, KeptCertificate, KeptInstallation, KeptIssuer, KeptList, KeptRevision, KeptRevocation, Named,
};
use tamga_x509::authority_certificate::AuthorityDraft;
use tamga_x509::certificate::{IssuerCertificate, StatusLocations, Validity};
use tamga_x509::crl::{CrlBuilder, CrlHeader, RevocationReason, RevokedEntry};
use tamga_x509::name::{AuthorityName, DeviceIdentity, ServerNames};
use tamga_x509::profile::{DeviceDraft, Profile, ProfileConfig, ServerDraft};
use tamga_x509::request::Request;
use tamga_x509::serial::Serial;
use tamga_x509::time::Timestamp;
use tamga_x509::to_be_signed::ToBeSigned;

use super::edit::{Node, node};
use super::key::Key;
use super::memory::Rows;
use crate::der::sha256;
use crate::{Question, Report, verify};

/// The moment of everything: 2026-11-22, in the morning.
pub(super) const NOW: Timestamp = Timestamp::from_micros(1_795_309_323_456_789);
pub(super) const ROOT: [u8; 16] = [1; 16];
pub(super) const ISSUER: [u8; 16] = [2; 16];
const DEVICE_PROFILE: [u8; 16] = [3; 16];
const SERVER_PROFILE: [u8; 16] = [4; 16];
const BIRTH_PROFILE: [u8; 16] = [9; 16];
const DAY: u64 = 86_400;

/// Rows, and the keys that signed them.
pub(super) struct Small {
    pub(super) rows: Rows,
    pub(super) root: Key,
    pub(super) issuer: Key,
    /// The first device's.
    pub(super) device: Key,
    pub(super) certificate: IssuerCertificate,
}

/// The laws that are broken.
pub(super) fn names(report: &Report) -> BTreeSet<&'static str> {
    report.findings.iter().map(|finding| finding.law.name).collect()
}

impl Small {
    pub(super) fn new() -> Self {
        Self::signed_by(Key::new(), Key::new())
    }

    /// One of these keys, root first.
    pub(super) fn signed_by(root: Key, issuer: Key) -> Self {
        let device = Key::new();
        let above = authority(&root, "root", None);
        let below = authority(&issuer, "issuer", Some((&root, &above)));
        let mut small = Self {
            rows: empty(),
            root,
            issuer,
            device,
            certificate: IssuerCertificate::parse(&below).unwrap(),
        };
        small.adds_authority(ROOT, &above, None);
        small.adds_authority(ISSUER, &below, Some(ROOT));
        let first = small.device_certificate(5, &small.device);
        let revoked = small.device_certificate(6, &Key::new());
        small.keeps_revocation(&revoked);
        let mut intent = small.device_certificate(7, &Key::new());
        intent.tbs = intent.der.take().map(|der| node(&der).children[0].der());
        intent.state = "intended".to_owned();
        let server = small.server_certificate(8);
        let birth = small.certificate_of((BIRTH_PROFILE, birth_profile()), 9, &Key::new());
        small.rows.certificates = vec![first, revoked, intent, server, birth];
        small.rows.lists = vec![small.list(1, &[]), small.list(2, &[6])];
        small
    }

    /// Verifies it.
    pub(super) async fn verified(&self) -> Report {
        self.answers(&Question::as_of(NOW)).await
    }

    /// Verifies it with a question.
    pub(super) async fn answers(&self, question: &Question) -> Report {
        verify(&self.rows, question, &|_| {}).await.unwrap()
    }

    /// Changes what a certificate says; its issuer signs that, and the row's hash follows.
    pub(super) fn edits(&mut self, at: usize, change: impl FnOnce(&mut Node)) {
        let row = &mut self.rows.certificates[at];
        let mut tbs = node(row.der.as_ref().unwrap()).children.remove(0);
        change(&mut tbs);
        row.tbs_hash = sha256(&tbs.der()).to_vec();
        row.der = Some(self.issuer.seal(&tbs.der()));
    }

    /// Changes what the served list says; likewise.
    pub(super) fn edits_list(&mut self, change: impl FnOnce(&mut Node)) {
        let list = &mut self.rows.lists[1];
        let mut tbs = node(list.der.as_ref().unwrap()).children.remove(0);
        change(&mut tbs);
        list.tbs_hash = sha256(&tbs.der()).to_vec();
        list.der = Some(self.issuer.seal(&tbs.der()));
    }

    /// Changes what the issuer's certificate says; the root signs that.
    pub(super) fn edits_issuer(&mut self, change: impl FnOnce(&mut Node)) {
        let mut tbs = node(&self.rows.issuers[1].certificate).children.remove(0);
        change(&mut tbs);
        self.rows.issuers[1].certificate = self.root.seal(&tbs.der());
    }

    fn adds_authority(&mut self, id: [u8; 16], der: &[u8], parent: Option<[u8; 16]>) {
        let certificate = IssuerCertificate::parse(der).unwrap();
        let validity = certificate.validity();
        let kept = KeptIssuer {
            id: id.to_vec(),
            role: if parent.is_some() { "device" } else { "root" }.to_owned(),
            parent: parent.map(|id| id.to_vec()),
            certificate: der.to_vec(),
            status_url: "http://status.example".to_owned(),
            shards: 1,
            not_before: validity.not_before().as_micros(),
            not_after: validity.not_after().as_micros(),
        };
        self.rows.issuers.push(kept);
        let number = if parent.is_some() { 2 } else { 1 };
        let given = Given {
            issuer: parent.unwrap_or(id).to_vec(),
            state: None,
        };
        self.rows.given.insert(serial(number).as_bytes().to_vec(), given);
    }

    /// A device's certificate and its row.
    pub(super) fn device_certificate(&self, number: u8, key: &Key) -> KeptCertificate {
        self.certificate_of((DEVICE_PROFILE, ProfileConfig::device()), number, key)
    }

    fn certificate_of(
        &self,
        (profile_id, config): ([u8; 16], ProfileConfig),
        number: u8,
        key: &Key,
    ) -> KeptCertificate {
        let device = DeviceId::from_octets([number; 16]);
        let request = key.request();
        let identity = DeviceIdentity::new("Pump-1", "acme", "tamga.example", &device.to_string()).unwrap();
        let profile = Profile::try_from(config).unwrap();
        let draft = profile.draft(&DeviceDraft {
            request: &Request::parse(&request).unwrap(),
            identity: &identity,
            issuer: &self.certificate,
            serial: serial(number),
            now: NOW,
            locations: &locations(ISSUER),
        });
        let tbs = ToBeSigned::certificate(draft.unwrap()).unwrap();
        KeptCertificate {
            device: Some(device.octets().to_vec()),
            profile: profile_id.to_vec(),
            spki: sha256(&key.spki()).to_vec(),
            named: Some(Named {
                presented: "Pump-1".to_owned(),
                organization: "acme".to_owned(),
            }),
            request: Some(request),
            ..self.row(number, &tbs)
        }
    }

    fn server_certificate(&self, number: u8) -> KeptCertificate {
        let key = Key::new();
        let names = ServerNames::new(&["tamga.example".to_owned()], &["127.0.0.1".parse().unwrap()]).unwrap();
        let profile = Profile::try_from(ProfileConfig::server()).unwrap();
        let draft = profile.draft_server(&ServerDraft {
            key: &key.public(),
            names: &names,
            issuer: &self.certificate,
            serial: serial(number),
            now: NOW,
            locations: &locations(ISSUER),
        });
        let tbs = ToBeSigned::certificate(draft.unwrap()).unwrap();
        KeptCertificate {
            profile: SERVER_PROFILE.to_vec(),
            spki: sha256(&key.spki()).to_vec(),
            ..self.row(number, &tbs)
        }
    }

    fn row(&self, number: u8, tbs: &ToBeSigned) -> KeptCertificate {
        let validity = tbs.validity().unwrap();
        KeptCertificate {
            id: vec![number; 16],
            issuer: ISSUER.to_vec(),
            revision: 1,
            serial: serial(number).as_bytes().to_vec(),
            state: "issued".to_owned(),
            tbs_hash: tbs.digest().to_vec(),
            der: Some(self.issuer.seal(tbs.bytes())),
            not_before: validity.not_before().as_micros(),
            not_after: validity.not_after().as_micros(),
            intended_at: NOW.as_micros(),
            ..KeptCertificate::default()
        }
    }

    fn keeps_revocation(&mut self, row: &KeptCertificate) {
        self.rows.revocations.push(KeptRevocation {
            serial: row.serial.clone(),
            revoked_at: NOW.as_micros() - 5_000_000,
            reason: "superseded".to_owned(),
            not_after: row.not_after,
        });
        let given = Given {
            issuer: ISSUER.to_vec(),
            state: Some("revoked".to_owned()),
        };
        self.rows.given.insert(row.serial.clone(), given);
    }

    /// A list of these numbers; number 2 is served.
    pub(super) fn list(&self, number: u64, named: &[u8]) -> KeptList {
        let this_update = NOW.floor_to_second();
        let next_update = this_update.saturating_add(Duration::from_secs(7 * DAY));
        let mut builder = CrlBuilder::new(CrlHeader {
            issuer: &self.certificate,
            number,
            this_update,
            next_update,
            distribution_point: None,
        })
        .unwrap();
        for named in named {
            let entry = RevokedEntry {
                serial: serial(*named),
                revoked_at: NOW.saturating_sub(Duration::from_secs(5)),
                reason: RevocationReason::Superseded,
            };
            builder.push(&entry).unwrap();
        }
        let tbs = ToBeSigned::revocation_list(builder.finish()).unwrap();
        KeptList {
            issuer: ISSUER.to_vec(),
            shard: 0,
            number: i64::try_from(number).unwrap(),
            tbs_hash: tbs.digest().to_vec(),
            der: Some(self.issuer.seal(tbs.bytes())),
            entries: i64::try_from(named.len()).unwrap(),
            this_update: this_update.as_micros(),
            next_update: next_update.as_micros(),
            covers: number == 2,
        }
    }
}

/// The serial number that ends in this.
pub(super) fn serial(number: u8) -> Serial {
    Serial::compose(0, NOW, [number; 16]).unwrap()
}

fn locations(issuer: [u8; 16]) -> StatusLocations {
    let issuer = IssuerId::from_octets(issuer);
    StatusLocations {
        crl: Some(format!("http://status.example/c/{issuer}/0.crl")),
        issuer: Some(format!("http://status.example/i/{issuer}.cer")),
    }
}

fn authority(key: &Key, name: &str, above: Option<(&Key, &[u8])>) -> Vec<u8> {
    let parent = above.map(|(_, der)| IssuerCertificate::parse(der).unwrap());
    // Backdated, and lasting, the root more than its issuer.
    let (backdate, life) = if above.is_some() { (1, 3_600) } else { (2, 3_650) };
    let begin = NOW
        .floor_to_second()
        .saturating_sub(Duration::from_secs(backdate * DAY));
    let validity = Validity::new(begin, begin.saturating_add(Duration::from_secs(life * DAY)));
    let draft = AuthorityDraft {
        name: &AuthorityName::new(name, "acme").unwrap(),
        key: &key.public(),
        issuer: parent.as_ref(),
        serial: serial(if above.is_some() { 2 } else { 1 }),
        validity: validity.unwrap(),
        locations: &above.map_or_else(StatusLocations::default, |_| locations(ROOT)),
    };
    let tbs = ToBeSigned::certificate(draft.draft().unwrap()).unwrap();
    above.map_or(key, |(key, _)| key).seal(tbs.bytes())
}

/// A birth profile that names a model and leaves open what for.
fn birth_profile() -> ProfileConfig {
    ProfileConfig {
        extended_key_usage: Vec::new(),
        model: Some("P-100".to_owned()),
        ..ProfileConfig::birth()
    }
}

fn empty() -> Rows {
    let revision = |profile: [u8; 16], config| KeptRevision {
        profile: profile.to_vec(),
        revision: 1,
        config: Arc::new(Profile::try_from(config).unwrap()).to_json(),
    };
    Rows {
        installation: Some(KeptInstallation {
            trust_domain: "tamga.example".to_owned(),
            restore_epoch: 0,
        }),
        issuers: Vec::new(),
        revisions: vec![
            revision(DEVICE_PROFILE, ProfileConfig::device()),
            revision(SERVER_PROFILE, ProfileConfig::server()),
            revision(BIRTH_PROFILE, birth_profile()),
        ],
        certificates: Vec::new(),
        lists: Vec::new(),
        revocations: Vec::new(),
        given: BTreeMap::new(),
    }
}

#[tokio::test]
async fn in_a_lawful_installation_nothing_is_found() {
    let report = Small::new().verified().await;
    let found: Vec<String> = report.findings.iter().map(|found| format!("{found:?}")).collect();
    assert!(report.is_clean(), "{found:#?}");
    let looked = report.counts;
    assert_eq!(
        (
            looked.authorities,
            looked.certificates,
            looked.intents,
            looked.requests
        ),
        (2, 4, 1, 4)
    );
    assert_eq!((looked.lists, looked.entries), (2, 1));
}
