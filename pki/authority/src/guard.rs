// SPDX-License-Identifier: Apache-2.0
//! Asked in every act: may this caller do this here? Deny by default; a stranger learns nothing of what exists.

use std::sync::{Arc, Mutex, PoisonError};

use tamga_registry::id::OrganizationId;
use tamga_registry::role::{Assignment, Permission, Principal, Role};
use tamga_registry::version::Expectation;

use crate::refusal::{Fault, Refusal};
use crate::request::RequestContext;

/// Who acts, with what rights, as part of which request.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who.
    pub principal: Principal,
    /// With what rights.
    pub assignments: Vec<Assignment>,
    /// What its credential cuts these down to; absent for one that stands for the whole principal.
    pub limit: Option<Assignment>,
    /// Which credential that is, as the journal tells of it: SHA-256 of a certificate, or of the id of a token. Absent
    /// where the kernel says who it is.
    pub credential: Option<[u8; 32]>,
    /// As part of which request.
    pub context: RequestContext,
    /// Where it asked to act: whoever looks after that place reads of what it was refused there.
    pub(crate) place: AskedIn,
    /// In which state it expects what it changes.
    pub expects: Expectation,
}

/// The organization a caller asked to act in, once that is known to exist. It is told to the journal, never to the caller.
#[derive(Debug, Clone, Default)]
pub(crate) struct AskedIn(Arc<Mutex<Option<OrganizationId>>>);

impl Caller {
    /// A principal with all its rights.
    pub fn new(principal: Principal, assignments: Vec<Assignment>, context: RequestContext) -> Self {
        Self {
            principal,
            assignments,
            limit: None,
            credential: None,
            context,
            place: AskedIn::default(),
            expects: Expectation::default(),
        }
    }

    /// The same, expecting nothing of what it changes.
    #[must_use]
    pub(crate) fn expecting_nothing(&self) -> Self {
        Self {
            expects: Expectation::default(),
            ..self.clone()
        }
    }

    /// It asks to act in an organization that exists, whether it may or not.
    pub(crate) fn asks_in(&self, organization: OrganizationId) {
        *self.place.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(organization);
    }

