# SPDX-License-Identifier: Apache-2.0
"""What a document cannot say about the data that is generated from it: certificates, lists of others, and how numbers are written."""

import base64
import json
import os
import re
import uuid

import schemathesis
from hypothesis import strategies

with open(os.environ["TAMGA_SAMPLES"], encoding="utf-8") as file:
    SAMPLES = json.load(file)

schemathesis.openapi.format("x509-certificate", strategies.sampled_from(SAMPLES["certificates"]))
schemathesis.openapi.format("pkcs10", strategies.sampled_from(SAMPLES["requests"]))
schemathesis.openapi.media_type(
    "application/pkcs10",
    strategies.sampled_from([base64.b64decode(text) for text in SAMPLES["requests"]]),
)
schemathesis.openapi.media_type(
    "application/jsonl",
    strategies.lists(
        strategies.builds(
            lambda name, request: json.dumps({"registrationId": name, "csr": request}),
            strategies.sampled_from(["pump-1", "fan-1", "?"]),
            strategies.sampled_from(SAMPLES["requests"]),
        ),
        max_size=3,
    ).map(lambda rows: "\n".join(rows).encode()),
)
schemathesis.openapi.media_type(
    "application/pkix-crl",
    strategies.sampled_from([base64.b64decode(text) for text in SAMPLES["lists"]]),
)


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """Media types that are generated above are sent as octets; an example written as text cannot be."""
    for item in raw_schema["paths"].values():
        for operation in item.values():
            if isinstance(operation, dict):
                for content in operation.get("requestBody", {}).get("content", {}).items():
                    if content[0] != "application/json":
                        content[1].pop("example", None)
TAGS = '(W/)?"[!#-~]*"( *, *(W/)?"[!#-~]*")*'


def spelled(value):
    """JSON Schema calls 904.0 an integer; the admin plane reads integers as they are usually written."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, list):
        return [spelled(item) for item in value]
    if isinstance(value, dict):
        return {name: spelled(item) for name, item in value.items()}
    return value


@schemathesis.hook
def map_body(context, body):
    return spelled(body)


@schemathesis.hook
def before_call(context, case, kwargs):
    """Nobody but the plane makes a cursor or a tag, and a key belongs to one request: what only looks like one is left out, or made anew."""
    if isinstance(case.query, dict) and re.fullmatch("[A-Za-z0-9_-]{1,512}", str(case.query.get("cursor", ""))):
        del case.query["cursor"]
    if case.headers is not None and re.fullmatch("[!-~]{1,255}", str(case.headers.get("Idempotency-Key", ""))):
        case.headers["Idempotency-Key"] = str(uuid.uuid4())
    for name in ("If-Match", "If-None-Match"):
        value = str((case.headers or {}).get(name, ""))
        # The generator takes an integer, written down, for a text that fits whatever pattern.
        if re.fullmatch(TAGS, value) or (value == "0" and case.meta and case.meta.generation.mode.is_positive):
            del case.headers[name]


@schemathesis.hook
def filter_case(context, case):
    """What is given the house's own value at each call (schemathesis.toml) is never wrong, whatever was generated for it."""
    data = getattr(getattr(case.meta, "phase", None), "data", None)
    return getattr(data, "parameter", None) not in ("organization", "certificate")


@schemathesis.check
def code_is_listed(ctx, response, case):
    """A problem's code is one the document lists, for this very operation."""
    kinds = response.headers.get("content-type") or [""]
    if not kinds[0].startswith("application/problem+json") or response.status_code == 405:
        return
    document = case.operation.schema.raw_schema
    operation = document["paths"][case.operation.path][case.operation.method.lower()]
    answer = operation["responses"].get(str(response.status_code), {})
    if "$ref" in answer:
        answer = document["components"]["responses"][answer["$ref"].rsplit("/", 1)[1]]
    listed = [codes for codes in (place.get("x-problem-codes") for place in (answer, operation)) if codes is not None]
    code = response.json()["code"]
    assert not listed or code in sum(listed, []), f"the code {code} is not among x-problem-codes: {listed}"


@schemathesis.check
def role_is_kept(ctx, response, case):
    """Whoever comes by a token is known to the end, and an auditor changes nothing."""
    role = os.environ.get("TAMGA_ROLE")
    if role is None:
        return
    assert response.status_code != 401, "the credential is no longer known"
    if role == "auditor" and case.operation.method.upper() not in ("GET", "HEAD"):
        assert response.status_code >= 400, f"an auditor was let in: {response.status_code}"
