"""CPU time inside of the SDK's calls and of HTTP, counted by wrappers in the subject's process."""

import threading
import time
from collections.abc import Callable
from typing import Any

import botocore.client
import urllib3.connectionpool


class CallTimer:
    """Adds up each thread's CPU time in wrapped calls; a call within a call is not counted twice."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._lock = threading.Lock()
        self._inside = threading.local()

    def wrap(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """Return *call* with its CPU time counted."""

        def timed(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - as the wrapped call
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

        return timed


def count_sdk() -> Callable[[], float]:
    """Wrap the SDK's calls; return a function that gives the seconds so far."""
    timer = CallTimer()
    for owner, name in (
        (botocore.client.BaseClient, "_make_api_call"),
        (urllib3.connectionpool.HTTPConnectionPool, "urlopen"),
    ):
        setattr(owner, name, timer.wrap(getattr(owner, name)))
    return lambda: timer.seconds
