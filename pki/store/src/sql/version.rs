// SPDX-License-Identifier: Apache-2.0
//! The version of a thing inside a change, behind the lock that everybody takes who changes such a thing.

use tamga_registry::account::{ApiToken, ClientCertificate};
use tamga_registry::device::RegistrationId;
use tamga_registry::id::OrganizationId;
use tamga_registry::store::{StoreFault, Thing};
use tamga_registry::version::{Version, Versioned};

use super::cells::Cells;
use super::fault::fault;
use super::{Connection, account, credential, group, individual, locks, organization};

/// The version of a thing of an organization: nobody else changes it until the transaction ends.
pub(super) async fn of(
    organization: OrganizationId,
    thing: &Thing,
    connection: &mut Connection,
) -> Result<Option<Version>, StoreFault> {
    lock(organization, thing, connection).await?;
    Ok(match thing {
        Thing::Organization => version(organization::by_id(organization, connection).await?),
        Thing::Group(name) => version(group::find(organization, name, connection).await?),
        Thing::Individual(id) => version(individual::find(organization, id, connection).await?),
        Thing::Anchor(name) => of_anchor(organization, name, connection).await?,
        Thing::Account(name) => version(account::find(organization, name, connection).await?),
        Thing::Assignment(id) => version(account::role(organization, *id, connection).await?),
        Thing::Token(id) => {
            let token = credential::token(*id, connection).await?;
            version(token.filter(|token: &ApiToken| token.organization == organization))
        }
        Thing::ClientCertificate(fingerprint) => {
            let known = credential::certificate(*fingerprint, connection).await?;
            let pinned = known.map(|known| known.certificate);
            version(pinned.filter(|pinned: &ClientCertificate| pinned.organization == organization))
        }
    })
}

async fn lock(
    organization: OrganizationId,
    thing: &Thing,
    connection: &mut Connection,
) -> Result<(), StoreFault> {
    match thing {
        Thing::Organization => locks::tree(connection).await,
        Thing::Group(_) | Thing::Individual(_) | Thing::Anchor(_) => {
            locks::policy(organization, connection).await
        }
        Thing::Account(_) | Thing::Assignment(_) | Thing::Token(_) | Thing::ClientCertificate(_) => {
            locks::access(connection).await
        }
    }
}

fn version<T: Versioned>(thing: Option<T>) -> Option<Version> {
    thing.map(|thing| thing.version())
}

/// Without its lists, which may be large.
async fn of_anchor(
    organization: OrganizationId,
    name: &RegistrationId,
    connection: &mut Connection,
) -> Result<Option<Version>, StoreFault> {
    let row = sqlx::query("SELECT id, generation FROM anchor WHERE organization_id = $1 AND name = $2")
        .bind(organization.octets().as_slice())
        .bind(name.canonical())
        .fetch_optional(connection)
        .await
        .map_err(fault("version of an anchor"))?;
    let Some(row) = row else { return Ok(None) };
    let mut cells = Cells::of(&row, "anchor");
    let id: tamga_registry::id::AnchorId = cells.id()?;
    Ok(Some(Version::new(id, cells.integer()?)))
}
