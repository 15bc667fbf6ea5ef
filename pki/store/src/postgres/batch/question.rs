// SPDX-License-Identifier: Apache-2.0
//! The same question for many that ask at the same moment, as one query over arrays.
//!
//! A question is a script of one statement with at most one row for `(SELECT 1 AS one) one`, which is where it begins to
//! look, and with `/*number*/` behind its last column.

use sqlx::{AssertSqlSafe, Row as _};
use tamga_registry::store::StoreFault;

use super::super::fault::fault;
use super::super::{Connection, Row};
use super::call::columns;
use super::{Binds, Cell, Script};

/// Asks. The row of each, where there is one, in the order of the questions.
pub(in super::super) async fn ask_all(
    asked: &[Binds],
    connection: &mut Connection,
) -> Result<Vec<Option<Row>>, StoreFault> {
    let mut answers: Vec<Option<Row>> = asked.iter().map(|_| None).collect();
    for same in by_script(asked) {
        let text = same.text();
        let many = i64::try_from(same.places.len()).unwrap_or(i64::MAX);
        let mut question = sqlx::query(AssertSqlSafe(text));
        for column in columns(same.rows)? {
            question = column.bind_to(question);
        }
        let question = question.bind(same.places).bind(many);
        let rows = question
            .fetch_all(&mut *connection)
            .await
            .map_err(fault(ASKING))?;
        for row in rows {
            let place: i64 = row.try_get(row.len().saturating_sub(1)).map_err(fault(ASKING))?;
            let place = usize::try_from(place).ok();
            if let Some(answer) = place.and_then(|place| answers.get_mut(place)) {
                *answer = Some(row);
            }
        }
    }
    Ok(answers)
}

fn by_script(asked: &[Binds]) -> Vec<Same> {
    let mut kinds: Vec<Same> = Vec::new();
    for (place, Binds { script, cells }) in (0_i64..).zip(asked) {
        match kinds.iter_mut().find(|same| same.script == *script) {
            Some(same) => {
                same.places.push(place);
                same.rows.push(cells.clone());
            }
            None => kinds.push(Same {
                script: *script,
                places: vec![place],
                rows: vec![cells.clone()],
            }),
        }
    }
    kinds
}

/// The same question of some.
struct Same {
    script: Script,
    places: Vec<i64>,
    rows: Vec<Vec<Cell>>,
}

impl Same {
    fn text(&self) -> String {
        let kinds: Vec<&str> = self
            .rows
            .first()
            .map_or_else(Vec::new, |row| row.iter().map(Cell::kind).collect());
        over_rows(
            self.script.statements.first().copied().unwrap_or_default(),
            &kinds,
        )
    }
}

/// The question over arrays of these kinds, the places of who asks, and how many they are. As in a set, they look like one
/// to the planner.
pub(in super::super) fn over_rows(question: &str, kinds: &[&str]) -> String {
    let (mut arrays, mut names) = (String::new(), String::new());
    for (kind, number) in kinds.iter().zip(1..) {
        arrays += &format!("${number}::{kind}[], ");
        names += &format!("c{number}, ");
    }
    let (places, many) = (kinds.len() + 1, kinds.len() + 2);
    let rows = format!(
        "(SELECT * FROM unnest({arrays}${places}::bigint[]) AS g ({names}c0) LIMIT ${many}::bigint) AS r"
    );
    question
        .replace('$', "r.c")
        .replace("/*number*/", ", r.c0")
        .replace("(SELECT 1 AS one) one", &rows)
}

const ASKING: &str = "asking for many";
