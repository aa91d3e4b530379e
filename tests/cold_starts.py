"""What a function loads in a cold start, in a process of its own."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Final

from cli.local_stack import ENVIRONMENT
from tests.functions import VARIABLES
from tests.samples import EVENTS

SRC: Final = Path(__file__).parent.parent / "src"
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
