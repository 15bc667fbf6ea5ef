// SPDX-License-Identifier: Apache-2.0
//! The function of a script whose statements each run once over all rows of a batch.
//!
//! The binds come as arrays. A statement reads its rows from them: `$5` becomes the fifth column of the row at hand. The
//! first statement decides which rows are kept; the others never see one that is not. To the planner they look like one
//! row, so that each is looked up by the keys of the tables, however small these were when the plan was made.

use super::{Cell, Script, binds_of};

/// Makes the function of a script. It answers once for each statement: the numbers of the rows it wrote, or how many.
pub(super) fn definition(script: &Script, cells: &[Cell]) -> String {
    let parameters: Vec<String> = arrays(script, cells)
        .iter()
        .map(|(name, kind)| format!("a{name} {kind}[]"))
        .collect();
    let locks: String = script.locks.iter().map(|lock| perform(lock)).collect();
    let names: Vec<String> = arrays(script, cells).into_iter().map(|(name, _)| name).collect();
    let mut statements = script.statements.iter();
    let first = statements.next().map(|statement| decide(statement, &names));
    let others: String = statements.map(|statement| follow(statement)).collect();
    format!(
        "CREATE OR REPLACE FUNCTION {}({}) RETURNS TABLE (out_which bigint[], out_count bigint) LANGUAGE plpgsql
         AS $script$
         #variable_conflict use_column
         DECLARE
             a0 bigint[] := ARRAY(SELECT generate_series(1, cardinality(a1)));
             how_many bigint := cardinality(a1);
             kept_keys bytea[];
             kept_rows bigint[];
         BEGIN\n{locks}{}{others}END $script$",
        script.name(),
        parameters.join(", "),
        first.unwrap_or_default(),
    )
}

/// Calls the function with arrays.
pub(super) fn call(script: &Script, cells: &[Cell]) -> String {
    let arrays = arrays(script, cells);
    let binds: Vec<String> = arrays
        .iter()
        .zip(1..)
        .map(|((_, kind), number)| format!("${number}::{kind}[]"))
        .collect();
    format!("SELECT * FROM {}({})", script.name(), binds.join(", "))
}

/// Whether a statement asks how many rows come before the one at hand.
pub(super) fn counts_before(script: &Script) -> bool {
    script
        .statements
        .iter()
        .any(|statement| statement.contains(BEFORE))
}

/// The places of the binds without which a row is not written by this statement.
pub(super) fn needed(statement: &str) -> Vec<usize> {
    let mut parts: Vec<&str> = statement.split(" IS NOT NULL").collect();
    parts.pop();
    parts
        .into_iter()
        .filter_map(|before| {
            let (_, bind) = before.rsplit_once('$')?;
            let number: usize = bind.parse().ok()?;
            Some(number - 1)
        })
        .collect()
}

/// A statement as the function runs it, for who asks how it would be run.
#[cfg(test)]
pub(in super::super) fn over_rows(statement: &str) -> String {
    if statement.trim_start().starts_with("SELECT") {
        let performed = perform(statement);
        return performed.trim_end_matches(";\n").replacen("PERFORM", "SELECT", 1);
    }
    joined(statement, None)
}

/// The parameters but for the number of the row: their names without the `a`, and of what their arrays are.
fn arrays(script: &Script, cells: &[Cell]) -> Vec<(String, &'static str)> {
    let mut arrays: Vec<_> = cells
        .iter()
        .zip(1..)
        .map(|(cell, number)| (number.to_string(), cell.kind()))
        .collect();
    if counts_before(script) {
        arrays.push(("_before".to_owned(), "bigint"));
    }
    arrays
}

/// Takes locks: of policy once for all rows that name the same, of rows of tables one after the other in their order.
fn perform(lock: &str) -> String {
    let question = lock.trim_start().trim_start_matches("SELECT");
    let text = if question.contains(ROWS) {
        question.replace(ROWS, &format!(", {}", rows_of(question, None)))
    } else {
        let named = names_of(question);
        let (arrays, columns) = (prefixed("a", &named), prefixed("c", &named));
        format!(
            "{question} FROM (SELECT DISTINCT {columns} FROM unnest({arrays}) AS g ({columns}) ORDER BY {columns}) r"
        )
    };
    format!("PERFORM{};\n", of_the_row(&text))
}

