// SPDX-License-Identifier: Apache-2.0
//! Our own files as text: found, and read with comments and literals blanked out, so that rules judge code only.

use std::fs;
use std::path::{Path, PathBuf};

/// Where our own code and names live.
const ROOMS: &[&str] = &[
    "pki",
    "services",
    "tests",
    "migrations",
    "openapi",
    "deploy",
    "docs",
];

/// One Rust file: its path from the root of the repository, its text, and its code alone.
pub(crate) struct Source {
    pub(crate) path: String,
    pub(crate) text: String,
    pub(crate) code: String,
    /// Whether the whole file is test code: by its place, or because its parent says `#[cfg(test)] mod it;`.
    is_test: bool,
}

impl Source {
    pub(crate) fn new(path: &str, text: &str) -> Self {
        let is_test = path.starts_with("tests/") || path.contains("/tests/") || path.ends_with("/tests.rs");
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
            code: code_of(text),
            is_test,
        }
    }

    /// The modules this file declares for tests only, as paths without their ending.
    fn test_modules(&self) -> Vec<String> {
        let stem = self.path.strip_suffix(".rs").unwrap_or(&self.path);
        let folder = ["/lib", "/main", "/mod"]
            .iter()
            .find_map(|page| stem.strip_suffix(page))
            .unwrap_or(stem);
        let declared = self.code.match_indices("#[cfg(test)]").filter_map(|(at, word)| {
            let (item, _) = self.code[at + word.len()..].split_once([';', '{'])?;
            let name = item.trim().rsplit_once("mod ")?.1;
            self.code[at..]
                .split_once(item)?
                .1
                .starts_with(';')
                .then(|| format!("{folder}/{name}"))
        });
        declared.collect()
    }

    /// The code that is compiled into what we ship: nothing of a test file, and nothing after `#[cfg(test)] mod x {`.
    pub(crate) fn shipped_code(&self) -> &str {
        if self.is_test {
            ""
        } else {
            self.code.split_at(self.tests_begin()).0
        }
    }

    /// The code that runs in tests only.
    pub(crate) fn test_code(&self) -> &str {
        if self.is_test {
            &self.code
        } else {
            self.code.split_at(self.tests_begin()).1
        }
    }

    /// By the house's order tests come last in a file, so an inline test module runs to the end.
    fn tests_begin(&self) -> usize {
        let inline = |at: &usize| {
            self.code[*at..]
                .lines()
                .take(4)
                .any(|line| line.contains("mod ") && line.contains('{'))
        };
        self.code
            .match_indices("#[cfg(test)]")
            .map(|(at, _)| at)
            .find(inline)
            .unwrap_or(self.code.len())
    }
}

/// Every file of ours, by its path from the root of the repository.
pub(crate) fn all_files() -> Vec<String> {
    let root = root();
    let mut files = Vec::new();
    let mut open: Vec<PathBuf> = ROOMS.iter().map(|room| root.join(room)).collect();
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            // Built or fetched things are not ours.
            let foreign = entry.file_name() == "target" || entry.file_name() == "node_modules";
            if path.is_dir() && !foreign {
                open.push(path);
            } else if let Ok(inside) = path.strip_prefix(&root) {
                files.push(inside.to_string_lossy().into_owned());
            }
        }
    }
    files.sort();
    files
}

/// Every Rust file of ours.
pub(crate) fn all_sources() -> Vec<Source> {
    let files = all_files();
    let rust = files.iter().filter(|path| path.ends_with(".rs"));
    let mut sources: Vec<Source> = rust.map(|path| Source::new(path, &read(path))).collect();
    assert!(
        sources.iter().any(|source| source.path == "pki/x509/src/lib.rs"),
        "the walk reaches the crates"
    );
    mark_test_modules(&mut sources);
    sources
}

fn mark_test_modules(sources: &mut [Source]) {
    let declared: Vec<String> = sources.iter().flat_map(Source::test_modules).collect();
    for source in sources {
        let mut beginnings = declared
            .iter()
            .filter_map(|module| source.path.strip_prefix(module.as_str()));
        source.is_test |= beginnings.any(|rest| rest == ".rs" || rest.starts_with('/'));
    }
}

/// The text of one file of ours.
pub(crate) fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|fault| panic!("{path}: {fault}"))
}

