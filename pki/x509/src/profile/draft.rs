// SPDX-License-Identifier: Apache-2.0
//! Drafts the certificates of devices and servers, and says what must come of each.

use super::{Lifetime, Profile, Usage};
use crate::certificate::{
    CertificateDraft, Composition, IssuerCertificate, StatusLocations, Validity, extension,
};
use crate::key::PublicKey;
use crate::lint::{Expectation, ExpectedName, Life, Role};
use crate::name::{DeviceIdentity, ServerNames, Subject};
use crate::request::{CsrRefusal, Request};
use crate::serial::Serial;
use crate::time::Timestamp;

/// What a device's certificate is drafted from.
#[derive(Clone, Copy, Debug)]
pub struct DeviceDraft<'a> {
    /// What the device sent.
    pub request: &'a Request,
    /// Who it was proved to be.
    pub identity: &'a DeviceIdentity,
    /// Who issues.
    pub issuer: &'a IssuerCertificate,
    /// The number it gets.
    pub serial: Serial,
    /// The moment of issuing; when an intent is resumed, the moment it was drafted.
    pub now: Timestamp,
    /// Where its status will be found.
    pub locations: &'a StatusLocations,
}

/// What a server's certificate is drafted from.
#[derive(Clone, Copy, Debug)]
pub struct ServerDraft<'a> {
    /// The server's key.
    pub key: &'a PublicKey,
    /// What it answers to.
    pub names: &'a ServerNames,
    /// Who issues.
    pub issuer: &'a IssuerCertificate,
    /// The number it gets.
    pub serial: Serial,
    /// The moment of issuing; when an intent is resumed, the moment it was drafted.
    pub now: Timestamp,
    /// Where its status will be found.
    pub locations: &'a StatusLocations,
}

/// Why there is no draft.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DraftRefusal {
    /// The request is refused: its sender's to mend.
    #[error(transparent)]
    Request(#[from] CsrRefusal),
    /// The issuer's life does not cover this moment: a fault of ours, or of a clock.
    #[error(
        "the issuer is valid from {not_before} through {not_after}, which does not leave a certificate time to be renewed"
    )]
    IssuerLife {
        /// Its first second.
        not_before: Timestamp,
        /// Its last second.
        not_after: Timestamp,
    },
    /// The profile is for others: a fault of ours.
    #[error("this profile is not for certificates of this kind")]
    Usage,
}

impl DraftRefusal {
    /// The stable code of this refusal.
    #[must_use]
    pub const fn slug(&self) -> &'static str {
        match self {
            Self::Request(refusal) => refusal.slug(),
            Self::IssuerLife { .. } => "issuer_life",
            Self::Usage => "profile_usage",
        }
    }
}

impl Profile {
    /// Judges the request and drafts the device's certificate: an operational one, or that of its birth.
    ///
    /// # Errors
    /// [`DraftRefusal`]: what the sender has to change, or why nobody could get a certificate now.
    pub fn draft(&self, order: &DeviceDraft<'_>) -> Result<CertificateDraft, DraftRefusal> {
        self.judge(order.request, order.identity)?;
        let expectation = self.expect_device(order)?;
        let part = self.part(order.request.public_key(), order.issuer, order.serial, order.now)?;
        let (subject, uri) = self.naming(order.identity)?;
        let names = |out: &mut Vec<u8>| uri.into_iter().for_each(|uri| extension::device_name(out, uri));
        Ok(part.compose(subject, names, order.locations, expectation))
    }

    /// What a device's certificate must be: to resume a kept intent, from the same order. The request is not
    /// judged again.
    ///
    /// # Errors
    /// [`DraftRefusal`] when the profile is not for devices.
    pub fn expect_device(&self, order: &DeviceDraft<'_>) -> Result<Expectation, DraftRefusal> {
        let (subject, uri) = self.naming(order.identity)?;
        let names = uri
            .map(|uri| ExpectedName::Uri(uri.to_owned()))
            .into_iter()
            .collect();
        let part = self.part(order.request.public_key(), order.issuer, order.serial, order.now)?;
        Ok(part.expect(subject, names, order.locations))
    }

