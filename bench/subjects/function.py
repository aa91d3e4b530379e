"""One of this project's functions, as Lambda runs it: `_HANDLER` names it, the template gives the environment."""

import importlib
import os
import time
import uuid
from collections.abc import Callable
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


def load() -> None:
    """Import the handler's module."""
    importlib.import_module(_handler_name()[0])


def connect(settings: dict[str, Any]) -> Callable[[Any], Any]:
    """Return the handler, which creates its clients in its first invocation."""
    module, name = _handler_name()
    handler = getattr(importlib.import_module(module), name)
    return lambda event: handler(event, Context(module, settings["timeout_seconds"]))


def _handler_name() -> tuple[str, str]:
    module, _, name = os.environ["_HANDLER"].rpartition(".")
    return module, name
