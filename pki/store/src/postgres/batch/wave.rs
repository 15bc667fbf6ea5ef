// SPDX-License-Identifier: Apache-2.0
//! Sorts the rows of a batch into calls: those that name the same device, key or serial are written one after the other.
//!
//! So a row is judged by what every row before it wrote, as if each were written alone, and what is written side by side
//! has nothing in common.

use std::collections::HashMap;

use super::call::Call;
use super::{Binds, Cell, Script, binds_of};

/// The calls these scripts come to, in the order in which they are to be made.
pub(super) fn calls(scripts: Vec<Binds>) -> Vec<Call> {
    let mut kinds: Vec<Kind> = Vec::new();
    for (place, Binds { script, cells }) in scripts.into_iter().enumerate() {
        let kind = match kinds.iter().position(|kind| kind.script == script) {
            Some(known) => kinds.get_mut(known),
            None => {
                kinds.push(Kind::of(script));
                kinds.last_mut()
            }
        };
        if let Some(kind) = kind {
            kind.add(place, cells);
        }
    }
    kinds.into_iter().flat_map(|kind| kind.waves).collect()
}

/// The rows of one script.
struct Kind {
    script: Script,
    /// What names something that rows must not have in common, with the number of its realm.
    names: Vec<(usize, Vec<usize>)>,
    /// The last wave with a row of this name.
    taken: HashMap<(usize, Vec<Cell>), usize>,
    waves: Vec<Call>,
}

impl Kind {
    fn of(script: Script) -> Self {
        let realms = script.apart.iter().enumerate();
        let names = realms.flat_map(|(realm, names)| {
            names
                .split('|')
                .map(move |name| (realm, binds_of(name).map(|number| number - 1).collect()))
        });
        Self {
            names: names.collect(),
            script,
            taken: HashMap::new(),
            waves: Vec::new(),
        }
    }

    fn add(&mut self, place: usize, cells: Vec<Cell>) {
        let names: Vec<_> = self
            .names
            .iter()
            .filter_map(|(realm, name)| {
                let cells: Option<Vec<Cell>> = name.iter().map(|at| cells.get(*at).cloned()).collect();
                // What is absent is nobody else's.
                let cells = cells.filter(|cells| !cells.iter().any(Cell::is_null));
                cells.map(|cells| (*realm, cells))
            })
            .collect();
        let taken = names.iter().filter_map(|name| self.taken.get(name)).max();
        let wave = taken.map_or(0, |wave| wave + 1);
        for name in names {
            self.taken.insert(name, wave);
        }
        match self.waves.get_mut(wave) {
            Some(call) => call.add(place, cells),
            None => self.waves.push(Call::of(self.script, place, cells)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::script;
    use super::*;

    const KEYED: Script = script!(
        @order "$1";
        @apart "$1";
        @apart "$2 | $3";
        "INSERT INTO pump (id, key, birth) SELECT $1, $2, $3 /*rows*/"
    );

    fn row(device: i64, key: i64, birth: Option<i64>) -> Binds {
        KEYED.query().bind(device).bind(key).bind(birth)
    }

    fn waves(rows: Vec<Binds>) -> Vec<Vec<usize>> {
        calls(rows).iter().map(Call::places).collect()
    }

    #[test]
    fn rows_with_nothing_in_common_are_written_side_by_side() {
        assert_eq!(waves(vec![row(1, 1, None), row(2, 2, None)]), [[0, 1]]);
    }

    #[test]
    fn rows_that_name_the_same_are_written_one_after_the_other() {
        let rows = vec![
            row(1, 1, None),
            row(1, 2, None),
            row(2, 2, None),
            row(3, 3, Some(1)),
        ];
        assert_eq!(waves(rows), [vec![0], vec![1, 3], vec![2]]);
    }

    #[test]
    fn a_row_may_name_the_same_twice() {
        assert_eq!(waves(vec![row(1, 1, Some(1)), row(2, 2, Some(2))]), [[0, 1]]);
    }
}
