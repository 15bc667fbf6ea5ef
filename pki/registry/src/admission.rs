// SPDX-License-Identifier: Apache-2.0
//! The one place that says what a request may become: first certificate, repeat, renewal, rekey, or a denial.

use tamga_x509::key::SpkiHash;
use tamga_x509::profile::{Profile, Rotation};
use tamga_x509::time::Timestamp;

use crate::device::{BoundCredential, Device, DeviceState, Epitaph, Tombstone};
use crate::enrollment::{DEFAULT_REKEYS_PER_DAY, EnrollmentState, RekeyPolicy, Terms};
use crate::id::{CertificateId, DeviceId, OrderId};
use crate::lineage::{CertificateFacts, KeyFacts, KeyRole, Line, Lineage};
use crate::order::{OrderKind, OrderState};
use crate::organization::OrganizationState;

mod denial;
pub use denial::Denial;

/// A device that proved itself and wants to register, with or without a certificate.
#[derive(Debug)]
pub struct Knock<'a> {
    /// The state of its organization.
    pub organization: OrganizationState,
    /// The terms of the enrollment that proved it.
    pub terms: &'a Terms,
    /// The device, if it was ever admitted before.
    pub device: Option<&'a Device>,
    /// What is left of the last device of its name that is gone.
    pub tombstone: Option<&'a Tombstone>,
    /// When its request was received.
    pub received_at: Timestamp,
    /// What it proved itself with.
    pub credential: BoundCredential,
    /// What the house knows of the birth key it proved itself with, if it did and if anything is known.
    pub birth: Option<&'a KeyFacts>,
}

/// Whether the device may register at all: its organization, its enrollment, its own state, its bound credential, its
/// birth key.
///
/// Asked only after the device has proved itself, so that nobody else learns the answer.
pub fn admit_device(knock: &Knock<'_>) -> Result<(), Denial> {
    match knock.organization {
        OrganizationState::Active => {}
        OrganizationState::Suspended => return Err(Denial::OrganizationSuspended),
    }
    match knock.terms.state {
        EnrollmentState::Enabled => {}
        EnrollmentState::Disabled => return Err(Denial::EnrollmentDisabled),
    }
    match (knock.device, knock.tombstone) {
        // What the last device of this name asked for does not reach the next one.
        (Some(_), Some(tombstone)) if knock.received_at <= tombstone.buried_at => {
            return Err(Denial::DeviceDeleted);
        }
        (Some(device), _) => admit_known(device, knock.credential)?,
        (None, Some(tombstone)) => admit_name(tombstone, knock.received_at)?,
        (None, None) => {}
    }
    admit_birth_key(knock.birth, knock.device.map(|device| device.id))
}

/// A device that is there, by its state and by what it is bound to.
fn admit_known(device: &Device, credential: BoundCredential) -> Result<(), Denial> {
    match device.state {
        DeviceState::Active => {}
        DeviceState::Disabled => return Err(Denial::DeviceDisabled),
        DeviceState::Revoked { .. } => return Err(Denial::DeviceRevoked),
        DeviceState::Gone(_) => return Err(Denial::DeviceDeleted),
    }
    if device.bound != credential {
        return Err(Denial::IdentityBound);
    }
    Ok(())
}

/// A name that had a device: what was held against that one is held against whoever comes under its name. What it asked
/// for before it went makes it rise again by no road, however long that waited.
fn admit_name(tombstone: &Tombstone, received_at: Timestamp) -> Result<(), Denial> {
    match tombstone.epitaph {
        Epitaph::Revoked => Err(Denial::DeviceRevoked),
        Epitaph::Released => Err(Denial::DeviceReleased),
        Epitaph::Free if received_at <= tombstone.buried_at => Err(Denial::DeviceDeleted),
        Epitaph::Free => Ok(()),
    }
}

/// A birth key is one device's, and no other's; that of a device that is gone is free again.
fn admit_birth_key(birth: Option<&KeyFacts>, device: Option<DeviceId>) -> Result<(), Denial> {
    let Some(birth) = birth else { return Ok(()) };
    if birth.blocked {
        return Err(Denial::KeyBlocked);
    }
    match birth.role {
        KeyRole::Birth if birth.device.is_none() => Ok(()),
        KeyRole::Birth | KeyRole::Operational if birth.is_of(device) => Ok(()),
        KeyRole::Birth | KeyRole::Operational | KeyRole::Issuer | KeyRole::Service | KeyRole::Stranger => {
            Err(Denial::KeyInUse)
        }
    }
}

