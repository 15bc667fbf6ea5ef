// SPDX-License-Identifier: Apache-2.0
//! What can be asked for, as the one text it is bound to: written once, shown to whoever approves, and read again to be
//! done. The same request is the same text.

use std::str::FromStr;

use tamga_registry::approval::AskedAct;
use tamga_registry::id::{IssuerId, MassRevocationId, OrganizationId};
use tamga_registry::issuer::IssuerState;
use tamga_registry::mass_revocation::Query;
use tamga_registry::role::Permission;
use tamga_x509::certificate::Fingerprint;
use tamga_x509::crl::RevocationReason;
use tamga_x509::time::Timestamp;

use crate::refusal::Fault;

/// An act that may wait for a second person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Asked {
    /// An issuer gets another state.
    IssuerState {
        /// Which.
        issuer: IssuerId,
        /// What people call it.
        name: String,
        /// The state.
        state: IssuerState,
    },
    /// Many certificates are revoked.
    Revocation(Box<Bulk>),
}

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
    /// How many they were when it was asked. It is not done to more.
    pub(crate) certificates: u64,
}

/// The names of the things of a query.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Named {
    pub(crate) group: Option<String>,
    pub(crate) issuer: Option<String>,
    pub(crate) profile: Option<String>,
}

impl Bulk {
    fn write(&self, request: &mut String) {
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

    fn read(parts: &Parts<'_>) -> Result<Self, Fault> {
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

impl Asked {
    /// What it takes to do it: whoever approves must hold that, too.
    pub(crate) fn permission(&self) -> Permission {
        match self {
            Self::IssuerState { .. } => Permission::IssuerUpdate,
            Self::Revocation(_) => Permission::CertificateRevoke,
        }
    }

    /// What would be changed.
    pub(crate) fn object(&self) -> String {
        match self {
            Self::IssuerState { issuer, .. } => issuer.to_string(),
            Self::Revocation(bulk) => bulk.id.to_string(),
        }
    }

    /// What of the object, in a word for the journal.
    pub(crate) fn detail(&self) -> String {
        match self {
            Self::IssuerState { state, .. } => state.to_string(),
            Self::Revocation(bulk) => format!("{}, {} certificates", bulk.reason, bulk.certificates),
        }
    }

    /// As it is kept.
    pub(crate) fn act(&self, organization: OrganizationId, generation: i64) -> AskedAct {
        let mut request = format!(
            "{FORM}\nact {}\norganization {organization}\ngeneration {generation}\n",
            self.permission().act()
        );
        match self {
            Self::IssuerState { issuer, name, state } => {
                request += &format!("issuer {issuer}\nname {name}\nstate {state}\n");
            }
            Self::Revocation(bulk) => bulk.write(&mut request),
        }
        AskedAct {
            act: self.permission().act().to_owned(),
            digest: Fingerprint::of(request.as_bytes()),
            request,
            object: self.object(),
            generation,
        }
    }

    /// As it was kept.
    pub(crate) fn read(kept: &AskedAct) -> Result<Self, Fault> {
        let parts = Parts::of(&kept.request)?;
        match parts.text("act")? {
            act if act == Permission::IssuerUpdate.act() => Ok(Self::IssuerState {
                issuer: parts.read("issuer")?,
                name: parts.text("name")?.to_owned(),
                state: parts.read("state")?,
            }),
            act if act == Permission::CertificateRevoke.act() => {
                Bulk::read(&parts).map(Box::new).map(Self::Revocation)
            }
            other => Err(unreadable(format!("nobody knows the act {other}"))),
        }
    }
}

impl Asked {
    /// The revocation that a request is of.
    pub(crate) fn read_revocation(request: &str) -> Result<Bulk, Fault> {
        Bulk::read(&Parts::of(request)?)
    }
}

/// The parts of a request, a line each.
struct Parts<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Parts<'a> {
    fn of(request: &'a str) -> Result<Self, Fault> {
        let mut lines = request.lines();
        if lines.next() != Some(FORM) {
            return Err(unreadable("it is of another form".to_owned()));
        }
        let parts: Option<Vec<_>> = lines.map(|line| line.split_once(' ')).collect();
        parts
            .map(Self)
            .ok_or_else(|| unreadable("a line has no name".to_owned()))
    }

    fn text(&self, name: &str) -> Result<&'a str, Fault> {
        let mut fit = self.0.iter().filter(|(known, _)| *known == name);
        match (fit.next(), fit.next()) {
            (Some((_, text)), None) => Ok(text),
            _ => Err(unreadable(format!("it has no one {name}"))),
        }
    }

    /// One that may be left out.
    fn maybe<T: FromStr>(&self, name: &str) -> Result<Option<T>, Fault> {
        let there = self.0.iter().any(|(known, _)| *known == name);
        there.then(|| self.read(name)).transpose()
    }

    /// One that may be left out, with what people call it behind.
    fn named<T: FromStr>(&self, name: &str) -> Result<Option<(T, String)>, Fault> {
        if !self.0.iter().any(|(known, _)| *known == name) {
            return Ok(None);
        }
        let (value, called) = self.text(name)?.split_once(' ').unwrap_or_default();
        let value = value
            .parse()
            .map_err(|_| unreadable(format!("its {name} cannot be read")))?;
        Ok(Some((value, called.to_owned())))
    }

    fn read<T: FromStr>(&self, name: &str) -> Result<T, Fault> {
        let text = self.text(name)?;
        text.parse()
            .map_err(|_| unreadable(format!("its {name} cannot be read")))
    }
}

fn unreadable(why: String) -> Fault {
    Fault::new("reading what an approval is for", why)
}

/// The first line of each: a later form has another.
const FORM: &str = "tamga request 1";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revocation_is_read_as_it_was_written() {
        use tamga_registry::id::{GroupId, ProfileId};
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
        for bulk in [whole, least] {
            let asked = Asked::Revocation(Box::new(bulk.clone()));
            let kept = asked.act(OrganizationId::from_octets([1; 16]), 0);
            assert_eq!(Asked::read(&kept).unwrap(), asked, "{}", kept.request);
            assert_eq!(Asked::read_revocation(&kept.request).unwrap(), bulk);
            assert_eq!(kept.act, "certificate.revoke");
        }
    }

    #[test]
    fn what_is_asked_is_read_as_it_was_written() {
        let asked = Asked::IssuerState {
            issuer: IssuerId::from_octets([7; 16]),
            name: "device-issuer".to_owned(),
            state: IssuerState::Retiring,
        };
        let kept = asked.act(OrganizationId::from_octets([1; 16]), 3);
        assert_eq!(Asked::read(&kept).unwrap(), asked);
        assert_eq!(kept.act, "issuer.update");
        assert_eq!(kept.digest, Fingerprint::of(kept.request.as_bytes()));
        assert_ne!(
            asked.act(OrganizationId::from_octets([1; 16]), 4).digest,
            kept.digest
        );
        for (from, to) in [
            (FORM, "tamga request 2"),
            ("state retiring", "state asleep"),
            ("state retiring", "state retiring\nstate active"),
            ("act issuer.update", "act issuer.delete"),
            ("name device-issuer", "device-issuer"),
        ] {
            let mut wrong = kept.clone();
            wrong.request = wrong.request.replace(from, to);
            assert!(Asked::read(&wrong).is_err(), "{}", wrong.request);
        }
    }
}
