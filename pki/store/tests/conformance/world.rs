// SPDX-License-Identifier: Apache-2.0
//! A small house to tell stories in: two organizations, a root and an issuer, a group, and rows that are easy to make.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, KeyPair, KeyUsagePurpose, SerialNumber};
use tamga_registry::device::{BoundCredential, RegistrationId};
use tamga_registry::enrollment::{
    Attestation, EnrollmentRef, EnrollmentState, Group, IndividualEnrollment, Method, RekeyPolicy, Terms,
};
use tamga_registry::id::*;
use tamga_registry::issuer::{Anchor, Issuer, IssuerRole, IssuerState, KeyUri};
use tamga_registry::journal::{Event, JournalRow, Outcome};
use tamga_registry::order::OperationId;
use tamga_registry::organization::{IdScope, Organization, OrganizationState};
use tamga_registry::profile::{ProfileRevision, RevisionId};
use tamga_registry::role::Principal;
use tamga_registry::secret::{SealedPair, SealedSoftwareKey, SealingPurpose, WrappedDataKey};
use tamga_registry::store::{
    Act, Expected, GroupAdded, Inspection, Installation, NewAuthority, NewDevice, NewInstallation,
    Registration, Store,
};
use tamga_x509::certificate::IssuerCertificate;
use tamga_x509::chance::{Chance, ChanceFault};
use tamga_x509::profile::{Profile, ProfileConfig};
use tamga_x509::serial::{Serial, ShardCount};
use tamga_x509::time::Timestamp;

/// What a suite runs on: a fresh store, and a way to look past it.
#[derive(Clone)]
pub(crate) struct Ground {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) probe: Arc<dyn Probe>,
    /// The same store, to be inspected.
    pub(crate) inspection: Arc<dyn Inspection>,
}

/// Looks at the rows themselves, where the store's own words do not tell enough.
#[async_trait]
pub(crate) trait Probe: Send + Sync {
    /// The single integer a query yields.
    async fn number(&self, query: &'static str) -> i64;
    /// Runs a statement behind the store's back.
    async fn run(&self, statement: &'static str) {
        self.run_made(statement.to_owned()).await;
    }
    /// The same, for one a story makes.
    async fn run_made(&self, statement: String);
    /// What an engine calls something, where the two differ.
    fn either(&self, sqlite: &'static str, postgres: &'static str) -> &'static str;
}

/// The instant all stories begin: 2026-11-22, in the early morning.
pub(crate) const START: Timestamp = Timestamp::from_micros(1_795_309_323_456_789);

pub(crate) fn at(seconds: u64) -> Timestamp {
    START.saturating_add(Duration::from_secs(seconds))
}

/// Seconds in a day.
pub(crate) const DAY: u64 = 86_400;

/// Chance that never repeats and is the same in every run.
pub(crate) struct Counting(AtomicU64);

impl Chance for Counting {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), ChanceFault> {
        let drawn = self
            .0
            .fetch_add(1, Ordering::Relaxed)
            .wrapping_mul(0x9e37_79b9_7f4a_7c15);
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = drawn.to_be_bytes()[at % 8] ^ u8::try_from(at).unwrap();
        }
        Ok(())
    }
}

pub(crate) struct World {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) probe: Arc<dyn Probe>,
    pub(crate) chance: Counting,
    pub(crate) organization: OrganizationId,
    pub(crate) scope: IdScope,
    pub(crate) root: IssuerId,
    pub(crate) issuer: IssuerId,
    pub(crate) server_issuer: IssuerId,
    pub(crate) profile: RevisionId,
    pub(crate) group: Group,
}

impl World {
    /// An installation with one group, `line-1`, whose creation was the first change.
    pub(crate) async fn new(ground: Ground) -> Self {
        let world = Self::empty(ground);
        assert!(
            world
                .store
                .create_installation(&world.installation())
                .await
                .unwrap()
        );
        let mut change = world.change("group.create").await;
        assert_eq!(change.add_group(&world.group).await.unwrap(), GroupAdded::Added);
        change.keep().await.unwrap();
        world
    }

