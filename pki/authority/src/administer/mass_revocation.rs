// SPDX-License-Identifier: Apache-2.0
//! Revocations of many certificates at once: measured, asked for, and done in steps that a crash does not lose.

use std::collections::BTreeSet;

use tamga_registry::device::RegistrationId;
use tamga_registry::id::MassRevocationId;
use tamga_registry::journal::Outcome as Done;
use tamga_registry::mass_revocation::{Course, MassRevocation, Query, Revocable, Stretch};
use tamga_registry::organization::{Organization, OrganizationSlug};
use tamga_registry::page::{NamePrefix, Page};
use tamga_registry::role::{Permission, Principal};
use tamga_registry::store::{Act, CertificateStrike, Change};
use tamga_x509::crl::RevocationReason;
use tamga_x509::time::Timestamp;

use super::approval::{Asked, Bulk, Named};
use super::{Administration, Outcome};
use crate::guard::{Caller, permit_duty};
use crate::journal::Happening;
use crate::refusal::{Failure, Fault, Refusal};
use crate::request::RequestContext;

/// What is to be revoked: everything that fits all that is said.
#[derive(Debug)]
pub struct NewRevocation {
    /// Of devices bound to this group.
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// Certificates.
    pub certificates: u64,
    /// Devices that were looked at.
    pub devices: u64,
    /// Lists that would have to be published.
    pub shards: u64,
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
            self.extent(&here, &query).await
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
            let extent = self.extent(&here, &query).await?;
            let asked = Asked::Revocation(Box::new(Bulk {
                id: MassRevocationId::fresh(self.means.now(), &*self.means.chance)?,
                query,
                named,
                reason: new.reason,
                certificates: extent.certificates,
            }));
            let large = extent.certificates > self.approval_rules.revocations_above;
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

    /// Does a step of each that is not done; whether any was there. Whoever dies meanwhile has done nothing of its step.
    ///
    /// # Errors
    /// [`Fault`] when memory cannot be asked, or what is asked cannot be read.
    pub async fn go_on_with_revocations(&self) -> Result<bool, Fault> {
        let running = self.means.store.running_revocations(AT_ONCE).await?;
        let mut first = None;
        for revocation in &running {
            // One that cannot go on does not stop the others.
            if let Err(fault) = self.step(revocation).await {
                first = first.or(Some(fault));
            }
        }
        first.map_or(Ok(!running.is_empty()), Err)
    }

    async fn step(&self, revocation: &MassRevocation) -> Result<(), Fault> {
        let bulk = Asked::read_revocation(&revocation.request)?;
        let now = self.means.now();
        let mut course = revocation.course.clone();
        let stretch = loop {
            let asked = (revocation.organization, &bulk.query);
            let stretch = (course.after.clone(), DEVICES_A_STEP);
            let stretch = self.means.store.revocable(asked, stretch, now).await?;
            course.devices = course.devices.saturating_add(stretch.devices);
            course.after = stretch.last.clone().or(course.after);
            // What nothing is found in is no step.
            if !stretch.found.is_empty() || ends(&stretch, DEVICES_A_STEP) {
                break stretch;
            }
        };
        let found = u64::try_from(stretch.found.len()).unwrap_or(u64::MAX);
        course.revoked = course.revoked.saturating_add(found);
        course.steps = course.steps.saturating_add(1);
        let finished_at = ends(&stretch, DEVICES_A_STEP).then_some(now);
        let mut change = self
            .means
            .store
            .change(self.act_of_step(revocation, found)?)
            .await?;
        // First: of two processes that do this step, the second waits here, and finds it done.
        let from = revocation.course.steps;
        let moved = change
            .move_mass_revocation(revocation.id, (from, course), finished_at)
            .await?;
        if !moved {
            return Ok(());
        }
        for one in &stretch.found {
            strike(&mut *change, revocation, (one, bulk.reason), now).await?;
        }
        change.keep().await?;
        metrics::counter!("tamga_revocations_total", "noun" => "mass").increment(found);
        Ok(())
    }

    fn act_of_step(&self, revocation: &MassRevocation, found: u64) -> Result<Act, Fault> {
        permit_duty(DUTY, Permission::DutyPerform)?;
        let request = tamga_registry::id::RequestId::fresh(self.means.now(), &*self.means.chance)?;
        let happening = Happening {
            organization: Some(revocation.organization),
            act: Permission::CertificateRevoke.act(),
            actor: Principal::Duty { name: DUTY },
            object: revocation.id.to_string(),
            context: RequestContext {
                request,
                source: None,
                once: None,
            },
            outcome: Done::Done(Some(format!(
                "{found} certificates, asked by {}",
                revocation.author
            ))),
            digests: &[],
        };
        Ok(Act {
            journal: happening.row(self.means.now(), &*self.means.chance)?,
            spends: None,
        })
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

    /// How much a query is about now.
    pub(super) async fn extent(&self, here: &Organization, query: &Query) -> Result<Extent, Failure> {
        let now = self.means.now();
        let (mut certificates, mut devices, mut after) = (0_u64, 0_u64, None);
        let mut shards = BTreeSet::new();
        loop {
            let asked = (here.id, query);
            let stretch = self
                .means
                .store
                .revocable(asked, (after.clone(), COUNTED_AT_ONCE), now)
                .await?;
            let found = u64::try_from(stretch.found.len()).unwrap_or(u64::MAX);
            certificates = certificates.saturating_add(found);
            devices = devices.saturating_add(stretch.devices);
            shards.extend(stretch.found.iter().map(|one| one.shard));
            after = stretch.last.clone().or(after);
            if ends(&stretch, COUNTED_AT_ONCE) {
                break;
            }
        }
        Ok(Extent {
            certificates,
            devices,
            shards: u64::try_from(shards.len()).unwrap_or(u64::MAX),
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

async fn strike(
    change: &mut dyn Change,
    revocation: &MassRevocation,
    (one, reason): (&Revocable, RevocationReason),
    at: Timestamp,
) -> Result<(), Fault> {
    let strike = CertificateStrike {
        organization: revocation.organization,
        certificate: one.certificate,
        reason,
        at,
    };
    // Whatever was struck meanwhile stays as it is.
    change.strike_certificate(strike).await?;
    Ok(())
}

/// Whether there is nothing beyond it.
fn ends(stretch: &Stretch, asked: u32) -> bool {
    stretch.devices < u64::from(asked)
}

fn invalid(field: &'static str, reason: &str) -> Refusal {
    Refusal::Invalid {
        field,
        reason: reason.to_owned(),
    }
}

const DUTY: &str = "revocations";
/// Nothing that is changed has a generation: the count is compared instead.
pub(super) const NO_GENERATION: i64 = 0;
/// A step is one commit, and holds others up: a few dozen devices.
const DEVICES_A_STEP: u32 = 25;
const COUNTED_AT_ONCE: u32 = 1_000;
const AT_ONCE: u32 = 4;
