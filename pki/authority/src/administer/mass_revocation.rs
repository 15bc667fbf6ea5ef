// SPDX-License-Identifier: Apache-2.0
//! Revocations of many certificates at once: measured, asked for, and done in steps that a crash does not lose.

use std::collections::BTreeSet;

use tamga_registry::device::RegistrationId;
use tamga_registry::id::MassRevocationId;
use tamga_registry::mass_revocation::{Course, Looked, MassRevocation, Query, Stretch};
use tamga_registry::organization::{Organization, OrganizationSlug};
use tamga_registry::page::{NamePrefix, Page};
use tamga_registry::role::Permission;
use tamga_x509::crl::RevocationReason;
use tamga_x509::time::Timestamp;

use super::approval::{Asked, Bulk, Compromise, NO_GENERATION, Named};
use super::{Administration, Outcome};
use crate::guard::Caller;
use crate::refusal::{Failure, Fault, Refusal};

mod setback;
mod step;

pub(super) use setback::Setbacks;

/// What is to be revoked: everything that fits all that is said.
#[derive(Debug)]
pub struct NewRevocation {
    /// Ordered by devices that proved themselves by this group.
    pub group: Option<RegistrationId>,
    /// Issued by this one.
    pub issuer: Option<RegistrationId>,
    /// Issued by this profile.
    pub profile: Option<RegistrationId>,
    /// Of devices whose registration id begins so.
    pub prefix: Option<NamePrefix>,
    /// Issued at this instant or later.
    pub from: Option<Timestamp>,
    /// Issued at this instant or earlier.
    pub until: Option<Timestamp>,
    /// Why.
    pub reason: RevocationReason,
}

/// How much a revocation would be about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Extent {
    /// Certificates that fit.
    pub certificates: u64,
    /// Keys they are on: a compromise blocks these.
    pub keys: u64,
    /// Further certificates on these keys, which a compromise strikes as well; none for other reasons.
    pub besides: u64,
    /// Devices that were looked at.
    pub devices: u64,
    /// Lists that would have to be published.
    pub shards: u64,
}

impl Extent {
    fn add(&mut self, looked: &Looked) {
        let Self {
            certificates,
            keys,
            besides,
            devices,
            shards: _,
        } = self;
        *certificates = certificates.saturating_add(size(looked.found.len()));
        *keys = keys.saturating_add(looked.keys);
        *besides = besides.saturating_add(size(looked.besides.len()));
        *devices = devices.saturating_add(1);
    }
}

impl Administration {
    /// How much a revocation would be about. Nothing is done.
    pub async fn measure_revocation(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        new: &NewRevocation,
    ) -> Result<Extent, Failure> {
        let object = organization.to_string();
        self.witnessed(caller, Permission::CertificateRevoke, object, async {
            let (here, _) = self
                .enter(caller, Permission::CertificateRevoke, organization)
                .await?;
            let (query, _) = self.query_of(&here, new).await?;
            self.extent_or_refusal(&here, (&query, new.reason)).await
        })
        .await
    }

    /// Revokes every certificate that fits, in steps, until it is done. Above a size it wants a second person.
    pub async fn revoke_many(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        new: &NewRevocation,
    ) -> Result<Outcome<MassRevocation>, Failure> {
        let object = organization.to_string();
        self.witnessed(caller, Permission::CertificateRevoke, object, async {
            let (here, permit) = self
                .enter(caller, Permission::CertificateRevoke, organization)
                .await?;
            let (query, named) = self.query_of(&here, new).await?;
            let extent = self.extent_or_refusal(&here, (&query, new.reason)).await?;
            let asked = Asked::Revocation(Box::new(Bulk {
                id: MassRevocationId::fresh(self.means.now(), &*self.means.chance)?,
                query,
                named,
                reason: new.reason,
                certificates: extent.certificates,
                compromise: Compromise::of(new.reason, &extent),
            }));
            let struck = extent.certificates.saturating_add(extent.besides);
            let large = struck > self.approval_rules.revocations_above;
            if large && self.wants_a_second(caller, &here, permit.permission()).await? {
                let asked = (&asked, NO_GENERATION);
                return Ok(Outcome::Waits(self.ask(caller, (&permit, &here), asked).await?));
            }
            let revocation = MassRevocation {
                author: caller.principal.to_string(),
                ..self.begun(&here, &asked)?
            };
            let what = (revocation.id.to_string(), Some(asked.detail()));
            let act = self.act_that(caller, &permit, &here, what)?;
            let mut change = self.means.store.change(act).await?;
            change.add_mass_revocation(&revocation).await?;
            change.keep().await?;
            Ok(Outcome::Done(revocation))
        })
        .await
    }

    /// A page of the revocations of many certificates of an organization.
    pub async fn mass_revocations(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        page: &Page,
    ) -> Result<Vec<MassRevocation>, Failure> {
        let object = organization.to_string();
        self.witnessed(caller, Permission::CertificateRead, object, async {
            let (here, _) = self
                .enter(caller, Permission::CertificateRead, organization)
                .await?;
            Ok(self.means.store.mass_revocations(here.id, page).await?)
        })
        .await
    }

