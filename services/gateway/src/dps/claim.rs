// SPDX-License-Identifier: Apache-2.0
//! Turns what a device presented into a claim: whom it names, what proves it, what it asks to be certified.

use axum::http::{HeaderMap, Uri, header, uri::Authority};
use tamga_attestation::{Doubt, Evidence, Malformation, PresentedChain, SasToken};
use tamga_authority::enroll::Claim;
use tamga_x509::time::Timestamp;

use super::rim::RimRefusal;
use super::target::Target;
use crate::arrival::Arrival;

/// The claim of a request whose credential can be read. Nothing is judged.
pub(super) fn claim(
    arrival: &Arrival,
    target: &Target,
    headers: &HeaderMap,
    csr: Option<Vec<u8>>,
    received_at: Timestamp,
) -> Result<Claim, RimRefusal> {
    let evidence = evidence(headers, arrival.certificates())?;
    let scope = match &evidence {
        // Without a token the missing token is the answer, whatever the scope.
        Evidence::None => target.scope().map_err(|_| Doubt::TokenMissing)?,
        Evidence::SymmetricKey(_) => target.scope()?,
        Evidence::CertificateChain(_) => target.scope().map_err(|_| Doubt::CertificateUntrusted)?,
    };
    let registration_id = target.registration_id.clone();
    Ok(Claim {
        scope,
        registration_id,
        testimony: evidence.into(),
        csr,
        context: arrival.context(),
        received_at,
        operation: None,
    })
}

/// A token goes before a certificate: whoever sends one means it, and some show a certificate to every server.
fn evidence(headers: &HeaderMap, certificates: &[impl AsRef<[u8]>]) -> Result<Evidence, Doubt> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return match certificates {
            [] => Ok(Evidence::None),
            shown => PresentedChain::parse(shown).map(Evidence::CertificateChain),
        };
    };
    if values.next().is_some() {
        return Err(Doubt::TokenMalformed(Malformation::DuplicateField));
    }
    let text = value
        .to_str()
        .map_err(|_| Doubt::TokenMalformed(Malformation::Character))?;
    SasToken::parse(text).map(Evidence::SymmetricKey)
}

/// The name by which the device called the service, without a port: the hub of last resort.
///
/// RFC 9112 §3.2: a request has exactly one Host header, and the target in absolute form goes before it.
pub(super) fn called_by(uri: &Uri, headers: &HeaderMap) -> Result<String, RimRefusal> {
    let mut hosts = headers.get_all(header::HOST).iter();
    let header = hosts.next().ok_or(RimRefusal::HostInvalid)?;
    if hosts.next().is_some() {
        return Err(RimRefusal::HostInvalid);
    }
    let header: Authority = header
        .as_bytes()
        .try_into()
        .map_err(|_| RimRefusal::HostInvalid)?;
    let authority = uri.authority().unwrap_or(&header);
    if authority.host().is_empty() || authority.as_str().contains('@') {
        return Err(RimRefusal::HostInvalid);
    }
    Ok(authority.host().to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn called(uri: &str, hosts: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for host in hosts {
            headers.append(header::HOST, host.parse().unwrap());
        }
        called_by(&uri.parse().unwrap(), &headers).ok()
    }

    #[test]
    fn the_host_is_answered_without_its_port() {
        assert_eq!(called("/x", &["DPS.example:443"]).as_deref(), Some("dps.example"));
        assert_eq!(called("/x", &["127.0.0.7"]).as_deref(), Some("127.0.0.7"));
        assert_eq!(called("/x", &["[::1]:8443"]).as_deref(), Some("[::1]"));
        assert_eq!(
            called("http://a.example/x", &["b.example"]).as_deref(),
            Some("a.example")
        );
    }

    #[test]
    fn a_host_that_is_none_is_refused() {
        for wrong in [&[][..], &["a", "b"], &[""], &["user@a"], &["a b"], &["a/b"]] {
            assert_eq!(called("/x", wrong), None, "{wrong:?}");
        }
    }

    const NO_CERTIFICATE: &[&[u8]] = &[];

    #[test]
    fn a_token_is_read_from_one_header_only() {
        let mut headers = HeaderMap::new();
        assert!(matches!(evidence(&headers, NO_CERTIFICATE), Ok(Evidence::None)));
        headers.append(header::AUTHORIZATION, "Bearer x".parse().unwrap());
        let refused = |headers: &HeaderMap| evidence(headers, NO_CERTIFICATE).unwrap_err();
        assert_eq!(refused(&headers), Doubt::MethodNotAccepted);
        headers.append(header::AUTHORIZATION, "Bearer x".parse().unwrap());
        assert_eq!(refused(&headers).slug(), "token_malformed");
    }

    #[test]
    fn a_token_goes_before_a_certificate_even_a_wrong_one() {
        let shown = [include_bytes!("testdata/leaf.der")];
        let mut headers = HeaderMap::new();
        assert!(matches!(
            evidence(&headers, &shown),
            Ok(Evidence::CertificateChain(chain)) if chain.leaf_common_name() == Some("pump-1")
        ));
        assert_eq!(
            evidence(&headers, &[b"no certificate"]).unwrap_err().slug(),
            "certificate_malformed"
        );
        headers.append(header::AUTHORIZATION, "Bearer x".parse().unwrap());
        assert_eq!(evidence(&headers, &shown).unwrap_err(), Doubt::MethodNotAccepted);
    }
}
