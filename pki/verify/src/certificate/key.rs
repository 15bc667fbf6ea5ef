// SPDX-License-Identifier: Apache-2.0
//! Its key: of a kind the profile takes, nobody's who signs, and proven by the request.

use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::error::X509Error;
use x509_parser::prelude::FromDer as _;

use super::Case;
use crate::der::{key_kind, sha256};
use crate::law;
use crate::report::Findings;

impl Case<'_> {
    pub(super) fn key(&self, findings: &mut Findings) {
        let key = self.certificate.public_key();
        if self.world.authority_keys.contains(&sha256(key.raw)) {
            self.finds(&law::KEY_IS_NO_AUTHORITYS, findings, "");
        }
        let Some(rules) = self.rules else { return };
        let kind = key_kind(key);
        let taken = kind.as_ref().is_some_and(|kind| rules.keys.contains(kind));
        if !taken {
            let kind = kind.as_deref().unwrap_or("a key of no kind we know");
            self.finds(&law::KEY_KIND, findings, kind);
        }
    }
}

/// What a request says of the certified key.
pub(super) enum Request {
    /// It is for this key, and signed by it.
    Proves,
    /// It is for this key; the signature is by an algorithm this verifier has not.
    Unjudged,
    /// Neither.
    Not(&'static str),
}

/// Reads the request again.
pub(super) fn judge_request(der: &[u8], spki: &[u8]) -> Request {
    let Ok(([], request)) = X509CertificationRequest::from_der(der) else {
        return Request::Not("the request cannot be read");
    };
    if sha256(request.certification_request_info.subject_pki.raw).as_slice() != spki {
        return Request::Not("the request is for another key");
    }
    match request.verify_signature() {
        Ok(()) => Request::Proves,
        Err(X509Error::SignatureUnsupportedAlgorithm) => Request::Unjudged,
        Err(_) => Request::Not("the request is not signed by its key"),
    }
}
