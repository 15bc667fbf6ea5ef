// SPDX-License-Identifier: Apache-2.0
//! Unwraps a request from the texts it travels in: base64 of its DER, wrapped or not, or PEM.

use super::CsrRefusal;
use crate::pem::{self, NotUnwrapped};

/// The DER within `text`: base64 (white space anywhere is ignored, as devices wrap it in many ways), or PEM of
/// exactly one request (RFC 7468 §7, with the older label too).
///
/// # Errors
/// [`CsrRefusal::TooLarge`] beyond 32 KiB of text, [`CsrRefusal::Malformed`] for anything else.
pub fn decode_text(text: &str) -> Result<Vec<u8>, CsrRefusal> {
    if text.len() > TEXT_LIMIT {
        return Err(CsrRefusal::TooLarge {
            what: "the text of the request has more than 32 KiB",
        });
    }
    for label in LABELS {
        match pem::decode(text, label) {
            Err(NotUnwrapped::Armour) => {}
            unwrapped => return unwrapped.map_err(refused),
        }
    }
    Err(refused(NotUnwrapped::Armour))
}

fn refused(refusal: NotUnwrapped) -> CsrRefusal {
    let reason = match refusal {
        NotUnwrapped::Empty => "it is empty",
        NotUnwrapped::Armour => "its PEM is not that of one CERTIFICATE REQUEST",
        NotUnwrapped::Base64 => "its text is not canonical base64",
    };
    CsrRefusal::Malformed { reason }
}

const LABELS: [&str; 2] = ["CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"];
/// 16 KiB of DER in base64, and room for the most generous wrapping.
const TEXT_LIMIT: usize = 32 * 1024;
