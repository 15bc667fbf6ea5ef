// SPDX-License-Identifier: Apache-2.0
//! What may be given to a verb, and the JSON it becomes.

use std::path::Path;

use serde_json::{Value, json};
use tamga_registry::device::RegistrationId;
use tamga_registry::organization::OrganizationSlug;

use crate::certificate_file;
use crate::exit::{End, Failure};
use crate::files::read;

/// What may be given.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// Any text.
    Text,
    /// The name of a thing, or a registration id.
    Name,
    /// The slug of an organization.
    Slug,
    /// An id with this beginning, as `crt`.
    Id(&'static str),
    /// A whole number.
    Number,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A file with one certificate, PEM or DER.
    Certificate,
    /// A file with one certificate request, PEM or DER.
    Request,
    /// A file, octet for octet.
    File,
    /// A file with one JSON value.
    Json,
    /// `true` or `false`.
    Truth,
}

impl Kind {
    /// What stands for it in the usage.
    pub(crate) const fn stands_for(self) -> &'static str {
        match self {
            Self::Text => "TEXT",
            Self::Name => "NAME",
            Self::Slug => "SLUG",
            Self::Id(_) => "ID",
            Self::Number => "NUMBER",
            Self::Choice(_) => "WORD",
            Self::Certificate | Self::Request | Self::File | Self::Json => "FILE",
            Self::Truth => "TRUTH",
        }
    }

    /// Judges a text as it is typed.
    pub(crate) fn judge(self, text: &str) -> Result<String, String> {
        let told = |fault: &dyn std::fmt::Display| fault.to_string();
        match self {
            Self::Name => text
                .parse::<RegistrationId>()
                .map(drop)
                .map_err(|fault| told(&fault))?,
            Self::Slug => text
                .parse::<OrganizationSlug>()
                .map(drop)
                .map_err(|fault| told(&fault))?,
            Self::Truth => text.parse::<bool>().map(drop).map_err(|fault| told(&fault))?,
            Self::Number => text.parse::<i64>().map(drop).map_err(|fault| told(&fault))?,
            Self::Id(prefix) if !is_id(prefix, text) => {
                return Err(format!(
                    "an id is {prefix}_ and 26 letters and digits, as the lists show it"
                ));
            }
            Self::Id(_)
            | Self::Text
            | Self::Choice(_)
            | Self::Certificate
            | Self::Request
            | Self::File
            | Self::Json => {}
        }
        Ok(text.to_owned())
    }

    /// The value of a text that was judged.
    pub(crate) fn value(self, text: &str) -> Result<Value, Failure> {
        let path = Path::new(text);
        Ok(match self {
            Self::Text | Self::Name | Self::Slug | Self::Id(_) | Self::Choice(_) => json!(text),
            Self::Number => json!(text.parse::<i64>().unwrap_or_default()),
            Self::Certificate => json!(certificate_file::only(path)?),
            Self::Request => json!(certificate_file::request(path)?),
            Self::File => Value::Null,
            Self::Json => json_of(path)?,
            Self::Truth => json!(text == "true"),
        })
    }
}

/// The JSON value of a file.
fn json_of(path: &Path) -> Result<Value, Failure> {
    let octets = read(path)?;
    serde_json::from_slice(&octets)
        .map_err(|fault| Failure::new(End::Usage, format!("{} is no JSON: {fault}", path.display())))
}

fn is_id(prefix: &str, text: &str) -> bool {
    let rest = text.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('_'));
    rest.is_some_and(|rest| {
        rest.len() == 26
            && rest
                .bytes()
                .all(|octet| matches!(octet, b'a'..=b'z' | b'2'..=b'7'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_name_nothing_is_refused_before_anybody_is_asked() {
        assert!(Kind::Id("crt").judge(&format!("crt_{}", "a".repeat(26))).is_ok());
        for (kind, wrong) in [
            (Kind::Id("crt"), "crt_1"),
            (Kind::Id("crt"), "dev_aaaaaaaaaaaaaaaaaaaaaaaaaa"),
            (Kind::Slug, "Not A Slug"),
            (Kind::Number, "many"),
            (Kind::Name, "pump 1"),
        ] {
            assert!(kind.judge(wrong).is_err(), "{kind:?} {wrong}");
        }
    }

    #[test]
    fn a_number_is_a_number() {
        assert_eq!(Kind::Number.value("7").unwrap(), json!(7));
        assert_eq!(Kind::Text.value("7").unwrap(), json!("7"));
    }
}
