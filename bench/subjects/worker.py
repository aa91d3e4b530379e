"""The main program of a worker, which starts a subject, and the starts of this project's functions and the baseline.

A worker answers each line of standard input, a socket, with one line. The command line names a generator that yields
first after the subject's imports, and then the function that takes an event. The startup is measured from before these
imports, so this module imports only modules that Python and Lambda's runtime have loaded already.
"""

import importlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any


def serve() -> None:
    """Start the subject that the command line names, with the first line as its settings; then answer events."""
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
    # Imported here, so that the startup is measured without them.
    import threading
    from functools import partialmethod

    from botocore.client import BaseClient
    from urllib3.connectionpool import HTTPConnectionPool

    seconds: list[float] = []
    thread = threading.local()

    def timed(owner: object, call: Callable[..., Any], *arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - as the call
        if hasattr(thread, "call"):  # A call within a call is not counted twice.
            return call(owner, *arguments, **named)
        thread.call = call
        began = time.thread_time()
        try:
            return call(owner, *arguments, **named)
        finally:
            seconds.append(time.thread_time() - began)
            del thread.call

    for owner, name in ((BaseClient, "_make_api_call"), (HTTPConnectionPool, "urlopen")):
        setattr(owner, name, partialmethod(timed, getattr(owner, name)))
    return lambda: sum(seconds)


def start_function(settings: dict[str, Any]) -> Iterator[Callable[[Any], Any] | None]:
    """Import the handler's module; the handler creates its clients in its first invocation."""
    module, _, name = os.environ["_HANDLER"].rpartition(".")
    handler = getattr(importlib.import_module(module), name)
    yield None

    def invoke(event: object) -> Any:  # noqa: ANN401 - JSON
        ends_at = time.monotonic() + settings["timeout_seconds"]
        context = SimpleNamespace(
            aws_request_id=f"{time.monotonic_ns():036}",  # as long as a UUID
            function_name=module,
            get_remaining_time_in_millis=lambda: int((ends_at - time.monotonic()) * 1000),
            invoked_function_arn=f"arn:aws:lambda:eu-west-1:123456789012:function:{module}",
            memory_limit_in_mb=512,
        )
        return handler(event, context)

    yield invoke


def start_baseline(settings: dict[str, Any]) -> Iterator[Callable[[Any], Any] | None]:
    """Import boto3 and urllib3, then create the two clients and the two threads that send the same bytes."""
    from concurrent.futures import ThreadPoolExecutor

    import boto3
    import urllib3

    yield None
    sns = boto3.client("sns")
    pools = urllib3.PoolManager()
    threads = ThreadPoolExecutor(2)
    post = {"body": settings["posted"], "headers": {"Content-Type": "application/json"}, "retries": False}

    def notify(_event: object) -> str:
        published = threads.submit(sns.publish, **settings["published"])
        posted = threads.submit(pools.request, "POST", settings["webhook"], **post)
        published.result()
        return f"Slack said {posted.result().status}"

    yield notify


if __name__ == "__main__":
    serve()
