// SPDX-License-Identifier: Apache-2.0
//! The devices of a run: made before anything is measured, and read by the generator.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;
use std::thread;

use anyhow::{Context, Result, anyhow, bail};
use data_encoding::BASE64;
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, PKCS_ECDSA_P256_SHA256};

/// A device that has never been seen: its name, and a request over a key of its own.
pub(crate) struct Device {
    /// As many octets in each device, so that all requests are equally long.
    pub(crate) registration_id: String,
    /// PKCS #10, DER, P-256.
    pub(crate) csr: Vec<u8>,
}

/// Makes `count` devices and writes them down, one a line.
pub(crate) fn make(count: usize, path: &Path) -> Result<()> {
    let lanes = thread::available_parallelism().map_or(1, usize::from);
    let share = count.div_ceil(lanes);
    let parts = thread::scope(|scope| {
        let lanes: Vec<_> = (0..lanes)
            .map(|lane| scope.spawn(move || make_part(lane * share..count.min((lane + 1) * share))))
            .collect();
        lanes
            .into_iter()
            .map(|lane| lane.join().map_err(|_| anyhow!("making devices panicked"))?)
            .collect::<Result<Vec<String>>>()
    })?;
    let mut file = BufWriter::new(File::create(path).with_context(|| format!("{}", path.display()))?);
    for part in parts {
        file.write_all(part.as_bytes())?;
    }
    Ok(file.flush()?)
}

fn make_part(range: std::ops::Range<usize>) -> Result<String> {
    let mut lines = String::with_capacity(range.len() * 420);
    for number in range {
        let registration_id = format!("bench-{number:08}");
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let mut parameters = CertificateParams::default();
        parameters.distinguished_name = DistinguishedName::new();
        parameters
            .distinguished_name
            .push(DnType::CommonName, &registration_id);
        let csr = parameters.serialize_request(&key)?;
        lines.push_str(&registration_id);
        lines.push(' ');
        BASE64.encode_append(csr.der(), &mut lines);
        lines.push('\n');
    }
    Ok(lines)
}

/// Reads `count` devices, leaving the first `skip` out.
pub(crate) fn read(path: &Path, skip: usize, count: usize) -> Result<Vec<Device>> {
    let file = BufReader::new(File::open(path).with_context(|| format!("{}", path.display()))?);
    let mut devices = Vec::with_capacity(count);
    for line in file.lines().skip(skip).take(count) {
        let line = line?;
        let (id, csr) = line.split_once(' ').context("a device is a name and a request")?;
        devices.push(Device {
            registration_id: id.to_owned(),
            csr: BASE64.decode(csr.as_bytes())?,
        });
    }
    if devices.len() < count {
        bail!(
            "{count} devices after the first {skip} are asked for, and there are {}",
            devices.len()
        );
    }
    Ok(devices)
}
