# SPDX-License-Identifier: Apache-2.0
"""Asks Python's cryptography whether it trusts a client certificate, as a relying party would, and prints its answer as JSON.

    verify_chain.py --anchor root.pem --intermediate issuer.pem [--crl issuer.crl] [--crl root.crl] [--at 2026-11-22T00:00:00Z] leaf.pem

Files are PEM or DER. With any --crl, each certificate of the chain but the anchor needs a fresh, rightly signed list that does
not name it. Exit 0: trusted. Exit 1: refused, and `reason` says why. Other: called wrongly.
"""

import argparse
import datetime
import json
import pathlib
import sys

from cryptography import x509
from cryptography.x509 import verification


def load(path, from_pem, from_der):
    octets = pathlib.Path(path).read_bytes()
    return from_pem(octets) if octets.lstrip().startswith(b"-----") else from_der(octets)


def certificate(path):
    return load(path, x509.load_pem_x509_certificate, x509.load_der_x509_certificate)


def revocation_list(path):
    return load(path, x509.load_pem_x509_crl, x509.load_der_x509_crl)


def instant(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


class Refused(Exception):
    """The relying party's no, with its reason."""


def verified_chain(arguments, leaf):
    """The chain as the library builds it, and the names it found in the leaf. A client verifier demands a SAN and clientAuth."""
    store = verification.Store([certificate(path) for path in arguments.anchor])
    verifier = verification.PolicyBuilder().store(store).time(arguments.at).build_client_verifier()
    try:
        verified = verifier.verify(leaf, [certificate(path) for path in arguments.intermediate])
    except verification.VerificationError as refusal:
        raise Refused(f"chain: {refusal}") from refusal
    return verified.chain, [name.value for name in verified.subjects or []]


def judge_lists(chain, lists, at):
    """One verdict a certificate, from the lists of its issuer; the library has no revocation in its path validation."""
    verdicts = []
    for subject, issuer in zip(chain, chain[1:]):
        own = [one for one in lists if one.issuer == issuer.subject]
        if not own:
            raise Refused(f"revocation: no list of {issuer.subject.rfc4514_string()}")
        for one in own:
            if not one.is_signature_valid(issuer.public_key()):
                raise Refused(f"revocation: a list of {issuer.subject.rfc4514_string()} has a wrong signature")
            if not one.last_update_utc <= at <= one.next_update_utc:
                raise Refused(f"revocation: a list of {issuer.subject.rfc4514_string()} is not fresh")
            entry = one.get_revoked_certificate_by_serial_number(subject.serial_number)
            if entry is not None:
                raise Refused(f"revocation: {subject.serial_number:x} was revoked at {entry.revocation_date_utc.isoformat()}")
        verdicts.append({"serial": f"{subject.serial_number:x}", "lists": len(own), "status": "good"})
    return verdicts


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--anchor", action="append", required=True)
    parser.add_argument("--intermediate", action="append", default=[])
    parser.add_argument("--crl", action="append", default=[])
    parser.add_argument("--at", type=instant, default=datetime.datetime.now(datetime.timezone.utc))
    parser.add_argument("leaf")
    arguments = parser.parse_args()
    answer = {"trusted": False}
    try:
        chain, names = verified_chain(arguments, certificate(arguments.leaf))
        answer["chain"] = [one.subject.rfc4514_string() for one in chain]
        answer["names"] = names
        if arguments.crl:
            answer["status"] = judge_lists(chain, [revocation_list(path) for path in arguments.crl], arguments.at)
        answer["trusted"] = True
    except Refused as refusal:
        answer["reason"] = str(refusal)
    print(json.dumps(answer))
    return 0 if answer["trusted"] else 1


if __name__ == "__main__":
    sys.exit(main())
