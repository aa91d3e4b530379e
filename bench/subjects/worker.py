"""The main program of a worker: it starts a subject, and answers each line of standard input with one line.

The command line names a generator that yields after the subject's imports, and then yields the function that takes an
event. The startup's clock runs before these imports, so that this module imports only what Python and Lambda's runtime
have loaded anyway. The subject's output goes to the file that BENCH_LOG names.
"""

import importlib
import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any


def serve() -> None:
    """Start the subject that the command line names, and then answer requests."""
    responses = os.fdopen(os.dup(1), "w", buffering=1)
    log = os.open(os.environ["BENCH_LOG"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    module, name = sys.argv[1].split(".")
    start = getattr(importlib.import_module(f"bench.subjects.{module}"), name)
    steps = start(json.loads(sys.stdin.readline()))
    began = time.perf_counter()
    next(steps)
    imported = time.perf_counter()
    notify = next(steps)
    connected = time.perf_counter()
    response: dict[str, object] = {"imports_ms": _ms(began, imported), "clients_ms": _ms(imported, connected)}
    print(json.dumps(response), file=responses)
    sdk_seconds: Callable[[], float] = float  # zero, until the SDK's calls are counted
    for line in sys.stdin:
        request = json.loads(line)
        if "count_sdk" in request:
            from bench.subjects.sdk_time import count_sdk  # not before the startup is measured

            sdk_seconds = count_sdk()
            response = {}
        else:
            response = _invoke(notify, request["event"], sdk_seconds)
        print(json.dumps(response), file=responses)


def _invoke(notify: Callable[[Any], Any], event: Any, sdk_seconds: Callable[[], float]) -> dict[str, object]:  # noqa: ANN401 - JSON
    result, error = None, None
    sdk = sdk_seconds()
    cpu = time.process_time()
    began = time.perf_counter()
    started_at = time.monotonic()
    try:
        result = notify(event)
    except Exception as raised:  # noqa: BLE001 - an error of the subject is a result
        error = f"{type(raised).__name__}: {raised}"
    ended = time.perf_counter()
    used = time.process_time() - cpu
    sys.stdout.flush()
    return {
        "wall_ms": _ms(began, ended),
        "cpu_ms": used * 1000,
        "sdk_cpu_ms": (sdk_seconds() - sdk) * 1000,
        "started_at": started_at,
        "result": result,
        "error": error,
    }


def _ms(began: float, ended: float) -> float:
    return (ended - began) * 1000


if __name__ == "__main__":
    serve()
