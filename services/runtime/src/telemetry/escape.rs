// SPDX-License-Identifier: Apache-2.0
//! Keeps strangers' text from drawing in our logs: control characters, terminal escapes, line breaks and
//! bidirectional marks are shown as `\u{…}`.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;

/// Text of a stranger, shown escaped and cut after a number of characters.
///
/// What was cut is named by its length and the start of its SHA-256, so that two long values can be told apart.
#[derive(Copy, Clone, Debug)]
pub struct Foreign<'a> {
    text: &'a str,
    longest: usize,
}

impl<'a> Foreign<'a> {
    /// `text`, of which at most `longest` characters are shown.
    #[must_use]
    pub fn new(text: &'a str, longest: usize) -> Self {
        Self { text, longest }
    }
}

impl fmt::Display for Foreign<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((cut, _)) = self.text.char_indices().nth(self.longest) else {
            return write_escaped(f, self.text);
        };
        write_escaped(f, self.text.get(..cut).unwrap_or_default())?;
        let hash = HEXLOWER.encode(digest(&SHA256, self.text.as_bytes()).as_ref());
        let hash = hash.get(..16).unwrap_or_default();
        write!(f, "… ({} bytes, sha256 {hash})", self.text.len())
    }
}

/// Writes `text` with everything that could draw replaced by its code point.
pub(super) fn write_escaped(to: &mut impl fmt::Write, text: &str) -> fmt::Result {
    let mut plain = text;
    while let Some((at, found)) = plain.char_indices().find(|(_, c)| draws(*c)) {
        to.write_str(plain.get(..at).unwrap_or_default())?;
        write!(to, "\\u{{{:x}}}", u32::from(found))?;
        plain = plain
            .get(at.saturating_add(found.len_utf8())..)
            .unwrap_or_default();
    }
    to.write_str(plain)
}

/// The same for a line of JSON, where every such character stands inside a string.
pub(super) fn write_escaped_json(to: &mut impl fmt::Write, line: &str) -> fmt::Result {
    for c in line.chars() {
        if draws(c) {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                write!(to, "\\u{unit:04x}")?;
            }
        } else {
            to.write_char(c)?;
        }
    }
    Ok(())
}

/// Control characters (C0, DEL, C1), line and paragraph separators, invisible and bidirectional marks, the
/// byte order mark and the tag characters.
fn draws(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{061c}' | '\u{00ad}' | '\u{180e}' | '\u{feff}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_draw_is_shown_as_its_code_point() {
        let text = "pump\r\n2026 INFO forged\u{1b}[31m\u{202e}txt\u{85}\u{9b}é{}%s";
        assert_eq!(
            Foreign::new(text, 100).to_string(),
            "pump\\u{d}\\u{a}2026 INFO forged\\u{1b}[31m\\u{202e}txt\\u{85}\\u{9b}é{}%s"
        );
    }

    #[test]
    fn long_text_is_cut_and_told_apart() {
        let (first, second) = ("x".repeat(1_000_000), format!("{}y", "x".repeat(999_999)));
        let (first, second) = (
            Foreign::new(&first, 8).to_string(),
            Foreign::new(&second, 8).to_string(),
        );
        assert!(first.starts_with("xxxxxxxx… (1000000 bytes, sha256 "), "{first}");
        assert_ne!(first, second);
        assert_eq!(Foreign::new("ünïcödé!", 8).to_string(), "ünïcödé!");
    }

    #[test]
    fn a_json_line_keeps_its_meaning() {
        let mut line = String::new();
        write_escaped_json(&mut line, "{\"id\":\"a\u{202e}b\u{e0001}\u{9b}\"}").expect("written");
        assert_eq!(line, "{\"id\":\"a\\u202eb\\udb40\\udc01\\u009b\"}");
        let value: serde_json::Value = serde_json::from_str(&line).expect("JSON");
        assert_eq!(value["id"], "a\u{202e}b\u{e0001}\u{9b}");
    }
}
