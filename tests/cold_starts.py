"""What a function loads in a cold start, in a process of its own."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Final

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
handler(event, Context())
cold = sorted(set(sys.modules) - before), len(collections)
as_many_again = [[] for _ in range(200_001)]
print(json.dumps([*cold, len(collections)]))
"""
SAMPLES: Final = {"delivery": "deliveries/two-destinations.json", "events": "service-update-started.json"}
# The sample for `proton` concerns nobody, so that no queue is asked; its client is made all the same.
QUEUES: Final = {"delivery": "", "events": "https://sqs.example/deliveries"}


def loaded(function: str, source: Path = SRC) -> list[str]:
    """List the modules that the first invocation of *function* in the folder *source* has loaded when it is over."""
    return _cold_start(function, source)[0]


def collections(function: str) -> tuple[int, int]:
    """Count how often garbage was looked for in the first invocation of *function*, and 200,000 objects later."""
    return _cold_start(function, SRC)[1:]


@cache
def _cold_start(function: str, source: Path) -> tuple[list[str], int, int]:
    event = (EVENTS / SAMPLES[function]).read_text(encoding="utf-8")
    environment = {**ENVIRONMENT, **VARIABLES, "DELIVERIES_QUEUE_URL": QUEUES[function], "PYTHONPATH": str(source)}
    done = subprocess.run(
        [sys.executable, "-c", COLD_START, f"handlers.{function}", event],
        check=True,
        capture_output=True,
        env=environment,
        text=True,
    )
    modules, cold, later = json.loads(done.stdout.splitlines()[-1])
    return modules, cold, later
