"""A Lambda function that runs in this process."""

import importlib
import io
import logging
import os
import sys
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from typing import Any, Final
from unittest.mock import patch

from proton_notifier.localaws.environment import ENVIRONMENT, REGION
from proton_notifier.localaws.stack import ACCOUNT

# A stateless module that is slow to load.
KEPT_MODULE: Final = "handlers.aws"


@dataclass(frozen=True, slots=True)
class Context:
    """The Lambda context of one invocation."""

    function_name: str
    memory_limit_in_mb: int = 256
    aws_request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    remaining_milliseconds: int = 60_000

    def get_remaining_time_in_millis(self) -> int:
        """Return the remaining time, which is constant here."""
        return self.remaining_milliseconds

    @property
    def invoked_function_arn(self) -> str:
        """The function's ARN."""
        return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{self.function_name}"


class LocalFunction:
    """A Lambda function after its cold start; *handler* is the template's value, *log* the function's output."""

    def __init__(self, handler: str, environment: Mapping[str, str]) -> None:
        self.log = io.StringIO()
        self._environment = environment
        module, _, name = handler.rpartition(".")
        with self._running():
            _forget_handlers(environment["POWERTOOLS_SERVICE_NAME"])
            self._handler = getattr(importlib.import_module(module), name)
        self._name = module

    def invoke(self, event: object, **context: Any) -> Any:  # noqa: ANN401 - any response
        """Run the handler in the function's environment; *context* replaces fields of `Context`."""
        with self._running():
            return self._handler(event, Context(self._name, **context))

    @contextmanager
    def _running(self) -> Iterator[None]:
        with patch.dict(os.environ, {**ENVIRONMENT, **self._environment}, clear=True), redirect_stdout(self.log):
            yield


def _forget_handlers(service: str) -> None:
    """Remove the modules and the logger of an earlier cold start, because all functions share this process."""
    for module in [name for name in sys.modules if name.partition(".")[0] == "handlers" and name != KEPT_MODULE]:
        del sys.modules[module]
    logging.Logger.manager.loggerDict.pop(service, None)