/// The first statement: afterwards only the rows it wrote are left.
fn decide(statement: &str, arrays: &[String]) -> String {
    // In the order of the rows.
    let text = joined(statement, None);
    let (name, kept, is_kept) = match inserted_key(statement) {
        Some((column, bind)) => (column, "kept_keys", format!("c{bind} = ANY (kept_keys)")),
        None => ("r.c0", "kept_rows", "c0 = ANY (kept_rows)".to_owned()),
    };
    let (all, columns) = (prefixed("a", arrays), prefixed("c", arrays));
    let kept_of_all: Vec<String> = arrays.iter().map(|name| format!("array_agg(c{name})")).collect();
    format!(
        "WITH written AS ({text} RETURNING {name} AS name) SELECT array_agg(name) INTO {kept} FROM written;
         IF {kept} IS NULL THEN RETURN; END IF;
         IF cardinality({kept}) < how_many THEN
             SELECT array_agg(c0), {} INTO a0, {all} FROM unnest(a0, {all}) AS g (c0, {columns}) WHERE {is_kept};
             how_many := cardinality(a0);
         END IF;
         out_which := a0;
         out_count := 0;
         RETURN NEXT;\n",
        kept_of_all.join(", ")
    )
}

/// Any other statement. A table's own rows cannot tell for which of ours they were inserted; there only their number is
/// told.
fn follow(statement: &str) -> String {
    if let Some(group) = alike(statement) {
        return follow_groups(statement, &group);
    }
    let key = inserted_key(statement);
    // What is inserted is so in the order of its key: whoever else inserts the same waits with nothing that we wait for.
    let text = joined(statement, key.map(|(_, bind)| bind));
    if key.is_some() {
        return format!(
            "{text};\nGET DIAGNOSTICS out_count = ROW_COUNT;\nout_which := NULL;\nRETURN NEXT;\n"
        );
    }
    format!(
        "WITH written AS ({text} RETURNING r.c0 AS name)
         SELECT COALESCE(array_agg(name), '{{}}') INTO out_which FROM written;
         RETURN NEXT;\n"
    )
}

/// A statement that writes one row for all of ours that have this bind in common: all of them are told as written.
fn follow_groups(statement: &str, bind: &str) -> String {
    let text = joined(statement, None);
    format!(
        "WITH written AS ({text} RETURNING r.c{bind} AS name)
         SELECT COALESCE(array_agg(g.c0), '{{}}') INTO out_which
         FROM unnest(a0, a{bind}) AS g (c0, c{bind}) JOIN written ON written.name = g.c{bind};
         RETURN NEXT;\n"
    )
}

/// The bind that rows have in common which are counted together.
fn alike(statement: &str) -> Option<String> {
    let (_, after) = statement.split_once(ALIKE)?;
    let (number, _) = after.split_once("*/")?;
    Some(number.to_owned())
}

/// Counts that are one where each row stands alone become those of the rows at hand.
fn counted(statement: &str) -> String {
    let mut text = statement.to_owned();
    if let Some(bind) = alike(statement) {
        let count = format!("(SELECT count(*) FROM unnest(a{bind}) AS g (one) WHERE g.one = ${bind})");
        text = text.replace(&format!("{ALIKE}{bind}*/"), &count);
    }
    while let Some((before, after)) = text.split_once(GREATEST) {
        let Some((before, bind)) = before.rsplit_once('$') else {
            break;
        };
        text = format!("{before}(SELECT max(g.one) FROM unnest(a{bind}) AS g (one)){after}");
    }
    text
}

/// The statement over rows, in the order of this bind; once for all rows that are counted together.
fn joined(statement: &str, order: Option<usize>) -> String {
    let group = alike(statement);
    let (asked_once, statement) = &asked_once(&counted(statement));
    let mut rows = format!(" FROM {}", rows_of(statement, order));
    if let Some(bind) = group {
        rows = rows.replacen("SELECT *", &format!("SELECT DISTINCT ON (c{bind}) *"), 1);
    }
    let text = of_the_row(&statement.replace(ROWS, &rows).replace(BEFORE, "r.c_before"));
    format!("{asked_once}{text}")
}

/// What is asked once for all rows that have a bind in common, and the statement that reads the answers.
fn asked_once(statement: &str) -> (String, String) {
    let question = statement.split_once(ONCE).and_then(|(before, after)| {
        let (bind, after) = after.split_once("*/")?;
        let (question, after) = after.split_at(closing(after)?);
        Some((before, bind, question, after))
    });
    let Some((before, bind, question, after)) = question else {
        return (String::new(), statement.to_owned());
    };
    let question = question.replace('$', "g.c");
    let asked = format!(
        "WITH once AS MATERIALIZED (SELECT g.c{bind}, {question} AS told
                                    FROM (SELECT DISTINCT c{bind} FROM unnest(a{bind}) AS u (c{bind})) AS g) "
    );
    let statement = format!("{before}(SELECT once.told FROM once WHERE once.c{bind} = ${bind}){after}");
    (asked, statement)
}

