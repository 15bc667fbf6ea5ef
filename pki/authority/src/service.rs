// SPDX-License-Identifier: Apache-2.0
//! Tamga's own TLS certificate: issued by the server issuer, recorded like any other, renewed in its window.

use std::sync::Arc;

use tamga_registry::certificate::{CertificateRecord, CertificateState};
use tamga_registry::id::{CertificateId, JournalRowId, RequestId};
use tamga_registry::issuer::{Issuer, IssuerRole, IssuerState};
use tamga_registry::journal::{HotAct, JournalRow, Outcome};
use tamga_registry::profile::ProfileRevision;
use tamga_registry::role::{Permission, Principal};
use tamga_registry::schedule::{RenewalWindow, renewal_window};
use tamga_registry::secret::SealedSoftwareKey;
use tamga_registry::store::{ServiceCertificate, Store};
use tamga_x509::certificate::Certificate;
use tamga_x509::chance::octets;
use tamga_x509::key::PublicKey;
use tamga_x509::name::ServerNames;
use tamga_x509::profile::ServerDraft;
use tamga_x509::serial::Serial;
use tamga_x509::time::Timestamp;
use tamga_x509::to_be_signed::ToBeSigned;

use crate::guard::permit_duty;
use crate::journal::Happening;
use crate::means::Means;
use crate::policy::chain_of;
use crate::refusal::Fault;
use crate::request::RequestContext;
use crate::signers::{Signable, Signers, key_missing, sign_and_verify};

/// The duty that keeps Tamga's own TLS certificate.
pub struct ServiceCertificates {
    means: Means,
    signers: Arc<dyn Signers>,
}

/// A TLS certificate in force.
#[derive(Debug, Clone)]
pub struct ServiceIdentity {
    /// Its id.
    pub id: CertificateId,
    /// DER: the certificate first, its issuer next. The root stays at home: whoever trusts it has it.
    pub chain: Vec<Arc<[u8]>>,
    /// Its sealed key.
    pub key: SealedSoftwareKey,
    /// When it is to be renewed.
    pub window: RenewalWindow,
    /// What it is for.
    names: Vec<String>,
}

/// A TLS certificate whose intent is kept: the only one that is signed.
struct ServicePrepared(ToBeSigned);

impl Signable for ServicePrepared {
    fn to_be_signed(&self) -> &ToBeSigned {
        &self.0
    }
}

impl ServiceIdentity {
    /// Whether it is still good for these names, and not yet to be renewed.
    pub fn serves(&self, names: &ServerNames, now: Timestamp) -> bool {
        !self.window.is_open(now) && self.names == spelled(names)
    }
}

/// The TLS certificate in force, if there is one.
///
/// # Errors
/// [`Fault`] when memory does not answer or contradicts itself.
pub async fn current(store: &dyn Store) -> Result<Option<ServiceIdentity>, Fault> {
    let Some(kept) = store.service_certificate().await? else {
        return Ok(None);
    };
    let Some(der) = kept.certificate.state.der() else {
        return Ok(None);
    };
    let (issuer, revision) = authority(store).await?;
    identity(store, der, &kept, (&issuer, &revision)).await.map(Some)
}

impl ServiceCertificates {
    /// The duty with these signers.
    pub fn new(means: Means, signers: Arc<dyn Signers>) -> Self {
        Self { means, signers }
    }

    /// Issues a certificate over a new key.
    ///
    /// The key comes sealed, with its public half: this crate never holds a private key. `instead_of` is the one in force
    /// that is to be replaced, if there is one; nothing is issued when another signer saw to it meanwhile.
    pub async fn issue(
        &self,
        key: SealedSoftwareKey,
        names: &ServerNames,
        instead_of: Option<CertificateId>,
    ) -> Result<Option<ServiceIdentity>, Fault> {
        let during = "issuing a TLS certificate";
        permit_duty("service_certificate", Permission::DutyPerform)?;
        let (issuer, revision) = authority(&*self.means.store).await?;
        let signer = self.signers.signer(issuer.id);
        let signer = signer.ok_or_else(|| key_missing(&issuer))?;
        let public = PublicKey::from_spki_der(&key.spki).map_err(Fault::during_act(during))?;
        // One instant for the bytes and for their intent.
        let at = self.means.now();
        let to_be_signed = self.draft(&public, names, (&issuer, &revision), at)?;
        let record = self.intent(&to_be_signed, &public, (&issuer, &revision), at)?;
        let intent = ServiceCertificate {
            certificate: record,
            key,
        };
        let kept = self
            .means
            .store
            .keep_service_intent(&intent, to_be_signed.digest(), instead_of)
            .await?;
        if !kept {
            return Ok(None);
        }
        let prepared = ServicePrepared(to_be_signed);
        let certificate = issuer.certificate.clone();
        let signing = tokio::task::spawn_blocking(move || sign_and_verify(&*signer, &certificate, &prepared));
        let der = signing.await.map_err(Fault::during_act(during))??;
        let journal = self.journal(&issuer, intent.certificate.id, at)?;
        let id = intent.certificate.id;
        if !self
            .means
            .store
            .keep_service_record(id, der.clone(), at, journal)
            .await?
        {
            return Err(Fault::new(during, "its intent is gone"));
        }
        identity(&*self.means.store, &der, &intent, (&issuer, &revision))
            .await
            .map(Some)
    }

