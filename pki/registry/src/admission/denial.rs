// SPDX-License-Identifier: Apache-2.0
//! What a proven device is denied for, and what it is told to do about it.

/// Why a proven device gets no certificate, or may not register. The sentence says what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Denial {
    /// The organization is suspended.
    #[error("the organization is suspended: its operator must resume it before its devices can enroll")]
    OrganizationSuspended,
    /// The group or individual enrollment is disabled.
    #[error("the enrollment of this device is disabled: its operator must enable it")]
    EnrollmentDisabled,
    /// Its operator keeps it out for now.
    #[error("this device is disabled: its operator must enable it")]
    DeviceDisabled,
    /// It was deleted after this was asked.
    #[error("this device was deleted after its request was sent: send the request again")]
    DeviceDeleted,
    /// Another organization has it.
    #[error(
        "this device was given to another organization: it must enroll there, or its operator here must restore its name"
    )]
    DeviceReleased,
    /// `device.revoke` struck the device.
    #[error("this device was revoked: only its operator can restore it")]
    DeviceRevoked,
    /// It proved itself with another credential than the one it is bound to.
    #[error(
        "this registration id is bound to another attestation credential: use that one, or have the operator rekey the device"
    )]
    IdentityBound,
    /// The key belongs to another device, or to the house.
    #[error(
        "this public key, of the request or of the certificate presented, is already in use elsewhere: generate a new key pair on the device and send a new CSR, or present the certificate that is the device's own"
    )]
    KeyInUse,
    /// The key was revoked for compromise.
    #[error(
        "this public key, of the request or of the certificate presented, was revoked as compromised and is blocked for ever: generate a new key pair and send a new CSR, or present another certificate"
    )]
    KeyBlocked,
    /// The profile wants a new key at each renewal.
    #[error("the profile demands a new key at each renewal: generate a new key pair and send a new CSR")]
    RotationRequired,
    /// A new key inside one epoch, where the enrollment refuses that.
    #[error(
        "the device already has a valid certificate on another key, and its enrollment refuses a new key before renewal is due: send a CSR for the certified key, or wait for the renewal window"
    )]
    RekeyRefused,
    /// Too many new keys within a day.
    #[error(
        "the device changed its key too often today: send a CSR for the key it used last, or try again tomorrow"
    )]
    RekeyLimit,
    /// The certificate of this key was replaced.
    #[error(
        "the certificate of this key was replaced by a newer request of the device: generate a new key pair and send a new CSR"
    )]
    CertificateSuperseded,
    /// The order of this key failed.
    #[error("the earlier request with this key failed: send the request again")]
    OrderFailed,
    /// The issuer signs no new certificates.
    #[error("the issuer of this enrollment signs no new certificates: its operator must name another issuer")]
    IssuerUnavailable,
    /// The epoch counter is full.
    #[error("the device's certificate line is exhausted: its operator must delete and enroll it anew")]
    EpochExhausted,
    /// At a station: another unit has this name.
    #[error(
        "there is a unit of this registration id already, and it may not have this key now: give another unit its own registration id; rework this one, and while its rework is open send a request under a new key"
    )]
    UnitExists,
    /// The station is disabled.
    #[error("the station is disabled: an administrator must enable it")]
    StationDisabled,
    /// It is not the station's time.
    #[error(
        "the station is used before or after the time it is valid: an administrator must make another one"
    )]
    StationOutsidePeriod,
    /// It has had as many made as it may in all.
    #[error(
        "the station has had as many certificates made as it may: an administrator must make another one"
    )]
    StationLimit,
    /// It has had as many made as it may on one day.
    #[error("the station has had as many certificates made as it may on one day: go on tomorrow (UTC)")]
    StationDayLimit,
    /// The unit was reworked as often as its station lets it be.
    #[error(
        "the unit was reworked as often as its station lets one unit be: scrap it, or let an operator look at it"
    )]
    ReworkLimit,
}

impl Denial {
    /// Every one, so that a slug can be read back.
    pub const ALL: [Self; 22] = [
        Self::OrganizationSuspended,
        Self::EnrollmentDisabled,
        Self::DeviceDisabled,
        Self::DeviceDeleted,
        Self::DeviceReleased,
        Self::DeviceRevoked,
        Self::IdentityBound,
        Self::KeyInUse,
        Self::KeyBlocked,
        Self::RotationRequired,
        Self::RekeyRefused,
        Self::RekeyLimit,
        Self::CertificateSuperseded,
        Self::OrderFailed,
        Self::IssuerUnavailable,
        Self::EpochExhausted,
        Self::UnitExists,
        Self::StationDisabled,
        Self::StationOutsidePeriod,
        Self::StationLimit,
        Self::StationDayLimit,
        Self::ReworkLimit,
    ];

    /// The stable slug. One that is new belongs into [`Self::ALL`], too.
    pub fn slug(self) -> &'static str {
        match self {
            Self::OrganizationSuspended => "organization_suspended",
            Self::EnrollmentDisabled => "enrollment_disabled",
            Self::DeviceDisabled => "device_disabled",
            Self::DeviceDeleted => "device_deleted",
            Self::DeviceReleased => "device_released",
            Self::DeviceRevoked => "device_revoked",
            Self::IdentityBound => "identity_bound",
            Self::KeyInUse => "key_in_use",
            Self::KeyBlocked => "key_blocked",
            Self::RotationRequired => "rotation_required",
            Self::RekeyRefused => "rekey_refused",
            Self::RekeyLimit => "rekey_limit",
            Self::CertificateSuperseded => "certificate_superseded",
            Self::OrderFailed => "order_failed",
            Self::IssuerUnavailable => "issuer_unavailable",
            Self::EpochExhausted => "epoch_exhausted",
            Self::UnitExists => "unit_exists",
            Self::StationDisabled => "station_disabled",
            Self::StationOutsidePeriod => "station_outside_period",
            Self::StationLimit => "station_limit",
            Self::StationDayLimit => "station_day_limit",
            Self::ReworkLimit => "rework_limit",
        }
    }
}
