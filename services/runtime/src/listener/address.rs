// SPDX-License-Identifier: Apache-2.0
//! Where a listener listens.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An IP address with its port, or the path of a Unix socket.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Address {
    /// TCP.
    Tcp(SocketAddr),
    /// A Unix stream socket.
    Unix(PathBuf),
}

/// A text that is no place to listen at.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not a place to listen at: write an IP address with its port such as \"127.0.0.1:8443\" or \
     \"[::]:8443\", or the absolute path of a Unix socket such as \"unix:/run/tamga/admin.sock\""
)]
pub struct AddressRefusal(String);

const UNIX: &str = "unix:";

impl FromStr for Address {
    type Err = AddressRefusal;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let address = match text.strip_prefix(UNIX) {
            Some(path) => path.starts_with('/').then(|| Self::Unix(PathBuf::from(path))),
            None => text.parse().ok().map(Self::Tcp),
        };
        address.ok_or_else(|| AddressRefusal(text.to_owned()))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(f),
            Self::Unix(path) => write!(f, "{UNIX}{}", path.display()),
        }
    }
}

impl TryFrom<String> for Address {
    type Error = AddressRefusal;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_written() {
        for text in ["127.0.0.1:8443", "[::]:443", "unix:/run/tamga/admin.sock"] {
            assert_eq!(text.parse::<Address>().expect(text).to_string(), text);
        }
    }

    #[test]
    fn anything_else_is_refused_with_the_expected_form() {
        for text in [
            "",
            "localhost:80",
            "127.0.0.1",
            ":80",
            "unix:",
            "unix:relative.sock",
            "/run/x.sock",
        ] {
            let refusal = text.parse::<Address>().expect_err(text);
            assert!(refusal.to_string().contains("\"127.0.0.1:8443\""), "{refusal}");
        }
    }
}