    /// What a device is called: by its subject, and by its URI where the certificate is one to work with.
    fn naming<'a>(
        &'a self,
        device: &'a DeviceIdentity,
    ) -> Result<(Subject<'a>, Option<&'a str>), DraftRefusal> {
        match self.usage {
            Usage::Device => Ok((device.subject(), Some(device.uri()))),
            Usage::Birth => Ok((self.birth_subject(device)?, None)),
            Usage::Server => Err(DraftRefusal::Usage),
        }
    }

    /// Drafts the certificate of a server of ours.
    ///
    /// # Errors
    /// [`DraftRefusal`] when the profile does not take the key or is not for servers, or nobody could get a
    /// certificate now.
    pub fn draft_server(&self, order: &ServerDraft<'_>) -> Result<CertificateDraft, DraftRefusal> {
        self.judge_key(order.key)?;
        let expectation = self.expect_server(order)?;
        let part = self.part(order.key, order.issuer, order.serial, order.now)?;
        let common_name = order.names.common_name();
        Ok(part.compose(
            Subject {
                common_name: common_name.as_deref(),
                ..Subject::default()
            },
            |out| extension::server_names(out, order.names.dns(), order.names.ip()),
            order.locations,
            expectation,
        ))
    }

    /// What a server's certificate must be: to resume a kept intent, from the same order.
    ///
    /// # Errors
    /// [`DraftRefusal`] when the profile is not for servers.
    pub fn expect_server(&self, order: &ServerDraft<'_>) -> Result<Expectation, DraftRefusal> {
        self.require(Usage::Server)?;
        let dns = order.names.dns().iter().cloned().map(ExpectedName::Dns);
        let names = dns
            .chain(order.names.ip().iter().copied().map(ExpectedName::Ip))
            .collect();
        let part = self.part(order.key, order.issuer, order.serial, order.now)?;
        let common_name = order.names.common_name();
        let subject = Subject {
            common_name: common_name.as_deref(),
            ..Subject::default()
        };
        Ok(part.expect(subject, names, order.locations))
    }

    fn require(&self, usage: Usage) -> Result<(), DraftRefusal> {
        if self.usage == usage {
            Ok(())
        } else {
            Err(DraftRefusal::Usage)
        }
    }

    fn part<'a>(
        &'a self,
        key: &'a PublicKey,
        issuer: &'a IssuerCertificate,
        serial: Serial,
        now: Timestamp,
    ) -> Result<Part<'a>, DraftRefusal> {
        let validity = self.life(issuer.validity(), now)?;
        Ok(Part {
            profile: self,
            key,
            issuer,
            serial,
            now,
            validity,
        })
    }

    /// The life of what is issued now: the profile's, from its backdate on, clamped into the issuer's. One without an end
    /// outlives its issuer (RFC 5280 §6.1.3 asks of each certificate of a path by itself).
    fn life(&self, issuer: Validity, now: Timestamp) -> Result<Validity, DraftRefusal> {
        let begin = now.floor_to_second().saturating_sub(self.backdate);
        let end = match self.life {
            // Both ends belong to the life, so the last second is one less than its length away.
            Lifetime::Span(span) => begin
                .saturating_add(span)
                .saturating_sub(std::time::Duration::from_secs(1))
                .min(issuer.not_after()),
            Lifetime::Unlimited => Validity::NO_END,
        };
        let life = Validity::new(begin.max(issuer.not_before()), end);
        match life {
            // In an issuer's last days a certificate would be due for renewal at its birth, and the next one too.
            Ok(life)
                if life.contains(now)
                    && issuer.contains(now)
                    && self.earliest_opening(life.length()) > now.duration_since(life.not_before()) =>
            {
                Ok(life)
            }
            Ok(_) | Err(_) => Err(DraftRefusal::IssuerLife {
                not_before: issuer.not_before(),
                not_after: issuer.not_after(),
            }),
        }
    }
}

/// What certificates of devices and servers have in common.
struct Part<'a> {
    profile: &'a Profile,
    key: &'a PublicKey,
    issuer: &'a IssuerCertificate,
    serial: Serial,
    now: Timestamp,
    validity: Validity,
}

impl Part<'_> {
    fn compose(
        &self,
        subject: Subject<'_>,
        names: impl FnOnce(&mut Vec<u8>),
        locations: &StatusLocations,
        expectation: Expectation,
    ) -> CertificateDraft {
        let mut subject_der = Vec::with_capacity(160);
        subject.write(&mut subject_der);
        let composition = Composition {
            serial: self.serial,
            algorithm: self.issuer.signature_algorithm(),
            issuer: self.issuer.subject_der(),
            validity: self.validity,
            subject: &subject_der,
            key: self.key,
        };
        let tbs = composition.write(|out| {
            extension::end_entity(out);
            extension::key_usage(out, &self.profile.usages_for(self.key.algorithm()));
            if !self.profile.extended_key_usage.is_empty() {
                extension::extended_key_usage(out, &self.profile.extended_key_usage);
            }
            extension::subject_key_identifier(out, &self.key.key_identifier());
            extension::authority_key_identifier(out, self.issuer.key_identifier());
            names(out);
            extension::locations(out, locations);
        });
        CertificateDraft { tbs, expectation }
    }

    fn expect(
        &self,
        subject: Subject<'_>,
        names: Vec<ExpectedName>,
        locations: &StatusLocations,
    ) -> Expectation {
        Expectation {
            serial: self.serial,
            algorithm: self.issuer.signature_algorithm(),
            issuer_subject: Some(self.issuer.subject_der().to_vec()),
            authority_key_identifier: Some(self.issuer.key_identifier().to_vec()),
            common_name: subject.common_name.map(str::to_owned),
            organization: subject.organization.map(str::to_owned),
            organizational_unit: subject.organizational_unit.map(str::to_owned),
            serial_number: subject.serial_number.map(str::to_owned),
            key: self.key.clone(),
            names,
            role: self.role(),
            life: self.life(),
            locations: locations.clone(),
        }
    }

    fn role(&self) -> Role {
        let usages = self.profile.usages_for(self.key.algorithm());
        let purposes = self.profile.extended_key_usage.clone();
        match self.profile.usage {
            Usage::Device | Usage::Server => Role::EndEntity { usages, purposes },
            Usage::Birth => Role::Birth { usages, purposes },
        }
    }

    fn life(&self) -> Life {
        let (issuer, now, backdate) = (self.issuer.validity(), self.now, self.profile.backdate);
        match self.profile.life {
            Lifetime::Span(longest) => Life::Within {
                issuer,
                longest,
                now,
                backdate,
            },
            Lifetime::Unlimited => Life::Unlimited {
                issuer,
                now,
                backdate,
            },
        }
    }
}