    /// A revocation of many certificates.
    pub async fn mass_revocation(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        id: MassRevocationId,
    ) -> Result<MassRevocation, Failure> {
        self.witnessed(caller, Permission::CertificateRead, id.to_string(), async {
            let (here, _) = self
                .enter(caller, Permission::CertificateRead, organization)
                .await?;
            let found = self.means.store.mass_revocation(here.id, id).await?;
            found.ok_or_else(|| Refusal::NotFound("revocation").into())
        })
        .await
    }

    /// What begins with this request; nobody asked yet.
    pub(super) fn begun(&self, here: &Organization, asked: &Asked) -> Result<MassRevocation, Fault> {
        let Asked::Revocation(bulk) = asked else {
            return Err(Fault::new("beginning a revocation", "something else was asked"));
        };
        Ok(MassRevocation {
            id: bulk.id,
            organization: here.id,
            request: asked.act(here.id, NO_GENERATION).request,
            author: String::new(),
            approval: None,
            expected: bulk.certificates,
            course: Course::default(),
            created_at: self.means.now(),
            finished_at: None,
        })
    }

    /// How much a query is about now; nothing, where that takes more than a request may.
    pub(super) async fn extent(
        &self,
        here: &Organization,
        (query, reason): (&Query, RevocationReason),
    ) -> Result<Option<Extent>, Failure> {
        let now = self.means.now();
        let (mut extent, mut shards) = (Extent::default(), BTreeSet::new());
        let mut after = None;
        loop {
            let asked = (here.id, query, reason);
            let devices = (after.clone(), LOOKED_AT_ONCE);
            let stretch = self.means.store.revocable(asked, devices, now).await?;
            for looked in &stretch.looked {
                extent.add(looked);
                let all = looked.found.iter().chain(&looked.besides);
                shards.extend(all.map(|one| one.shard));
            }
            if extent.devices > self.approval_rules.counted_at_most {
                return Ok(None);
            }
            if ends(&stretch) {
                break;
            }
            after = stretch.last().map(str::to_owned);
        }
        extent.shards = size(shards.len());
        Ok(Some(extent))
    }

    /// The same, for who can say less.
    async fn extent_or_refusal(
        &self,
        here: &Organization,
        asked: (&Query, RevocationReason),
    ) -> Result<Extent, Failure> {
        self.extent(here, asked).await?.ok_or_else(|| {
            let most = self.approval_rules.counted_at_most;
            let reason = format!(
                "more than {most} devices would have to be looked at: give a registrationIdPrefix that fewer have, and ask \
                 once for each"
            );
            invalid("query", &reason).into()
        })
    }

    /// The query, with what its names stand for.
    async fn query_of(&self, here: &Organization, new: &NewRevocation) -> Result<(Query, Named), Failure> {
        let store = &self.means.store;
        let said = new.group.is_some() || new.issuer.is_some() || new.profile.is_some();
        if !said && new.prefix.is_none() && new.from.is_none() && new.until.is_none() {
            return Err(invalid("query", "say which certificates: one member at least").into());
        }
        let group = match &new.group {
            Some(name) => Some(
                store
                    .group(here.id, name)
                    .await?
                    .ok_or(Refusal::NotFound("enrollment group"))?
                    .id,
            ),
            None => None,
        };
        let issuer = match &new.issuer {
            Some(name) => {
                let found = store.usable_issuer(here.id, name).await?;
                Some(found.ok_or(Refusal::NotFound("issuer"))?.issuer.id)
            }
            None => None,
        };
        let profile = match &new.profile {
            Some(name) => {
                let found = store.usable_profile(here.id, name).await?;
                Some(found.ok_or(Refusal::NotFound("profile"))?.current.id.profile)
            }
            None => None,
        };
        let now = self.means.now();
        let until = new.until.map_or(now, |until| until.min(now));
        if new.from.is_some_and(|from| from > until) {
            return Err(invalid("query.issuedFrom", "it is after issuedUntil, or to come").into());
        }
        let query = Query {
            group,
            issuer,
            profile,
            prefix: new.prefix.clone(),
            from: new.from,
            until,
        };
        let canonical = |name: &RegistrationId| name.canonical().to_owned();
        let named = Named {
            group: new.group.as_ref().map(canonical),
            issuer: new.issuer.as_ref().map(canonical),
            profile: new.profile.as_ref().map(canonical),
        };
        Ok((query, named))
    }
}

fn invalid(field: &'static str, reason: &str) -> Refusal {
    Refusal::Invalid {
        field,
        reason: reason.to_owned(),
    }
}

/// Whether there is nothing beyond it.
fn ends(stretch: &Stretch) -> bool {
    stretch.devices() < u64::from(LOOKED_AT_ONCE)
}

fn size(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

const LOOKED_AT_ONCE: u32 = 1_000;
