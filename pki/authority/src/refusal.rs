// SPDX-License-Identifier: Apache-2.0
//! The two kinds of failure: what is the caller's, typed and told; and what is ours, logged once and shown as an id.

use std::error::Error;
use std::fmt;

use tamga_attestation::Doubt;
use tamga_registry::admission::Denial;
use tamga_registry::role::Permission;
use tamga_registry::station::EarlierUnit;
use tamga_registry::store::{EnrollmentAdded, GrantUse, GroupAdded, StoreFault, TermsReplaced};
use tamga_x509::chance::ChanceFault;
use tamga_x509::profile::ProfileFaults;
use tamga_x509::request::CsrRefusal;

mod settled;

/// Why an act did not happen.
#[derive(Debug)]
pub enum Failure {
    /// The caller's: it can do something about it.
    Refused(Refusal),
    /// Ours: the caller may try again later.
    Broken(Fault),
}

/// What is the caller's to mend. Its text says what to do; its slug is stable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It did not prove who it is.
    #[error(transparent)]
    Unproven(#[from] Doubt),
    /// Its certificate request cannot be granted.
    #[error(transparent)]
    Csr(#[from] CsrRefusal),
    /// It is who it says it is, and is denied.
    #[error(transparent)]
    Denied(#[from] Denial),
    /// What is asked for a unit is an earlier one's: its name, or its key.
    #[error("{0}. The earlier unit is {1}")]
    Duplicate(Denial, Box<EarlierUnit>),
    /// There is no such thing, or it belongs to somebody else.
    #[error("there is no such {0} in this organization: check its name or id")]
    NotFound(&'static str),
    /// It proved nothing, or what proves nobody any more. What exactly is told to nobody.
    #[error(
        "nobody known here: send an API token that is good as `Authorization: Bearer`, or show a client certificate that is pinned to an account"
    )]
    Unauthenticated,
    /// A user of the operating system without any role.
    #[error(
        "this user of the operating system has no role: connect as the user that runs the service or as root, or let an administrator give local:<uid> a role"
    )]
    NoRole,
    /// It would give more than it has.
    #[error(
        "this gives more than the giver holds there: nobody gives what they do not hold, neither a role nor a token; name a lesser role, or an organization where it is held"
    )]
    BeyondOwnRights,
    /// It would give a role to itself.
    #[error("nobody gives a role to themselves: let another administrator do it")]
    OwnRole,
    /// They have it.
    #[error("they have this role in this organization already")]
    RoleHeld,
    /// What is to be changed is not what its caller read of it.
    #[error(
        "this is not what was read: it was changed, made or removed meanwhile; read it again, and send the request anew with the ETag of that answer"
    )]
    PreconditionFailed,
    /// Nobody would be left who administers the installation by a role that was given.
    #[error(
        "this is the last administrator of the installation by a role that was given: give that role to another enabled account at the top organization first"
    )]
    LastAdministrator,
    /// The organization is suspended, or one above it is.
    #[error("the organization is suspended, or one above it is: resume that one first")]
    OrganizationSuspended,
    /// It would lift what lies on its organization from above.
    #[error(
        "an organization is resumed from above: nobody lifts a suspension by what they hold in the suspended organization; ask an administrator of the organization above"
    )]
    HeldFromAbove,
    /// It lacks a permission.
    #[error("this needs the permission {0}: ask an administrator for a role that holds it")]
    Forbidden(Permission),
    /// The name is taken.
    #[error("there is already a {0} of this name: choose another name")]
    NameTaken(&'static str),
    /// A field says something impossible.
    #[error("{field}: {reason}")]
    Invalid {
        /// The field.
        field: &'static str,
        /// What is wrong, and what is expected.
        reason: String,
    },
    /// A profile that cannot be one, with everything that is wrong with it.
    #[error("{0} mend all of this and send it again")]
    ProfileInvalid(ProfileFaults),
    /// It is used here by a grant, and changed where it belongs.
    #[error(
        "this {0} belongs to another organization, which lets this one use it: let its owner change it, or make one here"
    )]
    OwnedElsewhere(&'static str),
    /// Somebody decides what they asked for.
    #[error(
        "nobody decides what they asked for, by whatever credential: another person does; whoever asked may withdraw it"
    )]
    OwnRequest,
    /// Nobody knows which person that is.
    #[error(
        "only a person approves: come with a credential of an account of kind person; programs and users of the operating system may ask, and refuse"
    )]
    NotAPerson,
    /// Somebody else asked.
    #[error("only whoever asked for an approval withdraws it: refuse it instead")]
    NotTheAuthor,
    /// Nobody decided in time.
    #[error("nobody approved this in time, and it has expired: ask for the act again")]
    ApprovalExpired,
    /// Somebody was first.
    #[error(
        "this is decided already: look at the approval, and ask for the act again where it is still wanted"
    )]
    ApprovalDecided,
    /// What was asked is not what would be done now.
    #[error(
        "what was asked has changed since, or is not what was seen: look at it as it is now, and ask for the act again"
    )]
    ApprovalStale,
    /// It is granted already.
    #[error("this is granted to that organization already")]
    GrantHeld,
    /// Something refers to what was granted.
    #[error("the {} `{}` of that organization refers to it: let that one name another, or be removed, first", .0.noun, .0.name)]
    GrantInUse(GrantUse),
    /// A trust anchor admits by another group, or a group refers to one that was to go.
    #[error(
        "a group of this organization refers to the trust anchor, and an anchor admits by one group only: name another anchor, or remove that group first"
    )]
    AnchorInUse,
    /// The certificate is pinned elsewhere, or is an anchor already.
    #[error(
        "this certificate is in use by another entry of the organization: each certificate stands for one of them"
    )]
    CertificateInUse,
    /// The organization has as many trust anchors as it may.
    #[error("an organization has at most {0} trust anchors of its own: remove one that no group refers to")]
    TooManyAnchors(u32),
    /// The lists of an organization's anchors are as large as they may be.
    #[error(
        "the lists of an organization's trust anchors have at most {0} octets together: remove an anchor whose lists are no longer needed, or bring lists that cover less"
    )]
    ListsTooLarge(u64),
    /// A list is not newer than the one it should replace.
    #[error("the list that is kept is as new or newer: bring one with a later thisUpdate")]
    ListNotNewer,
    /// The profile refused the certificate request when it was judged again: the profile has changed meanwhile.
    #[error("{sentence}")]
    Overruled {
        /// The code of that refusal.
        slug: &'static str,
        /// What it said.
        sentence: String,
    },
    /// Nobody judged the request in time.
    #[error("this request waited too long to be signed, and is given up: send the request again")]
    SubmissionTooOld,
    /// What was stored of the request is not what a door stores.
    #[error("this request could not be read again when it was to be signed: send the request again")]
    SubmissionUnreadable,
    /// Too many wait.
    #[error(
        "too many requests of this organization wait to be signed: send the request again in a few minutes"
    )]
    SubmissionsCrowded,
    /// The certificate of this order was revoked.
    #[error("the certificate of this request was revoked: generate a new key pair and register again")]
    CertificateRevoked,
    /// The key of the request was sent with another one.
    #[error(
        "this Idempotency-Key was sent with another request within the last 24 hours: send that request as it was, or this one under a key of its own"
    )]
    KeyReused,
    /// The same request is being done.
    #[error("the request with this Idempotency-Key is being answered: send it again in a second")]
    InProgress,
    /// The same request was done, and nobody knows what was answered.
    #[error(
        "the request with this Idempotency-Key was done, to {0}, but the process ended before its answer was kept: look at what it was done to; secrets it showed are shown by no other call"
    )]
    AnswerLost(String),
    /// The certificate has expired.
    #[error("this certificate has expired: there is nothing left to revoke")]
    CertificateExpired,
}

