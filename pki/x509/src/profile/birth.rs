// SPDX-License-Identifier: Apache-2.0
//! Birth certificates (IDevID, IEEE 802.1AR §8): what a unit is given on its line, once, for all its life.
//!
//! Subject `serialNumber=<registration id>, CN=<registration id>, OU=<model>, O=<organization>`: §8.6 wants a serialNumber
//! that is unique below the issuer, and whoever enrolls by such a certificate is known by its one common name. There is no
//! SPIFFE ID in it: it proves who made a unit, and must never pass for what the unit works with.

use super::Profile;
use crate::name::{DeviceIdentity, Subject};
use crate::oid;
use crate::request::{CsrRefusal, Request};

impl Profile {
    /// The subject of a unit's birth certificate.
    pub(super) fn birth_subject<'a>(&'a self, unit: &'a DeviceIdentity) -> Result<Subject<'a>, CsrRefusal> {
        let number = unit.unit_number().ok_or_else(|| CsrRefusal::UnitNumber {
            found: unit.registration_id().to_owned(),
        })?;
        Ok(Subject {
            common_name: Some(number),
            organization: Some(unit.organization()),
            organizational_unit: self.config.model.as_deref(),
            serial_number: Some(number),
        })
    }

    /// Any part of that subject, each at most once: a line asks with what it has at hand.
    pub(super) fn judge_birth_subject(
        &self,
        request: &Request,
        unit: &DeviceIdentity,
    ) -> Result<(), CsrRefusal> {
        let wanted = self.birth_subject(unit)?;
        let asked = request.subject();
        let fits = |kind: &[u8], text: &str| match kind {
            oid::COMMON_NAME | oid::SERIAL_NUMBER => text.eq_ignore_ascii_case(unit.registration_id()),
            oid::ORGANIZATION => text == unit.organization(),
            oid::ORGANIZATIONAL_UNIT => Some(text) == wanted.organizational_unit,
            _ => false,
        };
        let each_fits = asked
            .iter()
            .all(|part| part.text.as_deref().is_some_and(|text| fits(&part.oid, text)));
        let each_once = asked.iter().enumerate().all(|(at, part)| {
            let mut before = asked.iter().take(at);
            !before.any(|other| other.oid == part.oid)
        });
        if each_fits && each_once {
            return Ok(());
        }
        let model = wanted.organizational_unit.map(|model| format!(", OU={model}"));
        Err(CsrRefusal::Subject {
            found: super::judge::described(request),
            wanted: format!(
                "any of CN={number}, serialNumber={number}, O={}{}",
                unit.organization(),
                model.unwrap_or_default(),
                number = unit.registration_id(),
            ),
        })
    }
}
