// SPDX-License-Identifier: Apache-2.0
//! Every story again, in a house of many processes on the day of an upgrade: each question is asked by the process that
//! asks it, under its own role, and the next version has taken its step of the schema already.

use std::sync::Arc;

use async_trait::async_trait;
use tamga_registry::account::{
    Account, AccountName, ApiToken, ClientCertificate, GivenRole, Grantee, Holder, Standing,
};
use tamga_registry::anchor::{AnchorFilter, TrustAnchor};
use tamga_registry::approval::Approval;
use tamga_registry::certificate::{CertificateFilter, CertificateRecord, SeenCertificate};
use tamga_registry::device::{Device, DeviceFilter, RegistrationId};
use tamga_registry::enrollment::{EnrollmentFilter, Group, IndividualEnrollment};
use tamga_registry::grant::{Grant, GrantName};
use tamga_registry::id::{
    AccountId, AnchorId, ApprovalId, AssignmentId, CertificateId, DeviceId, IssuerId, MassRevocationId,
    OrderId, OrganizationId, ProfileId, RequestId, SoftwareKeyId, StationId, SubmissionId, TokenId,
};
use tamga_registry::issuer::{Issuer, UsableIssuer};
use tamga_registry::journal::{JournalEntry, JournalFilter, JournalRow, RefusalTally};
use tamga_registry::lineage::Line;
use tamga_registry::mass_revocation::{MassRevocation, Query, Stretch};
use tamga_registry::order::{OperationId, Order, OrderFilter, SeenOrder};
use tamga_registry::organization::{IdScope, Organization, OrganizationSlug};
use tamga_registry::page::{Page, Portion};
use tamga_registry::process::Heartbeat;
use tamga_registry::profile::{DatedRevision, ProfileRevision, RevisionId, UsableProfile};
use tamga_registry::repetition::{Known, Once, SealedAnswer};
use tamga_registry::revocation::{PublicationLease, PublishedList, ShardHealth, ShardId};
use tamga_registry::secret::{SealedSoftwareKey, SealingPurpose, WrappedDataKey};
use tamga_registry::station::{EarlierUnit, Station};
use tamga_registry::store::*;
use tamga_registry::submission::{Filed, Settlement, Submission};
use tamga_store::{Role, migrate_postgres};
use tamga_test_postgres::Database;
use tamga_x509::certificate::Fingerprint;
use tamga_x509::crl::RevokedEntry;
use tamga_x509::key::SpkiHash;
use tamga_x509::serial::Serial;
use tamga_x509::time::Timestamp;

use crate::conformance::world::Ground;

crate::conformance::conformance!(crate::apart::fresh);

async fn fresh() -> (Ground, Database) {
    let (ground, database) = crate::fresh().await;
    let known = migrate_postgres(&crate::secret(&database.url())).await.unwrap();
    crate::schema::take_tomorrows_step(&database, known).await;
    let apart = Apart {
        owner: ground.store,
        device: crate::roles::under(Role::Device, &database).await,
        admin: crate::roles::under(Role::Admin, &database).await,
        status: crate::roles::under(Role::Status, &database).await,
        signer: crate::roles::under(Role::Signer, &database).await,
    };
    let ground = Ground {
        store: Arc::new(apart),
        inspection: ground.inspection,
        probe: ground.probe,
    };
    (ground, database)
}

/// One store per process.
struct Apart {
    /// Whoever sets the installation up.
    owner: Arc<dyn Store>,
    device: Arc<dyn Store>,
    admin: Arc<dyn Store>,
    status: Arc<dyn Store>,
    signer: Arc<dyn Store>,
}

/// Hands each question on to the process that asks it.
macro_rules! hands_on {
    ($asker:ident: $($who:ident: $question:ident($($name:ident: $kind:ty),*) -> $answer:ty;)+) => {
        #[async_trait]
        impl $asker for Apart {
            $(async fn $question(&self, $($name: $kind),*) -> Result<$answer, StoreFault> {
                self.$who.$question($($name),*).await
            })+
        }
    };
}

hands_on!(Access:
    admin: account(organization: OrganizationId, name: &AccountName) -> Option<Account>;
    admin: account_by_id(id: AccountId) -> Option<Account>;
    admin: roles_of(grantee: Grantee) -> Vec<GivenRole>;
    admin: given_role(organization: OrganizationId, id: AssignmentId) -> Option<GivenRole>;
    admin: standing(holder: Holder) -> Standing;
    admin: api_token(id: TokenId) -> Option<ApiToken>;
    admin: client_certificate(fingerprint: Fingerprint) -> Option<KnownCertificate>;
    admin: recorded(organization: OrganizationId, serial: &Serial, der: &[u8]) -> Option<CertificateId>;
    admin: accounts(organization: OrganizationId, page: &Page) -> Vec<Account>;
    admin: given_roles(organization: OrganizationId, page: &Page) -> Vec<GivenRole>;
    admin: api_tokens(organization: OrganizationId, page: &Page) -> Vec<ApiToken>;
    admin: client_certificates(organization: OrganizationId, page: &Page) -> Vec<ClientCertificate>;
    admin: note_uses(uses: Vec<(TokenId, Timestamp)>) -> ();
);

