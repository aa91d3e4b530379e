"""The process of one subject: it starts the subject, and does what each line of its standard input asks.

The clock of the start runs before anything of the subject is imported, so this module imports only what Python and
Lambda's runtime have loaded anyway. The subject's own output goes to the file that BENCH_LOG names.
"""

import importlib
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from typing import Any


def serve() -> None:
    """Start the subject that the command line names, then answer each line of JSON with one line."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    log = os.open(os.environ["BENCH_LOG"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    subject = importlib.import_module(f"bench.subjects.{sys.argv[1]}")
    settings = json.loads(sys.stdin.readline())
    began = time.perf_counter()
    subject.load()
    loaded = time.perf_counter()
    notify = subject.connect(settings)
    connected = time.perf_counter()
    print(json.dumps({"load_ms": _ms(began, loaded), "connect_ms": _ms(loaded, connected)}), file=answers)
    sdk_seconds: Callable[[], float] = float  # zero, until the SDK's calls are counted
    for line in sys.stdin:
        request = json.loads(line)
        if "count_sdk" in request:
            from bench.subjects.sdk_time import count_sdk  # not before the start is measured

            sdk_seconds = count_sdk()
            print("{}", file=answers)
        elif "usage" in request:
            peak_kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            usage = {"peak_megabytes": peak_kilobytes / 1024, "logged_bytes": os.fstat(log).st_size}
            print(json.dumps(usage), file=answers)
        else:
            print(json.dumps(_invocation(notify, request["event"], sdk_seconds)), file=answers)


def _invocation(notify: Callable[[Any], Any], event: Any, sdk_seconds: Callable[[], float]) -> dict[str, object]:  # noqa: ANN401 - JSON
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
