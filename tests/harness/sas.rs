// SPDX-License-Identifier: Apache-2.0
//! Signs tokens the way each real client does, with encoders of its own: the house's are not tested by themselves.

use aws_lc_rs::hmac;
use data_encoding::BASE64;

/// The octets of a symmetric key.
#[derive(Clone, PartialEq, Eq)]
pub struct SasKey(Vec<u8>);

impl SasKey {
    /// From the text an operator is shown.
    pub fn from_base64(text: &str) -> Self {
        Self(BASE64.decode(text.as_bytes()).expect("a key is standard base64"))
    }

    /// That of a device that has none.
    pub(crate) fn none() -> Self {
        Self(Vec::new())
    }

    /// As the text an SDK wants.
    pub fn to_base64(&self) -> String {
        BASE64.encode(&self.0)
    }

    /// The key of one device of a group.
    pub fn derived_for(&self, registration_id: &str) -> Self {
        Self(self.mac(registration_id))
    }

    fn mac(&self, text: &str) -> Vec<u8> {
        hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &self.0), text.as_bytes())
            .as_ref()
            .to_vec()
    }
}

/// Writes a resource the way a client does.
type Writing = fn(&str) -> String;

/// How one client writes its token.
#[derive(Clone, Copy)]
pub struct Dialect {
    /// Who writes so.
    pub client: &'static str,
    /// How `scope/registrations/id` becomes the literal `sr`.
    pub resource: Writing,
    /// `None`: no such field; `Some("")`: an empty one.
    pub skn: Option<&'static str>,
    /// Seconds a token lives.
    pub life: i64,
    /// Whether `skn` goes before `se`, as the symmetric-key client for Node does.
    pub skn_first: bool,
}

const fn dialect(client: &'static str, resource: Writing, skn: &'static str, life: i64) -> Dialect {
    Dialect {
        client,
        resource,
        skn: Some(skn),
        life,
        skn_first: false,
    }
}

/// Node's symmetric-key client.
pub const NODE: Dialect = Dialect {
    skn_first: true,
    ..dialect("Node", raw, "registration", 3_600)
};
/// The C client.
pub const C: Dialect = dialect("C", upper, "registration", 2_400);
/// The client for .NET.
pub const C_SHARP: Dialect = dialect("C#", upper, "registration", 86_400);
/// The client for Java: its skn is there, and empty.
pub const JAVA: Dialect = dialect("Java", raw, "", 3_600);
/// IoT Edge's identity service: lower-case audience, thirty seconds.
pub const IDENTITY_SERVICE: Dialect = dialect("identity-service", lowered, "registration", 30);

fn raw(resource: &str) -> String {
    resource.to_owned()
}

fn upper(resource: &str) -> String {
    percent(resource)
}

fn lowered(resource: &str) -> String {
    percent(&resource.to_lowercase())
}

/// Percent-encodes everything but unreserved characters, with upper-case digits.
pub fn percent(text: &str) -> String {
    text.bytes()
        .map(|octet| match octet {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                char::from(octet).to_string()
            }
            _ => format!("%{octet:02X}"),
        })
        .collect()
}

/// A token whose every part can be bent before it is signed or written.
#[derive(Clone, Debug)]
pub struct Token {
    /// The literal `sr`.
    pub sr: String,
    /// The literal `se`.
    pub se: String,
    /// The literal `skn`; `None` leaves the field out.
    pub skn: Option<String>,
    /// Whether `skn` goes before `se`.
    pub skn_first: bool,
}

impl Token {
    /// What `dialect` writes for a registration at `now` (seconds).
    pub fn of(dialect: &Dialect, (scope, registration_id): (&str, &str), now: i64) -> Self {
        Self {
            sr: (dialect.resource)(&format!("{scope}/registrations/{registration_id}")),
            se: (now + dialect.life).to_string(),
            skn: dialect.skn.map(str::to_owned),
            skn_first: dialect.skn_first,
        }
    }

    /// The value of the Authorization header.
    pub fn signed_by(&self, key: &SasKey) -> String {
        let Self { sr, se, .. } = self;
        self.with_signature(&percent(&BASE64.encode(&key.mac(&format!("{sr}\n{se}")))))
    }

    /// The same, with any text for a signature.
    pub fn with_signature(&self, sig: &str) -> String {
        let Self { sr, se, .. } = self;
        let skn = self
            .skn
            .as_ref()
            .map(|skn| format!("&skn={skn}"))
            .unwrap_or_default();
        if self.skn_first {
            format!("SharedAccessSignature sr={sr}&sig={sig}{skn}&se={se}")
        } else {
            format!("SharedAccessSignature sr={sr}&sig={sig}&se={se}{skn}")
        }
    }
}
