// SPDX-License-Identifier: Apache-2.0
//! The page `docs/reference/errors.md`, written from the code: every code a refusal can have, what it means, and what to do.
//!
//! A refusal is a variant with a sentence (`#[error(…)]`) and a stable code (`fn slug`). Its doc comment says what it means,
//! its sentence what to do; where it is answered, and with which status, the documents of the planes say.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::Value;

use crate::source::{all_sources, read};

/// A variant that refuses.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Refusal {
    slug: String,
    sentence: String,
    meaning: String,
    /// With which status the admin plane would answer it.
    status: Option<u16>,
    /// It is a plane's own or authority's own word, and no reason within one.
    direct: bool,
}

/// What a variant says of itself.
#[derive(Clone, Debug, Default)]
struct Variant {
    meaning: String,
    sentence: String,
}

/// The variants of every enum of a file, by enum and name.
fn variants(text: &str) -> BTreeMap<(String, String), Variant> {
    let mut found = BTreeMap::new();
    let mut within = None;
    let mut told = Variant::default();
    let mut lines = text.lines();
    let mut above = String::new();
    while let Some(line) = lines.next() {
        // A structure that refuses stands for itself; its sentence lists what it holds.
        if let Some(doc) = line.strip_prefix("///") {
            above.push_str(doc);
        } else if let Some(rest) = line.strip_prefix("pub struct ") {
            let name = rest.split(['(', '{', ' ', ';']).next().unwrap_or_default();
            let told = Variant {
                meaning: std::mem::take(&mut above),
                sentence: "every fault is told, with its place and what is right: mend them all".to_owned(),
            };
            found.insert((name.to_owned(), String::new()), told);
        } else if !line.starts_with('#') {
            above.clear();
        }
        if let Some(name) = enum_name(line) {
            within = Some(name);
            told = Variant::default();
            continue;
        }
        let Some(of) = within.clone() else { continue };
        if line == "}" {
            within = None;
        } else if let Some(doc) = line.strip_prefix("    ///") {
            told.meaning.push_str(doc);
        } else if line.trim_start().starts_with("#[error(") && line.starts_with("    #") {
            let mut attribute = line.trim().to_owned();
            while !attribute.ends_with(")]") {
                let Some(next) = lines.next() else { break };
                attribute.push('\n');
                attribute.push_str(next.trim());
            }
            told.sentence = sentence(&attribute);
        } else if let Some(name) = variant_name(line) {
            found.insert((of, name), std::mem::take(&mut told));
            // What it holds has doc comments of its own.
            let end = match line.chars().last() {
                Some('{') => "    },",
                Some('(') => "    ),",
                _ => continue,
            };
            for inner in lines.by_ref() {
                if inner == end {
                    break;
                }
            }
        }
    }
    found
}

fn enum_name(line: &str) -> Option<String> {
    let rest = line
        .strip_prefix("pub enum ")
        .or_else(|| line.strip_prefix("pub(crate) enum "))?;
    Some(rest.trim_end_matches(" {").to_owned())
}

fn variant_name(line: &str) -> Option<String> {
    let rest = line.strip_prefix("    ")?;
    let name: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
    let follows = rest[name.len()..].chars().next();
    let named = name.starts_with(|first: char| first.is_ascii_uppercase());
    (named && matches!(follows, Some(',' | '(' | ' ') | None)).then_some(name)
}

/// The text of an `#[error(…)]`, with a gap for each value.
fn sentence(attribute: &str) -> String {
    let (Some(from), Some(to)) = (attribute.find('"'), attribute.rfind('"')) else {
        return String::new();
    };
    let literal = &attribute[from + 1..to.max(from + 1)];
    // Arguments may follow the text, with texts of their own.
    let literal = literal.split("\", ").next().unwrap_or_default();
    let whole = literal
        .replace("\\\n", "")
        .replace('\n', " ")
        .replace("\\\"", "\"")
        .replace("\\n", " ");
    let whole = whole.replace("{{", "\u{1}").replace("}}", "\u{2}");
    let mut text = String::new();
    let mut rest = whole.as_str();
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        text.push('…');
        rest = after.split_once('}').map_or("", |(_, after)| after);
    }
    text.push_str(rest);
    text.replace('\u{1}', "{").replace('\u{2}', "}")
}

