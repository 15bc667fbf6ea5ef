// SPDX-License-Identifier: Apache-2.0
//! API tokens as their holders have them: `tmg_<id>_<secret>`. Only the SHA-256 of the secret is ever kept.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use data_encoding::BASE32_NOPAD;
use secrecy::SecretString;
use tamga_registry::id::TokenId;
use tamga_x509::certificate::Fingerprint;
use tamga_x509::chance::{Chance, ChanceFault, octets};
use zeroize::Zeroizing;

/// A token somebody presents.
pub struct BearerToken {
    id: TokenId,
    secret: Zeroizing<[u8; 32]>,
}

impl BearerToken {
    /// A new one: 256 random bits that nobody has seen.
    pub(crate) fn fresh(id: TokenId, chance: &dyn Chance) -> Result<Self, ChanceFault> {
        let secret = Zeroizing::new(octets::<32>(chance)?);
        Ok(Self { id, secret })
    }

    pub(crate) fn id(&self) -> TokenId {
        self.id
    }

    /// What is kept of the secret. It has 256 random bits: nobody finds it by trying, so it needs no salt and no delay.
    pub(crate) fn secret_hash(&self) -> [u8; 32] {
        Fingerprint::of(&*self.secret).0
    }

    /// Whether this is kept of its secret. Takes as long whatever the answer.
    pub(crate) fn is_kept_as(&self, hash: &[u8; 32]) -> bool {
        verify_slices_are_equal(&self.secret_hash(), hash).is_ok()
    }

    /// As its holder keeps it. Shown once.
    pub(crate) fn text(&self) -> SecretString {
        let id = self.id.to_string();
        let id = id.split_once('_').map_or(id.as_str(), |(_, digits)| digits);
        let secret = Zeroizing::new(BASE32_NOPAD.encode(&*self.secret));
        let secret = Zeroizing::new(secret.to_ascii_lowercase());
        SecretString::from(format!("{MARK}{id}_{}", *secret))
    }
}

impl FromStr for BearerToken {
    type Err = NoToken;

    fn from_str(text: &str) -> Result<Self, NoToken> {
        // One spelling: other letters, other cases and other lengths are other texts.
        let (id, secret) = text
            .strip_prefix(MARK)
            .and_then(|rest| rest.split_once('_'))
            .ok_or(NoToken)?;
        let id = format!("tok_{id}").parse().map_err(|_| NoToken)?;
        if secret.len() != SECRET_DIGITS || secret.bytes().any(|digit| digit.is_ascii_uppercase()) {
            return Err(NoToken);
        }
        let upper = Zeroizing::new(secret.to_ascii_uppercase());
        let decoded = BASE32_NOPAD.decode(upper.as_bytes()).map_err(|_| NoToken)?;
        let decoded = Zeroizing::new(decoded);
        let octets = <[u8; 32]>::try_from(decoded.as_slice()).map_err(|_| NoToken)?;
        Ok(Self {
            id,
            secret: Zeroizing::new(octets),
        })
    }
}

/// Text that is no API token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not an API token: it begins with tmg_")]
pub struct NoToken;

/// The id tells which token was meant; the secret is never shown.
impl fmt::Debug for BearerToken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "BearerToken({})", self.id)
    }
}

/// What every token begins with: scanners of leaked secrets look for it.
pub const MARK: &str = "tmg_";
/// 256 bits, five a digit.
const SECRET_DIGITS: usize = 52;

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    struct Rising;
    impl Chance for Rising {
        fn fill(&self, bytes: &mut [u8]) -> Result<(), ChanceFault> {
            for (byte, value) in bytes.iter_mut().zip(100..) {
                *byte = value;
            }
            Ok(())
        }
    }

    fn token() -> BearerToken {
        BearerToken::fresh(TokenId::from_octets([7; 16]), &Rising).unwrap()
    }

    #[test]
    fn a_token_is_read_back_as_it_was_shown() {
        let shown = token().text();
        let read: BearerToken = shown.expose_secret().parse().unwrap();
        assert_eq!(read.id(), token().id());
        assert!(read.is_kept_as(&token().secret_hash()));
        assert!(!read.is_kept_as(&[0; 32]));
        assert!(!format!("{read:?}").contains(&shown.expose_secret()[31..]));
    }

    #[test]
    fn a_token_cut_short_made_longer_or_spelled_otherwise_is_none() {
        let shown = token().text().expose_secret().to_owned();
        let (head, last) = shown.split_at(shown.len() - 1);
        let spoiled = [
            head.to_owned(),
            format!("{shown}a"),
            format!("{shown} "),
            format!("{shown}="),
            shown.to_uppercase(),
            format!("{head}{}", last.to_uppercase()),
            // The last digit carries one bit: its other bits are zero.
            format!("{head}7"),
            shown.replace("tmg_", "tmg-"),
            shown.replace("tmg_", ""),
            shown.replacen('_', "__", 2),
            String::new(),
            "tmg__".to_owned(),
        ];
        for text in spoiled {
            if text != shown {
                assert!(text.parse::<BearerToken>().is_err(), "{text}");
            }
        }
    }
}
