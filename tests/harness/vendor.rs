// SPDX-License-Identifier: Apache-2.0
//! A maker of devices with authorities of its own: birth certificates, intermediates, revocation lists; by rcgen.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyIdMethod, KeyUsagePurpose, RevokedCertParams, SerialNumber,
};
use rustls::ClientConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use tamga_x509::time::Clock as _;
use time::OffsetDateTime;

use crate::clock::StoryClock;
use crate::device::Door;
use crate::key_pair::KeyPair;

/// One authority of a maker: a root, or an intermediate below one.
#[derive(Clone)]
pub struct Vendor {
    clock: Arc<StoryClock>,
    key: Arc<KeyPair>,
    params: CertificateParams,
    certificate: Vec<u8>,
    /// The intermediates from this one up to below the root.
    above: Vec<Vec<u8>>,
}

/// A certificate a device was made with, and its key.
#[derive(Clone)]
pub struct Birth {
    /// DER: the device's own first, then the intermediates above it, the root not among them.
    pub chain: Vec<Vec<u8>>,
    /// Its key pair.
    pub key: Arc<KeyPair>,
    serial: u64,
}

impl Vendor {
    /// A root, with a name like no other's.
    pub fn root(name: &str, clock: &Arc<StoryClock>) -> Self {
        Self::root_for(name, clock, LIFE)
    }

    /// A root that lives for so long.
    pub fn root_for(name: &str, clock: &Arc<StoryClock>, life: Duration) -> Self {
        let key = KeyPair::new();
        let params = authority(name, clock, life);
        let certificate = params.self_signed(key.rcgen()).expect("a root is made");
        Self {
            clock: Arc::clone(clock),
            certificate: certificate.der().to_vec(),
            key: Arc::new(key),
            params,
            above: Vec::new(),
        }
    }

    /// An intermediate below.
    pub fn intermediate(&self, name: &str) -> Self {
        let key = KeyPair::new();
        let params = authority(name, &self.clock, LIFE);
        let certificate = params
            .signed_by(key.rcgen(), &self.issuer())
            .expect("an intermediate is made");
        let certificate = certificate.der().to_vec();
        let mut above = vec![certificate.clone()];
        above.extend(self.above.iter().cloned());
        Self {
            clock: Arc::clone(&self.clock),
            key: Arc::new(key),
            params,
            certificate,
            above,
        }
    }

    /// Its certificate, DER.
    pub fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    /// Makes a device of this name, on a key of its own.
    pub fn births(&self, common_name: &str) -> Birth {
        self.births_on(&Arc::new(KeyPair::new()), common_name)
    }

    /// Makes a device of this name, on this key.
    pub fn births_on(&self, key: &Arc<KeyPair>, common_name: &str) -> Birth {
        let (params, serial) = leaf(common_name, &self.clock);
        let certificate = params
            .signed_by(key.rcgen(), &self.issuer())
            .expect("a birth certificate is made");
        let mut chain = vec![certificate.der().to_vec()];
        chain.extend(self.above.iter().cloned());
        Birth {
            chain,
            key: Arc::clone(key),
            serial,
        }
    }

    /// Makes a certificate of this name under a serial of somebody else.
    pub fn births_numbered(&self, common_name: &str, serial: &[u8]) -> Birth {
        let key = Arc::new(KeyPair::new());
        let (mut params, _) = leaf(common_name, &self.clock);
        params.serial_number = Some(SerialNumber::from_slice(serial));
        let certificate = params
            .signed_by(key.rcgen(), &self.issuer())
            .expect("a certificate is made");
        Birth {
            chain: vec![certificate.der().to_vec(), self.certificate.clone()],
            key,
            serial: 0,
        }
    }

    /// Its revocation list of now, DER, good for a day.
    pub fn lists(&self, revoked: &[&Birth]) -> Vec<u8> {
        self.lists_serials(&revoked.iter().map(|birth| birth.serial).collect::<Vec<_>>())
    }

