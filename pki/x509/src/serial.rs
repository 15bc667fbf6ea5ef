// SPDX-License-Identifier: Apache-2.0
//! Lays out serial numbers: version, restore epoch, day, and 128 bits of chance, always 20 octets.

#[cfg(test)]
mod tests;

use core::fmt;
use core::str::FromStr;

use crate::time::Timestamp;

/// A serial number of ours (RFC 5280 §4.1.2.2): positive, 20 octets, never reused.
///
/// `0x41` (0x40 keeps it positive and of constant length; 1 is the version of this layout), the restore epoch
/// (raised by every restore from backup, so that numbers given out after the backup cannot recur), the days
/// since 2020-01-01 as two octets (rows of one day lie together), and sixteen random octets.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Serial([u8; 20]);

impl Serial {
    /// Composes a serial number.
    ///
    /// # Errors
    /// [`SerialFault::Day`] when the clock stands before 2020 or after the middle of 2199.
    pub fn compose(restore_epoch: u8, at: Timestamp, random: [u8; 16]) -> Result<Self, SerialFault> {
        let days = at
            .seconds()
            .saturating_sub(START_OF_2020)
            .div_euclid(SECONDS_PER_DAY);
        let [high, low] = u16::try_from(days).map_err(|_| SerialFault::Day)?.to_be_bytes();
        let mut octets = [0; 20];
        let (head, tail) = octets.split_at_mut(4);
        head.copy_from_slice(&[LAYOUT, restore_epoch, high, low]);
        tail.copy_from_slice(&random);
        Ok(Self(octets))
    }

    /// A serial number of ours from its 20 octets.
    ///
    /// # Errors
    /// [`SerialFault::Layout`] when these are not 20 octets of the layout above.
    pub fn from_bytes(octets: &[u8]) -> Result<Self, SerialFault> {
        match <[u8; 20]>::try_from(octets) {
            Ok(serial @ [LAYOUT, ..]) => Ok(Self(serial)),
            _ => Err(SerialFault::Layout),
        }
    }

    /// The 20 octets, which are also the contents of the DER INTEGER.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 20] {
        &self.0
    }

    /// Which of the issuer's lists this number is revoked on: the random part modulo their count. It is written
    /// into the certificate, so this never changes.
    #[must_use]
    pub fn shard(&self, count: ShardCount) -> u32 {
        let [.., a, b, c, d] = self.0;
        // The count is a power of two up to 2³¹: only the last four octets can matter.
        u32::from_be_bytes([a, b, c, d]) & count.0.saturating_sub(1)
    }
}

impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&data_encoding::HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Serial({self})")
    }
}

impl FromStr for Serial {
    type Err = SerialFault;

    /// Takes what the tools of this world print: hex of any case, with colons, spaces, dashes or `0x`.
    fn from_str(text: &str) -> Result<Self, SerialFault> {
        let text = text.trim();
        let digits = text
            .strip_prefix("0x")
            .or_else(|| text.strip_prefix("0X"))
            .unwrap_or(text);
        let digits: String = digits
            .chars()
            .filter(|digit| !matches!(digit, ':' | ' ' | '-'))
            .map(|digit| digit.to_ascii_lowercase())
            .take(41)
            .collect();
        let octets = data_encoding::HEXLOWER
            .decode(digits.as_bytes())
            .map_err(|_| SerialFault::Layout)?;
        Self::from_bytes(&octets)
    }
}

/// Into how many lists an issuer's revocations are divided: a power of two, fixed at its birth.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct ShardCount(u32);

impl ShardCount {
    /// One complete list.
    pub const COMPLETE: Self = Self(1);

    /// So many lists.
    ///
    /// # Errors
    /// [`SerialFault::ShardCount`] when that is no power of two.
    pub const fn new(count: u32) -> Result<Self, SerialFault> {
        if count.is_power_of_two() {
            Ok(Self(count))
        } else {
            Err(SerialFault::ShardCount)
        }
    }

    /// How many.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }
}

/// Why there is no such serial number or shard count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SerialFault {
    /// The clock is off the days a serial number can tell.
    #[error("serial numbers tell days from 2020 to 2199: set the clock of this machine")]
    Day,
    /// Not a number of ours.
    #[error("a serial number is 40 hexadecimal digits beginning with 41")]
    Layout,
    /// Not a power of two.
    #[error("the number of shards must be a power of two")]
    ShardCount,
}

const LAYOUT: u8 = 0x41;
const START_OF_2020: i64 = 1_577_836_800;
const SECONDS_PER_DAY: i64 = 86_400;
