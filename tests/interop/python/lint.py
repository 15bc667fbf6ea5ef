# SPDX-License-Identifier: Apache-2.0
"""Asks pkilint about certificates and revocation lists, and prints its findings as JSON.

    lint.py [--crl one.crl]... [leaf.pem issuer.pem root.pem]

Certificates are given from the leaf upward: each is linted alone, and each pair of neighbours as subject and issuer.
Files are PEM or DER. Exit 0: no finding of severity ERROR or above. Exit 1: at least one. Other: the linter could not run.
"""

import argparse
import json
import pathlib
import subprocess
import sys

import validators

PROGRAMS = pathlib.Path(sys.executable).parent
GRAVE = {"ERROR", "FATAL"}
SCHEME = "spiffe:"


def ask(program, options, *files):
    """One pkilint program over one artefact. Its exit code counts findings, so only its JSON is believed."""
    command = [str(PROGRAMS / program), "lint", *options, "--severity", "NOTICE", "--format", "JSON", *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        results = json.loads(done.stdout)["results"]
    except ValueError as fault:
        raise SystemExit(f"{program} gave no verdict on {files}: {done.stderr or done.stdout}") from fault
    for result in results:
        for finding in result["finding_descriptions"]:
            yield {"linter": program, "files": list(files), "node": result["node_path"], **finding}


def is_about_scheme_only(finding):
    """pkilint knows a fixed list of URI schemes, without SPIFFE's; RFC 3986 has none. The rest of the URI is judged again."""
    if finding["code"] != "pkix.invalid_uri_syntax" or ".subjectAltName." not in finding["node"]:
        return False
    uri = finding["message"].partition('"')[2].rpartition('"')[0]
    return uri.startswith(SCHEME) and bool(validators.url("http:" + uri[len(SCHEME) :], simple_host=True))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--crl", action="append", default=[])
    parser.add_argument("certificate", nargs="*")
    arguments = parser.parse_args()
    if not arguments.crl and not arguments.certificate:
        parser.error("nothing to lint")
    findings = []
    for path in arguments.certificate:
        findings += ask("lint_pkix_cert", [], path)
    for subject, issuer in zip(arguments.certificate, arguments.certificate[1:]):
        findings += ask("lint_pkix_signer_signee_cert_chain", [], issuer, subject)
    for path in arguments.crl:
        findings += ask("lint_crl", ["--type", "CRL", "--profile", "PKIX"], path)
    waived = [finding for finding in findings if is_about_scheme_only(finding)]
    findings = [finding for finding in findings if finding not in waived]
    print(json.dumps({"findings": findings, "waived": waived}))
    return 1 if any(finding["severity"] in GRAVE for finding in findings) else 0


if __name__ == "__main__":
    sys.exit(main())