/// The 1-based line on which this offset of a text lies.
pub(crate) fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("tests/ has a parent")
        .to_owned()
}

/// The same text, byte for byte as long, with comments and the insides of literals turned to blanks.
fn code_of(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut code = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let end = literal_end(bytes, at).min(bytes.len());
        if end == at {
            at += 1;
            continue;
        }
        for byte in code[at..end].iter_mut().filter(|byte| **byte != b'\n') {
            *byte = b' ';
        }
        at = end;
    }
    String::from_utf8(code).expect("literals and comments are blanked whole")
}

/// Where the comment or literal that begins at `at` ends; `at` itself when none begins there.
fn literal_end(bytes: &[u8], at: usize) -> usize {
    let rest = &bytes[at..];
    let continues_a_word = at > 0 && (bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'_');
    if rest.starts_with(b"//") {
        return at + rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
    }
    if rest.starts_with(b"/*") {
        return at + block_comment_length(rest);
    }
    if rest.starts_with(b"\"") {
        return at + 1 + quoted_length(&rest[1..], b'"');
    }
    if !continues_a_word && let Some(length) = raw_string_length(rest) {
        return at + length;
    }
    // A character literal, not a lifetime: 'x' or an escape.
    let is_character = rest.starts_with(b"'\\")
        || (rest.starts_with(b"'")
            && rest
                .iter()
                .skip(2)
                .take(4)
                .position(|byte| *byte == b'\'')
                .is_some_and(|gap| gap == 0 || rest[1] >= 0x80));
    if is_character {
        return at + 1 + quoted_length(&rest[1..], b'\'');
    }
    at
}

fn block_comment_length(rest: &[u8]) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < rest.len() {
        if rest[at..].starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    at
}

/// The length up to and with the closing quote.
fn quoted_length(inside: &[u8], quote: u8) -> usize {
    let mut at = 0;
    while at < inside.len() {
        match inside[at] {
            b'\\' => at += 2,
            byte if byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    at
}

fn raw_string_length(rest: &[u8]) -> Option<usize> {
    let prefix = if rest.starts_with(b"br") {
        2
    } else {
        usize::from(rest.starts_with(b"r"))
    };
    let hashes = rest
        .get(prefix..)?
        .iter()
        .take_while(|byte| **byte == b'#')
        .count();
    let opened = prefix + hashes + 1;
    if prefix == 0 || rest.get(opened - 1) != Some(&b'"') {
        return None;
    }
    let closing: Vec<u8> = std::iter::once(b'"')
        .chain(std::iter::repeat_n(b'#', hashes))
        .collect();
    let inside = rest
        .get(opened..)?
        .windows(closing.len())
        .position(|window| window == closing)?;
    Some(opened + inside + closing.len())
}

#[test]
fn only_code_is_left_of_a_file() {
    let text =
        "a(); // b()\n/* c( /* d( */ */ e(\"f(\\\"g(\", r#\"h(\"i(\"#, 'j', '\\'', b\"k(\") as &'l M; n('é')";
    let code = code_of(text);
    assert_eq!(code.len(), text.len());
    let words: String = code.split_whitespace().collect();
    assert_eq!(words, "a();e(,,,,b)as&'lM;n()");
}

#[test]
fn an_inline_test_module_is_not_shipped() {
    let source = Source::new(
        "pki/x509/src/x.rs",
        "fn a() {}\n#[cfg(test)]\nmod tests;\nfn b() {}\n#[cfg(test)]\nmod more {\n fn c() {}\n}\n",
    );
    assert!(source.shipped_code().contains("fn b") && !source.shipped_code().contains("fn c"));
    assert!(source.test_code().contains("fn c"));
}

#[test]
fn a_module_declared_for_tests_is_not_shipped() {
    let text =
        "mod shipped;\n#[cfg(test)]\npub(crate) mod fixtures;\n#[cfg(test)]\nmod inline { mod deep; }\n";
    let file = |path: &str| Source::new(path, "fn a() {}");
    let mut sources = [
        Source::new("pki/x509/src/lib.rs", text),
        file("pki/x509/src/fixtures.rs"),
        file("pki/x509/src/fixtures/deep.rs"),
        file("pki/x509/src/shipped.rs"),
    ];
    mark_test_modules(&mut sources);
    assert_eq!(sources.map(|source| source.is_test), [false, true, true, false]);
}
