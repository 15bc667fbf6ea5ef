// SPDX-License-Identifier: Apache-2.0
//! Members of bodies that have a grammar of their own: what does not fit is refused by the name of its field.

use std::fmt::Display;
use std::str::FromStr;

use tamga_authority::refusal::Refusal;
use tamga_registry::role::Role;

use super::problem::Rejection;

/// A text member, read.
pub(super) fn field<T: FromStr>(name: &'static str, text: &str) -> Result<T, Rejection>
where
    T::Err: Display,
{
    text.parse()
        .map_err(|wrong: T::Err| invalid(name, wrong.to_string()))
}

/// The member `role`: one of those that people and programs can have.
pub(super) fn role(text: &str) -> Result<Role, Rejection> {
    let known = text.parse().ok();
    known
        .filter(|role| Role::ASSIGNABLE.contains(role))
        .ok_or_else(|| {
            let words = Role::ASSIGNABLE.map(Role::word).join(", ");
            invalid("role", format!("give one of {words}"))
        })
}

pub(super) fn invalid(field: &'static str, reason: String) -> Rejection {
    Rejection::Refused(Refusal::Invalid { field, reason })
}