    /// Only the names: nothing is kept yet.
    pub(crate) fn empty(ground: Ground) -> Self {
        let chance = Counting(AtomicU64::new(1));
        let profile = RevisionId {
            profile: ProfileId::fresh(START, &chance).unwrap(),
            revision: 1,
        };
        let issuer = IssuerId::fresh(START, &chance).unwrap();
        let organization = OrganizationId::fresh(START, &chance).unwrap();
        let group = Group {
            id: GroupId::fresh(START, &chance).unwrap(),
            organization,
            name: "Line-1".parse().unwrap(),
            terms: terms(profile.profile, issuer, 1),
        };
        Self {
            store: ground.store,
            probe: ground.probe,
            organization,
            scope: IdScope::fresh(&chance).unwrap(),
            root: IssuerId::fresh(START, &chance).unwrap(),
            issuer,
            server_issuer: IssuerId::fresh(START, &chance).unwrap(),
            profile,
            group,
            chance,
        }
    }

    pub(crate) fn installation(&self) -> NewInstallation {
        let data_key = |version, purpose| WrappedDataKey {
            purpose,
            organization: self.organization,
            version,
            wrapped: vec![1, 2, 3],
            created_at: START,
        };
        NewInstallation {
            installation: Installation {
                trust_domain: "tamga.example".to_owned(),
                restore_epoch: 7,
                created_at: START,
            },
            organization: Organization {
                id: self.organization,
                slug: "acme".parse().unwrap(),
                display_name: "Acme Pumps".to_owned(),
                parent: None,
                state: OrganizationState::Active,
                suspended_at: None,
                generation: 1,
                created_at: START,
            },
            scope: self.scope.clone(),
            data_keys: vec![
                data_key(1, SealingPurpose::DeviceSecrets),
                data_key(1, SealingPurpose::IssuerKeys),
            ],
            authorities: vec![
                self.authority(self.root, "root", IssuerRole::Root),
                self.authority(self.issuer, "devices", IssuerRole::Device),
                self.authority(self.server_issuer, "servers", IssuerRole::Server),
            ],
            profiles: vec![ProfileRevision {
                id: self.profile,
                owner: self.organization,
                name: "device".to_owned(),
                rules: Arc::new(Profile::try_from(ProfileConfig::device()).unwrap()),
            }],
            journal: vec![self.journal("installation.create", "installation")],
        }
    }

    fn authority(&self, id: IssuerId, name: &str, role: IssuerRole) -> NewAuthority {
        let key = SoftwareKeyId::fresh(START, &self.chance).unwrap();
        let certificate = authority_certificate(name, self.serial(START));
        let shards = if role == IssuerRole::Device { 2 } else { 1 };
        NewAuthority {
            key: SealedSoftwareKey {
                id: key,
                organization: self.organization,
                purpose: SealingPurpose::IssuerKeys,
                spki: certificate.public_key().spki_der().to_vec(),
                sealed: vec![9; 40],
                data_key: 1,
                created_at: START,
            },
            issuer: Issuer {
                id,
                organization: self.organization,
                name: name.to_owned(),
                role,
                anchor: if role == IssuerRole::Server {
                    Anchor::Server
                } else {
                    Anchor::Device
                },
                parent: (role != IssuerRole::Root).then_some(self.root),
                certificate,
                key: KeyUri::Software(key),
                state: IssuerState::Active,
                generation: 1,
                status_url: "http://status.tamga.example".parse().unwrap(),
                shards: ShardCount::new(shards).unwrap(),
            },
        }
    }

    pub(crate) fn journal(&self, act: &'static str, object: &str) -> JournalRow {
        let event = Event {
            id: JournalRowId::fresh(START, &self.chance).unwrap(),
            at: START,
            organization: Some(self.organization),
            act,
            actor: Principal::LocalUser { uid: 1000 },
            object: object.to_owned(),
            request: RequestId::fresh(START, &self.chance).unwrap(),
            outcome: Outcome::Done(None),
            digests: vec![],
            source: None,
        };
        JournalRow::new(event, [5; 16]).unwrap()
    }

