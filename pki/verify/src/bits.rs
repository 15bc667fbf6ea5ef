// SPDX-License-Identifier: Apache-2.0
//! Counts how often each random bit of a serial number is set.

use crate::law;
use crate::report::Findings;

/// How often each of the 128 bits was set, of how many.
#[derive(Debug, Clone)]
pub(crate) struct Bits {
    set: [u64; 128],
    of: u64,
}

impl Default for Bits {
    fn default() -> Self {
        Self { set: [0; 128], of: 0 }
    }
}

impl Bits {
    /// Counts the last 16 octets of a serial number.
    pub(crate) fn count(&mut self, serial: &[u8]) {
        let Some(random) = serial.last_chunk::<16>() else {
            return;
        };
        self.of = self.of.saturating_add(1);
        let number = u128::from_be_bytes(*random);
        for (at, set) in self.set.iter_mut().enumerate() {
            let bit = u32::try_from(at).ok().and_then(|at| number.checked_shr(at));
            *set = set.saturating_add(u64::from(bit.unwrap_or_default() & 1 == 1));
        }
    }

    pub(crate) fn absorb(&mut self, other: &Self) {
        self.of = self.of.saturating_add(other.of);
        for (ours, theirs) in self.set.iter_mut().zip(other.set) {
            *ours = ours.saturating_add(theirs);
        }
    }

    /// A fair bit strays from the half by more than eight standard deviations once in 10¹⁵ tries.
    pub(crate) fn judge(&self, findings: &mut Findings) {
        if self.of < FEWEST {
            return;
        }
        // The deviation of n fair bits is √n ⁄ 2: compared as squares, and in integers.
        let allowed = self.of.saturating_mul(64);
        for (at, set) in self.set.iter().enumerate() {
            let strays = set.saturating_mul(2).abs_diff(self.of);
            if strays.saturating_mul(strays) > allowed {
                let detail = format!("bit {at} is set in {set} of {} serial numbers", self.of);
                findings.add(&law::SERIAL_CHANCE, "serial numbers", detail);
            }
        }
    }
}

/// Fewer tell nothing.
const FEWEST: u64 = 1_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::der::sha256;
    use crate::question::Question;
    use crate::report::Counts;
    use tamga_x509::time::Timestamp;

    fn found(stuck: u8) -> usize {
        let mut bits = Bits::default();
        for number in 0..2_000_u32 {
            let mut serial = sha256(&number.to_be_bytes())[..20].to_vec();
            serial[19] |= stuck;
            bits.count(&serial);
        }
        let mut findings = Findings::default();
        bits.judge(&mut findings);
        let question = Question::as_of(Timestamp::from_seconds(0));
        findings.report(Counts::default(), &question).findings.len()
    }

    #[test]
    fn a_bit_that_is_always_set_is_noticed() {
        assert_eq!((found(0), found(0b1), found(0b1001)), (0, 1, 2));
    }
}
