"""One of this project's functions, as Lambda runs it; the environment names the handler."""

import importlib
import os
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any


class Context:
    """The Lambda context of one invocation."""

    memory_limit_in_mb = 512

    def __init__(self, function_name: str, timeout_seconds: float) -> None:
        self.function_name = function_name
        self.invoked_function_arn = f"arn:aws:lambda:eu-west-1:123456789012:function:{function_name}"
        self.aws_request_id = str(uuid.uuid4())
        self._ends_at = time.monotonic() + timeout_seconds

    def get_remaining_time_in_millis(self) -> int:
        """Return the time that is left."""
        return int((self._ends_at - time.monotonic()) * 1000)


def start(settings: dict[str, Any]) -> Iterator[Callable[[Any], Any] | None]:
    """Import the handler's module; the handler creates its clients in its first invocation."""
    module, _, name = os.environ["_HANDLER"].rpartition(".")
    handler = getattr(importlib.import_module(module), name)
    yield None
    yield lambda event: handler(event, Context(module, settings["timeout_seconds"]))