hands_on!(Administration:
    admin: change(act: Act) -> Box<dyn Change>;
    admin: organization(slug: &OrganizationSlug) -> Option<Organization>;
    admin: id_scopes(organization: OrganizationId) -> Vec<IdScope>;
    admin: id_scopes_by_text(organization: OrganizationId, page: &Page) -> Vec<IdScope>;
    admin: anchors(organization: OrganizationId, filter: &AnchorFilter, page: &Page) -> Vec<TrustAnchor>;
    admin: cursor_key() -> [u8; 32];
    admin: anchor(organization: OrganizationId, name: &RegistrationId) -> Option<TrustAnchor>;
    admin: device(organization: OrganizationId, id: &RegistrationId) -> Option<DeviceView>;
    admin: data_key(purpose: SealingPurpose, organization: OrganizationId) -> Option<WrappedDataKey>;
);

hands_on!(Repetitions:
    admin: repetition(principal: &str, once: &Once, now: Timestamp) -> Option<Known>;
    admin: keep_answer(by: RequestId, answer: &SealedAnswer, new_data_key: Option<&WrappedDataKey>) -> bool;
    admin: forget_repetitions(now: Timestamp, limit: u32) -> u64;
);

hands_on!(Rosters:
    admin: groups(organization: OrganizationId, filter: &EnrollmentFilter, page: &Page) -> Portion<Group>;
    admin: group(organization: OrganizationId, name: &RegistrationId) -> Option<Group>;
    admin: individuals(organization: OrganizationId, filter: &EnrollmentFilter, page: &Page) -> Portion<IndividualEnrollment>;
    admin: individual(organization: OrganizationId, id: &RegistrationId) -> Option<IndividualEnrollment>;
);

hands_on!(Ledgers:
    admin: devices(organization: OrganizationId, filter: &DeviceFilter, page: &Page) -> Portion<Device>;
    admin: certificates(organization: OrganizationId, filter: &CertificateFilter, page: &Page) -> Portion<SeenCertificate>;
    admin: seen_certificate(organization: OrganizationId, id: CertificateId) -> Option<SeenCertificate>;
    admin: orders(organization: OrganizationId, filter: &OrderFilter, page: &Page) -> Portion<SeenOrder>;
    admin: seen_order(organization: OrganizationId, id: OrderId) -> Option<SeenOrder>;
    admin: journal(organization: OrganizationId, filter: &JournalFilter, page: &Page) -> Portion<JournalEntry>;
    admin: traces(organization: OrganizationId, request: RequestId) -> Traces;
);

hands_on!(Stations:
    admin: station(organization: OrganizationId, name: &RegistrationId) -> Option<Station>;
    signer: station_by_id(id: StationId) -> Option<Station>;
    admin: stations(organization: OrganizationId, page: &Page) -> Vec<Station>;
    signer: rework_is_open(device: DeviceId) -> bool;
    admin: unit_of_key(organization: OrganizationId, key: &SpkiHash) -> Option<EarlierUnit>;
    admin: unit_of_name(organization: OrganizationId, id: &RegistrationId) -> Option<EarlierUnit>;
);

