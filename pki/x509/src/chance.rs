// SPDX-License-Identifier: Apache-2.0
//! Says where unpredictable octets come from: an argument, never an ambient generator.

/// A source of octets nobody can predict.
///
/// Contract: an implementation for production fills from the operating system's generator (or one seeded
/// from it), is safe to call from many threads, and fails rather than return fewer or weaker octets.
pub trait Chance: Send + Sync {
    /// Fills the whole of `bytes`.
    ///
    /// # Errors
    /// [`ChanceFault`] when no octets can be had; `bytes` must not be used then.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), ChanceFault>;
}

/// `N` fresh octets.
///
/// # Errors
/// [`ChanceFault`] when the source has none.
pub fn octets<const N: usize>(chance: &dyn Chance) -> Result<[u8; N], ChanceFault> {
    let mut bytes = [0; N];
    chance.fill(&mut bytes)?;
    Ok(bytes)
}

/// The random source gave nothing: a fault of ours or of the machine, never of a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the random source of this machine gave no octets")]
pub struct ChanceFault;

#[cfg(test)]
mod tests {
    use super::*;

    struct Broken;

    impl Chance for Broken {
        fn fill(&self, _: &mut [u8]) -> Result<(), ChanceFault> {
            Err(ChanceFault)
        }
    }

    #[test]
    fn a_broken_source_yields_no_octets() {
        assert_eq!(octets::<16>(&Broken), Err(ChanceFault));
    }
}