impl Refusal {
    /// The stable code.
    pub fn slug(&self) -> &'static str {
        match self {
            Self::Unproven(doubt) => doubt.slug(),
            Self::Csr(refusal) => refusal.slug(),
            Self::Denied(denial) | Self::Duplicate(denial, _) => denial.slug(),
            Self::NotFound(_) => "not_found",
            Self::Unauthenticated => "unauthenticated",
            Self::Forbidden(_) | Self::NoRole => "forbidden",
            Self::BeyondOwnRights => "beyond_own_rights",
            Self::OwnRole => "self_assignment",
            Self::RoleHeld => "role_held",
            Self::PreconditionFailed => "precondition_failed",
            Self::LastAdministrator => "last_administrator",
            Self::OrganizationSuspended => "organization_suspended",
            Self::HeldFromAbove => "held_from_above",
            Self::NameTaken(_) => "name_taken",
            Self::Invalid { .. } => "invalid",
            Self::ProfileInvalid(faults) => faults.slug(),
            Self::OwnedElsewhere(_) => "owned_elsewhere",
            Self::OwnRequest => "own_request",
            Self::NotAPerson => "not_a_person",
            Self::NotTheAuthor => "not_the_author",
            Self::ApprovalExpired => "approval_expired",
            Self::ApprovalDecided => "approval_decided",
            Self::ApprovalStale => "approval_stale",
            Self::GrantHeld => "grant_held",
            Self::GrantInUse(_) => "grant_in_use",
            Self::AnchorInUse => "anchor_in_use",
            Self::CertificateInUse => "certificate_in_use",
            Self::TooManyAnchors(_) => "too_many_anchors",
            Self::ListsTooLarge(_) => "lists_too_large",
            Self::ListNotNewer => "list_not_newer",
            Self::Overruled { slug, .. } => slug,
            Self::SubmissionTooOld => "submission_too_old",
            Self::SubmissionUnreadable => "submission_unreadable",
            Self::SubmissionsCrowded => "submissions_crowded",
            Self::CertificateRevoked => "certificate_revoked",
            Self::KeyReused => "idempotency_key_reused",
            Self::InProgress => "idempotency_in_progress",
            Self::AnswerLost(_) => "idempotency_answer_lost",
            Self::CertificateExpired => "certificate_expired",
        }
    }
}

