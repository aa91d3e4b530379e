"""The main program of a worker: it starts a subject, and answers each line of standard input, a socket, with one line.

The command line names a generator that yields after the subject's imports, and then yields the function that takes an
event. The startup's clock runs before these imports, so that this module imports only what Python and Lambda's runtime
have loaded anyway.
"""

import importlib
import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any


def serve() -> None:
    """Start the subject that the command line names with the first line as its settings, and then answer events."""
    responses = os.fdopen(os.dup(0), "w", buffering=1)
    module, name = sys.argv[1].split(".")
    start = getattr(importlib.import_module(f"bench.subjects.{module}"), name)
    steps = start(json.loads(sys.stdin.readline()))
    began = time.perf_counter()
    next(steps)
    imported = time.perf_counter()
    notify = next(steps)
    connected = time.perf_counter()
    startup = {"imports_ms": (imported - began) * 1000, "clients_ms": (connected - imported) * 1000}
    print(json.dumps(startup), file=responses)
    sdk_seconds: Callable[[], float] = float  # zero, until the SDK's calls are counted
    for line in sys.stdin:
        request = json.loads(line)
        response: dict[str, object] = {}
        if "count_sdk" in request:
            sdk_seconds = _count_sdk()
        else:
            response = _invoke(notify, request, sdk_seconds)
        print(json.dumps(response), file=responses)


def _invoke(notify: Callable[[Any], Any], event: Any, sdk_seconds: Callable[[], float]) -> dict[str, object]:  # noqa: ANN401 - JSON
    result, error = None, None
    sdk = sdk_seconds()
    cpu = time.process_time()
    started_at = time.monotonic()
    try:
        result = notify(event)
    except Exception as raised:  # noqa: BLE001 - an error of the subject is a result
        error = f"{type(raised).__name__}: {raised}"
    ended = time.monotonic()
    used = time.process_time() - cpu
    sys.stdout.flush()
    return {
        "wall_ms": (ended - started_at) * 1000,
        "cpu_ms": used * 1000,
        "sdk_cpu_ms": (sdk_seconds() - sdk) * 1000,
        "started_at": started_at,
        "result": result,
        "error": error,
    }


def _count_sdk() -> Callable[[], float]:
    """Wrap the SDK's calls and HTTP; return a function that sums up their CPU seconds in all threads."""
    # Not before the startup is measured.
    import threading

    from botocore.client import BaseClient
    from urllib3.connectionpool import HTTPConnectionPool

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

    for owner, name in ((BaseClient, "_make_api_call"), (HTTPConnectionPool, "urlopen")):
        setattr(owner, name, wrapped(getattr(owner, name)))
    return lambda: sum(seconds)


if __name__ == "__main__":
    serve()
