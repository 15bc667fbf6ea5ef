// SPDX-License-Identifier: Apache-2.0
//! Who signed it, by which algorithm, under which names, and where it says its status is.

use super::Case;
use crate::der::{
    authority_key_identifier, issuer_location, key_identifier, list_location, subject_key_identifier,
};
use crate::law;
use crate::report::Findings;

impl Case<'_> {
    pub(super) fn issuance(&self, findings: &mut Findings) {
        let (certificate, authority) = (self.certificate, self.authority);
        if certificate.issuer().as_raw() != authority.subject {
            self.finds(&law::ISSUER_NAME, findings, "");
        }
        let outer = &certificate.signature_algorithm;
        if &certificate.tbs_certificate.signature != outer {
            self.finds(&law::ALGORITHMS_AGREE, findings, "");
        }
        let algorithm = outer.algorithm.to_id_string();
        if authority.algorithm != Some(algorithm.as_str()) {
            self.finds(&law::ALGORITHM, findings, &algorithm);
        }
        let verified = authority
            .key()
            .is_some_and(|key| certificate.verify_signature(Some(&key)).is_ok());
        if !verified {
            self.finds(&law::SIGNATURE, findings, "");
        }
        self.identifiers(findings);
        self.locations(findings);
    }

    fn identifiers(&self, findings: &mut Findings) {
        let extensions = self.certificate.extensions();
        let above = authority_key_identifier(extensions);
        if above.is_none() || above != self.authority.key_id {
            self.finds(
                &law::KEY_IDENTIFIERS,
                findings,
                "the authority key identifier is not its issuer's",
            );
        }
        if subject_key_identifier(extensions) != Some(key_identifier(self.certificate.public_key())) {
            self.finds(
                &law::KEY_IDENTIFIERS,
                findings,
                "the subject key identifier is not its key's",
            );
        }
    }

    fn locations(&self, findings: &mut Findings) {
        let extensions = self.certificate.extensions();
        let shard = self.authority.shard_of(self.certificate.raw_serial());
        for (found, wanted) in [
            (list_location(extensions), self.authority.list_url(shard)),
            (issuer_location(extensions), self.authority.issuer_url()),
        ] {
            if found.as_ref() != Some(&wanted) {
                let found = found.unwrap_or_else(|| "not one URL".to_owned());
                self.finds(&law::LOCATIONS, findings, &format!("{found} instead of {wanted}"));
            }
        }
    }
}
