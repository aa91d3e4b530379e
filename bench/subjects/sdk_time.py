"""CPU time inside of the SDK's calls and of HTTP, counted by wrappers in the subject's process."""

import threading
import time
from collections.abc import Callable
from typing import Any

import botocore.client
import urllib3.connectionpool


class CallTimer(threading.local):
    """Adds up the CPU time of each thread in wrapped calls; a call within a call is not counted twice."""

    is_inside = False

    def __init__(self, seconds: list[float]) -> None:
        self._seconds = seconds

    def wrap(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """Count the CPU time of *call*."""

        def timed(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - as the wrapped call
            if self.is_inside:
                return call(*arguments, **named)
            self.is_inside = True
            began = time.thread_time()
            try:
                return call(*arguments, **named)
            finally:
                self._seconds.append(time.thread_time() - began)
                self.is_inside = False

        return timed


def count_sdk() -> Callable[[], float]:
    """Wrap the SDK's calls; return a function that gives the seconds so far."""
    seconds: list[float] = []
    timer = CallTimer(seconds)
    for owner, name in (
        (botocore.client.BaseClient, "_make_api_call"),
        (urllib3.connectionpool.HTTPConnectionPool, "urlopen"),
    ):
        setattr(owner, name, timer.wrap(getattr(owner, name)))
    return lambda: sum(seconds)
