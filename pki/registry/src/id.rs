// SPDX-License-Identifier: Apache-2.0
//! Identifiers typed by what they identify: UUIDv7 (RFC 9562 §5.7) kept as 16 octets, shown as `dev_…`.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::str::FromStr;
use std::sync::LazyLock;

use data_encoding::{Encoding, Specification};
use tamga_x509::chance::{Chance, ChanceFault, octets};
use tamga_x509::time::Timestamp;

/// What an [`Id`] identifies; its prefix when shown.
pub trait Kind: Send + Sync + 'static {
    /// Three lower-case letters.
    const PREFIX: &'static str;
}

/// An identifier of one kind of thing. Ids of different kinds do not mix.
pub struct Id<K>([u8; 16], PhantomData<fn() -> K>);

impl<K: Kind> Id<K> {
    /// A fresh id: the time first, so that new rows lie side by side in an index; then 74 random bits.
    pub fn fresh(at: Timestamp, chance: &dyn Chance) -> Result<Self, ChanceFault> {
        let random = octets::<10>(chance)?;
        let milliseconds = u64::try_from(at.as_micros() / 1_000).unwrap_or_default();
        let id = uuid::Builder::from_unix_timestamp_millis(milliseconds, &random).into_uuid();
        Ok(Self::from_octets(id.into_bytes()))
    }

    /// The id with exactly these octets, as memory returned them.
    pub const fn from_octets(octets: [u8; 16]) -> Self {
        Self(octets, PhantomData)
    }

    /// The octets that are stored.
    pub fn octets(&self) -> &[u8; 16] {
        &self.0
    }
}

// Derives would ask the same of the marker.
impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Id<K> {}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<K> Eq for Id<K> {}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}
impl<K> Hash for Id<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl<K: Kind> fmt::Display for Id<K> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}_{}", K::PREFIX, BASE32_LOWER.encode(&self.0))
    }
}

impl<K: Kind> fmt::Debug for Id<K> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

impl<K: Kind> FromStr for Id<K> {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || NotAnId { prefix: K::PREFIX };
        // 26 digits hold 16 octets; the length is checked before anything is decoded.
        let digits = text
            .strip_prefix(K::PREFIX)
            .and_then(|rest| rest.strip_prefix('_'));
        let digits = digits.filter(|digits| digits.len() == 26).ok_or_else(wrong)?;
        let decoded = BASE32_LOWER.decode(digits.as_bytes()).map_err(|_| wrong())?;
        decoded.try_into().map(Self::from_octets).map_err(|_| wrong())
    }
}

/// Text that is no id of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "this is not an id of the wanted kind: it begins with `{prefix}_`, followed by 26 characters a-z and 2-7"
)]
pub struct NotAnId {
    /// The prefix of the wanted kind.
    pub prefix: &'static str,
}

