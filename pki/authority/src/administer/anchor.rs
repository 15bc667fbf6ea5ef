// SPDX-License-Identifier: Apache-2.0
//! What operators do with trust anchors: bring them, their intermediates and their lists, switch them, take them away.

use tamga_attestation::certificate_chain::{AuthorityCertificate, ForeignList};
use tamga_registry::anchor::{
    AnchorFilter, AnchorIntermediate, AnchorList, AnchorState, AnchorStatus, TrustAnchor,
};
use tamga_registry::device::RegistrationId;
use tamga_registry::id::AnchorId;
use tamga_registry::organization::{Organization, OrganizationSlug};
use tamga_registry::page::Page;
use tamga_registry::role::Permission;
use tamga_registry::store::{AnchorAdded, AnchorRemoved, IntermediateAdded, ListBrought, Thing};
use tamga_x509::certificate::Fingerprint;

use super::Administration;
use crate::guard::{Caller, Permit};
use crate::policy::authorities;
use crate::refusal::{Failure, Refusal};

/// A trust anchor to be made.
#[derive(Debug)]
pub struct NewAnchor {
    /// Its name, unique within the organization.
    pub name: RegistrationId,
    /// The authority's certificate, DER.
    pub certificate: Vec<u8>,
    /// How the status of the certificates below it is learned.
    pub status: AnchorStatus,
    /// Certificates below it that complete chains, DER, each below the anchor or one before it.
    pub intermediates: Vec<Vec<u8>>,
}

impl Administration {
    /// Makes a trust anchor of a stranger's authority: a root, or an intermediate whose own issuer is not asked.
    pub async fn create_anchor(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        new: NewAnchor,
    ) -> Result<TrustAnchor, Failure> {
        let object = new.name.to_string();
        self.witnessed(caller, Permission::AnchorCreate, object, async {
            let (organization, permit) = self.enter(caller, Permission::AnchorCreate, organization).await?;
            let anchor = self.anchor_of(&organization, new)?;
            self.not_one_of_ours(&organization, &anchor.certificate).await?;
            let act = self.act(caller, &permit, &organization, anchor.id.to_string())?;
            let mut change = self.means.store.change(act).await?;
            match change.add_anchor(&anchor, MOST_ANCHORS).await? {
                AnchorAdded::Added => {}
                AnchorAdded::Crowded => return Err(Refusal::TooManyAnchors(MOST_ANCHORS).into()),
                AnchorAdded::Taken => return Err(Refusal::NameTaken("trust anchor").into()),
                AnchorAdded::CertificateTaken => return Err(Refusal::CertificateInUse.into()),
            }
            self.keep(change).await?;
            Ok(anchor)
        })
        .await
    }

    /// The trust anchors of an organization that a filter leaves: a page, and one more where there is one.
    pub async fn anchors(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        filter: &AnchorFilter,
        page: &Page,
    ) -> Result<Vec<TrustAnchor>, Failure> {
        let object = organization.to_string();
        self.witnessed(caller, Permission::AnchorRead, object, async {
            let (organization, _) = self.enter(caller, Permission::AnchorRead, organization).await?;
            Ok(self.means.store.anchors(organization.id, filter, page).await?)
        })
        .await
    }

    /// A trust anchor.
    pub async fn anchor(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        name: &RegistrationId,
    ) -> Result<TrustAnchor, Failure> {
        let object = name.to_string();
        self.witnessed(caller, Permission::AnchorRead, object, async {
            let (organization, _) = self.enter(caller, Permission::AnchorRead, organization).await?;
            self.existing_anchor(&organization, name).await
        })
        .await
    }

    /// Enables or disables a trust anchor. Takes effect as a group's state does; while it is disabled nobody is admitted
    /// through it, whatever anchor stands above.
    pub async fn set_anchor_state(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        name: &RegistrationId,
        state: AnchorState,
    ) -> Result<(), Failure> {
        self.updating(caller, organization, name, async |here, permit| {
            let detail = (name.to_string(), Some(state.word().to_owned()));
            let act = self.act_that(caller, permit, here, detail)?;
            let mut change = self.change_of(caller, (here, thing(name)), act).await?;
            if !change.set_anchor_state(here.id, name, state).await? {
                return Err(NO_ANCHOR.into());
            }
            self.keep(change).await
        })
        .await
    }

    /// Says how the status of the certificates below a trust anchor is learned.
    pub async fn set_anchor_status(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        name: &RegistrationId,
        status: AnchorStatus,
    ) -> Result<(), Failure> {
        self.updating(caller, organization, name, async |here, permit| {
            let detail = (name.to_string(), Some(format!("status {status}")));
            let act = self.act_that(caller, permit, here, detail)?;
            let mut change = self.change_of(caller, (here, thing(name)), act).await?;
            if !change.set_anchor_status(here.id, name, status).await? {
                return Err(NO_ANCHOR.into());
            }
            self.keep(change).await
        })
        .await
    }

