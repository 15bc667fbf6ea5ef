// SPDX-License-Identifier: Apache-2.0
//! Whom it names: subject and alternative names, and nothing else.

use std::net::{Ipv4Addr, Ipv6Addr};

use tamga_registry::inspection::{Named, Subject};
use x509_parser::extensions::GeneralName;
use x509_parser::x509::AttributeTypeAndValue;

use super::Case;
use crate::law;
use crate::report::Findings;
use crate::rules::Usage;

impl Case<'_> {
    pub(super) fn identity(&self, findings: &mut Findings) {
        let wrong = match (&self.row.device, &self.row.named) {
            (Some(_), Some(named)) if self.is_birth() => self.unit(named),
            (Some(device), Some(named)) => self.device(device, named),
            (Some(_), None) => Some("its device is not there".to_owned()),
            (None, _) => self.server(),
        };
        if let Some(wrong) = wrong {
            self.finds(&law::IDENTITY, findings, &wrong);
        }
    }

    /// What is wrong with the names of a device.
    fn device(&self, device: &[u8], named: &Named) -> Option<String> {
        let common_name = (named.presented.len() <= LONGEST_COMMON_NAME).then_some(named.presented.as_str());
        if self.common_name() != Some(common_name) {
            return Some(format!(
                "its common name is not {}",
                common_name.unwrap_or("absent")
            ));
        }
        let organization: Vec<&AttributeTypeAndValue<'_>> =
            self.certificate.subject().iter_organization().collect();
        if !matches!(organization.as_slice(), [one] if one.as_str() == Ok(named.organization.as_str())) {
            return Some(format!("its organization is not {}", named.organization));
        }
        let parts = 1_usize.saturating_add(usize::from(common_name.is_some()));
        if self.certificate.subject().iter_attributes().count() != parts {
            return Some("its subject says more".to_owned());
        }
        let shown = Subject::Device.shown(device);
        let wanted = format!(
            "spiffe://{}/org/{}/device/{shown}",
            self.world.trust_domain, named.organization
        );
        match self.alternative_names() {
            Some([GeneralName::URI(uri)]) if *uri == wanted => None,
            _ => Some(format!("its alternative name is not {wanted} alone")),
        }
    }

    fn is_birth(&self) -> bool {
        self.rules.is_some_and(|rules| rules.usage == Usage::Birth)
    }

    /// What is wrong with the names of a unit at its birth (IEEE 802.1AR §8.6).
    fn unit(&self, named: &Named) -> Option<String> {
        let model = self.rules.and_then(|rules| rules.model.as_deref());
        let wanted = [
            (ORGANIZATION, Some(named.organization.as_str())),
            (ORGANIZATIONAL_UNIT, model),
            (COMMON_NAME, Some(named.presented.as_str())),
            (SERIAL_NUMBER, Some(named.presented.as_str())),
        ];
        let wanted: Vec<(String, &str)> = wanted
            .into_iter()
            .filter_map(|(kind, text)| Some((kind.to_owned(), text?)))
            .collect();
        let attributes = self.certificate.subject().iter_attributes();
        let found: Option<Vec<(String, &str)>> = attributes
            .map(|part| Some((part.attr_type().to_id_string(), part.as_str().ok()?)))
            .collect();
        if found.as_ref() != Some(&wanted) {
            return Some(format!("its subject is {found:?} instead of {wanted:?}"));
        }
        self.alternative_names()
            .is_some()
            .then(|| "it has an alternative name, as what devices work with".to_owned())
    }

    /// What is wrong with the names of the house itself.
    fn server(&self) -> Option<String> {
        let Some(names) = self.alternative_names().filter(|names| !names.is_empty()) else {
            return Some("it has no alternative name".to_owned());
        };
        let mut texts = Vec::new();
        for name in names {
            match text(name) {
                Some(text) => texts.push(text),
                None => {
                    return Some("an alternative name is neither a DNS name nor an address".to_owned());
                }
            }
        }
        let named = match self.common_name() {
            Some(Some(name)) => texts.iter().any(|text| text == name),
            Some(None) | None => false,
        };
        let alone = self.certificate.subject().iter_attributes().count() == 1;
        (!named || !alone).then(|| "its subject is not one of its alternative names alone".to_owned())
    }

    /// The common name, if any; none at all when there are several, or one that cannot be read.
    fn common_name(&self) -> Option<Option<&str>> {
        let mut names = self.certificate.subject().iter_common_name();
        let name = names.next().map(AttributeTypeAndValue::as_str).transpose().ok()?;
        names.next().is_none().then_some(name)
    }

    fn alternative_names(&self) -> Option<&[GeneralName<'_>]> {
        let names = self.certificate.subject_alternative_name().ok().flatten()?;
        Some(names.value.general_names.as_slice())
    }
}

fn text(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(octets) => {
            let four = <[u8; 4]>::try_from(*octets).map(|octets| Ipv4Addr::from(octets).to_string());
            let six = || <[u8; 16]>::try_from(*octets).map(|octets| Ipv6Addr::from(octets).to_string());
            four.or_else(|_| six()).ok()
        }
        GeneralName::OtherName(..)
        | GeneralName::RFC822Name(_)
        | GeneralName::X400Address(_)
        | GeneralName::DirectoryName(_)
        | GeneralName::EDIPartyName(_)
        | GeneralName::URI(_)
        | GeneralName::RegisteredID(_)
        | GeneralName::Invalid(..) => None,
    }
}

/// RFC 5280 appendix A.1, ub-common-name.
const LONGEST_COMMON_NAME: usize = 64;
const COMMON_NAME: &str = "2.5.4.3";
const SERIAL_NUMBER: &str = "2.5.4.5";
const ORGANIZATION: &str = "2.5.4.10";
const ORGANIZATIONAL_UNIT: &str = "2.5.4.11";