    /// Where it asked to act since this was asked last.
    pub(crate) fn asked_in(&self) -> Option<OrganizationId> {
        self.place.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// The roles it has in a place: the organization, and those above it after it.
    fn roles<'a>(&'a self, line: &'a [OrganizationId]) -> impl Iterator<Item = Role> + 'a {
        let within = self.limit.is_none_or(|limit| limit.reaches(line));
        // A station is where it is: its role holds there, and not below.
        let stands = matches!(self.principal, Principal::Station(_));
        let reaches = move |one: &Assignment| {
            if stands {
                one.organization.as_ref() == line.first()
            } else {
                one.reaches(line)
            }
        };
        let here = self.assignments.iter().filter(move |one| within && reaches(one));
        here.map(|one| one.role)
    }

    /// Whether it holds, in a place, everything that a role holds.
    pub(crate) fn holds_all_of(&self, role: Role, line: &[OrganizationId]) -> bool {
        role.permissions().all(|permission| self.holds(permission, line))
    }

    /// Whether it holds a permission in a place.
    pub(crate) fn holds(&self, permission: Permission, line: &[OrganizationId]) -> bool {
        self.limit.is_none_or(|limit| limit.role.holds(permission))
            && self.roles(line).any(|role| role.holds(permission))
    }
}

/// The guard's word that a caller may do one thing in one place. Acts take it by value where they change something.
#[derive(Debug)]
pub struct Permit {
    permission: Permission,
}

impl Permit {
    /// What was permitted; the act is journalled under it.
    pub fn permission(&self) -> Permission {
        self.permission
    }
}

/// Whether one of the house's own duties may do something: asked like of anybody else, and held by no role but theirs.
pub(crate) fn permit_duty(name: &'static str, permission: Permission) -> Result<Permit, Fault> {
    let role = Role::House;
    if role.holds(permission) {
        return Ok(Permit { permission });
    }
    Err(Fault::new(
        "asking the guard",
        format!("the duty {name} lacks {permission}"),
    ))
}

/// Whether a caller may do something in a place: an organization, and those above it after it. A role holds where it was
/// given and everywhere below.
///
/// A caller with no rights at all there is told that the organization does not exist; one with other rights there is
/// told which permission is missing.
pub fn permit(caller: &Caller, permission: Permission, line: &[OrganizationId]) -> Result<Permit, Refusal> {
    if caller.holds(permission, line) {
        return Ok(Permit { permission });
    }
    match caller.roles(line).next() {
        Some(_) => Err(Refusal::Forbidden(permission)),
        None => Err(Refusal::NotFound("organization")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tamga_registry::id::RequestId;

    const TOP: OrganizationId = OrganizationId::from_octets([1; 16]);
    const HERE: OrganizationId = OrganizationId::from_octets([2; 16]);
    const BELOW: OrganizationId = OrganizationId::from_octets([3; 16]);
    const BESIDE: OrganizationId = OrganizationId::from_octets([4; 16]);

    fn given(role: Role, organization: Option<OrganizationId>) -> Assignment {
        Assignment { role, organization }
    }

    fn caller(assignments: Vec<Assignment>) -> Caller {
        let context = RequestContext {
            request: RequestId::from_octets([0; 16]),
            source: None,
            once: None,
        };
        Caller::new(Principal::LocalUser { uid: 7 }, assignments, context)
    }

    #[test]
    fn a_caller_without_rights_learns_of_nothing() {
        let stranger = caller(vec![]);
        let neighbour = caller(vec![given(Role::Administrator, Some(BESIDE))]);
        let child = caller(vec![given(Role::Administrator, Some(BELOW))]);
        for nobody in [stranger, neighbour, child] {
            let refusal = permit(&nobody, Permission::DeviceRevoke, &[HERE, TOP]).unwrap_err();
            assert_eq!(refusal, Refusal::NotFound("organization"));
        }
    }

    #[test]
    fn a_caller_with_other_rights_is_told_which_one_is_missing() {
        let device = caller(vec![given(Role::Device, Some(HERE))]);
        let refusal = permit(&device, Permission::DeviceRevoke, &[HERE]).unwrap_err();
        assert_eq!(refusal, Refusal::Forbidden(Permission::DeviceRevoke));
        assert!(permit(&device, Permission::DeviceEnroll, &[HERE]).is_ok());
    }

    #[test]
    fn an_administrator_of_the_installation_holds_its_rights_everywhere_and_no_others() {
        let operator = caller(vec![given(Role::Administrator, None)]);
        assert!(permit(&operator, Permission::CertificateRevoke, &[BESIDE]).is_ok());
        assert!(permit(&operator, Permission::DutyPerform, &[BESIDE]).is_err());
    }

    #[test]
    fn a_role_holds_below_where_it_was_given_and_nowhere_else() {
        let auditor = caller(vec![
            given(Role::Auditor, Some(HERE)),
            given(Role::Operator, Some(BELOW)),
        ]);
        assert!(permit(&auditor, Permission::GroupRead, &[HERE, TOP]).is_ok());
        assert!(permit(&auditor, Permission::GroupRead, &[BELOW, HERE, TOP]).is_ok());
        assert!(permit(&auditor, Permission::GroupCreate, &[BELOW, HERE, TOP]).is_ok());
        let refused = |line: &[_]| permit(&auditor, Permission::GroupCreate, line).unwrap_err();
        assert_eq!(refused(&[HERE, TOP]), Refusal::Forbidden(Permission::GroupCreate));
        assert_eq!(refused(&[TOP]), Refusal::NotFound("organization"));
        assert_eq!(refused(&[BESIDE, TOP]), Refusal::NotFound("organization"));
    }

    #[test]
    fn a_station_has_its_role_where_it_is_and_not_below() {
        let mut station = caller(vec![given(Role::Factory, Some(HERE))]);
        station.principal = Principal::Station(tamga_registry::id::StationId::from_octets([7; 16]));
        assert!(permit(&station, Permission::CertificateIssue, &[HERE, TOP]).is_ok());
        for elsewhere in [&[BELOW, HERE, TOP][..], &[TOP], &[BESIDE, TOP], &[]] {
            let refusal = permit(&station, Permission::CertificateIssue, elsewhere).unwrap_err();
            assert_eq!(refusal, Refusal::NotFound("organization"));
        }
    }

    #[test]
    fn a_credential_can_only_take_away() {
        let mut cut = caller(vec![given(Role::Operator, Some(TOP))]);
        cut.limit = Some(given(Role::Administrator, Some(HERE)));
        assert!(permit(&cut, Permission::GroupCreate, &[BELOW, HERE, TOP]).is_ok());
        assert_eq!(
            permit(&cut, Permission::AccountCreate, &[HERE, TOP]).unwrap_err(),
            Refusal::Forbidden(Permission::AccountCreate)
        );
        assert_eq!(
            permit(&cut, Permission::GroupCreate, &[BESIDE, TOP]).unwrap_err(),
            Refusal::NotFound("organization")
        );
        cut.limit = Some(given(Role::Auditor, None));
        assert_eq!(
            permit(&cut, Permission::GroupCreate, &[TOP]).unwrap_err(),
            Refusal::Forbidden(Permission::GroupCreate)
        );
        cut.assignments.clear();
        assert!(permit(&cut, Permission::GroupRead, &[TOP]).is_err());
    }
}
