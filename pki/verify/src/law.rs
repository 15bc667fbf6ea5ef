// SPDX-License-Identifier: Apache-2.0
//! The laws that are checked by reading what was issued, and the invariants that cannot be checked yet.

use tamga_registry::inspection::Law;

macro_rules! laws {
    ($($constant:ident = $invariant:literal, $name:literal, $holds:literal;)+) => {
        $(
            pub(crate) static $constant: Law = Law {
                name: $name,
                invariant: $invariant,
                holds: $holds,
            };
        )+

        /// Every law that is checked by reading certificates, requests and lists.
        pub static LAWS: &[&Law] = &[$(&$constant),+];
    };
}

laws! {
    AUTHORITY_SERIAL_TAKEN = "I-01", "authority_serial_taken",
        "The serial number of every authority's certificate is taken in the table of numbers, by whoever signed it.";
    SERIAL_LAYOUT = "I-02", "serial_layout",
        "A serial number has 20 octets: 0x41, a restore epoch that has begun, the day of its intent, and chance.";
    SERIAL_CHANCE = "I-02", "serial_chance",
        "Over a thousand certificates and more, each of the 128 random bits of a serial number is set in half of them.";
    SIGNED_AS_INTENDED = "I-03", "signed_as_intended",
        "Whatever a key signed has an intent with the hash of exactly these bytes (where the signers' log is at hand).";
    LIST_AS_INTENDED = "I-03", "list_as_intended",
        "A list holds the bytes of its intent.";
    CERTIFICATE_AS_INTENDED = "I-04", "certificate_as_intended",
        "A certificate holds the bytes of its intent, and an intent the bytes of its hash.";
    LIFE_AS_PROFILED = "I-05", "life_as_profiled",
        "A life begins and ends on the very second the profile and the moment of its intent demand, within the issuer's.";
    AUTHORITY_LIFE = "I-05", "authority_life",
        "An authority's life lies within that of the authority above it.";
    HANDED_OUT_RECORDED = "I-07", "handed_out_recorded",
        "Every certificate a client was handed is recorded, octet for octet (where what clients were handed is at hand).";
    LIST_COMPLETE = "I-08", "list_complete",
        "The list that is served names every revocation of its shard with its date and reason, until it expires.";
    LIST_LIFE = "I-09", "list_life",
        "A list lives no longer than policy allows, or than its issuer.";
    LIST_NAMES_ITS_OWN = "I-10", "list_names_its_own",
        "A list names numbers of its issuer and its shard only, in ascending order, each once.";
    LIST_NAMES_ITS_ISSUER = "I-10", "list_names_its_issuer",
        "A list has the name and the key identifier of its issuer, octet for octet.";
    LIST_PLACE = "I-10", "list_place",
        "A shard's list says critically which one it is, by the URL in the certificates; a complete list says nothing.";
    REQUEST_PROVES_KEY = "I-12", "request_proves_key",
        "The request of every order is for the certified key, and signed by it.";
    IDENTITY = "I-14", "identity",
        "Subject and alternative name are those of the device and its organization and nothing else; the house's own names are DNS names and addresses.";
    EXTENSION_SET = "I-15", "extension_set",
        "The extensions are those of the profile's usage, each once, each as critical as it must be.";
    NO_AUTHORITY = "I-15", "no_authority",
        "No certificate of a device or a server makes it an authority, nor may its key sign certificates or lists.";
    KEY_USAGE = "I-15", "key_usage",
        "The key usage lies within the profile's and includes digitalSignature.";
    PURPOSES = "I-15", "purposes",
        "The extended key usages are the profile's.";
    AUTHORITY_FORM = "I-15", "authority_form",
        "An authority's certificate says so, critically, and its key signs certificates and lists and nothing else.";
    KEY_KIND = "I-16", "key_kind",
        "The key is of a kind the profile takes.";
    KEY_IS_NO_AUTHORITYS = "I-16", "key_is_no_authoritys",
        "No authority's own key is certified.";
    ISSUER_NAME = "I-19", "issuer_name",
        "The issuer's name is its subject, octet for octet.";
    KEY_IDENTIFIERS = "I-19", "key_identifiers",
        "The authority key identifier is the issuer's, the subject key identifier that of the key (RFC 7093 §2 method 1).";
    LOCATIONS = "I-19", "locations",
        "The locations of list and issuer are the permanent ones of its issuer and shard, one each.";
    ALGORITHMS_AGREE = "I-19", "algorithms_agree",
        "The signature algorithm inside and outside the signed bytes is the same.";
    SIGNATURE = "I-23", "signature",
        "The signature verifies under the key of the recorded issuer.";
    LIST_SIGNATURE = "I-23", "list_signature",
        "A list's signature verifies under the key of its issuer.";
    ALGORITHM = "I-24", "algorithm",
        "The signature algorithm is the one of the issuer's key: SHA-256 for P-256 and RSA, SHA-384 for P-384.";
    CERTIFICATE_COLUMNS = "I-39", "certificate_columns",
        "What the columns say is what the certificate says: serial number, key, shard, first and last second.";
    CERTIFICATE_READABLE = "I-39", "certificate_readable",
        "Every certificate can be read, and nothing stands behind it.";
    AUTHORITY_COLUMNS = "I-39", "authority_columns",
        "Every authority's certificate can be read, and its columns say what it says.";
    PROFILE_READABLE = "I-39", "profile_readable",
        "Every profile revision can be read.";
    LIST_COLUMNS = "I-39", "list_columns",
        "Every list can be read, and its columns say what it says: number, times, entries.";
}