hands_on!(Enrollments:
    device: policy_version() -> PolicyVersion;
    device: scope_policy(scope: &IdScope) -> Option<ScopePolicy>;
    device: trust_anchor(id: AnchorId) -> Option<TrustAnchor>;
    device: enrollee(question: &EnrolleeQuestion<'_>) -> Enrollee;
    device: line(question: &LineQuestion) -> Line;
    device: operation(organization: OrganizationId, id: &RegistrationId, operation: OperationId) -> Option<OperationAnswer>;
    signer: keep_registrations(rows: Vec<Registration>) -> Vec<IntentVerdict>;
    device: keep_refusals(rows: Vec<JournalRow>) -> ();
    device: keep_tallies(tallies: Vec<RefusalTally>) -> ();
);

hands_on!(Installations:
    status: installation() -> Option<Installation>;
    owner: create_installation(new: &NewInstallation) -> bool;
    admin: first_organization() -> Option<Organization>;
    signer: profile(organization: OrganizationId, name: &str) -> Option<ProfileRevision>;
    signer: software_key(id: SoftwareKeyId) -> Option<SealedSoftwareKey>;
    signer: data_keys(purpose: SealingPurpose, organization: OrganizationId) -> Vec<WrappedDataKey>;
    device: service_certificate() -> Option<ServiceCertificate>;
    signer: keep_service_intent(intent: &ServiceCertificate, tbs_hash: [u8; 32], instead_of: Option<CertificateId>) -> bool;
    signer: keep_service_record(certificate: CertificateId, der: Vec<u8>, at: Timestamp, journal: JournalRow) -> bool;
);

hands_on!(Issuance:
    signer: keep_intents(rows: Vec<Intent>) -> Vec<IntentVerdict>;
    signer: keep_records(rows: Vec<Record>) -> Vec<RecordVerdict>;
    signer: take_unfinished(now: Timestamp, lease_until: Timestamp, limit: u32) -> Vec<Finish>;
    signer: hold_orders(held: Vec<(OrderId, i64)>, lease_until: Timestamp) -> ();
    signer: abandon(finish: &Finish, slug: &'static str, journal: JournalRow) -> ();
    device: certificate(id: CertificateId) -> Option<CertificateRecord>;
    device: order(id: OrderId) -> Option<(Order, CertificateRecord)>;
);

hands_on!(MassRevocations:
    admin: revocable(asked: (OrganizationId, &Query, tamga_x509::crl::RevocationReason), stretch: (Option<String>, u32), now: Timestamp) -> Stretch;
    admin: mass_revocation(organization: OrganizationId, id: MassRevocationId) -> Option<MassRevocation>;
    admin: mass_revocations(organization: OrganizationId, page: &Page) -> Vec<MassRevocation>;
    admin: running_revocations(after: Option<&MassRevocation>, limit: u32) -> Vec<MassRevocation>;
);

hands_on!(Approvals:
    admin: approval(organization: OrganizationId, id: ApprovalId) -> Option<Approval>;
    admin: approvals(organization: OrganizationId, standing: (Option<tamga_registry::approval::Standing>, Timestamp), page: &Page) -> Vec<Approval>;
    admin: persons_with_roles(organization: OrganizationId, now: Timestamp) -> Vec<tamga_registry::store::PersonWithRole>;
);

hands_on!(Issuing:
    admin: usable_profiles(organization: OrganizationId, page: &Page) -> Vec<UsableProfile>;
    admin: usable_profile(organization: OrganizationId, name: &RegistrationId) -> Option<UsableProfile>;
    admin: profile_revisions(profile: ProfileId, page: &Page) -> Vec<DatedRevision>;
    admin: profile_revision(id: RevisionId) -> Option<DatedRevision>;
    admin: usable_issuers(organization: OrganizationId, page: &Page) -> Vec<UsableIssuer>;
    admin: usable_issuer(organization: OrganizationId, name: &RegistrationId) -> Option<UsableIssuer>;
    admin: grants(owner: OrganizationId, page: &Page) -> Vec<Grant>;
    admin: grant(owner: OrganizationId, name: &GrantName) -> Option<Grant>;
);

hands_on!(Organizations:
    admin: organization_by_id(id: OrganizationId) -> Option<Organization>;
    admin: organizations_within(top: Option<OrganizationId>, page: &Page) -> Vec<Organization>;
    admin: organizations_below(parent: OrganizationId, page: &Page) -> Vec<Organization>;
    admin: organizations_above(organization: OrganizationId) -> Vec<OrganizationId>;
);

hands_on!(Processes:
    status: beat(heartbeat: &Heartbeat) -> ();
    admin: heartbeats(since: Timestamp) -> Vec<Heartbeat>;
    signer: forget_heartbeats(seen_before: Timestamp) -> u64;
);

hands_on!(Publication:
    signer: shards_due(now: Timestamp) -> Vec<ShardId>;
    signer: lease_shard(shard: ShardId, now: Timestamp, until: Timestamp) -> Option<PublicationLease>;
    signer: revoked_page(shard: ShardId, after: Option<Serial>, listed_since: Option<Timestamp>) -> Vec<RevokedEntry>;
    signer: keep_list_intent(lease: &PublicationLease, intent: &ListIntent) -> bool;
    signer: publish_list(lease: &PublicationLease, der: Vec<u8>, due_at: Timestamp, journal: JournalRow) -> bool;
    signer: release_shard(lease: &PublicationLease) -> ();
    status: published_number(shard: ShardId) -> Option<u64>;
    status: published_list(shard: ShardId) -> Option<PublishedList>;
    status: issuers() -> Vec<Issuer>;
    status: issuer(id: IssuerId) -> Option<Issuer>;
    admin: shard_health() -> Vec<ShardHealth>;
);

hands_on!(Submissions:
    device: submit(rows: Vec<Submission>, most_waiting: u32) -> Vec<Posted>;
    signer: take_submissions(now: Timestamp, lease_until: Timestamp, limit: u32) -> TakenSubmissions;
    signer: hold_submissions(held: Vec<(SubmissionId, i64)>, lease_until: Timestamp) -> ();
    signer: settle(rows: Vec<Settled>) -> ();
    device: settlements(ids: &[SubmissionId]) -> Vec<(SubmissionId, Settlement)>;
    device: submission(organization: OrganizationId, id: &RegistrationId, operation: OperationId) -> Option<Filed>;
    signer: refuse_crowd(most_waiting: u32, refusal: (&'static str, String), at: Timestamp) -> u64;
    signer: forget_submissions(settled_before: Timestamp) -> u64;
);

#[async_trait]
impl Store for Apart {
    async fn ping(&self) -> Result<(), StoreFault> {
        self.status.ping().await
    }

    async fn database_clock(&self) -> Result<Option<Timestamp>, StoreFault> {
        self.device.database_clock().await
    }

    fn hint(&self, of: Hint) -> Hinted {
        self.signer.hint(of)
    }

    async fn close(&self) {
        for store in [&self.owner, &self.device, &self.admin, &self.status, &self.signer] {
            store.close().await;
        }
    }
}
