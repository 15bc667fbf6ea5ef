// SPDX-License-Identifier: Apache-2.0
//! Keys are read strictly and never shown; no text makes the parser panic; no altered token is believed.

use crate::device::*;
use proptest::prelude::*;
use secrecy::ExposeSecret;
use tamga_attestation::{SasToken, SymmetricKey, SymmetricKeyReference, SymmetricKeyRefusal};
use tamga_x509::chance::{Chance, ChanceFault};

const ID: &str = "Pump-1";

struct Counting;

impl Chance for Counting {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), ChanceFault> {
        for (place, octet) in bytes.iter_mut().enumerate() {
            *octet = u8::try_from(place % 256).unwrap();
        }
        Ok(())
    }
}

#[test]
fn keys_of_16_to_64_octets_are_taken() {
    for length in [0, 15, 16, 32, 64, 65, 1000] {
        let octets = vec![5; length];
        let by_text = SymmetricKey::from_base64(&base64(&octets));
        let by_octets = SymmetricKey::from_octets(&octets);
        if (16..=64).contains(&length) {
            assert_eq!(by_text.unwrap().expose_octets(), octets);
            assert_eq!(by_octets.unwrap().to_base64().expose_secret(), &base64(&octets));
        } else {
            assert_eq!(by_text.unwrap_err(), SymmetricKeyRefusal::Length);
            assert_eq!(by_octets.unwrap_err(), SymmetricKeyRefusal::Length);
        }
    }
}

#[test]
fn loose_base64_is_no_key() {
    let good = base64(&[0xfb; 20]);
    for odd in [
        good.trim_end_matches('=').to_owned(),
        good.replace('+', "-").replace('/', "_"),
        format!(" {good}"),
        format!("{good}\n"),
        good.replace("s=", "t="),
        "pässword".to_owned(),
    ] {
        assert_ne!(odd, good);
        assert_eq!(
            SymmetricKey::from_base64(&odd).unwrap_err(),
            SymmetricKeyRefusal::Encoding,
            "{odd}"
        );
    }
    assert_eq!(SymmetricKeyRefusal::Encoding.slug(), "symmetric_key_encoding");
    assert_eq!(SymmetricKeyRefusal::Length.slug(), "symmetric_key_length");
}

#[test]
fn a_generated_key_has_64_octets_of_chance() {
    let made = SymmetricKey::generate(&Counting).unwrap();
    assert_eq!(made.expose_octets(), (0..64).collect::<Vec<u8>>());
    assert!(made.matches(&SymmetricKey::generate(&Counting).unwrap()));
    assert!(!made.matches(&key(&PRIMARY)) && !made.matches(&key(&SECONDARY)));
}

#[test]
fn nothing_secret_is_printed() {
    let octets: Vec<u8> = (0..64).collect();
    let text = base64(&octets);
    let made = SymmetricKey::generate(&Counting).unwrap();
    let header = NODE.token(&octets, ID);
    let token = SasToken::parse(&header).unwrap();
    let signature = header
        .split("sig=")
        .nth(1)
        .unwrap()
        .split('&')
        .next()
        .unwrap()
        .to_owned();
    let reference = SymmetricKeyReference {
        primary: made.derive(ID),
        secondary: made,
        derived: true,
    };
    let printed = format!(
        "{reference:?} {reference:#?} {:?} {token:?} {token:#?}",
        reference.primary.to_base64()
    );
    let derived = base64(&hmac_sha256(&octets, ID.as_bytes()));
    for secret in [&text[..20], &derived[..20], &signature[..20], "0, 1, 2", "[0"] {
        assert!(!printed.contains(secret), "{secret} is shown in {printed}");
    }
    assert!(printed.contains("SymmetricKey(secret)") && printed.contains(ID));
}

proptest! {
    #[test]
    fn any_text_is_answered_without_panic(text in any::<String>()) {
        let _ = SasToken::parse(&text);
    }

    #[test]
    fn any_text_behind_the_scheme_is_answered_without_panic(
        text in "(sr|sig|se|skn|x|%|=|&|[0-9]{1,20}|[a-zA-Z0-9+/=%]{0,60}|.){0,12}",
    ) {
        let _ = SasToken::parse(&format!("SharedAccessSignature {text}"));
    }

    #[test]
    fn an_honest_token_proves_its_device(
        secret in prop::collection::vec(any::<u8>(), 16..=64),
        id in "[A-Za-z0-9._:-]{1,127}[A-Za-z0-9-]",
        shape in 0..6_usize,
    ) {
        let client = [NODE, NODE_TPM, C, C_SHARP, JAVA, IDENTITY_SERVICE][shape].clone();
        let keys = tamga_attestation::Reference::SymmetricKey(SymmetricKeyReference {
            primary: key(&PRIMARY),
            secondary: key(&secret),
            derived: true,
        });
        let header = client.token(&hmac_sha256(&secret, id.as_bytes()), &id);
        prop_assert!(proven(&header, &keys, &id).is_ok(), "{}", header);
    }

    #[test]
    fn one_altered_character_breaks_a_token(place in any::<prop::sample::Index>(), letter in " -~") {
        let honest = PYTHON.token(&PRIMARY, ID);
        let place = place.index(honest.len());
        let mut altered = honest.clone();
        altered.replace_range(place..=place, &letter);
        // Escapes and the scheme may be written in either case; everything else is as signed.
        let same_meaning = normal(&altered) == normal(&honest);
        prop_assert_eq!(proven(&altered, &own_keys(), ID).is_ok(), same_meaning, "{}", altered);
    }

    #[test]
    fn a_shortened_token_is_never_believed(cut in any::<prop::sample::Index>()) {
        // The policy name at the end is not signed and may be empty, so the cut falls before it.
        let honest = PYTHON.token(&PRIMARY, ID).replace("&skn=registration", "");
        let short = &honest[..cut.index(honest.len())];
        prop_assert!(proven(short, &own_keys(), ID).is_err(), "{}", short);
    }
}

/// Lower-cases the scheme and the escapes of `sig`: the parts whose letter case carries no meaning.
fn normal(header: &str) -> String {
    let (scheme, text) = header.split_once(' ').unwrap_or((header, ""));
    let fields: Vec<String> = text.split('&').map(normal_field).collect();
    format!("{} {}", scheme.to_lowercase(), fields.join("&"))
}

fn normal_field(field: &str) -> String {
    if !field.starts_with("sig=") {
        return field.to_owned();
    }
    field
        .replace("%2b", "%2B")
        .replace("%2f", "%2F")
        .replace("%3d", "%3D")
}