/// Marks of what an [`Id`] identifies.
pub mod kind {
    macro_rules! kinds {
        ($($(#[$doc:meta])* $name:ident = $prefix:literal;)+) => { $(
            $(#[$doc])*
            #[derive(Debug)]
            pub enum $name {}
            impl super::Kind for $name { const PREFIX: &'static str = $prefix; }
        )+ };
    }
    kinds! {
        /// An organization.
        Organization = "org";
        /// An issuer.
        Issuer = "iss";
        /// A profile.
        Profile = "pro";
        /// An enrollment group.
        Group = "grp";
        /// An individual enrollment.
        Enrollment = "enr";
        /// A trust anchor.
        Anchor = "anc";
        /// A device.
        Device = "dev";
        /// An order.
        Order = "ord";
        /// A certificate, from its intent on.
        Certificate = "crt";
        /// A software key.
        SoftwareKey = "key";
        /// A journal row.
        JournalRow = "jrn";
        /// A request, as shown to the caller and written into the journal.
        Request = "req";
        /// A submission.
        Submission = "sub";
        /// A process, from its start to its end.
        Process = "prc";
        /// An approval.
        Approval = "apr";
        /// A revocation of many certificates at once.
        MassRevocation = "rev";
        /// An account.
        Account = "acc";
        /// A role given to somebody somewhere.
        Assignment = "asg";
        /// An API token.
        Token = "tok";
        /// A station of a factory.
        Station = "sta";
    }
}

/// Identifies an organization.
pub type OrganizationId = Id<kind::Organization>;
/// Identifies an issuer.
pub type IssuerId = Id<kind::Issuer>;
/// Identifies a profile.
pub type ProfileId = Id<kind::Profile>;
/// Identifies an enrollment group.
pub type GroupId = Id<kind::Group>;
/// Identifies an individual enrollment.
pub type EnrollmentId = Id<kind::Enrollment>;
/// Identifies a trust anchor.
pub type AnchorId = Id<kind::Anchor>;
/// Identifies a device.
pub type DeviceId = Id<kind::Device>;
/// Identifies an order.
pub type OrderId = Id<kind::Order>;
/// Identifies a certificate, from its intent on.
pub type CertificateId = Id<kind::Certificate>;
/// Identifies a software key.
pub type SoftwareKeyId = Id<kind::SoftwareKey>;
/// Identifies a journal row.
pub type JournalRowId = Id<kind::JournalRow>;
/// Identifies a request.
pub type RequestId = Id<kind::Request>;
/// Identifies a submission.
pub type SubmissionId = Id<kind::Submission>;
/// Identifies a process, from its start to its end.
pub type ProcessId = Id<kind::Process>;
/// Identifies an account.
pub type AccountId = Id<kind::Account>;
/// Names a revocation of many certificates at once.
pub type MassRevocationId = Id<kind::MassRevocation>;
/// Names an approval.
pub type ApprovalId = Id<kind::Approval>;
/// Identifies a role given to somebody somewhere.
pub type AssignmentId = Id<kind::Assignment>;
/// Identifies an API token.
pub type TokenId = Id<kind::Token>;
/// Identifies a station of a factory.
pub type StationId = Id<kind::Station>;

/// RFC 4648 §6 in lower case and without padding.
static BASE32_LOWER: LazyLock<Encoding> = LazyLock::new(|| {
    let mut specification = Specification::new();
    specification.symbols.push_str("abcdefghijklmnopqrstuvwxyz234567");
    #[expect(
        clippy::expect_used,
        reason = "a constant alphabet; the tests of this module run it"
    )]
    specification.encoding().expect("a valid alphabet")
});

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed(u8);
    impl Chance for Fixed {
        fn fill(&self, bytes: &mut [u8]) -> Result<(), ChanceFault> {
            bytes.fill(self.0);
            Ok(())
        }
    }

    #[test]
    fn an_id_is_read_back_as_it_was_shown() {
        let id = DeviceId::fresh(Timestamp::from_seconds(1_795_000_000), &Fixed(0xff)).unwrap();
        let shown = id.to_string();
        assert!(shown.starts_with("dev_"), "{shown}");
        assert_eq!(shown.len(), 30);
        assert_eq!(shown.parse::<DeviceId>().unwrap(), id);
        assert!(shown.parse::<GroupId>().is_err(), "kinds do not mix");
        assert!(shown.to_uppercase().parse::<DeviceId>().is_err());
    }

    #[test]
    fn an_id_is_a_uuid_of_version_seven_that_sorts_by_time() {
        let earlier = OrderId::fresh(Timestamp::from_seconds(1_795_000_000), &Fixed(0xff)).unwrap();
        let later = OrderId::fresh(Timestamp::from_seconds(1_795_000_001), &Fixed(0)).unwrap();
        assert!(earlier < later);
        assert_eq!(earlier.octets()[6] >> 4, 7);
        assert_eq!(earlier.octets()[8] >> 6, 2);
    }
}
