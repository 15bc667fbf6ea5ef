// SPDX-License-Identifier: Apache-2.0
//! A whole device: from an empty directory to a key and a certificate chain, and the same again however often it runs.

use std::path::{Path, PathBuf};

use tamga_x509::certificate::Certificate;

use super::key_pair::{DeviceKey, KeyPairFault, KeyType};
use super::registration::{CsrDoor, Registration, RegistrationFault};
use crate::files::{Audience, FileFault, private_directory, put};
use tamga_x509::pem;

/// What a device is asked to do.
#[derive(Debug)]
pub struct Order {
    /// Where and as whom it registers.
    pub registration: Registration,
    /// Where it keeps its key and chain.
    pub directory: PathBuf,
    /// The type of a new key; absent = P-256, or whatever key is there already.
    pub key_type: Option<KeyType>,
    /// By which member of the body the request goes out.
    pub door: CsrDoor,
}

/// What a device got.
#[derive(Debug)]
pub struct Simulated {
    /// Its private key, PEM, mode 0600.
    pub key_file: PathBuf,
    /// Its chain, PEM: its own certificate first, the root last.
    pub chain_file: PathBuf,
    /// The root above it, PEM.
    pub anchor_file: PathBuf,
    /// Its certificate.
    pub certificate: Certificate,
    /// The hub it is assigned to.
    pub hub: String,
}

/// Why a device has no certificate.
#[derive(Debug, thiserror::Error)]
pub enum SimulateFault {
    /// Its directory or files.
    #[error(transparent)]
    File(#[from] FileFault),
    /// Its key.
    #[error(transparent)]
    Key(#[from] KeyPairFault),
    /// The service.
    #[error(transparent)]
    Registration(#[from] RegistrationFault),
    /// What came is no certificate.
    #[error("what the service handed out is no certificate: {0}")]
    Certificate(#[from] tamga_x509::certificate::CertificateFault),
}

/// Plays the device. The key is durable before anybody hears of it, so a crash in between costs nothing.
///
/// # Errors
/// [`SimulateFault`]. Repeating is always safe: the same key is used, and inside one epoch the same bytes come back.
pub async fn simulate(order: &Order) -> Result<Simulated, SimulateFault> {
    private_directory(&order.directory)?;
    let key_file = order.directory.join(KEY_FILE);
    let (path, wanted) = (key_file.clone(), order.key_type);
    // RSA keys take a while to find.
    let key = tokio::task::spawn_blocking(move || DeviceKey::kept_in(&path, wanted)).await;
    let key = key.map_err(|fault| FileFault::Io {
        doing: "make a key for",
        path: key_file.clone(),
        source: std::io::Error::other(fault),
    })??;
    let request = key.request(&order.registration.registration_id)?;
    let assignment = order.registration.enroll(&request, order.door).await?;
    let (leaf, root) = (
        ends(&assignment.chain, 0),
        ends(&assignment.chain, assignment.chain.len() - 1),
    );
    let certificate = Certificate::parse(leaf)?;
    let chain_file = keep(
        &order.directory,
        CHAIN_FILE,
        &pem::certificates(&assignment.chain),
    )?;
    let anchor_file = keep(
        &order.directory,
        ANCHOR_FILE,
        &pem::certificates(&[root.to_vec()]),
    )?;
    Ok(Simulated {
        key_file,
        chain_file,
        anchor_file,
        certificate,
        hub: assignment.hub,
    })
}

fn ends(chain: &[Vec<u8>], at: usize) -> &[u8] {
    chain.get(at).map_or(&[], Vec::as_slice)
}

fn keep(directory: &Path, name: &str, text: &str) -> Result<PathBuf, FileFault> {
    let path = directory.join(name);
    put(&path, text.as_bytes(), Audience::Everybody)?;
    Ok(path)
}

const KEY_FILE: &str = "key.pem";
const CHAIN_FILE: &str = "chain.pem";
const ANCHOR_FILE: &str = "device-anchor.pem";
