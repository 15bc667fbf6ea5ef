// SPDX-License-Identifier: Apache-2.0
//! Admits RSA keys: of a sane size, with a sane exponent, and without the weaknesses that show in the modulus.

use super::{KeyAlgorithm, KeyRefusal};
use crate::tlv::{self, Reader};

/// Judges the DER of an RSAPublicKey (RFC 8017 §A.1.1), cheapest checks first.
pub(super) fn judge(key: &[u8]) -> Result<KeyAlgorithm, KeyRefusal> {
    let mut fields = Reader::new(tlv::only(key, tlv::SEQUENCE)?.value);
    let modulus = magnitude(fields.expect(tlv::INTEGER)?.value)?;
    let exponent = magnitude(fields.expect(tlv::INTEGER)?.value)?;
    fields.finish()?;
    let bits = judge_size(modulus)?;
    judge_exponent(exponent)?;
    if modulus.last().is_none_or(|last| last & 1 == 0) {
        return Err(KeyRefusal::Weak {
            reason: "the modulus is even",
        });
    }
    if has_small_factor(modulus) {
        return Err(KeyRefusal::Weak {
            reason: "the modulus has a factor below 752",
        });
    }
    if has_roca_fingerprint(modulus) {
        return Err(KeyRefusal::Weak {
            reason: "the modulus has the ROCA fingerprint, CVE-2017-15361",
        });
    }
    Ok(KeyAlgorithm::Rsa { bits })
}

/// The octets of a positive INTEGER without the zero that keeps it positive.
fn magnitude(value: &[u8]) -> Result<&[u8], KeyRefusal> {
    // `only` above has cut the element out, but this level may not have been walked by `require_der`:
    // the key sits inside a BIT STRING.
    match value {
        [0, rest @ ..] if rest.first().is_some_and(|first| *first >= 0x80) => Ok(rest),
        [0x01..=0x7f, ..] => Ok(value),
        _ => Err(KeyRefusal::Malformed {
            reason: "an integer of the RSA key is not positive or not shortest",
        }),
    }
}

fn judge_size(modulus: &[u8]) -> Result<u16, KeyRefusal> {
    let whole_octets = modulus.first().is_some_and(|first| *first >= 0x80);
    if modulus.len() < 256 || (modulus.len() == 256 && !whole_octets) {
        return Err(KeyRefusal::Weak {
            reason: "RSA needs 2048 bits at least",
        });
    }
    match u16::try_from(modulus.len()) {
        Ok(octets @ 256..=512) if whole_octets => Ok(octets.saturating_mul(8)),
        Ok(..=512) => Err(KeyRefusal::Invalid {
            reason: "the RSA modulus must have a multiple of eight bits",
        }),
        _ => Err(KeyRefusal::Invalid {
            reason: "RSA is accepted up to 4096 bits",
        }),
    }
}

/// Only 65537, which every deployed device uses. One modulus under several exponents would be several keys, and a
/// blocked one would come back under another.
fn judge_exponent(exponent: &[u8]) -> Result<(), KeyRefusal> {
    let value = exponent.iter().try_fold(0_u64, |value, octet| {
        value.checked_mul(256).map(|shifted| shifted | u64::from(*octet))
    });
    match value {
        Some(even) if even & 1 == 0 => Err(KeyRefusal::Weak {
            reason: "the RSA exponent is even",
        }),
        Some(..65_537) => Err(KeyRefusal::Weak {
            reason: "the RSA exponent is below 65537",
        }),
        Some(65_537) => Ok(()),
        _ => Err(KeyRefusal::Invalid {
            reason: "the RSA exponent is not 65537",
        }),
    }
}

fn has_small_factor(modulus: &[u8]) -> bool {
    // Dividing by products of primes that fit 32 bits needs a third of the long divisions.
    let primes = primes_below(752);
    primes.chunks(3).any(|group| {
        let product: u64 = group.iter().product();
        let rest = remainder(modulus, product);
        group.iter().any(|prime| rest.checked_rem(*prime) == Some(0))
    })
}

/// Keys of the broken Infineon library satisfy, modulo each of these primes, that the modulus is a power of
/// 65537 (Nemec et al. 2017, §2.2). A sound key passes all tests with a chance below 2⁻²⁷.
fn has_roca_fingerprint(modulus: &[u8]) -> bool {
    primes_below(168)
        .into_iter()
        .filter(|prime| *prime > 2)
        .all(|prime| {
            let wanted = remainder(modulus, prime);
            let mut power = 1;
            (0..prime).any(|_| {
                let found = power == wanted;
                power = residue(power, 65_537, prime);
                found
            })
        })
}

/// `left * right mod divisor`; the operands stay far below 2³² here.
fn residue(left: u64, right: u64, divisor: u64) -> u64 {
    left.saturating_mul(right).checked_rem(divisor).unwrap_or(0)
}

/// The modulus, four octets a step, modulo `divisor` < 2³².
fn remainder(modulus: &[u8], divisor: u64) -> u64 {
    modulus.rchunks(4).rev().fold(0, |rest, chunk| {
        let limb = chunk
            .iter()
            .fold(0_u64, |limb, octet| (limb << 8) | u64::from(*octet));
        // Every chunk but the first has four octets, and `rest` is zero before the first.
        ((rest << 32) | limb).checked_rem(divisor).unwrap_or(0)
    })
}

fn primes_below(limit: u64) -> Vec<u64> {
    (2..limit)
        .filter(|candidate| {
            (2..*candidate)
                .take_while(|divisor| divisor.saturating_mul(*divisor) <= *candidate)
                .all(|divisor| candidate.checked_rem(divisor) != Some(0))
        })
        .collect()
}