/// The arms of every `fn slug` of a file: enum, variant, code.
fn slugs(text: &str) -> Vec<(String, String, String)> {
    let (mut found, mut of) = (Vec::new(), String::new());
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(rest) = line.strip_prefix("impl ") {
            of = rest.trim_end_matches(" {").to_owned();
        }
        if !line.contains("fn slug(") {
            continue;
        }
        let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "    }").collect();
        if let [only] = body.as_slice()
            && let Some(code) = only
                .trim()
                .strip_prefix('"')
                .and_then(|rest| rest.strip_suffix('"'))
        {
            found.push((of.clone(), String::new(), code.to_owned()));
        }
        let mut names = Vec::new();
        for line in body {
            let (pattern, says) = line.split_once("=>").unwrap_or((line, ""));
            let begins = pattern
                .match_indices("Self::")
                .map(|(at, word)| &pattern[at + word.len()..]);
            names.extend(begins.map(|rest| {
                rest.chars()
                    .take_while(char::is_ascii_alphanumeric)
                    .collect::<String>()
            }));
            if !line.contains("=>") {
                continue;
            }
            let code = says.trim().trim_end_matches(',').trim_matches('"');
            let code = constant(text, code);
            let plain = code
                .chars()
                .all(|letter| letter.is_ascii_lowercase() || letter == '_' || letter.is_ascii_digit());
            for name in names
                .drain(..)
                .filter(|_| plain && !code.is_empty() && says.contains(['"', '_']))
            {
                found.push((of.clone(), name, code.clone()));
            }
        }
    }
    found
}

/// What a constant of the file says; anything else stands for itself.
fn constant(text: &str, name: &str) -> String {
    let said = text.lines().find_map(|line| {
        let (head, value) = line.split_once(" = \"")?;
        let known = head.contains(&format!("const {name}:"));
        known.then(|| value.trim_end_matches("\";").to_owned())
    });
    said.unwrap_or_else(|| name.to_owned())
}

/// Without the links of Rust's documentation.
fn plain(text: &str) -> String {
    let mut parts = text.split("](");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain.push_str(part.split_once(')').map_or("", |(_, rest)| rest));
    }
    plain.replace("[`", "`").replace("`]", "`")
}

fn refusals() -> BTreeSet<Refusal> {
    let mut all = BTreeSet::new();
    let sources = all_sources();
    let of_a_plane = [
        "services/gateway/src/admin/problem.rs",
        "services/gateway/src/admin/problem/at_the_rim.rs",
        "services/runtime/src/listener/words.rs",
    ];
    let known = sources
        .iter()
        .filter(|source| of_a_plane.contains(&source.path.as_str()));
    let known: BTreeMap<_, _> = known.flat_map(|source| statuses(&source.text)).collect();
    for source in &sources {
        if !source.path.contains("/src/") || source.shipped_code().is_empty() {
            continue;
        }
        let variants = variants(&source.text);
        for (of, name, slug) in slugs(&source.text) {
            let Some(variant) = variants.get(&(of.clone(), name.clone())) else {
                continue;
            };
            // The device plane has a rim of its own, of the same name.
            let here = !source.path.starts_with("services/gateway/src/dps");
            all.insert(Refusal {
                direct: ["Refusal", "RimRefusal", "Interruption"].contains(&of.as_str()),
                status: here.then(|| status_of(&of, &name, &known)).flatten(),
                slug,
                sentence: variant.sentence.clone(),
                meaning: plain(variant.meaning.trim()),
            });
        }
    }
    all
}

