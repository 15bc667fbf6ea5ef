// SPDX-License-Identifier: Apache-2.0
//! A revocation of many certificates, as it is asked for.

use tamga_registry::id::MassRevocationId;
use tamga_registry::mass_revocation::Query;
use tamga_x509::crl::RevocationReason;
use tamga_x509::time::Timestamp;

use super::super::super::Extent;
use super::parts::{Parts, unreadable};
use crate::refusal::Fault;

/// Which certificates are revoked, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bulk {
    /// As what it is known once it is begun. It is begun once.
    pub(crate) id: MassRevocationId,
    /// Which.
    pub(crate) query: Query,
    /// What people call the things of the query.
    pub(crate) named: Named,
    /// Why.
    pub(crate) reason: RevocationReason,
    /// How many fit when it was asked. It is not approved once more do.
    pub(crate) certificates: u64,
    /// What a compromise strikes besides; with that reason only.
    pub(crate) compromise: Option<Compromise>,
}

/// What a compromise strikes besides the certificates that fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Compromise {
    /// The keys they are on, which are refused for ever, everywhere.
    pub(crate) keys: u64,
    /// Further certificates on these keys, intended by the query's last instant. What is issued on them later is struck as
    /// well and counted by nobody: devices renew while somebody is waited for.
    pub(crate) besides: u64,
}

impl Compromise {
    /// Of a revocation of this extent, for this reason.
    pub(crate) fn of(reason: RevocationReason, extent: &Extent) -> Option<Self> {
        (reason == RevocationReason::KeyCompromise).then_some(Self {
            keys: extent.keys,
            besides: extent.besides,
        })
    }
}

/// The names of the things of a query.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Named {
    pub(crate) group: Option<String>,
    pub(crate) issuer: Option<String>,
    pub(crate) profile: Option<String>,
}

impl Bulk {
    /// Whether it is, by this count, about no more than was asked. Less is no harm.
    pub(crate) fn covers(&self, extent: &Extent) -> bool {
        let now = Compromise::of(self.reason, extent);
        let compromise = match (self.compromise, now) {
            (Some(asked), Some(now)) => now.keys <= asked.keys && now.besides <= asked.besides,
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        compromise && extent.certificates <= self.certificates
    }

    pub(super) fn write(&self, request: &mut String) {
        let Query {
            group,
            issuer,
            profile,
            prefix,
            from,
            until,
        } = &self.query;
        let named = |name: &Option<String>| name.clone().unwrap_or_default();
        let parts = [
            Some(format!("revocation {}", self.id)),
            Some(format!("reason {}", self.reason)),
            Some(format!("certificates {}", self.certificates)),
            self.compromise.map(|struck| format!("{KEYS} {}", struck.keys)),
            self.compromise
                .map(|struck| format!("{BESIDES} {}", struck.besides)),
            self.compromise.map(|_| format!("{LATER} {ALL}")),
            group.map(|id| format!("group {id} {}", named(&self.named.group))),
            issuer.map(|id| format!("issuer {id} {}", named(&self.named.issuer))),
            profile.map(|id| format!("profile {id} {}", named(&self.named.profile))),
            prefix.as_ref().map(|prefix| format!("prefix {}", prefix.least())),
            from.map(|from| format!("from {} {from}", from.as_micros())),
            Some(format!("until {} {until}", until.as_micros())),
        ];
        for part in parts.into_iter().flatten() {
            request.push_str(&part);
            request.push('\n');
        }
    }

    pub(super) fn read(parts: &Parts<'_>) -> Result<Self, Fault> {
        let (group, issuer, profile) = (
            parts.named("group")?,
            parts.named("issuer")?,
            parts.named("profile")?,
        );
        let instant = |micros: i64| Timestamp::from_micros(micros);
        let (until, _) = parts
            .named("until")?
            .ok_or_else(|| unreadable("it has no until".to_owned()))?;
        Ok(Self {
            id: parts.read("revocation")?,
            reason: parts.read("reason")?,
            certificates: parts.read("certificates")?,
            compromise: match (
                parts.maybe(KEYS)?,
                parts.maybe(BESIDES)?,
                parts.maybe::<String>(LATER)?.as_deref(),
            ) {
                (Some(keys), Some(besides), Some(ALL)) => Some(Compromise { keys, besides }),
                (None, None, None) => None,
                _ => {
                    return Err(unreadable(
                        "it does not tell all of what a compromise strikes".to_owned(),
                    ));
                }
            },
            query: Query {
                group: group.as_ref().map(|(id, _)| *id),
                issuer: issuer.as_ref().map(|(id, _)| *id),
                profile: profile.as_ref().map(|(id, _)| *id),
                prefix: parts.maybe("prefix")?,
                from: parts.named("from")?.map(|(micros, _)| instant(micros)),
                until: instant(until),
            },
            named: Named {
                group: group.map(|(_, name)| name),
                issuer: issuer.map(|(_, name)| name),
                profile: profile.map(|(_, name)| name),
            },
        })
    }
}

const KEYS: &str = "blocked-keys";
const BESIDES: &str = "other-certificates-on-these-keys";
/// Said, not counted: what is issued on these keys after the query's last instant.
const LATER: &str = "later-certificates-on-these-keys";
const ALL: &str = "all";

#[cfg(test)]
mod tests {
    use tamga_registry::id::{GroupId, IssuerId, OrganizationId, ProfileId};
    use tamga_registry::mass_revocation::{Course, MassRevocation};

