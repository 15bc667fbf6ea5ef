// SPDX-License-Identifier: Apache-2.0
//! Writes certificates as PEM (RFC 7468), strict, 64 characters a line; and unwraps what others wrote in many ways.

use data_encoding::BASE64;

/// Certificates in DER, one block each, in their order.
pub fn certificates<D: AsRef<[u8]>>(ders: &[D]) -> String {
    let mut text = String::new();
    for der in ders {
        text.push_str("-----BEGIN CERTIFICATE-----\n");
        let encoded = BASE64.encode(der.as_ref());
        for (at, letter) in encoded.char_indices() {
            if at > 0 && at % LINE == 0 {
                text.push('\n');
            }
            text.push(letter);
        }
        text.push_str("\n-----END CERTIFICATE-----\n");
    }
    text
}

/// The DER within `text`: base64, or PEM of exactly one block with this label. White space anywhere in it is ignored, as
/// it is wrapped in many ways.
///
/// # Errors
/// [`NotUnwrapped`] for anything else.
pub fn decode(text: &str, label: &str) -> Result<Vec<u8>, NotUnwrapped> {
    let text = text.trim();
    let body = if text.starts_with("-----") {
        strip_armour(text, label).ok_or(NotUnwrapped::Armour)?
    } else {
        text
    };
    let packed: Vec<u8> = body
        .bytes()
        .filter(|octet| !octet.is_ascii_whitespace())
        .collect();
    if packed.is_empty() {
        return Err(NotUnwrapped::Empty);
    }
    BASE64.decode(&packed).map_err(|_| NotUnwrapped::Base64)
}

fn strip_armour<'a>(text: &'a str, label: &str) -> Option<&'a str> {
    let inner = text
        .strip_prefix("-----BEGIN ")?
        .strip_prefix(label)?
        .strip_prefix("-----")?;
    inner
        .strip_suffix("-----")?
        .strip_suffix(label)?
        .strip_suffix("-----END ")
}

/// Why there is no DER within a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotUnwrapped {
    /// There is nothing.
    #[error("it is empty")]
    Empty,
    /// The armour is of something else, or of more than one thing.
    #[error("its PEM is not that of one such thing")]
    Armour,
    /// What is within is no base64.
    #[error("its text is not canonical base64")]
    Base64,
}

const LINE: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let ders = [vec![1u8; 47], vec![2; 48], vec![3; 500]];
        let text = certificates(&ders);
        assert!(text.lines().all(|line| line.len() <= LINE), "{text}");
        let read: Vec<_> = x509_parser::pem::Pem::iter_from_buffer(text.as_bytes())
            .map(|block| block.unwrap())
            .collect();
        assert!(read.iter().all(|block| block.label == "CERTIFICATE"));
        assert!(read.iter().map(|block| &block.contents).eq(ders.iter()));
        for (der, one) in ders.iter().zip(ders.iter().map(|der| certificates(&[der]))) {
            assert_eq!(decode(&one, "CERTIFICATE").as_ref(), Ok(der));
            assert_eq!(
                decode(&one.replace('\n', "\r\n"), "CERTIFICATE").as_ref(),
                Ok(der)
            );
            assert_eq!(decode(&BASE64.encode(der), "CERTIFICATE").as_ref(), Ok(der));
            assert_eq!(decode(&one, "X509 CRL"), Err(NotUnwrapped::Armour));
        }
        assert_eq!(
            decode(&text, "CERTIFICATE"),
            Err(NotUnwrapped::Base64),
            "three in one"
        );
        assert_eq!(decode(" \n", "CERTIFICATE"), Err(NotUnwrapped::Empty));
    }
}