/// The codes the admin plane can answer.
fn on_the_admin_plane() -> BTreeSet<String> {
    let document: Value = serde_json::from_str(&read("openapi/admin.json")).expect("the document is JSON");
    let shared = document["components"]["responses"]
        .as_object()
        .into_iter()
        .flatten();
    let operations = document["paths"].as_object().into_iter().flatten();
    let operations = operations.flat_map(|(_, item)| item.as_object().into_iter().flatten());
    let all = shared
        .chain(operations)
        .flat_map(|(_, said)| words(&said["x-problem-codes"]));
    all.collect()
}

/// The status of each variant, by enum and name, as a function of the admin plane says it.
fn statuses(text: &str) -> BTreeMap<(String, String), u16> {
    let (mut found, mut of, mut within) = (BTreeMap::new(), String::new(), false);
    let mut names: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("impl ") {
            of = rest.trim_end_matches(" {").to_owned();
        }
        within |= line.contains("fn status(") || line.contains("fn status_of(");
        if !within {
            continue;
        }
        let word = |letter: char| !letter.is_ascii_alphanumeric();
        for (at, _) in line.match_indices("::") {
            let left = line[..at].rsplit(word).next().unwrap_or_default();
            let right = line[at + 2..].split(word).next().unwrap_or_default();
            match left {
                "StatusCode" => {
                    let status = line[at + 2..].split([',', ' ']).next().and_then(number);
                    found.extend(names.drain(..).filter_map(|name| Some((name, status?))));
                }
                "Self" => names.push((of.clone(), right.to_owned())),
                left => names.push((left.to_owned(), right.to_owned())),
            }
        }
        if line == "    }" || line == "}" {
            within = false;
            names.clear();
        }
    }
    found
}

fn number(constant: &str) -> Option<u16> {
    Some(match constant.trim_end_matches(',') {
        "BAD_REQUEST" => 400,
        "UNAUTHORIZED" => 401,
        "FORBIDDEN" => 403,
        "NOT_FOUND" => 404,
        "METHOD_NOT_ALLOWED" => 405,
        "REQUEST_TIMEOUT" => 408,
        "CONFLICT" => 409,
        "PRECONDITION_FAILED" => 412,
        "PAYLOAD_TOO_LARGE" => 413,
        "UNSUPPORTED_MEDIA_TYPE" => 415,
        "UNPROCESSABLE_ENTITY" => 422,
        "PRECONDITION_REQUIRED" => 428,
        "INTERNAL_SERVER_ERROR" => 500,
        "SERVICE_UNAVAILABLE" => 503,
        _ => return None,
    })
}

/// With which status the admin plane answers a variant: authority's by its table, where those of others stand within.
fn status_of(of: &str, name: &str, known: &BTreeMap<(String, String), u16>) -> Option<u16> {
    let outer = match of {
        "Doubt" => ("Refusal", "Unproven"),
        "CsrRefusal" | "KeyRefusal" => ("Refusal", "Csr"),
        "ProfileFaults" => ("Refusal", "ProfileInvalid"),
        "Denial" => ("Denial", name),
        of => (of, name),
    };
    known.get(&(outer.0.to_owned(), outer.1.to_owned())).copied()
}

fn words(list: &Value) -> Vec<String> {
    let all = list.as_array().into_iter().flatten().filter_map(Value::as_str);
    all.map(str::to_owned).collect()
}

/// With which error code the device plane answers each, as its page says, which a test of its own keeps true.
fn on_the_device_plane() -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in read("docs/reference/dps.md").lines() {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        if let [_, code, _, slug, ..] = cells.as_slice()
            && code.len() == 6
            && code.bytes().all(|octet| octet.is_ascii_digit())
        {
            let slug = slug.trim_matches('`').to_owned();
            found.entry(slug).or_default().insert((*code).to_owned());
        }
    }
    found
}

