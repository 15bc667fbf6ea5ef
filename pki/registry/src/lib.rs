// SPDX-License-Identifier: Apache-2.0
//! Says what the house knows, what may happen next, and what it asks of memory.
//!
//! A tour, in the order of one enrollment:
//! - [`organization`]: tenants and their DPS id scopes; [`issuer`], [`profile`]: what they issue with; [`grant`]: what they let
//!   those below them use;
//! - [`anchor`]: strangers' authorities whose word about a device is taken;
//! - [`enrollment`]: individual enrollments and enrollment groups, the policy a device enrolls under;
//! - [`device`]: a registration id within an organization, and the credential it is bound to;
//! - [`order`]: what was asked and proved; [`lineage`]: a device's line of certificates under one profile;
//! - [`submission`]: what a door of another process proved, for the hand to judge again;
//! - [`station`]: where units on a line are furnished with certificates;
//! - [`admission`]: the one place that says what a request may become (first, repeat, renewal, rekey, refused);
//! - [`certificate`], [`revocation`], [`mass_revocation`]: intents, certificates, and what goes on a CRL;
//! - [`schedule`]: the renewal window, a pure function;
//! - [`role`]: who may do what; [`account`]: people, programs and their credentials; [`approval`]: acts that wait for a
//!   second person; [`journal`]: the record of who did what;
//! - [`process`]: the signs of life of the processes an installation is made of;
//! - [`secret`]: sealed values and wrapped keys, opaque here;
//! - [`page`]: lists, a page at a time; [`repetition`]: requests that are sent again; [`version`]: whether a thing is still
//!   what was read of it;
//! - [`inspection`]: rows as they are kept, and the laws they are held to;
//! - [`store`]: what all this asks of memory. The only asynchronous part.
//!
//! Everything but the [`store`] traits is pure: time, chance and memory are arguments.
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::unreachable
    )
)]

pub mod account;
pub mod admission;
pub mod anchor;
pub mod approval;
pub mod certificate;
pub mod device;
pub mod enrollment;
pub mod grant;
pub mod id;
pub mod inspection;
pub mod issuer;
pub mod journal;
pub mod lineage;
pub mod mass_revocation;
pub mod order;
pub mod organization;
pub mod page;
pub mod process;
pub mod profile;
pub mod repetition;
pub mod revocation;
pub mod role;
pub mod schedule;
pub mod secret;
pub mod station;
pub mod store;
pub mod submission;
pub mod version;

/// Declares an enum kept in the database and shown to people as one word per variant.
///
/// The word is what is stored: it never changes once released.
macro_rules! words {
    ($(#[$outer:meta])* $name:ident { $($(#[$inner:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$outer])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$inner])* $variant,)+ }

        impl $name {
            /// The stored word.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str(self.word())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::UnknownWord;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    other => Err($crate::UnknownWord { of: stringify!($name), word: other.chars().take(40).collect() }),
                }
            }
        }
    };
}
pub(crate) use words;

/// A word that is none of an enum's words: a damaged row, or text from outside.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{word}` is not a {of}")]
pub struct UnknownWord {
    /// The enum that was expected.
    pub of: &'static str,
    /// What stood there, at most 40 characters of it.
    pub word: String,
}
