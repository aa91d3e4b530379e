"""CPU time inside of the SDK's calls and of HTTP, counted by wrappers in the subject's process."""

import threading
import time
from collections.abc import Callable
from typing import Any

import botocore.client
import urllib3.connectionpool


def count_sdk() -> Callable[[], float]:
    """Wrap the SDK's calls; return a function that sums up their seconds in all threads."""
    seconds: list[float] = []
    thread = threading.local()

    def wrapped(call: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - as the wrapped call
            if hasattr(thread, "call"):  # A call within a call is not counted twice.
                return call(*arguments, **named)
            thread.call = call
            began = time.thread_time()
            try:
                return call(*arguments, **named)
            finally:
                seconds.append(time.thread_time() - began)
                del thread.call

        return timed

    for owner, name in (
        (botocore.client.BaseClient, "_make_api_call"),
        (urllib3.connectionpool.HTTPConnectionPool, "urlopen"),
    ):
        setattr(owner, name, wrapped(getattr(owner, name)))
    return lambda: sum(seconds)
