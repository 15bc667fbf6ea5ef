// SPDX-License-Identifier: Apache-2.0
//! Writes certificates as PEM (RFC 7468): strict, 64 characters a line.

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
    }
}
