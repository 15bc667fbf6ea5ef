// SPDX-License-Identifier: Apache-2.0
//! Why something is revoked, and what the two revocations answer.

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::arguments::AdminArguments;
use super::show::{Output, say};

/// Why something is revoked.
#[derive(Args, Clone, Debug)]
pub(crate) struct Because {
    /// Why; key_compromise also blocks the key for ever, everywhere
    #[arg(long, value_enum, default_value_t)]
    reason: Reason,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Reason {
    #[default]
    Unspecified,
    KeyCompromise,
    AffiliationChanged,
    Superseded,
    CessationOfOperation,
    PrivilegeWithdrawn,
}

impl Because {
    /// The body of the call.
    pub(crate) fn body(&self) -> Value {
        let reason = self.reason.to_possible_value();
        json!({ "reason": reason.as_ref().map(PossibleValue::get_name) })
    }
}

/// Writes what was revoked, and by when everybody can know.
pub(crate) fn write(admin: &AdminArguments, what: &str, answer: &Value) {
    if admin.output() == Output::Json {
        return say(&super::arguments::pretty(answer));
    }
    let text = |member: &str| answer[member].as_str().unwrap_or_default().to_owned();
    if answer["already"].as_bool() == Some(true) {
        return say(&format!(
            "{what} was revoked before, at {}; nothing changed",
            text("revokedAt")
        ));
    }
    say(&format!("{what} is revoked since {}", text("revokedAt")));
    for certificate in answer["certificates"].as_array().into_iter().flatten() {
        say(&format!(
            "  certificate {}",
            certificate.as_str().unwrap_or_default()
        ));
    }
    say(&format!("on the published lists by {}", text("visibleBy")));
}
