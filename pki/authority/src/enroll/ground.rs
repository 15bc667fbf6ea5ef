// SPDX-License-Identifier: Apache-2.0
//! What a proof rests on, as the journal and orders tell it: no secret is part of it.

use tamga_attestation::KeySlot;
use tamga_registry::enrollment::{EnrollmentRef, Method};
use tamga_registry::id::{AnchorId, CertificateId};
use tamga_x509::key::SpkiHash;

use crate::word::StationWord;

/// Why a device is believed.
#[derive(Debug, Clone)]
pub(crate) enum Ground {
    /// It signed a token.
    SymmetricKey {
        /// By which key.
        slot: KeySlot,
        /// Whether that was derived from its group's.
        derived: bool,
    },
    /// It showed the certificate its enrollment pins.
    Pinned {
        /// Which of the two.
        slot: KeySlot,
        /// Its key.
        leaf: SpkiHash,
    },
    /// It showed a certificate that an anchor of its group vouches for.
    Anchored {
        /// Which anchor.
        anchor: AnchorId,
        /// How many authorities stand between.
        depth: usize,
        /// Its key.
        leaf: SpkiHash,
    },
    /// It showed a certificate of ours.
    OwnCertificate {
        /// Which one.
        certificate: CertificateId,
    },
    /// It stands at a station.
    Station {
        /// Whose word that is.
        word: StationWord,
        /// The generation of the station it was taken in.
        generation: i64,
    },
}

impl Ground {
    /// The birth key: that of the certificate of somebody else it showed, if it did.
    pub(crate) fn birth(&self) -> Option<SpkiHash> {
        match self {
            Self::Pinned { leaf, .. } | Self::Anchored { leaf, .. } => Some(*leaf),
            Self::SymmetricKey { .. } | Self::OwnCertificate { .. } | Self::Station { .. } => None,
        }
    }

    /// The word it rests on, and the generation of the station, where it is one.
    pub(crate) fn word(&self) -> Option<(&StationWord, i64)> {
        match self {
            Self::Station { word, generation } => Some((word, *generation)),
            Self::SymmetricKey { .. }
            | Self::Pinned { .. }
            | Self::Anchored { .. }
            | Self::OwnCertificate { .. } => None,
        }
    }

    /// In words, which end as those of every order of this enrollment do.
    pub(crate) fn evidence(&self, enrollment: EnrollmentRef) -> String {
        let mut evidence = self.word_of_it();
        evidence.push_str(&enrollment.end_of_evidence());
        evidence
    }

    fn word_of_it(&self) -> String {
        match self {
            Self::SymmetricKey { slot, derived } => {
                let kind = if *derived { "derived" } else { "own" };
                let method = Method::SymmetricKey;
                format!("{method} {kind} {}", slot.as_str())
            }
            Self::Pinned { slot, leaf } => {
                let method = Method::CertificateChain;
                format!("{method} pin {} key {leaf}", slot.as_str())
            }
            Self::Anchored { anchor, depth, leaf } => {
                let method = Method::CertificateChain;
                format!("{method} anchor {anchor} depth {depth} key {leaf}")
            }
            Self::OwnCertificate { certificate } => {
                format!("own_certificate {certificate}")
            }
            Self::Station { word, .. } => {
                let (station, speaker) = (word.station(), word.principal());
                format!("station {station} by {speaker}")
            }
        }
    }
}