    pub(crate) fn serial(&self, at: Timestamp) -> Serial {
        let mut random = [0; 16];
        self.chance.fill(&mut random).unwrap();
        Serial::compose(7, at, random).unwrap()
    }

    pub(crate) async fn change(&self, act: &'static str) -> Box<dyn tamga_registry::store::Change> {
        self.store
            .change(Act {
                journal: self.journal(act, "object"),
                spends: None,
            })
            .await
            .unwrap()
    }

    /// An individual enrollment of this registration id.
    pub(crate) fn individual(&self, id: &str) -> IndividualEnrollment {
        IndividualEnrollment {
            id: EnrollmentId::fresh(START, &self.chance).unwrap(),
            organization: self.organization,
            registration_id: id.parse().unwrap(),
            terms: terms(self.profile.profile, self.issuer, 1),
        }
    }

    /// The state a new device of the group is judged in.
    pub(crate) fn expecting_nobody(&self) -> Expected {
        Expected {
            organization: 1,
            enrollment: (EnrollmentRef::Group(self.group.id), 1),
            no_individual: true,
            device: None,
            issuer: Some((self.issuer, 1)),
            lineage: None,
            station: None,
            rework: false,
        }
    }

    pub(crate) fn new_device(&self, id: &str) -> NewDevice {
        NewDevice {
            id: DeviceId::fresh(START, &self.chance).unwrap(),
            organization: self.organization,
            registration_id: id.parse::<RegistrationId>().unwrap(),
            bound: BoundCredential {
                method: Method::SymmetricKey,
                enrollment: EnrollmentRef::Group(self.group.id),
            },
            operation: OperationId::fresh(&self.chance).unwrap(),
            at: START,
        }
    }

    pub(crate) fn registration(&self, id: &str) -> Registration {
        Registration {
            device: self.new_device(id),
            birth: None,
            expected: Expected {
                issuer: None,
                ..self.expecting_nobody()
            },
            journal: self.journal("device.register", id),
        }
    }

    /// How many rows a table has, by a query that counts them.
    pub(crate) async fn count(&self, query: &'static str) -> i64 {
        self.probe.number(query).await
    }

    /// How many rows each table on the way of an enrollment has.
    pub(crate) async fn tallies(&self) -> BTreeMap<&'static str, i64> {
        let mut counts = BTreeMap::new();
        for (table, query) in [
            ("certificate", "SELECT COUNT(*) FROM certificate"),
            ("device", "SELECT COUNT(*) FROM device"),
            ("journal", "SELECT COUNT(*) FROM journal"),
            ("lineage version", "SELECT COALESCE(SUM(version), 0) FROM lineage"),
            ("order", "SELECT COUNT(*) FROM issuance_order"),
            ("revocation", "SELECT COUNT(*) FROM revocation"),
            ("serial", "SELECT COUNT(*) FROM serial"),
            ("shard marks", "SELECT SUM(marks) FROM crl_shard"),
            ("subject key", "SELECT COUNT(*) FROM subject_key"),
        ] {
            counts.insert(table, self.count(query).await);
        }
        counts
    }
}

pub(crate) fn terms(profile: ProfileId, issuer: IssuerId, data_key: i64) -> Terms {
    Terms {
        state: EnrollmentState::Enabled,
        generation: 1,
        attestation: Attestation::SymmetricKey(SealedPair {
            primary: vec![1; 60],
            secondary: vec![2; 60],
            data_key,
        }),
        profile,
        issuer,
        rekey: RekeyPolicy::Allow,
        rekeys_per_day: 10,
        assigned_hub: Some("hub.example".to_owned()),
        created_at: START,
    }
}

/// A self-signed authority; whose chain it stands in is no matter of memory.
fn authority_certificate(name: &str, serial: Serial) -> IssuerCertificate {
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name.push(DnType::CommonName, name);
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    parameters.serial_number = Some(SerialNumber::from_slice(serial.as_bytes()));
    let certificate = parameters.self_signed(&KeyPair::generate().unwrap()).unwrap();
    IssuerCertificate::parse(certificate.der()).unwrap()
}