    use super::super::Asked;
    use super::*;

    const HERE: OrganizationId = OrganizationId::from_octets([1; 16]);

    fn begun(id: MassRevocationId, request: &str) -> MassRevocation {
        MassRevocation {
            id,
            organization: HERE,
            request: request.to_owned(),
            author: String::new(),
            approval: None,
            expected: 250,
            course: Course::default(),
            created_at: Timestamp::from_micros(0),
            finished_at: None,
        }
    }

    /// Whose row and text differ is not read.
    fn assert_of_something_else(begun: MassRevocation) {
        let elsewhere = MassRevocation {
            organization: OrganizationId::from_octets([9; 16]),
            ..begun.clone()
        };
        let another = MassRevocation {
            id: MassRevocationId::from_octets([6; 16]),
            ..begun.clone()
        };
        let later = MassRevocation {
            request: begun.request.replace("generation 0", "generation 1"),
            ..begun.clone()
        };
        let longer = MassRevocation {
            request: begun.request.clone() + "colour red\n",
            ..begun
        };
        for wrong in [elsewhere, another, later, longer] {
            assert!(Asked::read_revocation(&wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_revocation_is_read_as_it_was_written() {
        let whole = Bulk {
            id: MassRevocationId::from_octets([5; 16]),
            query: Query {
                group: Some(GroupId::from_octets([2; 16])),
                issuer: Some(IssuerId::from_octets([3; 16])),
                profile: Some(ProfileId::from_octets([4; 16])),
                prefix: Some("pump-".parse().unwrap()),
                from: Some(Timestamp::from_micros(-7)),
                until: Timestamp::from_micros(1_795_309_323_456_789),
            },
            named: Named {
                group: Some("line-1".to_owned()),
                issuer: Some("device-issuer".to_owned()),
                profile: Some("device".to_owned()),
            },
            reason: RevocationReason::KeyCompromise,
            certificates: 250,
            compromise: Some(Compromise {
                keys: 249,
                besides: 1,
            }),
        };
        let mut least = whole.clone();
        least.query = Query {
            group: None,
            issuer: None,
            profile: None,
            prefix: None,
            from: None,
            until: whole.query.until,
        };
        least.named = Named::default();
        least.reason = RevocationReason::Superseded;
        least.compromise = None;
        for bulk in [whole, least] {
            let asked = Asked::Revocation(Box::new(bulk.clone()));
            let kept = asked.act(HERE, 0);
            assert_eq!(Asked::read(&kept).unwrap(), asked, "{}", kept.request);
            let begun = begun(bulk.id, &kept.request);
            assert_eq!(Asked::read_revocation(&begun).unwrap(), bulk);
            assert_eq!(kept.act, "certificate.revoke");
            assert_of_something_else(begun);
        }
    }

    #[test]
    fn more_than_was_asked_is_not_covered_and_less_is() {
        let asked = |reason, compromise| Bulk {
            id: MassRevocationId::from_octets([5; 16]),
            query: Query {
                group: None,
                issuer: None,
                profile: None,
                prefix: None,
                from: None,
                until: Timestamp::from_micros(7),
            },
            named: Named::default(),
            reason,
            certificates: 5,
            compromise,
        };
        let extent = |certificates, keys, besides| Extent {
            certificates,
            keys,
            besides,
            devices: 9,
            shards: 9,
        };
        let plain = asked(RevocationReason::Superseded, None);
        assert!(plain.covers(&extent(5, 9, 0)) && plain.covers(&extent(4, 9, 0)));
        assert!(!plain.covers(&extent(6, 1, 0)));
        let struck = Some(Compromise { keys: 4, besides: 1 });
        let compromise = asked(RevocationReason::KeyCompromise, struck);
        assert!(compromise.covers(&extent(5, 4, 1)) && compromise.covers(&extent(0, 0, 0)));
        for more in [extent(6, 4, 1), extent(5, 5, 1), extent(5, 4, 2)] {
            assert!(!compromise.covers(&more), "{more:?}");
        }
        let untold = asked(RevocationReason::KeyCompromise, None);
        assert!(
            !untold.covers(&extent(0, 0, 0)),
            "nobody was shown what it strikes besides"
        );
    }
}
