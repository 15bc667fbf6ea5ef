// SPDX-License-Identifier: Apache-2.0
//! The text of a request: its form, and behind it a line a part, each with its name before it.

use std::str::FromStr;

use crate::refusal::Fault;

/// The parts of a request, a line each.
pub(super) struct Parts<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Parts<'a> {
    pub(super) fn of(request: &'a str) -> Result<Self, Fault> {
        let mut lines = request.lines();
        if lines.next() != Some(FORM) {
            return Err(unreadable("it is of another form".to_owned()));
        }
        let parts: Option<Vec<_>> = lines.map(|line| line.split_once(' ')).collect();
        parts
            .map(Self)
            .ok_or_else(|| unreadable("a line has no name".to_owned()))
    }

    pub(super) fn text(&self, name: &str) -> Result<&'a str, Fault> {
        let mut fit = self.0.iter().filter(|(known, _)| *known == name);
        match (fit.next(), fit.next()) {
            (Some((_, text)), None) => Ok(text),
            _ => Err(unreadable(format!("it has no one {name}"))),
        }
    }

    /// One that may be left out.
    pub(super) fn maybe<T: FromStr>(&self, name: &str) -> Result<Option<T>, Fault> {
        let there = self.0.iter().any(|(known, _)| *known == name);
        there.then(|| self.read(name)).transpose()
    }

    /// One that may be left out, with what people call it behind.
    pub(super) fn named<T: FromStr>(&self, name: &str) -> Result<Option<(T, String)>, Fault> {
        if !self.0.iter().any(|(known, _)| *known == name) {
            return Ok(None);
        }
        let (value, called) = self.text(name)?.split_once(' ').unwrap_or_default();
        let value = value
            .parse()
            .map_err(|_| unreadable(format!("its {name} cannot be read")))?;
        Ok(Some((value, called.to_owned())))
    }

    pub(super) fn read<T: FromStr>(&self, name: &str) -> Result<T, Fault> {
        let text = self.text(name)?;
        text.parse()
            .map_err(|_| unreadable(format!("its {name} cannot be read")))
    }
}

pub(super) fn unreadable(why: String) -> Fault {
    Fault::new("reading what an approval is for", why)
}

/// The first line of each: a later form has another.
pub(super) const FORM: &str = "tamga request 1";
