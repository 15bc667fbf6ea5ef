// SPDX-License-Identifier: Apache-2.0
//! What one enrollment asks of x509 alone.

use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::Result;
use tamga_runtime::chance::SystemChance;
use tamga_runtime::clock::SystemClock;
use tamga_x509::certificate::IssuerCertificate;
use tamga_x509::chance::octets;
use tamga_x509::name::DeviceIdentity;
use tamga_x509::profile::{DeviceDraft, Profile, ProfileConfig};
use tamga_x509::request::Request;
use tamga_x509::serial::Serial;
use tamga_x509::time::Clock;
use tamga_x509::to_be_signed::ToBeSigned;

use super::RUNS;
use super::list::authority;
use crate::figures::{count, quantile};
use crate::report::{Figure, Run};

pub(super) fn measure(seconds: f64) -> Result<Vec<Figure>> {
    let (issuer, _key) = authority()?;
    let csr = request()?;
    let parsed = Request::parse(&csr)?;
    let reading = || {
        drop(black_box(Request::parse(black_box(&csr))?));
        Ok(())
    };
    let drafting = drafter(&issuer, &parsed)?;
    Ok(vec![
        timed("csr/parse+pop", seconds, reading)?,
        timed("x509/draft+lint", seconds, drafting)?,
    ])
}

fn request() -> Result<Vec<u8>> {
    let key = rcgen::KeyPair::generate()?;
    let mut parameters = rcgen::CertificateParams::default();
    parameters.distinguished_name = rcgen::DistinguishedName::new();
    parameters
        .distinguished_name
        .push(rcgen::DnType::CommonName, "bench-00000000");
    Ok(parameters.serialize_request(&key)?.der().to_vec())
}

fn drafter<'a>(
    issuer: &'a IssuerCertificate,
    request: &'a Request,
) -> Result<impl FnMut() -> Result<()> + 'a> {
    let profile = Profile::try_from(ProfileConfig::device())?;
    let identity = DeviceIdentity::new(
        "bench-00000000",
        "bench",
        "bench.example",
        "dev_aaaaaaaaaaaaaaaaaaaaaaaaaa",
    )?;
    let (chance, now) = (SystemChance::new(), SystemClock.now());
    let locations = tamga_x509::certificate::StatusLocations {
        crl: Some("http://status.bench.example/c/iss_aaaaaaaaaaaaaaaaaaaaaaaaaa/0.crl".to_owned()),
        issuer: Some("http://status.bench.example/i/iss_aaaaaaaaaaaaaaaaaaaaaaaaaa.cer".to_owned()),
    };
    Ok(move || {
        let draft = profile.draft(&DeviceDraft {
            request,
            identity: &identity,
            issuer,
            serial: Serial::compose(0, now, octets::<16>(&chance)?)?,
            now,
            locations: &locations,
        })?;
        drop(black_box(ToBeSigned::certificate(draft)?));
        Ok(())
    })
}

/// Repeats a step for some seconds, several times over.
fn timed(name: &str, seconds: f64, mut step: impl FnMut() -> Result<()>) -> Result<Figure> {
    let length = Duration::from_secs_f64(seconds);
    let mut runs = Vec::with_capacity(RUNS);
    // One more than is counted, to warm up.
    for counted in [false].into_iter().chain([true; RUNS]) {
        let mut waits = Vec::with_capacity(65_536);
        let begin = Instant::now();
        while begin.elapsed() < length {
            let before = Instant::now();
            step()?;
            waits.push(before.elapsed());
        }
        let elapsed = begin.elapsed().as_secs_f64();
        waits.sort_unstable();
        if counted {
            runs.push(Run {
                per_second: count(waits.len()) / elapsed,
                p50_ms: quantile(&waits, 0.50).as_secs_f64() * 1e3,
                p99_ms: quantile(&waits, 0.99).as_secs_f64() * 1e3,
                cpu_us: None,
            });
        }
    }
    Ok(Figure::of(name, &runs))
}
