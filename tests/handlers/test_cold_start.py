"""What a cold start may load, in a process of its own: who adds to these lists makes every cold start slower.

boto3, s3transfer, jinja2, tzdata, the parser of documents and unused channels are in none of them on purpose, pydantic
in one.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from cli.local_stack import ENVIRONMENT
from tests.functions import VARIABLES
from tests.samples import EVENTS

SRC: Final = Path(__file__).parent.parent.parent / "src"
# As Lambda does it: import the module, then call the handler.
COLD_START: Final = """
import importlib, json, sys
before = set(sys.modules)
module, event = sys.argv[1], json.loads(sys.argv[2])
handler = importlib.import_module(module).handler
class Context:
    function_name, memory_limit_in_mb, invoked_function_arn, aws_request_id = "function", 256, "arn", "request"
    def get_remaining_time_in_millis(self):
        return 60_000
handler(event, Context())
print(json.dumps(sorted(set(sys.modules) - before)))
"""
# Not ours to choose: botocore's own, those of Powertools, of pydantic, and of Python.
BOTOCORE: Final = {"botocore", "certifi", "dateutil", "jmespath", "six", "urllib3"}
POWERTOOLS: Final = {"aws_lambda_powertools", "typing_extensions"}
PYDANTIC: Final = {"annotated_types", "pydantic", "pydantic_core", "typing_inspection"}

SHARED: Final = [
    "handlers",
    "handlers.clients",
    "handlers.runtime",
    "handlers.service_models",
    "notifier",
    "notifier.changes",
    "notifier.deliveries_queue",
    "notifier.delivery",
    "notifier.destinations",
    "notifier.failures",
    "notifier.notifications",
    "notifier.scope",
    "notifier.settings",
    "notifier.text",
]
SENDING: Final = [
    "handlers.delivery",
    "handlers.reports",
    "notifier.batch",
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
SAMPLES: Final = {"delivery": "deliveries/two-destinations.json", "proton": "service-update-started.json"}
# The sample for `proton` concerns nobody, so that no queue is asked; its client is made all the same.
QUEUES: Final = {"delivery": "", "proton": "https://sqs.example/deliveries"}


def loaded(function: str) -> list[str]:
    """Start *function* cold, and list what its first invocation has loaded when it is over."""
    event = (EVENTS / SAMPLES[function]).read_text(encoding="utf-8")
    environment = {**ENVIRONMENT, **VARIABLES, "DELIVERIES_QUEUE_URL": QUEUES[function], "PYTHONPATH": str(SRC)}
    done = subprocess.run(
        [sys.executable, "-c", COLD_START, f"handlers.{function}", event],
        check=True,
        capture_output=True,
        env=environment,
        text=True,
    )
    modules: list[str] = json.loads(done.stdout.splitlines()[-1])
    return modules


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