/// A request for a certificate by an admitted device.
#[derive(Debug)]
pub struct Ask<'a> {
    /// The device, if it was ever admitted before.
    pub device: Option<&'a Device>,
    /// The terms of its enrollment.
    pub terms: &'a Terms,
    /// The key asked for.
    pub key: SpkiHash,
    /// The birth key it proved itself with, if it did.
    pub birth: Option<SpkiHash>,
    /// The rules of the revision new orders use.
    pub profile: &'a Profile,
    /// Its line under the profile.
    pub line: &'a Line,
    /// By which road it came.
    pub road: Road,
    /// Now.
    pub now: Timestamp,
}

/// By which road a request came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Road {
    /// The device asks for itself.
    Own,
    /// A station asks for it: of one name there is one unit, with one key.
    Station,
    /// The same, and the unit may have one more key.
    Rework,
}

/// What an admitted request becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admission {
    /// It repeats a fulfilled order: the same certificate, byte for byte.
    Repeat {
        /// The order.
        order: OrderId,
        /// Its certificate.
        certificate: CertificateId,
    },
    /// It repeats an order whose certificate is on its way.
    Join {
        /// The order.
        order: OrderId,
    },
    /// It is a new order.
    Issue {
        /// The epoch it belongs to; above the lineage's when the epoch rises with it.
        epoch: i64,
        /// What kind of order it is.
        kind: OrderKind,
    },
}

/// Judges a request for a certificate.
///
/// The rows, in the order they are asked: blocked key, another's key, first, another unit of the same name, repeat, renewal
/// on the same key, renewal on a new key, new key inside the epoch.
pub fn admit_request(ask: &Ask<'_>) -> Result<Admission, Denial> {
    admit_key(ask)?;
    let Some(lineage) = &ask.line.lineage else {
        admit_first_at_station(ask)?;
        return Ok(Admission::Issue {
            epoch: 1,
            kind: OrderKind::First,
        });
    };
    admit_at_station(ask, lineage)?;
    if let Some(epoch) = risen_epoch(ask, lineage)? {
        admit_successor_at_station(ask, lineage)?;
        return admit_renewal(ask, lineage, epoch);
    }
    if ask.road == Road::Rework && ask.line.key.is_none() {
        return Ok(Admission::Issue {
            epoch: lineage.epoch,
            kind: OrderKind::Rekey,
        });
    }
    if let Some(order) = &ask.line.order {
        return match order.state {
            OrderState::Open => Ok(Admission::Join { order: order.id }),
            OrderState::Fulfilled if order.superseded => Err(Denial::CertificateSuperseded),
            OrderState::Fulfilled => Ok(Admission::Repeat {
                order: order.id,
                certificate: order.certificate,
            }),
            // A killed intent raises the epoch, so a failed order of the epoch means the row is not yet seen whole.
            OrderState::Failed { .. } => Err(Denial::OrderFailed),
        };
    }
    admit_new_key(ask, lineage)
}

/// At a station a known name with another key is another unit, whatever its group allows a device; and so is one with a
/// key that a rework replaced. What was ordered under that key in this epoch is told again.
fn admit_at_station(ask: &Ask<'_>, lineage: &Lineage) -> Result<(), Denial> {
    let newest = lineage.newest().is_some_and(|newest| newest.spki == ask.key);
    let another = match &ask.line.key {
        None => ask.road == Road::Station,
        Some(_) => ask.road != Road::Own && !newest && ask.line.order.is_none(),
    };
    if another { Err(Denial::UnitExists) } else { Ok(()) }
}

/// Told again is not renewed: where the epoch rises, a key that had its certificate and was replaced has no more.
fn admit_successor_at_station(ask: &Ask<'_>, lineage: &Lineage) -> Result<(), Denial> {
    let certified = ask.line.key.as_ref().is_some_and(|key| key.certified);
    let replaced = lineage.newest().is_some_and(|newest| newest.spki != ask.key);
    match ask.road {
        Road::Station | Road::Rework if certified && replaced => Err(Denial::UnitExists),
        Road::Own | Road::Station | Road::Rework => Ok(()),
    }
}