/// The invariants themselves: number and sentence.
pub static INVARIANTS: &[(&str, &str)] = &[
    (
        "I-01",
        "No two certificates or intents share a serial number, in the whole installation.",
    ),
    (
        "I-02",
        "Serial numbers are positive, of one length, and hold 128 bits of chance.",
    ),
    ("I-03", "Whatever an issuer's key signs was written down before."),
    (
        "I-04",
        "One serial number stands for one string of bytes to be signed, for ever, and an order yields one certificate.",
    ),
    (
        "I-05",
        "A certificate lives as long as its profile says, to the second, within the life of its issuer.",
    ),
    (
        "I-06",
        "Every serial number that may have been signed is known to those who answer for its status.",
    ),
    (
        "I-07",
        "Every certificate that was handed to a client is recorded.",
    ),
    (
        "I-08",
        "Every revoked certificate stands on the next list of its shard, and on each one until after it has expired.",
    ),
    (
        "I-09",
        "Lists go forward: their numbers rise, their times do not go back, what is published is never taken back.",
    ),
    (
        "I-10",
        "A list names certificates of its issuer and shard only, and says which shard it is.",
    ),
    (
        "I-11",
        "Lists are fresh, and a revocation is visible within what is promised.",
    ),
    (
        "I-12",
        "Every certificate is traced to a request, a proven device, an order, and a profile revision.",
    ),
    (
        "I-13",
        "A device has at most one current and one provisional certificate per profile.",
    ),
    (
        "I-14",
        "A certificate names the device it was issued to, its organization, and nothing else.",
    ),
    (
        "I-15",
        "The extensions are those of the profile; no certificate of a device makes it an authority.",
    ),
    (
        "I-16",
        "Certified keys are of an allowed kind, no authority's, and each one device's.",
    ),
    (
        "I-17",
        "What a certificate was issued upon is kept, and bears on it.",
    ),
    (
        "I-18",
        "A device counts as attested only when every step of one session has succeeded.",
    ),
    (
        "I-19",
        "Names, key identifiers, locations and algorithms in a certificate are those of its issuer and shard.",
    ),
    ("I-20", "What may be used once was used once."),
    (
        "I-21",
        "No device and no organization was issued more than its limits allow.",
    ),
    (
        "I-22",
        "Nothing was issued for what was disabled, revoked or suspended at the time.",
    ),
    (
        "I-23",
        "Every signature verifies under the certificate of the recorded issuer.",
    ),
    ("I-24", "Every signature is by the algorithm of its issuer."),
    ("I-25", "A revocation is never taken back, nor moved in time."),
    ("I-26", "OCSP and lists say the same."),
    (
        "I-27",
        "A key revoked for compromise is blocked for ever, and has no good certificate.",
    ),
    ("I-28", "What was revoked or retired leaves nothing good behind."),
    (
        "I-29",
        "Whoever signs status has a certificate for it, and one that lasts.",
    ),
    (
        "I-30",
        "Every row belongs to one organization, and refers only to rows of that one or to what was granted to it.",
    ),
    (
        "I-31",
        "Secrets are sealed, every seal has its key, and no secret is kept longer than it is needed.",
    ),
    ("I-32", "Nobody's token can do more than its owner."),
    (
        "I-33",
        "Every change of state has its event in the journal, and every event its change.",
    ),
    (
        "I-34",
        "The log is dense, and every checkpoint is consistent with those before it.",
    ),
    (
        "I-35",
        "No good certificate hangs from an authority that is not good.",
    ),
    ("I-36", "No key is shared by two devices."),
    ("I-37", "Nothing revoked or expired has authenticated anybody."),
    ("I-38", "No key of the house expires unexpectedly."),
    (
        "I-39",
        "What the columns say is what the bytes say, and every row agrees with itself.",
    ),
    (
        "I-40",
        "Backups can be restored, and a restored one passes this verification.",
    ),
];

