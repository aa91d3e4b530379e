"""What a cold start may load, in a process of its own: who adds to these lists makes every cold start slower.

boto3, s3transfer, jinja2, tzdata, the parser of documents and unused channels are in none of them on purpose, pydantic
in one.
"""

import sys
from collections.abc import Mapping
from typing import Final

import pytest

from tests.cold_starts import collections, loaded

# Not ours to choose: botocore's own, those of Powertools, of pydantic, and of Python.
BOTOCORE: Final = {"botocore", "certifi", "dateutil", "jmespath", "six", "urllib3"}
POWERTOOLS: Final = {"aws_lambda_powertools", "typing_extensions"}
PYDANTIC: Final = {"annotated_types", "pydantic", "pydantic_core", "typing_inspection"}

SHARED: Final = [
    "handlers",
    "handlers.clients",
    "handlers.proofs",
    "handlers.runtime",
    "handlers.service_models",
    "notifier",
    "notifier.changes",
    "notifier.channel",
    "notifier.deliveries_queue",
    "notifier.delivery",
    "notifier.destinations",
    "notifier.failures",
    "notifier.notifications",
    "notifier.parallel_calls",
    "notifier.scope",
    "notifier.settings",
    "notifier.text",
]
SENDING: Final = [
    "handlers.delivery",
    "handlers.reports",
    "notifier.batch",
    "notifier.connections",
    "notifier.deadlines",
    "notifier.heartbeat",
    "handlers.senders",
    "notifier.channels",
    "notifier.ledger",
    "notifier.stored_secrets",
    "notifier.webhooks",
    "notifier.channels.printed",
    "notifier.channels.slack",
    "notifier.channels.sns",
    "notifier.amazon_q",
    "notifier.digests",
    "notifier.notification_json",
    "notifier.slack_answers",
    "notifier.slack_messages",
]
ROUTING: Final = [
    "handlers.proton",
    "handlers.routes",
    "handlers.sources",
    "notifier.dispatch",
    "notifier.heartbeat",
    "notifier.live_routes",
    "notifier.proton",
    "notifier.proton.changes",
    "notifier.proton.details",
    "notifier.proton.events",
    "notifier.proton.statuses",
    "notifier.proton.transitions",
    "notifier.routes",
    "notifier.routes.decisions",
    "notifier.routes.document",
    "notifier.routes.globs",
    "notifier.routes.matching",
    "notifier.routes.problems",
    "notifier.routes.quiet_hours",
    "notifier.trial",
]
OWN: Final[Mapping[str, list[str]]] = {
    "delivery": [*SHARED, *SENDING],
    "proton": [*SHARED, *ROUTING],
}
FOREIGN: Final[Mapping[str, set[str]]] = {
    "delivery": {*BOTOCORE, *POWERTOOLS, "msgspec"},
    "proton": {*BOTOCORE, *POWERTOOLS, *PYDANTIC, "msgspec"},
}


@pytest.mark.parametrize("function", OWN)
def test_a_cold_start_loads_what_is_listed(function: str) -> None:
    """Of our own modules each is listed, of others' the package."""
    modules = loaded(function)
    packages = {module.partition(".")[0] for module in modules}

    assert [name for name in modules if name.partition(".")[0] in {"handlers", "notifier"}] == sorted(OWN[function])
    assert {name for name in packages if name not in sys.stdlib_module_names and not name.startswith("_")} == {
        "handlers",
        "notifier",
        *FOREIGN[function],
    }


@pytest.mark.parametrize("function", OWN)
def test_a_cold_start_looks_for_no_garbage(function: str) -> None:
    """All that it makes stays. Garbage is looked for once there may be some: when as many objects again were made."""
    cold, later = collections(function)

    assert (cold, later > 0) == (0, True)
