// SPDX-License-Identifier: Apache-2.0
//! A Postgres database of a story's own, with the schema in it, and a login for every role.

use std::sync::Arc;

use secrecy::SecretString;
use tamga_authority::means::Opening;
use tamga_registry::store::Store;
use tamga_store::{
    PostgresArchive, PostgresSettings, PostgresStore, ROLES, Role, inspect_postgres, migrate_postgres,
    open_postgres,
};
use tamga_test_postgres as cluster;
use tokio::sync::OnceCell;

/// A database of the cluster that all stories of this process share.
pub struct Database {
    inner: cluster::Database,
    logins: Vec<(Role, String)>,
}

impl Database {
    /// A new one: a copy of one whose schema was made once.
    pub async fn new() -> Self {
        static TEMPLATE: OnceCell<cluster::Database> = OnceCell::const_new();
        let template = TEMPLATE.get_or_init(|| async {
            let template = cluster::database().await;
            let url = SecretString::from(template.url());
            migrate_postgres(&url).await.expect("the schema is made");
            template
        });
        let inner = cluster::shared().copy(template.await).await;
        let mut logins = Vec::new();
        for role in ROLES {
            logins.push((role, inner.login(role.name()).await));
        }
        Self { inner, logins }
    }

    /// How its owner connects.
    pub fn url(&self) -> String {
        self.inner.url()
    }

    /// How a process of this role connects.
    pub fn url_of(&self, role: Role) -> String {
        let login = self.logins.iter().find(|(of, _)| *of == role);
        login.expect("a login for every role").1.clone()
    }

    /// Opened with every right there is.
    pub async fn opens_as_owner(&self) -> Result<PostgresStore, String> {
        let opened = open_postgres(&settings(self.url())).await;
        opened.map_err(|fault| fault.to_string())
    }

    /// Opened to be inspected.
    pub async fn is_inspected(&self) -> PostgresArchive {
        let opened = inspect_postgres(&settings(self.url())).await;
        opened.expect("the database can be inspected")
    }

    /// How a process of this role opens it.
    pub fn opening(&self, role: Role) -> Opening {
        let url = self.url_of(role);
        Arc::new(move || {
            let settings = settings(url.clone());
            Box::pin(async move {
                let store: Arc<dyn Store> = Arc::new(open_postgres(&settings).await?);
                Ok(store)
            })
        })
    }
}

/// Few connections each: many stories are told at once.
fn settings(url: String) -> PostgresSettings {
    PostgresSettings {
        readers: 4,
        ..PostgresSettings::new(SecretString::from(url))
    }
}
