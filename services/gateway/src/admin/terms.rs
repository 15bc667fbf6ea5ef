// SPDX-License-Identifier: Apache-2.0
//! What groups and individual enrollments have in common on the wire: how devices prove themselves, and what they get.

use serde::{Deserialize, Serialize};
use tamga_authority::administer::{NewEnrollment, RevealedKeys};
use tamga_registry::device::RegistrationId;
use tamga_registry::enrollment::{EnrollmentFilter, RekeyPolicy, Terms};
use tamga_registry::page::Sort;

use super::json::dated;
use super::page::Asked;
use super::problem::RimRefusal;

mod attestation;
pub(super) use attestation::AttestationRequest;
use attestation::{AttestationView, MethodWord};

/// The body of a creation. What it leaves out is the house's default.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Creation {
    /// A group has this one.
    name: Option<String>,
    /// An individual enrollment has this one.
    registration_id: Option<String>,
    attestation: Option<AttestationRequest>,
    profile: Option<String>,
    issuer: Option<String>,
    rekey: Option<RekeyWord>,
    rekeys_per_day: Option<i64>,
    assigned_hub: Option<String>,
}

impl Creation {
    /// A group to be made.
    pub(super) fn of_group(mut self) -> Result<NewEnrollment, RimRefusal> {
        match (self.name.take(), &self.registration_id) {
            (Some(name), None) => self.named(name.parse()?),
            _ => Err(malformed("a group has a name, and no registrationId")),
        }
    }

    /// An individual enrollment to be made.
    pub(super) fn of_enrollment(mut self) -> Result<NewEnrollment, RimRefusal> {
        match (self.registration_id.take(), &self.name) {
            (Some(id), None) => self.named(id.parse()?),
            _ => Err(malformed(
                "an individual enrollment has a registrationId, and no name",
            )),
        }
    }

    /// One whose name stands in the path.
    pub(super) fn of_named(self, name: RegistrationId) -> Result<NewEnrollment, RimRefusal> {
        match (&self.name, &self.registration_id) {
            (None, None) => self.named(name),
            _ => Err(malformed("the path names it: leave its name out of the body")),
        }
    }

    fn named(self, name: RegistrationId) -> Result<NewEnrollment, RimRefusal> {
        Ok(NewEnrollment {
            name,
            attestation: self.attestation.map(AttestationRequest::asked).transpose()?,
            profile: self.profile,
            issuer: self.issuer,
            rekey: self.rekey.map_or(RekeyPolicy::Allow, Into::into),
            rekeys_per_day: self.rekeys_per_day,
            assigned_hub: self.assigned_hub.map(hub).transpose()?,
        })
    }
}

/// What becomes of a new key inside one epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum RekeyWord {
    Allow,
    Refuse,
}

impl From<RekeyWord> for RekeyPolicy {
    fn from(word: RekeyWord) -> Self {
        match word {
            RekeyWord::Allow => Self::Allow,
            RekeyWord::Refuse => Self::Refuse,
        }
    }
}

/// Devices connect to it: a host name, perhaps with a port.
fn hub(text: String) -> Result<String, RimRefusal> {
    let plain = text
        .bytes()
        .all(|octet| octet.is_ascii_alphanumeric() || b"-.:[]".contains(&octet));
    if plain && (1..=LONGEST_HUB).contains(&text.len()) {
        Ok(text)
    } else {
        Err(malformed("assignedHub must be a host name, perhaps with a port"))
    }
}

fn malformed(sentence: &str) -> RimRefusal {
    RimRefusal::BodyMalformed(sentence.to_owned())
}

/// The filters of a list of groups or enrollments, whose names a filter of this name is about.
pub(super) fn filter(asked: &mut Asked, prefix: &'static str) -> Result<EnrollmentFilter, RimRefusal> {
    Ok(EnrollmentFilter {
        state: asked.filter("state")?,
        method: asked.filter("attestation")?.map(|MethodWord(method)| method),
        prefix: asked.filter(prefix)?,
    })
}

/// The orders of a list of named things; the first is the usual one.
pub(super) const fn sorts([name, falling]: [&'static str; 2]) -> [(&'static str, Sort); 4] {
    [
        (name, Sort::NAME),
        (falling, Sort::NAME_FALLING),
        ("createdAt", Sort::TIME),
        ("-createdAt", Sort::TIME_FALLING),
    ]
}

/// The terms, as they are shown. Keys are never part of them.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TermsView {
    state: &'static str,
    attestation: AttestationView,
    profile_id: String,
    issuer_id: String,
    rekey: &'static str,
    rekeys_per_day: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    assigned_hub: Option<String>,
    created_at: String,
}

impl TermsView {
    pub(super) fn new(terms: &Terms) -> Self {
        Self::revealing(terms, None)
    }

    /// With the keys, if there are any, for the one answer that shows them.
    pub(super) fn revealing(terms: &Terms, keys: Option<&RevealedKeys>) -> Self {
        Self {
            state: terms.state.word(),
            attestation: AttestationView::new(&terms.attestation, keys),
            profile_id: terms.profile.to_string(),
            issuer_id: terms.issuer.to_string(),
            rekey: terms.rekey.word(),
            rekeys_per_day: terms.rekeys_per_day,
            assigned_hub: terms.assigned_hub.clone(),
            created_at: dated(terms.created_at),
        }
    }
}

/// RFC 1035 §2.3.4, a colon and a port.
const LONGEST_HUB: usize = 253 + 6;