impl Refusal {
    /// What became of a new group, to its author.
    pub(crate) fn unless_group_added(added: GroupAdded) -> Result<(), Self> {
        match added {
            GroupAdded::Added => Ok(()),
            GroupAdded::Taken => Err(Self::NameTaken("enrollment group")),
            GroupAdded::NoAnchor => Err(Self::NotFound("trust anchor")),
            GroupAdded::AnchorInUse => Err(Self::AnchorInUse),
            GroupAdded::NoGrant => Err(Self::NotFound("profile or issuer")),
        }
    }

    /// What became of the terms of a group or individual enrollment, to their author.
    pub(crate) fn unless_replaced(replaced: TermsReplaced) -> Result<(), Self> {
        match replaced {
            TermsReplaced::Replaced => Ok(()),
            TermsReplaced::NoAnchor => Err(Self::NotFound("trust anchor")),
            TermsReplaced::AnchorInUse => Err(Self::AnchorInUse),
            TermsReplaced::NoGrant => Err(Self::NotFound("profile or issuer")),
        }
    }

    /// What became of a new individual enrollment, to its author.
    pub(crate) fn unless_added(added: EnrollmentAdded) -> Result<(), Self> {
        match added {
            EnrollmentAdded::Added => Ok(()),
            EnrollmentAdded::CertificateInUse => Err(Self::CertificateInUse),
            EnrollmentAdded::NoGrant => Err(Self::NotFound("profile or issuer")),
            EnrollmentAdded::Taken => Err(Self::NameTaken("individual enrollment")),
            EnrollmentAdded::BoundElsewhere => Err(Self::Invalid {
                field: "registrationId",
                reason:
                    "a device of this registration id is already bound to another enrollment, and could not \
                         enroll by a new one: leave it with that enrollment, or name another registration id"
                        .to_owned(),
            }),
        }
    }
}

/// What is ours to mend: what was being done, and the chain of causes.
#[derive(Debug)]
pub struct Fault {
    during: &'static str,
    source: Box<dyn Error + Send + Sync>,
}

impl Fault {
    /// A fault while doing something.
    pub fn new(during: &'static str, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            during,
            source: source.into(),
        }
    }

    /// What was being done.
    pub fn during(&self) -> &'static str {
        self.during
    }

    /// Whether it was memory that could not be asked for now: the same request may go through later.
    pub fn passes_by_itself(&self) -> bool {
        let cause = self.source.downcast_ref();
        matches!(cause, Some(StoreFault::Unavailable(_)))
    }

    /// Wraps for `map_err`.
    pub(crate) fn during_act<E: Into<Box<dyn Error + Send + Sync>>>(
        during: &'static str,
    ) -> impl FnOnce(E) -> Self {
        move |source| Self::new(during, source)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.during, self.source)?;
        let mut cause = self.source.source();
        while let Some(error) = cause {
            write!(out, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

impl Error for Fault {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(self.source.as_ref())
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Denial> for Failure {
    fn from(denial: Denial) -> Self {
        Self::Refused(denial.into())
    }
}

impl From<CsrRefusal> for Failure {
    fn from(refusal: CsrRefusal) -> Self {
        Self::Refused(refusal.into())
    }
}

impl From<Doubt> for Failure {
    fn from(doubt: Doubt) -> Self {
        Self::Refused(doubt.into())
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Broken(fault)
    }
}

impl From<StoreFault> for Failure {
    fn from(fault: StoreFault) -> Self {
        match fault {
            StoreFault::Repeated => Self::Refused(Refusal::InProgress),
            fault @ (StoreFault::Unavailable(_) | StoreFault::Broken { .. } | StoreFault::Damaged { .. }) => {
                Self::Broken(fault.into())
            }
        }
    }
}

impl From<StoreFault> for Fault {
    fn from(fault: StoreFault) -> Self {
        Self::new("asking the database", fault)
    }
}

impl From<ChanceFault> for Fault {
    fn from(fault: ChanceFault) -> Self {
        Self::new("drawing random octets", fault)
    }
}

impl From<ChanceFault> for Failure {
    fn from(fault: ChanceFault) -> Self {
        Self::Broken(fault.into())
    }
}