/// Behind the parenthesis that closes the one a text begins with.
fn closing(text: &str) -> Option<usize> {
    let mut open = 0_i32;
    for (at, letter) in text.char_indices() {
        open += match letter {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        if open == 0 {
            return Some(at + letter.len_utf8());
        }
    }
    None
}

/// The rows of the batch, with as many columns as the text needs.
fn rows_of(text: &str, order: Option<usize>) -> String {
    let mut named = vec!["0".to_owned()];
    named.extend(names_of(text));
    if text.contains(BEFORE) {
        named.push("_before".to_owned());
    }
    let (arrays, columns) = (prefixed("a", &named), prefixed("c", &named));
    let order = order.map(|bind| format!(" ORDER BY c{bind}")).unwrap_or_default();
    // A limit that is not known in advance: a tenth of the rows are expected, which comes to one.
    format!("(SELECT * FROM unnest({arrays}) AS g ({columns}){order} LIMIT how_many) AS r")
}

/// The table's first column and the bind that is inserted there, of a statement that inserts.
fn inserted_key(statement: &str) -> Option<(&str, usize)> {
    let statement = statement.trim_start();
    if !statement.starts_with("INSERT") {
        return None;
    }
    let (_, columns) = statement.split_once('(')?;
    let column = columns.split([',', ')']).next()?.trim();
    let (_, values) = columns.split_once("SELECT ")?;
    Some((column, binds_of(values).next()?))
}

/// The numbers of the binds of a text, each once.
fn names_of(text: &str) -> Vec<String> {
    let mut numbers: Vec<usize> = binds_of(text).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers.iter().map(ToString::to_string).collect()
}

fn prefixed(prefix: &str, names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("{prefix}{name}")).collect();
    names.join(", ")
}

/// Binds become columns of the row at hand.
fn of_the_row(text: &str) -> String {
    text.replace('$', "r.c")
}

/// Where rows are joined to a statement.
const ROWS: &str = "/*rows*/";

/// How many rows of the batch come before the one at hand; written so that it is none where each stands alone.
const BEFORE: &str = "0/*before*/";

/// Before the number of a bind: how many rows of the batch have it in common with the one at hand.
const ALIKE: &str = "1/*alike $";

/// Before the number of a bind, and that before a question in parentheses: its answer is the same for all rows of the batch
/// that have the bind in common.
const ONCE: &str = "/*once $";

/// Behind a bind: the greatest among the rows of the batch.
const GREATEST: &str = "/*greatest*/";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_names_what_it_needs() {
        assert_eq!(needed("INSERT INTO key (id) SELECT $8 WHERE $8 IS NOT NULL"), [7]);
        assert!(needed("SELECT 1 WHERE id = $8 AND (blocked_at IS NOT NULL)").is_empty());
    }

    #[test]
    fn the_key_of_what_is_inserted_comes_first() {
        let statement = "INSERT INTO serial (serial, issuer_id) SELECT $14, $9 /*rows*/";
        assert_eq!(inserted_key(statement), Some(("serial", 14)));
        assert_eq!(inserted_key("UPDATE serial SET issuer_id = $9 /*rows*/"), None);
    }

    #[test]
    fn rows_that_have_a_bind_in_common_are_counted_together() {
        let statement =
            "UPDATE line SET made = made + 1/*alike $5*/, day = $6/*greatest*/ /*rows*/ WHERE id = $5";
        assert_eq!(
            joined(statement, None),
            "UPDATE line SET made = made + (SELECT count(*) FROM unnest(a5) AS g (one) WHERE g.one = r.c5), \
             day = (SELECT max(g.one) FROM unnest(a6) AS g (one))  FROM (SELECT DISTINCT ON (c5) * \
             FROM unnest(a0, a5) AS g (c0, c5) LIMIT how_many) AS r WHERE id = r.c5"
        );
        assert!(follow(statement).contains("JOIN written ON written.name = g.c5"));
    }

    #[test]
    fn what_rows_with_a_bind_in_common_share_is_asked_once() {
        let statement = "INSERT INTO post (id) SELECT $1 /*rows*/
            WHERE /*once $2*/(SELECT COUNT(*) FROM post WHERE (house = $2)) + 0/*before*/ < $3";
        let text = joined(statement, None);
        assert!(
            text.contains("(SELECT COUNT(*) FROM post WHERE (house = g.c2)) AS told")
                && text.contains("FROM (SELECT DISTINCT c2 FROM unnest(a2) AS u (c2)) AS g"),
            "{text}"
        );
        assert!(
            text.ends_with("WHERE (SELECT once.told FROM once WHERE once.c2 = r.c2) + r.c_before < r.c3"),
            "{text}"
        );
        assert_eq!(text.matches("COUNT(*)").count(), 1, "{text}");
    }

    #[test]
    fn rows_are_joined_with_the_columns_that_are_used() {
        assert_eq!(
            joined("UPDATE pump SET key = $12 /*rows*/ WHERE id = $1", None),
            "UPDATE pump SET key = r.c12  FROM (SELECT * FROM unnest(a0, a1, a12) AS g (c0, c1, c12) LIMIT how_many) AS r WHERE id = r.c1"
        );
    }
}
