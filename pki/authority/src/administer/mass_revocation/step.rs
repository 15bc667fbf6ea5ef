// SPDX-License-Identifier: Apache-2.0
//! The steps of revocations of many certificates, a commit each: whoever dies meanwhile has done nothing of its step.

use std::collections::HashSet;

use tamga_registry::journal::Outcome as Done;
use tamga_registry::mass_revocation::{MassRevocation, Revocable, Stretch};
use tamga_registry::role::{Permission, Principal};
use tamga_registry::store::{Act, CertificateStrike, Change, Struck};
use tamga_x509::crl::RevocationReason;
use tamga_x509::time::Timestamp;

use super::super::Administration;
use super::super::approval::Asked;
use super::{LOOKED_AT_ONCE, ends, size};
use crate::guard::permit_duty;
use crate::journal::Happening;
use crate::refusal::Fault;
use crate::request::RequestContext;

impl Administration {
    /// Does a step of the oldest few that are not done; whether any was done. One that cannot go on stands aside for a
    /// while, and holds no other up; so does one that waits for its last walk.
    ///
    /// # Errors
    /// [`Fault`] when memory cannot be asked, or what is asked cannot be read: the first, once all others had their turn.
    pub async fn go_on_with_revocations(&self) -> Result<bool, Fault> {
        let (mut begun, mut done, mut first) = (0, false, None);
        let (mut after, mut seen) = (None, HashSet::new());
        while begun < AT_ONCE {
            let running = self.means.store.running_revocations(after.as_ref(), READ_AT_ONCE);
            let running = running.await?;
            seen.extend(running.iter().map(|revocation| revocation.id));
            let now = self.means.now();
            let ready = running
                .iter()
                .filter(|revocation| !self.setbacks.hold(revocation.id, now));
            for revocation in ready {
                match self.step(revocation).await {
                    Ok(Turn::Waits) => continue,
                    Ok(Turn::Taken) => {
                        done = true;
                        self.setbacks.forget(revocation.id);
                    }
                    Err(fault) => {
                        self.setbacks.note(revocation.id, now);
                        first = first.or(Some(fault));
                    }
                }
                begun = begun.saturating_add(1);
                if begun >= AT_ONCE {
                    break;
                }
            }
            if size(running.len()) < u64::from(READ_AT_ONCE) {
                self.setbacks.keep_of(&seen);
                break;
            }
            after = running.into_iter().next_back();
        }
        first.map_or(Ok(done), Err)
    }

    async fn step(&self, revocation: &MassRevocation) -> Result<Turn, Fault> {
        let bulk = Asked::read_revocation(revocation)?;
        let now = self.means.now();
        let settles_within = self.approval_rules.settles_within;
        let settled = bulk.query.until.saturating_add(settles_within);
        let mut course = revocation.course.clone();
        if course.is_between_walks() && now <= settled {
            return Ok(Turn::Waits);
        }
        course.walk(now);
        let (stretch, over) = loop {
            let asked = (revocation.organization, &bulk.query, bulk.reason);
            let devices = (course.after.clone(), LOOKED_AT_ONCE);
            let mut stretch = self.means.store.revocable(asked, devices, now).await?;
            let last = ends(&stretch);
            let cut = stretch.cut_at(CERTIFICATES_A_STEP);
            course.devices = course.devices.saturating_add(stretch.devices());
            course.after = stretch.last().map(str::to_owned).or(course.after);
            // What nothing is found in is no step.
            let over = last && !cut;
            if stretch.found().next().is_some() || over {
                break (stretch, over);
            }
        };
        let found = size(stretch.found().count());
        course.steps = course.steps.saturating_add(1);
        let finished_at = (over && course.arrive(settled)).then_some(now);
        let act = self.act_of_step(revocation, found)?;
        let mut change = self.means.store.change(act).await?;
        // First: of two processes that do this step, the second waits here, and finds it done.
        let from = revocation.course.steps;
        let moved = change
            .move_mass_revocation(revocation.id, (from, course.clone()), None)
            .await?;
        if !moved {
            return Ok(Turn::Taken);
        }
        let found_ones = stretch.found().map(|one| one.certificate).collect();
        change.hold_devices_of(found_ones).await?;
        let struck = strike(&mut *change, revocation, (&stretch, bulk.reason), now).await?;
        // Again, with what came of it: somebody else may have struck some of it meanwhile.
        course.revoked = course.revoked.saturating_add(struck);
        let step = (course.steps, course);
        if !change
            .move_mass_revocation(revocation.id, step, finished_at)
            .await?
        {
            return Err(Fault::new(
                "a step of a mass revocation",
                "its row moved while it was held",
            ));
        }
        change.keep().await?;
        metrics::counter!("tamga_revocations_total", "noun" => "mass").increment(struck);
        Ok(Turn::Taken)
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
}

/// Whether one took its turn.
enum Turn {
    /// It did, or somebody else did it for it.
    Taken,
    /// What was under way when it was asked may not be kept yet: it walks once more when it is.
    Waits,
}

/// Strikes what was found; how many certificates that revoked.
async fn strike(
    change: &mut dyn Change,
    revocation: &MassRevocation,
    (stretch, reason): (&Stretch, RevocationReason),
    at: Timestamp,
) -> Result<u64, Fault> {
    let mut struck = HashSet::new();
    for Revocable { certificate, .. } in stretch.found() {
        let strike = CertificateStrike {
            organization: revocation.organization,
            certificate: *certificate,
            reason,
            at,
        };
        // Whatever was struck meanwhile stays as it is.
        match change.strike_certificate(strike).await? {
            Struck::Now(certificates) | Struck::Late { certificates, .. } => struck.extend(certificates),
            Struck::Before(_) | Struck::Nothing | Struck::Expired => {}
        }
    }
    Ok(size(struck.len()))
}

const DUTY: &str = "revocations";
/// A step is one commit, and holds others up: a few dozen certificates.
const CERTIFICATES_A_STEP: usize = 25;
/// How many steps are tried before somebody else has a turn.
const AT_ONCE: usize = 4;
const READ_AT_ONCE: u32 = 64;
