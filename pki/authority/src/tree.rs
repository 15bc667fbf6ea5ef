// SPDX-License-Identifier: Apache-2.0
//! Where organizations stand in the tree. They never move, so what was once read stays true.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use tamga_registry::id::OrganizationId;
use tamga_registry::organization::Organization;
use tamga_registry::store::Store;

use crate::refusal::Fault;

/// An organization, and those above it after it.
pub(crate) type Line = Arc<[OrganizationId]>;

/// The lines that were read.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    kept: RwLock<HashMap<OrganizationId, Line>>,
}

impl Tree {
    /// The line of an organization.
    pub(crate) async fn line(&self, organization: &Organization, store: &dyn Store) -> Result<Line, Fault> {
        if organization.parent.is_none() {
            return Ok(Arc::new([organization.id]));
        }
        self.line_by_id(organization.id, store).await
    }

    /// The line of an organization that is known by its id.
    pub(crate) async fn line_by_id(
        &self,
        organization: OrganizationId,
        store: &dyn Store,
    ) -> Result<Line, Fault> {
        if let Some(line) = self.known(organization) {
            return Ok(line);
        }
        let mut line = vec![organization];
        line.extend(store.organizations_above(organization).await?);
        let line: Line = line.into();
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST_KEPT {
            kept.clear();
        }
        kept.insert(organization, line.clone());
        Ok(line)
    }

    fn known(&self, organization: OrganizationId) -> Option<Line> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        kept.get(&organization).cloned()
    }
}

const MOST_KEPT: usize = 100_000;