    /// Adds an authority below a trust anchor, DER: devices may then present their leaf alone, and its lists are taken.
    /// Idempotent.
    pub async fn add_intermediate(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        name: &RegistrationId,
        certificate: Vec<u8>,
    ) -> Result<(), Failure> {
        self.updating(caller, organization, name, async |here, permit| {
            let anchor = self.existing_anchor(here, name).await?;
            if anchor.intermediates.len() >= MOST_INTERMEDIATES {
                return Err(too_many("intermediate", MOST_INTERMEDIATES).into());
            }
            fits_below(&certificate, &authorities(&anchor)?)?;
            let detail = format!("intermediate {}", Fingerprint::of(&certificate));
            let act = self.act_that(caller, permit, here, (name.to_string(), Some(detail)))?;
            let intermediate = AnchorIntermediate {
                certificate,
                created_at: self.means.now(),
            };
            let mut change = self.change_of(caller, (here, thing(name)), act).await?;
            match change.add_intermediate(here.id, name, &intermediate).await? {
                IntermediateAdded::Added => self.keep(change).await,
                IntermediateAdded::Known => Ok(()),
                IntermediateAdded::NoAnchor => Err(NO_ANCHOR.into()),
            }
        })
        .await
    }

    /// Brings a revocation list, DER, of the anchor or of one of its known intermediates. It takes the place of an
    /// older one that covers the same.
    pub async fn bring_list(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        name: &RegistrationId,
        der: Vec<u8>,
    ) -> Result<AnchorList, Failure> {
        self.updating(caller, organization, name, async |here, permit| {
            let anchor = self.existing_anchor(here, name).await?;
            let list = self.list_of(&anchor, der)?;
            let detail = format!("list {}", Fingerprint::of(&list.der));
            let act = self.act_that(caller, permit, here, (name.to_string(), Some(detail)))?;
            let mut change = self.change_of(caller, (here, thing(name)), act).await?;
            match change.bring_list(here.id, name, &list, MOST_LIST_OCTETS).await? {
                ListBrought::Kept => self.keep(change).await?,
                ListBrought::Crowded => return Err(Refusal::ListsTooLarge(MOST_LIST_OCTETS).into()),
                ListBrought::NotNewer => return Err(Refusal::ListNotNewer.into()),
                ListBrought::NoAnchor => return Err(NO_ANCHOR.into()),
            }
            Ok(list)
        })
        .await
    }

    /// Removes a trust anchor that no group refers to.
    pub async fn delete_anchor(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        name: &RegistrationId,
    ) -> Result<(), Failure> {
        let object = name.to_string();
        self.witnessed(caller, Permission::AnchorDelete, object, async {
            let (here, permit) = self.enter(caller, Permission::AnchorDelete, organization).await?;
            let act = self.act(caller, &permit, &here, name.to_string())?;
            let mut change = self.change_of(caller, (&here, thing(name)), act).await?;
            match change.remove_anchor(here.id, name).await? {
                AnchorRemoved::Removed => self.keep(change).await,
                AnchorRemoved::InUse => Err(Refusal::AnchorInUse.into()),
                AnchorRemoved::NoAnchor => Err(NO_ANCHOR.into()),
            }
        })
        .await
    }

    /// An act on an anchor that is there.
    async fn updating<T>(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        name: &RegistrationId,
        act: impl AsyncFnOnce(&Organization, &Permit) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        self.witnessed(caller, Permission::AnchorUpdate, name.to_string(), async {
            let (organization, permit) = self.enter(caller, Permission::AnchorUpdate, organization).await?;
            act(&organization, &permit).await
        })
        .await
    }

    async fn existing_anchor(
        &self,
        organization: &Organization,
        name: &RegistrationId,
    ) -> Result<TrustAnchor, Failure> {
        let anchor = self.means.store.anchor(organization.id, name).await?;
        anchor.ok_or_else(|| NO_ANCHOR.into())
    }

    fn anchor_of(&self, organization: &Organization, new: NewAnchor) -> Result<TrustAnchor, Failure> {
        let now = self.means.now();
        let authority = authority_of("certificate", &new.certificate)?;
        if authority.certificate().not_after() < now {
            return Err(invalid("certificate", "it has expired: give one that is valid").into());
        }
        if new.intermediates.len() > MOST_INTERMEDIATES {
            return Err(too_many("intermediates", MOST_INTERMEDIATES).into());
        }
        let mut known = vec![authority];
        for intermediate in &new.intermediates {
            known.push(fits_below(intermediate, &known)?);
        }
        let intermediates = new
            .intermediates
            .into_iter()
            .map(|certificate| AnchorIntermediate {
                certificate,
                created_at: now,
            });
        Ok(TrustAnchor {
            id: AnchorId::fresh(now, &*self.means.chance)?,
            organization: organization.id,
            name: new.name,
            certificate: new.certificate,
            status: new.status,
            state: AnchorState::Enabled,
            intermediates: intermediates.collect(),
            lists: Vec::new(),
            generation: crate::enroll::FIRST_GENERATION,
            created_at: now,
        })
    }

