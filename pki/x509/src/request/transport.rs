// SPDX-License-Identifier: Apache-2.0
//! Unwraps a request from the texts it travels in: base64 of its DER, wrapped or not, or PEM.

use data_encoding::BASE64;

use super::CsrRefusal;

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
    let text = text.trim();
    let body = if text.starts_with("-----") {
        strip_armour(text)?
    } else {
        text
    };
    let packed: Vec<u8> = body
        .bytes()
        .filter(|octet| !octet.is_ascii_whitespace())
        .collect();
    if packed.is_empty() {
        return Err(CsrRefusal::Malformed {
            reason: "it is empty",
        });
    }
    BASE64.decode(&packed).map_err(|_| CsrRefusal::Malformed {
        reason: "its text is not canonical base64",
    })
}

fn strip_armour(text: &str) -> Result<&str, CsrRefusal> {
    LABELS
        .iter()
        .find_map(|label| {
            let inner = text
                .strip_prefix("-----BEGIN ")?
                .strip_prefix(label)?
                .strip_prefix("-----")?;
            inner
                .strip_suffix("-----")?
                .strip_suffix(label)?
                .strip_suffix("-----END ")
        })
        .ok_or(CsrRefusal::Malformed {
            reason: "its PEM is not that of one CERTIFICATE REQUEST",
        })
}

const LABELS: [&str; 2] = ["CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"];
/// 16 KiB of DER in base64, and room for the most generous wrapping.
const TEXT_LIMIT: usize = 32 * 1024;
