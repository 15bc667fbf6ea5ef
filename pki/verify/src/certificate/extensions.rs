// SPDX-License-Identifier: Apache-2.0
//! Which extensions it has, how critical they are, and what they allow.

use x509_parser::extensions::{ExtendedKeyUsage, KeyUsage};

use super::Case;
use crate::law;
use crate::report::Findings;
use crate::rules::{Rules, Usage};

impl Case<'_> {
    pub(super) fn extensions(&self, findings: &mut Findings) {
        self.extension_set(findings);
        let basic = self.certificate.basic_constraints();
        let usage = self.certificate.key_usage().ok().flatten();
        let leaf =
            matches!(&basic, Ok(Some(basic)) if !basic.value.ca && basic.value.path_len_constraint.is_none());
        // An absent key usage allows everything (RFC 5280 §4.2.1.3).
        let signs = usage
            .as_ref()
            .is_none_or(|usage| usage.value.key_cert_sign() || usage.value.crl_sign());
        if !leaf || signs {
            self.finds(&law::NO_AUTHORITY, findings, "");
        }
        let Some(rules) = self.rules else { return };
        let fits = usage.as_ref().is_some_and(|usage| {
            let words = usages(usage.value);
            words.contains(&"digitalSignature")
                && words
                    .iter()
                    .all(|word| rules.usages.iter().any(|allowed| allowed == word))
        });
        // Those that make an authority of it are told above.
        if !fits && !signs {
            self.finds(&law::KEY_USAGE, findings, "");
        }
        let purposes = self.certificate.extended_key_usage().ok().flatten();
        let fit = match purposes {
            Some(purposes) => are_those_of(purposes.value, rules),
            None => rules.usage == Usage::Birth && rules.purposes.is_empty(),
        };
        if !fit {
            self.finds(&law::PURPOSES, findings, "");
        }
    }

    fn extension_set(&self, findings: &mut Findings) {
        let nameless = self.certificate.subject().iter_attributes().next().is_none();
        let mut wanted: Vec<(&str, bool)> = WANTED.to_vec();
        match self.rules {
            Some(rules) if rules.usage == Usage::Birth => {
                if rules.purposes.is_empty() {
                    wanted.retain(|(oid, _)| *oid != EXTENDED_KEY_USAGE);
                }
            }
            // RFC 5280 §4.2.1.6: with an empty subject the alternative names are critical.
            Some(_) | None => wanted.push(("2.5.29.17", nameless)),
        }
        for extension in self.certificate.extensions() {
            let oid = extension.oid.to_id_string();
            let Some(at) = wanted.iter().position(|(wanted, _)| *wanted == oid) else {
                let detail = format!("{oid} is not expected, or there twice");
                self.finds(&law::EXTENSION_SET, findings, &detail);
                continue;
            };
            let (_, critical) = wanted.swap_remove(at);
            if critical != extension.critical {
                let detail = format!("{oid} is critical: {}", extension.critical);
                self.finds(&law::EXTENSION_SET, findings, &detail);
            }
        }
        for (oid, _) in wanted {
            self.finds(&law::EXTENSION_SET, findings, &format!("{oid} is missing"));
        }
    }
}

fn usages(usage: &KeyUsage) -> Vec<&'static str> {
    let bits = [
        ("digitalSignature", usage.digital_signature()),
        ("nonRepudiation", usage.non_repudiation()),
        ("keyEncipherment", usage.key_encipherment()),
        ("dataEncipherment", usage.data_encipherment()),
        ("keyAgreement", usage.key_agreement()),
        ("encipherOnly", usage.encipher_only()),
        ("decipherOnly", usage.decipher_only()),
    ];
    bits.into_iter()
        .filter(|(_, set)| *set)
        .map(|(word, _)| word)
        .collect()
}

fn are_those_of(purposes: &ExtendedKeyUsage<'_>, rules: &Rules) -> bool {
    let wants = |word: &str| rules.purposes.iter().any(|wanted| wanted == word);
    let foreign = purposes.any
        || purposes.code_signing
        || purposes.email_protection
        || purposes.time_stamping
        || purposes.ocsp_signing
        || !purposes.other.is_empty();
    !foreign
        && purposes.client_auth == wants("clientAuth")
        && purposes.server_auth == wants("serverAuth")
        && (purposes.client_auth || purposes.server_auth)
}

/// Basic constraints, key usage, extended key usage, key identifiers, locations of list and issuer; whether critical.
const WANTED: [(&str, bool); 7] = [
    ("2.5.29.19", true),
    ("2.5.29.15", true),
    (EXTENDED_KEY_USAGE, false),
    ("2.5.29.14", false),
    ("2.5.29.35", false),
    ("2.5.29.31", false),
    ("1.3.6.1.5.5.7.1.1", false),
];
const EXTENDED_KEY_USAGE: &str = "2.5.29.37";
