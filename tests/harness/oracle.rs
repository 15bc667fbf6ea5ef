// SPDX-License-Identifier: Apache-2.0
//! Whether nothing happened: a refusal is proven only if tables, signers and secrets are as they were.

use std::collections::BTreeMap;

use crate::answer::Told;
use crate::house::House;
use crate::patience::eventually;
use crate::wire::Answer;

/// What stood before.
pub struct Before<'a> {
    house: &'a House,
    picture: BTreeMap<&'static str, String>,
    signatures: usize,
}

impl House {
    /// Remembers how everything stands.
    pub async fn stands(&self) -> Before<'_> {
        Before {
            house: self,
            picture: self.memory().picture().await,
            signatures: self.signatures(),
        }
    }
}

impl Before<'_> {
    /// The proven device was refused by this slug, nothing else happened, and the journal has exactly one row of it.
    pub async fn only_refused(&self, told: &Told, (status, slug): (u16, &str)) {
        told.refused(status, slug);
        let row = self.house.memory().refusal_of(told.request_id()).await;
        assert_eq!(
            (row.act.as_str(), row.outcome.as_str()),
            ("device.enroll", "refused"),
            "{row:?}"
        );
        assert_eq!(row.reason.as_deref(), Some(slug), "{row:?}");
        self.nothing_happened(told).await;
    }

    /// A stranger was refused by this slug: nothing happened, and only a count was kept.
    pub async fn only_turned_away(&self, told: &Told, (status, slug): (u16, &str)) {
        told.refused(status, slug);
        let rows = self.house.memory().journal_of(told.request_id()).await;
        assert_eq!(rows, [], "anonymous refusals are counted, not journalled");
        self.nothing_happened(told).await;
    }

    /// Waits until this many strangers were counted under a slug: counts are kept every few seconds.
    pub async fn turned_away_as(&self, slug: &str, at_least: i64) {
        let query = format!(
            "SELECT CAST(coalesce(sum(refused), 0) AS BIGINT) FROM refusal_tally WHERE reason = '{slug}'"
        );
        let memory = self.house.memory();
        eventually("the count of strangers is kept", || async {
            (memory.number(&query).await >= at_least).then_some(())
        })
        .await;
    }

    /// A call of the admin plane was refused by this slug before any act, and nothing happened.
    pub async fn refused_at_the_rim(&self, answer: &Answer, (status, slug): (u16, &str)) {
        let problem = answer.json();
        assert_eq!(
            (answer.status, problem["code"].as_str()),
            (status, Some(slug)),
            "{}",
            answer.text()
        );
        let told = Told {
            answer: answer.clone(),
        };
        self.nothing_happened(&told).await;
    }

    /// A known caller of the admin plane was refused by this slug, nothing happened, and the journal has one row of it.
    pub async fn refused_to(&self, principal: &str, answer: &Answer, (status, slug): (u16, &str)) {
        self.refused_at_the_rim(answer, (status, slug)).await;
        let row = self.house.memory().refusal_of(request_of(answer)).await;
        assert_eq!(
            (row.actor.as_str(), row.outcome.as_str(), row.reason.as_deref()),
            (principal, "refused", Some(slug)),
            "{row:?}"
        );
    }

    /// The journal tells nothing of this call of the admin plane: its caller is not known.
    pub async fn counts_no_row(&self, answer: &Answer) {
        let rows = self.house.memory().journal_of(request_of(answer)).await;
        assert_eq!(rows, [], "strangers are counted, not journalled");
        self.house.keeps_its_secrets(&answer.text());
    }

    /// Nothing happened.
    pub async fn nothing_happened(&self, told: &Told) {
        self.is_as_before(&told.answer.text()).await;
        self.house.keeps_its_secrets(&told.answer.text());
    }

    /// Everything stands as it stood.
    pub async fn is_as_before(&self, told: &str) {
        let now = self.house.memory().picture().await;
        for (table, before) in &self.picture {
            assert_eq!(now.get(table), Some(before), "{table} changed with: {told}");
        }
        assert_eq!(
            self.house.signatures(),
            self.signatures,
            "a device issuer's key was used"
        );
    }
}

/// The id of a request, as the journal keeps it.
fn request_of(answer: &Answer) -> [u8; 16] {
    let shown = answer
        .header("x-ms-request-id")
        .expect("every answer names its request");
    uuid::Uuid::parse_str(shown)
        .expect("a request id is a UUID")
        .into_bytes()
}