    /// Its list that revokes an intermediate below it.
    pub fn lists_authority(&self, revoked: &Self) -> Vec<u8> {
        let serial = revoked.params.serial_number.as_ref().expect("a serial");
        let octets: [u8; 8] = serial.as_ref().try_into().expect("eight octets");
        self.lists_serials(&[u64::from_be_bytes(octets)])
    }

    fn lists_serials(&self, revoked: &[u64]) -> Vec<u8> {
        let now = now(&self.clock);
        let list = CertificateRevocationListParams {
            this_update: now,
            next_update: now + Duration::from_hours(24),
            crl_number: SerialNumber::from(fresh()),
            issuing_distribution_point: None,
            revoked_certs: revoked
                .iter()
                .map(|serial| RevokedCertParams {
                    serial_number: serial_number(*serial),
                    revocation_time: now,
                    reason_code: None,
                    invalidity_date: None,
                })
                .collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        list.signed_by(&self.issuer())
            .expect("a list is made")
            .der()
            .to_vec()
    }

    fn issuer(&self) -> Issuer<'_, &rcgen::KeyPair> {
        Issuer::from_params(&self.params, self.key.rcgen())
    }
}

impl Birth {
    /// A certificate that nobody but its own key vouches for.
    pub fn self_signed(common_name: &str, clock: &Arc<StoryClock>) -> Self {
        let key = Arc::new(KeyPair::new());
        let (params, serial) = leaf(common_name, clock);
        let certificate = params.self_signed(key.rcgen()).expect("a certificate is made");
        Self {
            chain: vec![certificate.der().to_vec()],
            key,
            serial,
        }
    }

    /// What was handed out to a device, on the key it had asked for.
    pub fn issued(chain: &[Vec<u8>], key: &Arc<KeyPair>) -> Self {
        Self {
            chain: chain.to_vec(),
            key: Arc::clone(key),
            serial: 0,
        }
    }

    /// The device's own certificate, DER.
    pub fn leaf(&self) -> &[u8] {
        &self.chain[0]
    }

    /// The same, shown without what stands above it.
    #[must_use]
    pub fn alone(&self) -> Self {
        Self {
            chain: self.chain[..1].to_vec(),
            ..self.clone()
        }
    }

    /// What a device that shows it needs to shake hands at a door.
    pub(crate) fn shown_at(&self, door: &Door) -> Arc<ClientConfig> {
        self.shown_by(&door.tls)
    }

    /// A client that shows it, and is otherwise as this one.
    pub fn shown_by(&self, client: &ClientConfig) -> Arc<ClientConfig> {
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.key.to_der()));
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        let signing = provider.key_provider.load_private_key(key).expect("a key");
        let chain = self.chain.iter().cloned().map(CertificateDer::from).collect();
        let mut config = client.clone();
        let shown = SingleCertAndKey::from(CertifiedKey::new(chain, signing));
        config.client_auth_cert_resolver = Arc::new(shown);
        Arc::new(config)
    }
}

fn authority(name: &str, clock: &StoryClock, life: Duration) -> CertificateParams {
    let mut params = named(name, clock, life);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.serial_number = Some(serial_number(fresh()));
    params
}

fn leaf(common_name: &str, clock: &StoryClock) -> (CertificateParams, u64) {
    let serial = fresh();
    let mut params = named(common_name, clock, LIFE);
    params.serial_number = Some(serial_number(serial));
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params.use_authority_key_identifier_extension = true;
    (params, serial)
}

fn named(name: &str, clock: &StoryClock, life: Duration) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = now(clock) - Duration::from_hours(1);
    params.not_after = now(clock) + life;
    params
}

fn now(clock: &StoryClock) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(clock.now().seconds()).expect("a year of four digits")
}

/// Eight octets, the first of them neither zero nor negative.
fn serial_number(serial: u64) -> SerialNumber {
    SerialNumber::from_slice(&serial.to_be_bytes())
}

fn fresh() -> u64 {
    static COUNT: AtomicU64 = AtomicU64::new(0x1000_0000_0000_0000);
    COUNT.fetch_add(1, Ordering::Relaxed)
}

/// Longer than any story.
const LIFE: Duration = Duration::from_hours(24 * 365 * 5);
