// SPDX-License-Identifier: Apache-2.0
//! Stories of one whole house in this process: devices, operators and relying parties at its planes.

#[path = "stories/access.rs"]
mod access;
#[path = "stories/anchor.rs"]
mod anchor;
#[path = "stories/approval.rs"]
mod approval;
#[path = "stories/attack_access.rs"]
mod attack_access;
#[path = "stories/attack_batch.rs"]
mod attack_batch;
#[path = "stories/attack_factory.rs"]
mod attack_factory;
#[path = "stories/attack_key.rs"]
mod attack_key;
#[path = "stories/attack_rights.rs"]
mod attack_rights;
#[path = "stories/attack_tenant.rs"]
mod attack_tenant;
#[path = "stories/attack_token.rs"]
mod attack_token;
#[path = "stories/attack_wire.rs"]
mod attack_wire;
#[path = "stories/birth_certificate.rs"]
mod birth_certificate;
#[path = "stories/birth_key.rs"]
mod birth_key;
#[path = "stories/condition.rs"]
mod condition;
#[path = "stories/crash.rs"]
mod crash;
#[path = "stories/damaged_rows.rs"]
mod damaged_rows;
#[path = "stories/denied.rs"]
mod denied;
#[path = "stories/described.rs"]
mod described;
#[path = "stories/described_issuing.rs"]
mod described_issuing;
#[path = "stories/device_life.rs"]
mod device_life;
#[path = "stories/factory.rs"]
mod factory;
#[path = "stories/factory_batch.rs"]
mod factory_batch;
#[path = "stories/factory_rework.rs"]
mod factory_rework;
#[path = "stories/first.rs"]
mod first;
#[path = "stories/grant.rs"]
mod grant;
#[path = "stories/invariant.rs"]
mod invariant;
#[path = "stories/key.rs"]
mod key;
#[path = "stories/late_fault.rs"]
mod late_fault;
#[path = "stories/list.rs"]
mod list;
#[path = "stories/listing.rs"]
mod listing;
#[path = "stories/looking.rs"]
mod looking;
#[path = "stories/mass_revocation.rs"]
mod mass_revocation;
#[path = "stories/mass_revocation_extent.rs"]
mod mass_revocation_extent;
#[path = "stories/organization.rs"]
mod organization;
#[path = "stories/own_certificate.rs"]
mod own_certificate;
#[path = "stories/profile.rs"]
mod profile;
#[path = "stories/rekey.rs"]
mod rekey;
#[path = "stories/renewal.rs"]
mod renewal;
#[path = "stories/repeat.rs"]
mod repeat;
#[path = "stories/repetition.rs"]
mod repetition;
#[path = "stories/replacement.rs"]
mod replacement;
#[path = "stories/routes.rs"]
mod routes;
#[path = "stories/second_person.rs"]
mod second_person;
#[path = "stories/server_certificate.rs"]
mod server_certificate;
