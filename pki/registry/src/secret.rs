// SPDX-License-Identifier: Apache-2.0
//! Sealed values and wrapped keys, as they are kept. Opaque here: whoever may unseal them holds the root sealing key.

use tamga_x509::time::Timestamp;

use crate::id::{OrganizationId, SoftwareKeyId};
use crate::words;

words! {
    /// What a root sealing key is for. Each process gets only the roots of the purposes it may unseal.
    SealingPurpose {
        /// Symmetric keys of enrollments.
        DeviceSecrets = "device_secrets",
        /// Software keys of issuers.
        IssuerKeys = "issuer_keys",
        /// Keys of Tamga's own TLS certificates and delegated status signers.
        ServiceKeys = "service_keys",
    }
}

/// The primary and secondary symmetric key of one enrollment, sealed.
#[derive(Debug, Clone)]
pub struct SealedPair {
    /// The primary key.
    pub primary: Vec<u8>,
    /// The secondary key.
    pub secondary: Vec<u8>,
    /// The version of the organization's data key that sealed them.
    pub data_key: i64,
}

/// A data key of one organization and purpose, wrapped by the purpose's root.
#[derive(Debug, Clone)]
pub struct WrappedDataKey {
    /// What it seals.
    pub purpose: SealingPurpose,
    /// Whose values.
    pub organization: OrganizationId,
    /// Counts from 1.
    pub version: i64,
    /// The wrapped key.
    pub wrapped: Vec<u8>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A software key, sealed.
#[derive(Debug, Clone)]
pub struct SealedSoftwareKey {
    /// Its id, part of its URI.
    pub id: SoftwareKeyId,
    /// Its organization.
    pub organization: OrganizationId,
    /// Which root may unseal it.
    pub purpose: SealingPurpose,
    /// Its public half, DER SubjectPublicKeyInfo.
    pub spki: Vec<u8>,
    /// The sealed PKCS#8.
    pub sealed: Vec<u8>,
    /// The version of the data key that sealed it.
    pub data_key: i64,
    /// When it was made.
    pub created_at: Timestamp,
}
