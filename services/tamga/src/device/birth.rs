// SPDX-License-Identifier: Apache-2.0
//! A birth certificate: what a device shows in the TLS handshake to prove itself, with the key it holds for it.

use std::fmt;
use std::path::{Path, PathBuf};

use rcgen::{CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, KeyUsagePurpose};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tamga_registry::device::RegistrationId;
use tamga_x509::chance::{Chance, ChanceFault};
use tamga_x509::pem;
use tamga_x509::time::Timestamp;
use time::{Duration, OffsetDateTime};

use super::key_pair::{DeviceKey, KeyPairFault, KeyType};
use crate::files::{Audience, FileFault, private_directory, put, read, read_secret};

/// A certificate of a device, the intermediates above it, and its key.
pub struct BirthCertificate {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

/// Why there is no birth certificate.
#[derive(Debug, thiserror::Error)]
pub enum BirthFault {
    /// A file or directory.
    #[error(transparent)]
    File(#[from] FileFault),
    /// The key.
    #[error(transparent)]
    Key(#[from] KeyPairFault),
    /// The file holds no certificate.
    #[error(
        "{0} holds no certificate in PEM: give the device's certificate, and the intermediates above it behind it"
    )]
    NotAChain(String),
    /// The file holds no key.
    #[error("{0} holds no private key in PEM: give the key of the device's certificate")]
    NotAKey(String),
    /// No serial could be drawn.
    #[error(transparent)]
    Chance(#[from] ChanceFault),
}

impl BirthCertificate {
    /// Reads a chain in PEM, the device's own certificate first, and its key from a file of mode 0600.
    ///
    /// # Errors
    /// [`BirthFault`] when a file cannot be read, the key is open to others, or either holds something else.
    pub fn from_files(chain: &Path, key: &Path) -> Result<Self, BirthFault> {
        let octets = read(chain)?;
        let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&octets).collect();
        let certificates = certificates.ok().filter(|chain| !chain.is_empty());
        let certificates = certificates.ok_or_else(|| BirthFault::NotAChain(chain.display().to_string()))?;
        let secret = read_secret(key)?;
        let found = PrivateKeyDer::from_pem_slice(&secret);
        let key = found.map_err(|_| BirthFault::NotAKey(key.display().to_string()))?;
        Ok(Self {
            chain: certificates,
            key,
        })
    }

    /// What is shown, the device's own first.
    pub(super) fn chain(&self) -> Vec<CertificateDer<'static>> {
        self.chain.clone()
    }

    /// What proves that it is the device's.
    pub(super) fn key(&self) -> PrivateKeyDer<'static> {
        self.key.clone_key()
    }
}

/// Where a birth certificate was put.
#[derive(Debug)]
pub struct Born {
    /// PEM, mode 0600.
    pub key_file: PathBuf,
    /// PEM.
    pub certificate_file: PathBuf,
}

/// Makes a key and a certificate signed by itself, as a device without a factory has one. What is there already is
/// kept: an operator may have pinned it.
///
/// # Errors
/// [`BirthFault`].
pub fn born(
    directory: &Path,
    registration_id: &RegistrationId,
    key_type: Option<KeyType>,
    (now, chance): (Timestamp, &dyn Chance),
) -> Result<Born, BirthFault> {
    private_directory(directory)?;
    let born = Born {
        key_file: directory.join(KEY_FILE),
        certificate_file: directory.join(CERTIFICATE_FILE),
    };
    let key = DeviceKey::kept_in(&born.key_file, key_type)?;
    if !born.certificate_file.exists() {
        let mut serial = [0; 16];
        chance.fill(&mut serial)?;
        let der = key.self_signed(&params(registration_id, now, &serial))?;
        put(
            &born.certificate_file,
            pem::certificates(&[der]).as_bytes(),
            Audience::Everybody,
        )?;
    }
    Ok(born)
}

fn params(registration_id: &RegistrationId, now: Timestamp, serial: &[u8]) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::CommonName, registration_id.presented());
    let now = OffsetDateTime::from_unix_timestamp(now.seconds()).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    params.not_before = now - Duration::days(1);
    params.not_after = now + Duration::days(3650);
    params.serial_number = Some(serial.to_vec().into());
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params
}

impl fmt::Debug for BirthCertificate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "BirthCertificate({} certificates, key secret)",
            self.chain.len()
        )
    }
}

const KEY_FILE: &str = "birth-key.pem";
const CERTIFICATE_FILE: &str = "birth.pem";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::FileFault;
    use tamga_attestation::{PinnedCertificates, PresentedChain};

    #[test]
    fn a_device_is_born_once_and_shows_what_was_made() {
        let folder = tempfile::tempdir().unwrap();
        let directory = folder.path().join("pump-8");
        let id: RegistrationId = "Pump-8".parse().unwrap();
        let chance = tamga_runtime::chance::SystemChance::new();
        let be_born = |at| born(&directory, &id, None, (Timestamp::from_seconds(at), &chance)).unwrap();
        let first = be_born(1_795_000_000);
        let shown = BirthCertificate::from_files(&first.certificate_file, &first.key_file).unwrap();
        let chain = PresentedChain::parse(&shown.chain()).unwrap();
        assert_eq!(chain.leaf_common_name(), Some("Pump-8"));
        let again = be_born(1_796_000_000);
        let again = BirthCertificate::from_files(&again.certificate_file, &again.key_file).unwrap();
        let pinned = PinnedCertificates {
            primary: chain.leaf().der().to_vec(),
            secondary: None,
        };
        assert!(
            pinned
                .holds(&PresentedChain::parse(&again.chain()).unwrap())
                .is_some()
        );
        assert!(!format!("{again:?}").contains("PRIVATE"));
    }

    #[test]
    fn a_file_without_a_certificate_or_key_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("nothing.pem");
        put(&file, b"nothing", Audience::Everybody).unwrap();
        let fault = BirthCertificate::from_files(&file, &file).unwrap_err();
        assert!(matches!(fault, BirthFault::NotAChain(_)), "{fault}");
        let directory = folder.path().join("pump-8");
        let chance = tamga_runtime::chance::SystemChance::new();
        let now = Timestamp::from_seconds(1_795_000_000);
        let made = born(&directory, &"pump-8".parse().unwrap(), None, (now, &chance)).unwrap();
        let fault = BirthCertificate::from_files(&made.certificate_file, &file).unwrap_err();
        assert!(
            matches!(fault, BirthFault::File(FileFault::TooOpen { .. })),
            "{fault}"
        );
        let fault = BirthCertificate::from_files(&made.key_file, &made.key_file).unwrap_err();
        assert!(matches!(fault, BirthFault::NotAChain(_)), "{fault}");
    }
}
