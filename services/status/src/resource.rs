// SPDX-License-Identifier: Apache-2.0
//! Which paths name something. Read from the path as it was sent: nothing is decoded, normalised or guessed.

use std::str::FromStr;

use tamga_registry::id::IssuerId;
use tamga_registry::revocation::ShardId;

use crate::bundle::Form;

/// One route of the status plane.
pub struct Route {
    /// As the document writes it.
    pub path: &'static str,
    /// As the router knows it: it cannot match part of a segment.
    pub(crate) pattern: &'static str,
}

/// The routes of the status plane: GET and HEAD, each.
pub const ROUTES: [Route; 5] = [
    Route {
        path: "/c/{issuer}/{shard}.crl",
        pattern: "/c/{issuer}/{list}",
    },
    Route {
        path: "/i/{issuer}.cer",
        pattern: "/i/{certificate}",
    },
    Route {
        path: "/bundle",
        pattern: "/bundle",
    },
    Route {
        path: "/bundle/device.pem",
        pattern: "/bundle/device.pem",
    },
    Route {
        path: "/bundle/server.pem",
        pattern: "/bundle/server.pem",
    },
];

/// What a path names, whether or not there is such a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resource {
    List(ShardId),
    Issuer(IssuerId),
    Bundle(Form),
}

impl Resource {
    pub(crate) fn parse(path: &str) -> Option<Self> {
        if let Some(rest) = path.strip_prefix("/c/") {
            let (issuer, file) = rest.split_once('/')?;
            let shard = whole_number(file.strip_suffix(".crl")?)?;
            return Some(Self::List(ShardId {
                issuer: issuer.parse().ok()?,
                shard,
            }));
        }
        if let Some(file) = path.strip_prefix("/i/") {
            return Some(Self::Issuer(file.strip_suffix(".cer")?.parse().ok()?));
        }
        match path {
            "/bundle" => Some(Self::Bundle(Form::Whole)),
            "/bundle/device.pem" => Some(Self::Bundle(Form::DeviceAnchors)),
            "/bundle/server.pem" => Some(Self::Bundle(Form::ServerAnchors)),
            _ => None,
        }
    }
}

/// One number has one spelling: no sign, no leading zero.
fn whole_number(text: &str) -> Option<u32> {
    let number = u32::from_str(text).ok()?;
    (number.to_string() == text).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_into_certificates_is_found() {
        let issuer = IssuerId::from_octets([9; 16]);
        let url: tamga_registry::issuer::StatusUrl = "http://pki.example".parse().unwrap();
        let path = |url: String| url.strip_prefix("http://pki.example").unwrap().to_owned();
        let list = Resource::List(ShardId { issuer, shard: 17 });
        assert_eq!(Resource::parse(&path(url.list(issuer, 17))), Some(list));
        assert_eq!(
            Resource::parse(&path(url.issuer(issuer))),
            Some(Resource::Issuer(issuer))
        );
    }

    #[test]
    fn every_route_names_a_resource() {
        let issuer = IssuerId::from_octets([9; 16]).to_string();
        for route in ROUTES {
            let path = route.path.replace("{issuer}", &issuer).replace("{shard}", "0");
            assert!(Resource::parse(&path).is_some(), "{path}");
        }
    }

    #[test]
    fn a_path_has_one_spelling() {
        let issuer = IssuerId::from_octets([9; 16]);
        let upper = issuer.to_string().to_uppercase();
        let wrong = [
            "/".to_owned(),
            "/bundle/".to_owned(),
            "/Bundle".to_owned(),
            "/bundle/../bundle".to_owned(),
            "/bundle%2Fdevice.pem".to_owned(),
            "/%62undle".to_owned(),
            "//bundle".to_owned(),
            format!("/i/{issuer}"),
            format!("/i/{issuer}.cer."),
            format!("/i/{issuer}.cer;x"),
            format!("/i/{upper}.cer"),
            format!("/i/../i/{issuer}.cer"),
            format!("/i/..%2f{issuer}.cer"),
            format!("/i/{issuer}%00.cer"),
            format!("/c/{issuer}/.crl"),
            format!("/c/{issuer}/00.crl"),
            format!("/c/{issuer}/+1.crl"),
            format!("/c/{issuer}/-1.crl"),
            format!("/c/{issuer}/1%2Ecrl"),
            format!("/c/{issuer}/4294967296.crl"),
            format!("/c/{issuer}/0.crl/"),
            format!("/c/{issuer}//0.crl"),
            format!("/c/{issuer}\\0.crl"),
        ];
        for path in wrong {
            assert_eq!(Resource::parse(&path), None, "{path}");
        }
    }
}
