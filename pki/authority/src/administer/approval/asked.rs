// SPDX-License-Identifier: Apache-2.0
//! What can be asked for, as the one text it is bound to: written once, shown to whoever approves, and read again to be
//! done. The same request is the same text.

use tamga_registry::approval::AskedAct;
use tamga_registry::id::{IssuerId, OrganizationId};
use tamga_registry::issuer::IssuerState;
use tamga_registry::mass_revocation::MassRevocation;
use tamga_registry::role::Permission;
use tamga_x509::certificate::Fingerprint;

use crate::refusal::Fault;

mod bulk;
mod parts;

pub(crate) use bulk::{Bulk, Compromise, Named};
use parts::{FORM, Parts, unreadable};

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
    /// What a revocation that was begun is about. It is about what its row says, or nothing is done.
    pub(crate) fn read_revocation(begun: &MassRevocation) -> Result<Bulk, Fault> {
        let bulk = Bulk::read(&Parts::of(&begun.request)?)?;
        let asked = Self::Revocation(Box::new(bulk.clone()));
        let written = asked.act(begun.organization, NO_GENERATION).request;
        match bulk.id == begun.id && written == begun.request {
            true => Ok(bulk),
            false => Err(unreadable("it is of something else than its row".to_owned())),
        }
    }

    /// Whether what is kept beside the text says the same as the text, which alone is shown, and done.
    pub(crate) fn is_kept_as(&self, kept: &AskedAct, organization: OrganizationId) -> bool {
        self.act(organization, kept.generation) == *kept
    }
}

/// Of what has none: nothing is changed that could be another one since, and counts are compared instead.
pub(crate) const NO_GENERATION: i64 = 0;

#[cfg(test)]
mod tests {
    use super::*;

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
