"""The modules that a function loads in a cold start, in a process of its own."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any, Final

from proton_notifier.fakes.server import FakeResponse, FakeServer, Request
from proton_notifier.localaws.environment import ENVIRONMENT
from tests.functions import VARIABLES
from tests.samples import EVENTS

SRC: Final = Path(__file__).parent.parent / "src"
# As Lambda does it: import the module, then call the handler.
COLD_START: Final = """
import gc, importlib, json, sys
before = set(sys.modules)
import handlers
collections = []
gc.callbacks.append(lambda phase, _info: collections.append(phase))
module, event = sys.argv[1], json.loads(sys.argv[2])
handler = importlib.import_module(module).handler
class Context:
    function_name, memory_limit_in_mb, invoked_function_arn, aws_request_id = "function", 256, "arn", "request"
    def get_remaining_time_in_millis(self):
        return 60_000
answer = handler(event, Context())
cold = sorted(set(sys.modules) - before), len(collections)
as_many_again = [[] for _ in range(200_001)]
print(json.dumps([answer, *cold, len(collections)]))
"""
SAMPLES: Final = {"delivery": "deliveries/two-destinations.json", "events": "service-update-failed.json"}
ANSWERS: Final[dict[str, dict[str, Any]]] = {
    "BatchWriteItem": {"UnprocessedItems": {}},
    "GetParameter": {"__type": "ParameterNotFound"},
    "SendMessageBatch": {"Successful": [{"Id": "0"}, {"Id": "1"}]},
}


class FakeServices(FakeServer):
    """AWS and Slack, which take everything; there is no routes document."""

    path = "/webhook"

    def receive(self, request: Request) -> FakeResponse:
        """Answer with the proof that the call was done."""
        if request.path == self.path:
            return FakeResponse(200, "ok")
        operation = request.headers.get("x-amz-target", ".Publish").rpartition(".")[2]
        if operation == "Publish":
            message_id = "<PublishResult><MessageId>m</MessageId></PublishResult>"
            return FakeResponse(200, f"<PublishResponse>{message_id}</PublishResponse>")
        body = {"SecretString": self.url} if operation == "GetSecretValue" else ANSWERS.get(operation)
        body = body or {"ConsumedCapacity": {"TableName": json.loads(request.body)["TableName"]}}
        return FakeResponse(400 if "__type" in body else 200, json.dumps(body))


def loaded(function: str, source: Path = SRC) -> list[str]:
    """List the modules that the first invocation of *function* in the folder *source* has loaded when it is over."""
    return _cold_start(function, source)[0]


def collections(function: str) -> tuple[int, int]:
    """Count how often garbage was looked for in the first invocation of *function*, and 200,000 objects later."""
    return _cold_start(function, SRC)[1:]


@cache
def _cold_start(function: str, source: Path) -> tuple[list[str], int, int]:
    event = (EVENTS / SAMPLES[function]).read_text(encoding="utf-8")
    with FakeServices() as services:
        address = services.url.removesuffix(services.path)
        environment = {
            **ENVIRONMENT,
            **VARIABLES,
            "ALERT_TOPIC_ARN": "arn:aws:sns:eu-west-1:123456789012:alerts",
            "AWS_ENDPOINT_URL": address,
            "DELIVERIES_QUEUE_URL": f"{address}/deliveries",
            "DELIVERY_MODE": "send",
            "FAILED_DELIVERIES_URL": f"{address}/failed",
            "LEDGER_TABLE": "ledger",
            "MEMORY_TABLE": "memory",
            "PYTHONPATH": str(source),
            "ROUTES_PARAMETER": "/stack/routes",
            "SECRET_PREFIX": "stack",
            "WEBHOOK_HOSTS": "127.0.0.1",
        }
        done = subprocess.run(
            [sys.executable, "-c", COLD_START, f"handlers.{function}", event],
            check=True,
            capture_output=True,
            env=environment,
            text=True,
        )
    answer, modules, cold, later = json.loads(done.stdout.splitlines()[-1])
    assert answer == {"batchItemFailures": []} or answer["destinations"] == ["email", "slack"], done.stdout
    return modules, cold, later
