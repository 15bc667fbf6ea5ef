// SPDX-License-Identifier: Apache-2.0
//! Evidence in the form in which a door keeps it for whoever judges it again: one octet of version, one of kind, the rest.
//!
//! Doors and signers of adjacent versions read each other's: a kind never changes its form, and a new form is a new
//! kind. What is kept is read by the very parser that read it from the wire, so that nothing else is believed.

use std::str;

use thiserror::Error;
use zeroize::Zeroizing;

use crate::certificate_chain::PresentedChain;
use crate::method::Evidence;
use crate::symmetric_key::SasToken;

/// The form of all that follows.
const VERSION: u8 = 1;
const NONE: u8 = 0;
/// The text of the Authorization header.
const TOKEN: u8 = 1;
/// The certificates as they came, each behind its length in four octets. What kept them had shaken hands with whoever
/// holds the leaf's key; that is its word, and the seal's.
const CHAIN: u8 = 2;

/// Kept evidence that cannot be read: of a later version, or not what was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the kept evidence cannot be read: it was kept by another version of this program, or is damaged")]
pub struct UnreadableEvidence;

impl Evidence {
    /// The octets to be sealed and kept. They are a credential as long as the evidence is one.
    #[must_use]
    pub fn to_kept(&self) -> Zeroizing<Vec<u8>> {
        match self {
            Self::None => Zeroizing::new(vec![VERSION, NONE]),
            Self::SymmetricKey(token) => {
                let header = token.to_header();
                // All room is taken at once: growing would leave a part behind in freed memory.
                let mut kept = Zeroizing::new(Vec::with_capacity(header.len().saturating_add(2)));
                kept.extend_from_slice(&[VERSION, TOKEN]);
                kept.extend_from_slice(header.as_bytes());
                kept
            }
            Self::CertificateChain(chain) => {
                let mut kept = Zeroizing::new(vec![VERSION, CHAIN]);
                for der in chain.der() {
                    let length = u32::try_from(der.len()).unwrap_or(u32::MAX);
                    kept.extend_from_slice(&length.to_be_bytes());
                    kept.extend_from_slice(der);
                }
                kept
            }
        }
    }

    /// Reads what [`Self::to_kept`] made. Nothing in it is believed: it is as if it had just been presented.
    ///
    /// # Errors
    /// [`UnreadableEvidence`], for anything else.
    pub fn from_kept(kept: &[u8]) -> Result<Self, UnreadableEvidence> {
        let (&[version, kind], rest) = kept.split_first_chunk::<2>().ok_or(UnreadableEvidence)?;
        match (version, kind) {
            (VERSION, NONE) if rest.is_empty() => Ok(Self::None),
            (VERSION, TOKEN) => {
                let header = str::from_utf8(rest).map_err(|_| UnreadableEvidence)?;
                let token = SasToken::parse(header).map_err(|_| UnreadableEvidence)?;
                Ok(Self::SymmetricKey(token))
            }
            (VERSION, CHAIN) => {
                let chain = PresentedChain::parse(&split(rest)?).map_err(|_| UnreadableEvidence)?;
                Ok(Self::CertificateChain(chain))
            }
            _ => Err(UnreadableEvidence),
        }
    }
}

/// The parts that each stand behind their length.
fn split(mut rest: &[u8]) -> Result<Vec<&[u8]>, UnreadableEvidence> {
    let mut parts = Vec::new();
    while !rest.is_empty() {
        let (length, after) = rest.split_first_chunk::<4>().ok_or(UnreadableEvidence)?;
        let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| UnreadableEvidence)?;
        let (part, after) = after.split_at_checked(length).ok_or(UnreadableEvidence)?;
        parts.push(part);
        rest = after;
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "SharedAccessSignature sr=0tmABCD2345%2fregistrations%2FPump-1&sig=q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA%3D&se=1795309323&skn=registration";

    fn again(evidence: &Evidence) -> Evidence {
        Evidence::from_kept(&evidence.to_kept()).unwrap()
    }

    #[test]
    fn a_token_is_judged_again_as_it_was_presented() {
        let presented = SasToken::parse(HEADER).unwrap();
        let Evidence::SymmetricKey(kept) = again(&Evidence::SymmetricKey(SasToken::parse(HEADER).unwrap()))
        else {
            panic!("another kind")
        };
        assert!(kept.is_same_as(&presented), "its literal text, signature and end");
        assert!(matches!(again(&Evidence::None), Evidence::None));
    }

    #[test]
    fn what_was_not_kept_so_is_not_read() {
        let kept = Evidence::SymmetricKey(SasToken::parse(HEADER).unwrap()).to_kept();
        for wrong in [
            &[][..],
            &[VERSION],
            &[VERSION, NONE, 0],
            &[VERSION, TOKEN],
            &[VERSION, 99],
            &kept[1..],
            &kept[..kept.len() - 1],
        ] {
            assert!(
                Evidence::from_kept(wrong).is_err() || wrong.ends_with(b"179530932"),
                "{wrong:?}"
            );
        }
        let later = [&[VERSION + 1], &kept[1..]].concat();
        assert_eq!(Evidence::from_kept(&later).unwrap_err(), UnreadableEvidence);
    }
}
