// SPDX-License-Identifier: Apache-2.0
//! Revocations of many certificates at once: which, why, and how far one has come.

use tamga_x509::time::Timestamp;

use crate::id::{ApprovalId, CertificateId, GroupId, IssuerId, MassRevocationId, OrganizationId, ProfileId};
use crate::page::{By, Listed, Mark, NamePrefix};
use crate::words;

/// Which certificates of devices of an organization: those that fit everything that is said, are not revoked and have
/// not expired. Nothing that is said of a certificate changes after it was intended, so that the set only shrinks once
/// [`Query::until`] has passed and what was under way then is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// Ordered by devices that proved themselves by this group then, whatever they are bound to now.
    pub group: Option<GroupId>,
    /// Issued by this one.
    pub issuer: Option<IssuerId>,
    /// Issued by this profile.
    pub profile: Option<ProfileId>,
    /// Of devices whose registration id begins so.
    pub prefix: Option<NamePrefix>,
    /// Intended at this instant or later.
    pub from: Option<Timestamp>,
    /// Intended at this instant or earlier: at the latest, when it was asked.
    pub until: Timestamp,
}

/// A certificate that would be revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Revocable {
    /// It.
    pub certificate: CertificateId,
    /// The list it would be revoked on.
    pub shard: (IssuerId, u32),
}

/// A device that was looked at, and what of its would be revoked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    /// Its canonical registration id.
    pub device: String,
    /// What the query finds.
    pub found: Vec<Revocable>,
    /// How many keys that is.
    pub keys: u64,
    /// What does not fit the query, but is on one of these keys: a compromise strikes it as well. Looked for with that
    /// reason only.
    pub besides: Vec<Revocable>,
}

/// Devices one after the other, by their registration ids.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stretch {
    /// Them; fewer than were asked for, where there are no more.
    pub looked: Vec<Looked>,
}

impl Stretch {
    /// How many devices were looked at.
    pub fn devices(&self) -> u64 {
        u64::try_from(self.looked.len()).unwrap_or(u64::MAX)
    }

    /// The last of them, by its canonical registration id; none when there was none left.
    pub fn last(&self) -> Option<&str> {
        self.looked.last().map(|looked| looked.device.as_str())
    }

    /// What the query finds of theirs.
    pub fn found(&self) -> impl Iterator<Item = &Revocable> {
        self.looked.iter().flat_map(|looked| &looked.found)
    }

    /// Cut off behind the device with which it has this many certificates. Whether anything was cut off.
    pub fn cut_at(&mut self, certificates: usize) -> bool {
        let mut counted = 0_usize;
        let reached = self.looked.iter().position(|looked| {
            counted = counted.saturating_add(looked.found.len());
            counted >= certificates
        });
        let kept = reached.map_or(self.looked.len(), |at| at.saturating_add(1));
        let cut = kept < self.looked.len();
        self.looked.truncate(kept);
        cut
    }
}

/// A revocation of many certificates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MassRevocation {
    /// Its id.
    pub id: MassRevocationId,
    /// Whose certificates.
    pub organization: OrganizationId,
    /// Exactly what is asked: what is done is read from here.
    pub request: String,
    /// Who asked, as the journal writes principals.
    pub author: String,
    /// Who approved it, where somebody had to.
    pub approval: Option<ApprovalId>,
    /// How many certificates it was about when it was asked.
    pub expected: u64,
    /// How far it has come.
    pub course: Course,
    /// When it was asked.
    pub created_at: Timestamp,
    /// When it was done.
    pub finished_at: Option<Timestamp>,
}

/// How far a revocation has come.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Course {
    /// How many certificates it has revoked.
    pub revoked: u64,
    /// How many devices its present walk has looked at, or its last one.
    pub devices: u64,
    /// How many steps were done.
    pub steps: i64,
    /// The last device its present walk has looked at, by its canonical registration id; none before it begins.
    pub after: Option<String>,
    /// When the present walk over the devices began; none before it begins, or where nobody wrote it down.
    pub walk_began_at: Option<Timestamp>,
}

impl Course {
    /// Whether a walk has come to its end, and the next one waits until what was under way when it was asked is kept.
    pub fn is_between_walks(&self) -> bool {
        self.steps > 0 && self.after.is_none()
    }

    /// Begins a walk now, unless one is under way.
    pub fn walk(&mut self, now: Timestamp) {
        if self.after.is_none() {
            self.devices = 0;
            self.walk_began_at = Some(now);
        }
    }

    /// The walk is at its end. Whether it was the last: whether it began later than this instant.
    pub fn arrive(&mut self, settled: Timestamp) -> bool {
        self.after = None;
        self.walk_began_at.take().is_some_and(|began| began > settled)
    }
}

words! {
    /// Whether a revocation is done.
    CourseState {
        /// It goes on.
        Running = "running",
        /// It is done.
        Done = "done",
    }
}

impl MassRevocation {
    /// Whether it is done.
    pub fn state(&self) -> CourseState {
        match self.finished_at {
            Some(_) => CourseState::Done,
            None => CourseState::Running,
        }
    }
}

impl Listed for MassRevocation {
    fn mark(&self, _: By) -> Mark {
        Mark::Time(self.created_at, *self.id.octets())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_walk_that_began_late_enough_is_the_last() {
        let at = Timestamp::from_micros;
        let mut course = Course {
            steps: 1,
            ..Course::default()
        };
        for (began, last) in [(9, false), (10, false), (11, true)] {
            assert!(course.is_between_walks());
            course.devices = 7;
            course.walk(at(began));
            assert_eq!((course.devices, course.walk_began_at), (0, Some(at(began))));
            course.after = Some("pump-1".to_owned());
            assert!(!course.is_between_walks());
            course.walk(at(99));
            assert_eq!(course.walk_began_at, Some(at(began)), "it goes on");
            assert_eq!(course.arrive(at(10)), last, "{began}");
        }
        course.after = Some("pump-1".to_owned());
        course.walk(at(99));
        assert!(!course.arrive(at(10)), "nobody knows when it began");
    }

    #[test]
    fn a_stretch_is_cut_between_devices() {
        let one = Revocable {
            certificate: CertificateId::from_octets([1; 16]),
            shard: (IssuerId::from_octets([2; 16]), 0),
        };
        let looked = |device: &str, certificates| Looked {
            device: device.to_owned(),
            found: vec![one; certificates],
            keys: 1,
            besides: Vec::new(),
        };
        let whole = Stretch {
            looked: vec![looked("a", 2), looked("b", 0), looked("c", 3), looked("d", 1)],
        };
        for (at, last, cut) in [
            (1, "a", true),
            (2, "a", true),
            (3, "c", true),
            (5, "c", true),
            (6, "d", false),
            (9, "d", false),
        ] {
            let mut stretch = whole.clone();
            assert_eq!((stretch.cut_at(at), stretch.last()), (cut, Some(last)), "{at}");
        }
        assert!(!Stretch::default().cut_at(1));
    }
}