    fn draft(
        &self,
        key: &PublicKey,
        names: &ServerNames,
        (issuer, revision): (&Issuer, &ProfileRevision),
        now: Timestamp,
    ) -> Result<ToBeSigned, Fault> {
        let during = "drafting a TLS certificate";
        let random = octets::<16>(&*self.means.chance)?;
        let serial = Serial::compose(self.means.installation.restore_epoch, now, random)
            .map_err(Fault::during_act(during))?;
        let locations = issuer.locations(&serial);
        let order = ServerDraft {
            key,
            names,
            issuer: &issuer.certificate,
            serial,
            now,
            locations: &locations,
        };
        let draft = revision
            .rules
            .draft_server(&order)
            .map_err(Fault::during_act(during))?;
        ToBeSigned::certificate(draft).map_err(Fault::during_act("linting a TLS certificate"))
    }

    fn intent(
        &self,
        to_be_signed: &ToBeSigned,
        key: &PublicKey,
        (issuer, revision): (&Issuer, &ProfileRevision),
        at: Timestamp,
    ) -> Result<CertificateRecord, Fault> {
        let during = "writing an intent";
        let serial = to_be_signed
            .serial()
            .ok_or_else(|| Fault::new(during, "no serial"))?;
        Ok(CertificateRecord {
            id: CertificateId::fresh(at, &*self.means.chance)?,
            organization: issuer.organization,
            issuer: issuer.id,
            order: None,
            device: None,
            revision: revision.id,
            epoch: 0,
            serial,
            spki: key.spki_hash(),
            shard: serial.shard(issuer.shards),
            validity: to_be_signed
                .validity()
                .ok_or_else(|| Fault::new(during, "no validity"))?,
            state: CertificateState::Intended {
                tbs: to_be_signed.bytes().to_vec(),
            },
            intended_at: at,
        })
    }

    fn journal(&self, issuer: &Issuer, id: CertificateId, at: Timestamp) -> Result<JournalRow, Fault> {
        let request = JournalRowId::fresh(at, &*self.means.chance)?;
        Happening {
            organization: Some(issuer.organization),
            act: HotAct::ServiceIssue.word(),
            actor: Principal::Duty {
                name: "service_certificate",
            },
            object: id.to_string(),
            context: RequestContext {
                request: RequestId::from_octets(*request.octets()),
                source: None,
                once: None,
            },
            outcome: Outcome::Done(None),
            digests: &[],
        }
        .row(at, &*self.means.chance)
    }
}

async fn identity(
    store: &dyn Store,
    der: &[u8],
    kept: &ServiceCertificate,
    (issuer, revision): (&Issuer, &ProfileRevision),
) -> Result<ServiceIdentity, Fault> {
    let parsed = Certificate::parse(der).map_err(Fault::during_act("reading a TLS certificate"))?;
    let mut above = chain_of(store, issuer).await?;
    above.pop();
    Ok(ServiceIdentity {
        id: kept.certificate.id,
        chain: std::iter::once(der.into()).chain(above).collect(),
        key: kept.key.clone(),
        window: renewal_window(
            &kept.certificate.validity,
            revision.rules.renewal_policy(),
            &kept.certificate.spki,
        ),
        names: parsed
            .names()
            .map_err(Fault::during_act("reading a TLS certificate"))?,
    })
}

/// The server issuer and the profile of its certificates.
async fn authority(store: &dyn Store) -> Result<(Issuer, ProfileRevision), Fault> {
    let during = "finding the server issuer";
    let issuers = store.issuers().await?;
    let mut fit = issuers
        .into_iter()
        .filter(|issuer| issuer.role == IssuerRole::Server && issuer.state == IssuerState::Active);
    let issuer = fit.next().ok_or_else(|| Fault::new(during, "there is none"))?;
    let revision = store.profile(issuer.organization, SERVER_PROFILE).await?;
    let revision = revision.ok_or_else(|| Fault::new(during, "its profile is missing"))?;
    Ok((issuer, revision))
}

/// DNS names and addresses as a certificate shows them, in its order.
fn spelled(names: &ServerNames) -> Vec<String> {
    names
        .dns()
        .iter()
        .cloned()
        .chain(names.ip().iter().map(ToString::to_string))
        .collect()
}

impl std::fmt::Debug for ServiceCertificates {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("ServiceCertificates").finish_non_exhaustive()
    }
}

/// The profile of Tamga's own TLS certificates, made at first start.
pub const SERVER_PROFILE: &str = "server";
