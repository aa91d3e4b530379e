"""The modules that a cold start may load, in a process of its own: each more makes every cold start slower.

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
    "handlers.aws",
    "handlers.proofs",
    "handlers.runtime",
    "notifier",
    "notifier.channels",
    "notifier.channels.destination",
    "notifier.delivery",
    "notifier.delivery.delivery",
    "notifier.delivery.parallel_calls",
    "notifier.model",
    "notifier.model.incident",
    "notifier.model.notification",
    "notifier.model.sanitize",
    "notifier.model.status_change",
    "notifier.settings",
]
SENDING: Final = [
    "handlers.delivery",
    "handlers.destination_threads",
    "handlers.wiring",
    "notifier.channels.base",
    "notifier.channels.deadlines",
    "notifier.channels.digest",
    "notifier.channels.http",
    "notifier.channels.http.client",
    "notifier.channels.http.connections",
    "notifier.channels.http.responses",
    "notifier.channels.notification_json",
    "notifier.channels.secrets",
    "notifier.channels.slack",
    "notifier.channels.slack.message",
    "notifier.channels.slack.responses",
    "notifier.channels.slack.webhook",
    "notifier.channels.sns",
    "notifier.channels.sns.amazon_q",
    "notifier.channels.sns.email",
    "notifier.channels.sns.topic",
    "notifier.delivery.attempts",
    "notifier.delivery.conversation",
    "notifier.delivery.family",
    "notifier.delivery.ledger",
    "notifier.delivery.outcomes",
    "notifier.delivery.worker",
]
ROUTING: Final = [
    "handlers.events",
    "handlers.incidents",
    "handlers.incidents.families",
    "handlers.incidents.turns",
    "handlers.routes",
    "handlers.incidents.sweep",
    "notifier.memory",
    "notifier.memory.changes",
    "notifier.memory.decisions",
    "notifier.memory.families",
    "notifier.memory.history",
    "notifier.memory.items",
    "notifier.memory.rows",
    "notifier.memory.rules",
    "notifier.memory.store",
    "notifier.memory.timers",
    "notifier.memory.words",
    "notifier.model.composition",
    "notifier.routes",
    "notifier.routes.decisions",
    "notifier.routes.document",
    "notifier.routes.errors",
    "notifier.routes.live",
    "notifier.sources",
    "notifier.sources.envelope",
    "notifier.sources.fields",
    "notifier.sources.proton",
    "notifier.sources.proton.event_types",
    "notifier.sources.proton.statuses",
    "notifier.sources.reader",
    "notifier.sources.table",
    "notifier.sources.unlisted",
]
OWN: Final[Mapping[str, list[str]]] = {
    "delivery": [*SHARED, *SENDING],
    "events": [*SHARED, *ROUTING],
}
FOREIGN: Final[Mapping[str, set[str]]] = {
    "delivery": {*BOTOCORE, *POWERTOOLS, "msgspec"},
    "events": {*BOTOCORE, *POWERTOOLS, *PYDANTIC, "msgspec"},
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
