// SPDX-License-Identifier: Apache-2.0
//! The word of a station: what a unit on its line is believed on.
//!
//! Only an act that the guard permitted makes one ([`crate::factory`]); kept beside a submission it is sealed like any
//! other evidence, and names the station that the row names in a column no door for devices may write.

use std::str;

use tamga_registry::account::{Grantee, Holder};
use tamga_registry::id::StationId;
use tamga_registry::role::Principal;

/// That a unit stands at a station, and who says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StationWord {
    station: StationId,
    speaker: Speaker,
}

/// Who speaks for a station.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Speaker {
    /// It does.
    Itself,
    /// Somebody who may have certificates issued there.
    Somebody(Grantee),
}

impl StationWord {
    /// As the guard permitted it.
    pub(crate) fn new(station: StationId, speaker: Speaker) -> Self {
        Self { station, speaker }
    }

    pub(crate) fn station(&self) -> StationId {
        self.station
    }

    /// Who said so.
    pub(crate) fn principal(&self) -> Principal {
        match self.speaker {
            Speaker::Itself => Principal::Station(self.station),
            Speaker::Somebody(grantee) => grantee.principal(),
        }
    }

    /// In the form that is sealed beside a submission.
    pub(crate) fn to_kept(&self) -> Vec<u8> {
        let mut kept = vec![VERSION];
        kept.extend_from_slice(self.station.octets());
        kept.extend_from_slice(self.principal().to_string().as_bytes());
        kept
    }

    /// Reads what [`Self::to_kept`] made.
    pub(crate) fn from_kept(kept: &[u8]) -> Option<Self> {
        let (&version, rest) = kept.split_first()?;
        let (station, speaker) = rest.split_first_chunk::<16>()?;
        let station = StationId::from_octets(*station);
        let text = str::from_utf8(speaker).ok().filter(|_| version == VERSION)?;
        let speaker = if text.parse() == Ok(Holder::Station(station)) {
            Speaker::Itself
        } else {
            Speaker::Somebody(text.parse().ok()?)
        };
        Some(Self { station, speaker })
    }
}

/// The form of all that follows.
const VERSION: u8 = 1;

#[cfg(test)]
mod tests {
    use tamga_registry::id::AccountId;

    use super::*;

    #[test]
    fn a_word_is_read_back_as_it_was_kept_and_no_other_way() {
        let station = StationId::from_octets([7; 16]);
        for speaker in [
            Speaker::Itself,
            Speaker::Somebody(Grantee::LocalUser { uid: 0 }),
            Speaker::Somebody(Grantee::Account(AccountId::from_octets([8; 16]))),
        ] {
            let word = StationWord::new(station, speaker);
            assert_eq!(StationWord::from_kept(&word.to_kept()), Some(word));
        }
        let mut other = StationWord::new(station, Speaker::Itself).to_kept();
        other[1] ^= 1;
        assert_eq!(StationWord::from_kept(&other), None, "another station's");
        other[0] = 2;
        for wrong in [&[][..], &[VERSION], &[VERSION; 17], &other] {
            assert_eq!(StationWord::from_kept(wrong), None, "{wrong:?}");
        }
    }
}