/// An invariant, or a part of one, that is not checked after the fact.
#[derive(Debug)]
pub struct Unchecked {
    /// Its number.
    pub invariant: &'static str,
    /// What is not checked.
    pub what: &'static str,
    /// Why.
    pub why: &'static str,
}

/// What is not checked, and why.
pub static UNCHECKED: &[Unchecked] = &[
    Unchecked {
        invariant: "I-03",
        what: "that nothing was signed without an intent, in a running installation",
        why: "software keys keep no log of their signatures; the stories hand in one, and check it",
    },
    Unchecked {
        invariant: "I-07",
        what: "that clients were handed nothing else, in a running installation",
        why: "answers are not logged; the stories remember every certificate a device was handed, and check it",
    },
    Unchecked {
        invariant: "I-09",
        what: "that the list at the public URL is the one in the database",
        why: "the verifier opens no connection; the stories fetch it",
    },
    Unchecked {
        invariant: "I-17",
        what: "that evidence bears on the certified key, and that single-use values were used once",
        why: "there is no key attestation yet: symmetric keys prove the device, not the key",
    },
    Unchecked {
        invariant: "I-18",
        what: "complete step sets of attestation sessions",
        why: "no attestation of several steps exists yet",
    },
    Unchecked {
        invariant: "I-20",
        what: "single use of tokens and codes",
        why: "there are no one-time tokens yet",
    },
    Unchecked {
        invariant: "I-21",
        what: "issuance within limits",
        why: "the limits of the time of issuing are not kept; admission counts before it issues",
    },
    Unchecked {
        invariant: "I-22",
        what: "nothing issued while a group, an enrollment, an organization or an issuer was disabled",
        why: "their past states stand in the journal only; generation numbers are compared in the transaction that keeps an intent",
    },
    Unchecked {
        invariant: "I-25",
        what: "that no revocation was ever taken back or moved",
        why: "rows keep no history; it waits for the tamper-evident log",
    },
    Unchecked {
        invariant: "I-26",
        what: "agreement of OCSP and lists",
        why: "there is no OCSP yet",
    },
    Unchecked {
        invariant: "I-29",
        what: "certificates of status signers",
        why: "there is no OCSP yet",
    },
    Unchecked {
        invariant: "I-31",
        what: "that every sealed value opens with its own context only",
        why: "the verifier is given no root key; each start opens what it uses",
    },
    Unchecked {
        invariant: "I-32",
        what: "that no request did more than its token and its owner may",
        why: "rights are put together at each request, of both as they are then, and are kept nowhere",
    },
    Unchecked {
        invariant: "I-33",
        what: "that every administrative act and every revocation has its event",
        why: "only registrations and certificates are matched with the journal; the rest waits for the tamper-evident log",
    },
    Unchecked {
        invariant: "I-34",
        what: "the tamper-evident log",
        why: "it does not exist yet",
    },
    Unchecked {
        invariant: "I-37",
        what: "that no revoked certificate authenticated anybody",
        why: "devices do not authenticate by certificate yet",
    },
    Unchecked {
        invariant: "I-40",
        what: "backups",
        why: "there is no backup command yet; `tamga verify --data` verifies a restored copy",
    },
];
