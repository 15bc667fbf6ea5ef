// SPDX-License-Identifier: Apache-2.0
//! A client certificate verifier that checks one thing: the client holds the key of the certificate it shows.

use der::asn1::{AnyRef, BitStringRef};
use der::{Reader, SliceReader, Tag, TagNumber, Tagged};
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls13_signature_with_raw_key};
use rustls::pki_types::{CertificateDer, SubjectPublicKeyInfoDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};

/// More certificates than any device chain has; the whole chain is kept as long as its connection.
const LONGEST_CHAIN: usize = 10;

/// Requests a client certificate, requires none, and accepts any whose key signed the handshake.
///
/// Of the certificate itself only the public key is read: names, times, issuers and extensions are judged by
/// the application, which also has to accept vendors' birth certificates that a path validator would not.
#[derive(Debug)]
pub(super) struct PossessionOnly {
    algorithms: WebPkiSupportedAlgorithms,
}

impl PossessionOnly {
    pub(super) fn new(algorithms: WebPkiSupportedAlgorithms) -> Self {
        Self { algorithms }
    }
}

impl ClientCertVerifier for PossessionOnly {
    fn offer_client_auth(&self) -> bool {
        true
    }

    fn client_auth_mandatory(&self) -> bool {
        false
    }

    /// No hints: devices of many issuers come here, and some clients send nothing when no hint fits.
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        if intermediates.len() >= LONGEST_CHAIN {
            return Err(CertificateError::ApplicationVerificationFailure.into());
        }
        PublicKeyInfo::of(end_entity)?;
        Ok(ClientCertVerified::assertion())
    }

    /// TLS 1.2 names only the hash: the curve is the key's own (RFC 8422 §5.10).
    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let key = PublicKeyInfo::of(cert)?;
        let candidates = self
            .algorithms
            .mapping
            .iter()
            .find(|(scheme, _)| *scheme == dss.scheme)
            .map_or(&[][..], |(_, algorithms)| algorithms);
        let algorithm = candidates
            .iter()
            .find(|algorithm| algorithm.public_key_alg_id().as_ref() == key.algorithm)
            .ok_or(CertificateError::BadSignature)?;
        algorithm
            .verify_signature(key.bits, message, dss.signature())
            .map(|()| HandshakeSignatureValid::assertion())
            .map_err(|_| CertificateError::BadSignature.into())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let key = SubjectPublicKeyInfoDer::from(PublicKeyInfo::of(cert)?.der);
        verify_tls13_signature_with_raw_key(message, &key, dss, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// The SubjectPublicKeyInfo of a certificate (RFC 5280 §4.1) and the two parts the verification needs.
struct PublicKeyInfo<'a> {
    /// The whole SEQUENCE.
    der: &'a [u8],
    /// The content of the AlgorithmIdentifier, without its own header.
    algorithm: &'a [u8],
    /// The content of the BIT STRING.
    bits: &'a [u8],
}

impl<'a> PublicKeyInfo<'a> {
    fn of(cert: &'a CertificateDer<'_>) -> Result<Self, Error> {
        Self::parse(cert.as_ref()).map_err(|_| CertificateError::BadEncoding.into())
    }

    /// Steps over everything before the key without an opinion about it.
    fn parse(certificate: &'a [u8]) -> der::Result<Self> {
        let mut outermost = SliceReader::new(certificate)?;
        let mut certificate = SliceReader::new(sequence(&mut outermost)?)?;
        let mut to_be_signed = SliceReader::new(sequence(&mut certificate)?)?;
        if Tag::peek(&to_be_signed)? == VERSION {
            to_be_signed.tlv_bytes()?;
        }
        for _field in ["serialNumber", "signature", "issuer", "validity", "subject"] {
            to_be_signed.tlv_bytes()?;
        }
        let der = to_be_signed.tlv_bytes()?;
        let mut parts = SliceReader::new(sequence(&mut SliceReader::new(der)?)?)?;
        let algorithm = sequence(&mut parts)?;
        let bits = parts.decode::<BitStringRef<'_>>()?;
        let bits = bits
            .as_bytes()
            .ok_or(der::ErrorKind::Value { tag: Tag::BitString })?;
        Ok(Self { der, algorithm, bits })
    }
}

/// Version, present in all certificates but those of version 1.
const VERSION: Tag = Tag::ContextSpecific {
    constructed: true,
    number: TagNumber(0),
};

/// The content of the SEQUENCE that comes next.
fn sequence<'a>(reader: &mut SliceReader<'a>) -> der::Result<&'a [u8]> {
    let next = reader.decode::<AnyRef<'a>>()?;
    next.tag().assert_eq(Tag::Sequence)?;
    Ok(next.value())
}