/// The unit of a name is one under all profiles: also where its group was given another profile since.
fn admit_first_at_station(ask: &Ask<'_>) -> Result<(), Denial> {
    let another = match ask.road {
        Road::Own => false,
        Road::Station => ask.line.elsewhere,
        Road::Rework => ask.line.elsewhere && ask.line.key.is_some(),
    };
    if another { Err(Denial::UnitExists) } else { Ok(()) }
}

/// The key itself: blocked, the birth key, or somebody else's.
fn admit_key(ask: &Ask<'_>) -> Result<(), Denial> {
    let Some(key) = &ask.line.key else {
        return admit_newly_known(ask);
    };
    if key.blocked {
        return Err(Denial::KeyBlocked);
    }
    let own = key.is_of(ask.device.map(|device| device.id));
    match key.role {
        KeyRole::Operational if own => admit_newly_known(ask),
        KeyRole::Birth if own && ask.profile.birth_key_as_operational() => Ok(()),
        KeyRole::Operational | KeyRole::Birth | KeyRole::Issuer | KeyRole::Service | KeyRole::Stranger => {
            Err(Denial::KeyInUse)
        }
    }
}

/// A birth key that is not written down as such, because it is presented for the first time.
fn admit_newly_known(ask: &Ask<'_>) -> Result<(), Denial> {
    if ask.birth == Some(ask.key) && !ask.profile.birth_key_as_operational() {
        return Err(Denial::KeyInUse);
    }
    Ok(())
}

/// The epoch a new order raises the lineage to, if it does.
///
/// The epoch rises once: while an order of the risen epoch is on its way, the newest certificate belongs to the epoch
/// before and asks again for what is already coming.
fn risen_epoch(ask: &Ask<'_>, lineage: &Lineage) -> Result<Option<i64>, Denial> {
    let line = ask.line;
    let own_open = line
        .order
        .as_ref()
        .is_some_and(|order| order.state == OrderState::Open);
    let coming = own_open || line.other_open;
    // Told to move: its enrollment names another issuer than the one it has its certificate of.
    let moved = |newest: &CertificateFacts| newest.issuer != ask.terms.issuer;
    let due = lineage
        .newest()
        .is_some_and(|newest| newest.needs_successor(ask.now) || moved(newest));
    if lineage.rise_pending || (due && !coming) {
        return lineage
            .epoch
            .checked_add(1)
            .map(Some)
            .ok_or(Denial::EpochExhausted);
    }
    Ok(None)
}

/// The epoch rises with this order.
fn admit_renewal(ask: &Ask<'_>, lineage: &Lineage, epoch: i64) -> Result<Admission, Denial> {
    admit_rotation(ask)?;
    let kind = if lineage.newest().is_none() {
        OrderKind::First
    } else {
        OrderKind::Renewal
    };
    Ok(Admission::Issue { epoch, kind })
}

/// Where the profile demands rotation, a key is certified once.
fn admit_rotation(ask: &Ask<'_>) -> Result<(), Denial> {
    let certified = ask.line.key.as_ref().is_some_and(|key| key.certified);
    match ask.profile.rotation() {
        Rotation::Required if certified => Err(Denial::RotationRequired),
        Rotation::Required | Rotation::Optional => Ok(()),
    }
}

/// A key the epoch has no order of.
fn admit_new_key(ask: &Ask<'_>, lineage: &Lineage) -> Result<Admission, Denial> {
    admit_rotation(ask)?;
    let epoch = lineage.epoch;
    // Unseen: issued and not confirmed, or a renewal still on its way. A lost reply or a power cut must not strand
    // the device, so it may replace what it perhaps never received, however strict its enrollment is.
    let unseen = lineage.provisional.is_some() || (ask.line.other_open && lineage.current.is_some());
    let limit = if unseen {
        ask.terms.rekeys_per_day.max(DEFAULT_REKEYS_PER_DAY)
    } else {
        ask.terms.rekeys_per_day
    };
    if ask.line.rekeys >= limit {
        return Err(Denial::RekeyLimit);
    }
    if unseen {
        return Ok(Admission::Issue {
            epoch,
            kind: OrderKind::Renewal,
        });
    }
    match ask.terms.rekey {
        RekeyPolicy::Allow => Ok(Admission::Issue {
            epoch,
            kind: OrderKind::Rekey,
        }),
        RekeyPolicy::Refuse => Err(Denial::RekeyRefused),
    }
}

#[cfg(test)]
#[path = "admission/tests.rs"]
mod tests;

#[cfg(test)]
#[path = "admission/departures.rs"]
mod departures;
