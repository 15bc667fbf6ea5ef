// SPDX-License-Identifier: Apache-2.0
//! Certificates and lists of others, as operators have them in files: PEM or DER.

use std::path::Path;

use data_encoding::BASE64;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::exit::{End, Failure};
use crate::files::read;

/// The one certificate of a file, as the admin plane takes it.
pub fn only(path: &Path) -> Result<String, Failure> {
    let octets = read(path)?;
    if !is_pem(&octets) {
        return Ok(BASE64.encode(&octets));
    }
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&octets).collect();
    match found.as_deref() {
        Ok([one]) => Ok(BASE64.encode(one)),
        Ok(several) => Err(not_one(path, several.len())),
        Err(_) => Err(not_one(path, 0)),
    }
}

/// The certificate request of a file, as the admin plane takes it: the PEM itself, or base64 of its DER.
pub fn request(path: &Path) -> Result<String, Failure> {
    let octets = read(path)?;
    if is_pem(&octets) {
        return Ok(String::from_utf8_lossy(&octets).into_owned());
    }
    Ok(BASE64.encode(&octets))
}

/// PEM may have words before its armour; DER of a certificate or list begins with a long SEQUENCE.
fn is_pem(octets: &[u8]) -> bool {
    !octets.starts_with(&[0x30, 0x82]) && !octets.starts_with(&[0x30, 0x81])
}

fn not_one(path: &Path, found: usize) -> Failure {
    let sentence = format!(
        "{} holds {found} certificates in PEM: give a file with exactly one, PEM or DER",
        path.display()
    );
    Failure::new(End::Usage, sentence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_certificate_is_read_from_pem_and_der_and_no_more() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("certificate");
        let made = rcgen::generate_simple_self_signed(["vendor.example".to_owned()]).unwrap();
        let (pem, der) = (made.cert.pem(), made.cert.der().to_vec());
        let read = |octets: &[u8]| {
            std::fs::write(&file, octets).unwrap();
            only(&file)
        };
        for right in [pem.as_bytes(), &der, format!("subject=vendor\n{pem}").as_bytes()] {
            assert_eq!(read(right).unwrap(), BASE64.encode(&der));
        }
        for wrong in [format!("{pem}{pem}").as_bytes(), b"", b"nothing"] {
            let sentence = read(wrong).unwrap_err().to_string();
            assert!(sentence.contains("exactly one"), "{sentence}");
        }
    }
}