fn page() -> String {
    let (admin, device) = (on_the_admin_plane(), on_the_device_plane());
    let (mut page, mut within) = (HEAD.to_owned(), String::new());
    let refusals = refusals();
    let is_told = |one: &Refusal| !one.sentence.replace('…', "").trim().is_empty();
    for refusal in &refusals {
        // What has no sentence is a word for something else, or said in the words of another.
        if !is_told(refusal) {
            continue;
        }
        let escaped = |text: &str| text.replace('|', "\\|");
        let (meaning, sentence) = (escaped(&refusal.meaning), escaped(&refusal.sentence));
        let status = refusal
            .status
            .filter(|_| refusal.direct || admin.contains(&refusal.slug));
        let code = device.get(&refusal.slug);
        let slug = &refusal.slug;
        if status.is_none() && code.is_none() {
            writeln!(within, "| `{slug}` | {meaning} | {sentence} |").expect("a string");
            continue;
        }
        let status = status.map(|status| status.to_string()).unwrap_or_default();
        let code = code.map(|all| all.iter().cloned().collect::<Vec<_>>().join(", "));
        let code = code.unwrap_or_default();
        writeln!(page, "| `{slug}` | {status} | {code} | {meaning} | {sentence} |").expect("a string");
    }
    page.push_str(WITHIN);
    page.push_str(&within);
    page
}

#[test]
fn every_refusal_is_in_the_catalogue() {
    let (wanted, path) = (page(), "docs/reference/errors.md");
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join(path);
    if std::fs::read_to_string(file).is_ok_and(|kept| kept == wanted) {
        return;
    }
    let place = std::env::temp_dir().join(path.replace('/', "-"));
    std::fs::write(&place, wanted).expect("written");
    panic!(
        "{path} is not what the code says: run cp {} {path}",
        place.display()
    );
}

#[test]
fn every_code_a_plane_can_answer_is_found_in_the_code() {
    let known: BTreeSet<String> = refusals().into_iter().map(|refusal| refusal.slug).collect();
    for code in on_the_admin_plane().iter().chain(on_the_device_plane().keys()) {
        assert!(
            known.contains(code) || OURS.contains(&code.as_str()),
            "{code} is answered, and no `fn slug` says it"
        );
    }
    assert!(known.len() > 80, "the codes are found: {}", known.len());
}

#[test]
fn a_refusal_is_read_as_it_is_written() {
    let text = "pub enum Doubt {\n    /// It is late,\n    /// by much.\n    #[error(\n        \"too late by {0}: hurry {{up}}\"\n    )]\n    Late(u8),\n    /// Odd.\n    #[error(transparent)]\n    Odd {\n        /// Inner.\n        inner: u8,\n    },\n}\n\nimpl Doubt {\n    pub fn slug(&self) -> &'static str {\n        match self {\n            Self::Late(_)\n            | Self::Odd { .. } => \"late\",\n        }\n    }\n}\n";
    let variants = variants(text);
    let late = &variants[&("Doubt".to_owned(), "Late".to_owned())];
    assert_eq!(
        (late.meaning.trim(), late.sentence.as_str()),
        ("It is late, by much.", "too late by …: hurry {up}")
    );
    let found: Vec<_> = slugs(text)
        .into_iter()
        .map(|(_, name, slug)| (name, slug))
        .collect();
    assert_eq!(
        found,
        [
            ("Late".to_owned(), "late".to_owned()),
            ("Odd".to_owned(), "late".to_owned())
        ]
    );
}

/// Faults of ours are no refusals, and have no variant.
const OURS: [&str; 2] = ["fault", "memory_unavailable"];

const HEAD: &str = "# Errors

Every code a refusal can have. A code is stable: programs may rely on it. The sentence beside it comes with every refusal and says what to do;
`…` stands for what it names. On the admin plane a refusal is a problem document (RFC 9457), its code in `code`, its request in `trackingId`; a row of a
batch or an import has the same codes. On the device plane the code is in `info.slug`, beside the DPS error code whose first three digits are the HTTP status.
`tamga` ends with 3 and tells sentence, code and tracking id.

`fault` (500, 503) is ours: it says nothing but its tracking id, under which the log has the cause. `memory_unavailable` (503) is ours, too, and passes by
itself: send the request again.

| code | admin | device | what it means | what to do |
|---|---|---|---|---|
";

const WITHIN: &str = "
## Within others

These are no answers by themselves: they stand in the journal, in results of `tamga`, or as the reason an answer above names.

| code | what it means | what to do |
|---|---|---|
";