    /// Our own certificates prove their devices without an anchor, and by a status we know at once.
    async fn not_one_of_ours(&self, organization: &Organization, certificate: &[u8]) -> Result<(), Failure> {
        let policy = self.policy_of(organization).await?;
        let authority = authority_of("certificate", certificate)?;
        let spki = authority.certificate().spki_hash();
        let mut issuers = policy.issuers.values();
        if issuers.any(|issuer| issuer.issuer.certificate.public_key().spki_hash() == *spki) {
            let reason = "it is an issuer of this house: the certificates it issues prove their devices without an anchor";
            return Err(invalid("certificate", reason).into());
        }
        Ok(())
    }

    fn list_of(&self, anchor: &TrustAnchor, der: Vec<u8>) -> Result<AnchorList, Failure> {
        let now = self.means.now();
        let read = ForeignList::load(&der, &authorities(anchor)?)
            .map_err(|refusal| invalid("list", &refusal.to_string()))?;
        if !read.is_fresh(now) {
            let reason = format!(
                "it is valid from {} to {}: bring one that is valid now",
                read.this_update().to_rfc3339(),
                read.next_update().to_rfc3339()
            );
            return Err(invalid("list", &reason).into());
        }
        let covers = Fingerprint(read.covers());
        let replaces = anchor.lists.iter().any(|list| list.covers == covers);
        if !replaces && anchor.lists.len() >= MOST_LISTS {
            return Err(too_many("list", MOST_LISTS).into());
        }
        Ok(AnchorList {
            covers,
            this_update: read.this_update(),
            next_update: read.next_update(),
            der,
            created_at: now,
        })
    }
}

fn thing(name: &RegistrationId) -> Thing {
    Thing::Anchor(name.clone())
}

/// Reads an authority's certificate.
fn authority_of(field: &'static str, der: &[u8]) -> Result<AuthorityCertificate, Refusal> {
    AuthorityCertificate::parse(der).map_err(|refusal| invalid(field, &refusal.to_string()))
}

/// Reads a certificate that one of these authorities issued.
fn fits_below(der: &[u8], above: &[AuthorityCertificate]) -> Result<AuthorityCertificate, Refusal> {
    let field = "intermediate";
    let authority = authority_of(field, der)?;
    if !above.iter().any(|issuer| authority.issued_by(issuer)) {
        let reason =
            "neither the anchor nor one of its known intermediates issued it: add those between first";
        return Err(invalid(field, reason));
    }
    Ok(authority)
}

fn invalid(field: &'static str, reason: &str) -> Refusal {
    Refusal::Invalid {
        field,
        reason: reason.to_owned(),
    }
}

fn too_many(field: &'static str, most: usize) -> Refusal {
    invalid(
        field,
        &format!("an anchor has at most {most}: make another anchor"),
    )
}

const NO_ANCHOR: Refusal = Refusal::NotFound("trust anchor");
const MOST_INTERMEDIATES: usize = 32;
const MOST_LISTS: usize = 32;
/// Of one organization's own. Every door keeps in mind those it may use, and walks them for each chain.
const MOST_ANCHORS: u32 = 256;
/// Of the lists of all anchors of one organization: every door keeps them in mind, too.
const MOST_LIST_OCTETS: u64 = 64 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    /// A front end awaits them on whatever thread is free: that this compiles is the test.
    #[test]
    fn acts_are_awaited_on_any_thread() {
        fn anywhere<T: Send>(_: T) {}
        fn each(
            administration: &Administration,
            caller: &Caller,
            organization: &OrganizationSlug,
            new: NewAnchor,
        ) {
            let name = new.name.clone();
            anywhere(administration.set_anchor_state(caller, organization, &name, AnchorState::Disabled));
            anywhere(administration.set_anchor_status(caller, organization, &name, AnchorStatus::Crl));
            anywhere(administration.add_intermediate(caller, organization, &name, Vec::new()));
            anywhere(administration.bring_list(caller, organization, &name, Vec::new()));
            anywhere(administration.delete_anchor(caller, organization, &name));
            anywhere(administration.create_anchor(caller, organization, new));
        }
        let _ = each;
    }
}
