// SPDX-License-Identifier: Apache-2.0
//! Asked in every act: may this caller do this here? Deny by default; a stranger learns nothing of what exists.

use tamga_registry::id::OrganizationId;
use tamga_registry::role::{Assignment, Permission, Principal, Role};

use crate::refusal::{Fault, Refusal};
use crate::request::RequestContext;

/// Who acts, with what rights, as part of which request.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who.
    pub principal: Principal,
    /// With what rights.
    pub assignments: Vec<Assignment>,
    /// As part of which request.
    pub context: RequestContext,
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

/// Whether a caller may do something in an organization.
///
/// A caller with no rights at all there is told that the organization does not exist; one with other rights there is
/// told which permission is missing.
pub fn permit(
    caller: &Caller,
    permission: Permission,
    organization: OrganizationId,
) -> Result<Permit, Refusal> {
    let here = |assignment: &&Assignment| {
        assignment
            .organization
            .is_none_or(|within| within == organization)
    };
    let mut present = false;
    for assignment in caller.assignments.iter().filter(here) {
        present = true;
        if assignment.role.holds(permission) {
            return Ok(Permit { permission });
        }
    }
    if present {
        Err(Refusal::Forbidden(permission))
    } else {
        Err(Refusal::NotFound("organization"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tamga_registry::id::RequestId;

    fn caller(assignments: Vec<Assignment>) -> Caller {
        Caller {
            principal: Principal::LocalUser { uid: 7 },
            assignments,
            context: RequestContext {
                request: RequestId::from_octets([0; 16]),
                source: None,
            },
        }
    }

    #[test]
    fn a_caller_without_rights_learns_of_nothing() {
        let here = OrganizationId::from_octets([1; 16]);
        let elsewhere = OrganizationId::from_octets([2; 16]);
        let stranger = caller(vec![]);
        let neighbour = caller(vec![Assignment {
            role: Role::Administrator,
            organization: Some(elsewhere),
        }]);
        for nobody in [stranger, neighbour] {
            let refusal = permit(&nobody, Permission::DeviceRevoke, here).unwrap_err();
            assert_eq!(refusal, Refusal::NotFound("organization"));
        }
    }

    #[test]
    fn a_caller_with_other_rights_is_told_which_one_is_missing() {
        let here = OrganizationId::from_octets([1; 16]);
        let device = caller(vec![Assignment {
            role: Role::Device,
            organization: Some(here),
        }]);
        let refusal = permit(&device, Permission::DeviceRevoke, here).unwrap_err();
        assert_eq!(refusal, Refusal::Forbidden(Permission::DeviceRevoke));
        assert!(permit(&device, Permission::DeviceEnroll, here).is_ok());
    }

    #[test]
    fn an_administrator_of_the_installation_holds_its_rights_everywhere_and_no_others() {
        let anywhere = OrganizationId::from_octets([3; 16]);
        let operator = caller(vec![Assignment {
            role: Role::Administrator,
            organization: None,
        }]);
        assert!(permit(&operator, Permission::CertificateRevoke, anywhere).is_ok());
        assert!(permit(&operator, Permission::DutyPerform, anywhere).is_err());
    }
}
