# SPDX-License-Identifier: Apache-2.0
"""Makes a group and lists all of them, by a client generated from the document. Prints what it saw as JSON."""

import json
import os
import sys

sys.path.insert(0, os.environ["TAMGA_CLIENT"])

from tamga_client import AuthenticatedClient, Client
from tamga_client.api.group import create_group, list_groups
from tamga_client.models import NewGroup, Problem

place, organization = os.environ["TAMGA_URL"], os.environ["TAMGA_ORGANIZATION"]
token, anchor = os.environ.get("TAMGA_TOKEN"), os.environ.get("TAMGA_ANCHOR", True)
client = (
    AuthenticatedClient(base_url=place, token=token, verify_ssl=anchor, raise_on_unexpected_status=True)
    if token
    else Client(base_url=place, raise_on_unexpected_status=True)
)


def creates(name):
    return create_group.sync(organization, client=client, body=NewGroup(name=name))


made, again = creates("from-a-client"), creates("from-a-client")
assert isinstance(again, Problem), again
pages = list_groups.sync(organization, client=client)
json.dump(
    {
        "made": made.name,
        "key": made.attestation.primary_key,
        "again": again.code,
        "listed": [group.name for group in pages.items],
    },
    sys.stdout,
)
