// SPDX-License-Identifier: Apache-2.0
//! A device that plays by the rules: keeps its own key, proves itself, asks for a certificate, keeps what it gets.
//!
//! - [`credential`]: what it proves itself with: a symmetric key and the token it signs, or
//! - [`birth`]: a certificate it shows in the TLS handshake;
//! - [`key_pair`]: the key its certificate is for, made once and kept;
//! - [`anchor`]: whom it trusts: one pinned certificate, nobody else; [`bundle`]: found by its fingerprint;
//! - [`registration`]: the DPS calls: register, then poll;
//! - [`mod@simulate`]: all of it, from an empty directory to a key and a chain.

pub mod anchor;
pub mod birth;
pub mod bundle;
pub mod credential;
pub mod key_pair;
pub mod registration;
pub mod simulate;

pub use anchor::{Endpoint, ServerAnchor};
pub use birth::BirthCertificate;
pub use credential::Credential;
pub use key_pair::KeyType;
pub use registration::CsrDoor;
pub use simulate::{Order, Simulated, simulate};
