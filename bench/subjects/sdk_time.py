"""How much CPU goes into the SDK's calls and HTTP, counted by wrappers in the measuring process."""

import threading
import time
from collections.abc import Callable
from typing import Any

import botocore.client
import urllib3.connectionpool


class Spent:
    """Adds up each thread's time in wrapped calls; of calls within calls only the outermost counts."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._lock = threading.Lock()
        self._inside = threading.local()

    def wrapped(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """Make *call* be counted."""

        def counting(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - as the call has it
            if getattr(self._inside, "call", False):
                return call(*arguments, **named)
            self._inside.call = True
            began = time.thread_time()
            try:
                return call(*arguments, **named)
            finally:
                spent = time.thread_time() - began
                self._inside.call = False
                with self._lock:
                    self.seconds += spent

        return counting


def counted() -> Callable[[], float]:
    """Begin to count; return what tells the seconds so far."""
    spent = Spent()
    for owner, name in (
        (botocore.client.BaseClient, "_make_api_call"),
        (urllib3.connectionpool.HTTPConnectionPool, "urlopen"),
    ):
        setattr(owner, name, spent.wrapped(getattr(owner, name)))
    return lambda: spent.seconds
