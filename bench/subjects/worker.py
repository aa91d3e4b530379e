"""One subject in a fresh process: it starts, does what its standard input says, and tells what that took.

The clock of the start runs before anything of the subject is imported, so this module imports only what Python and
Lambda's runtime have loaded anyway. What the subject prints goes to the file that BENCH_LOG names.
"""

import importlib
import json
import os
import resource
import sys
import time
from typing import Any


def serve() -> None:
    """Start the subject that the command line names, then answer each line of JSON by one."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    log = os.open(os.environ["BENCH_LOG"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    subject = importlib.import_module(f"bench.subjects.{sys.argv[1]}")
    settings = json.loads(sys.stdin.readline())
    began = time.perf_counter()
    subject.load()
    loaded = time.perf_counter()
    tell = subject.connect(settings)
    connected = time.perf_counter()
    print(json.dumps({"load_ms": _ms(began, loaded), "connect_ms": _ms(loaded, connected)}), file=answers)
    sdk_seconds = _uncounted
    for line in sys.stdin:
        order = json.loads(line)
        if "count_sdk" in order:
            sdk_seconds = _counted()
            print("{}", file=answers)
        elif "usage" in order:
            peak_kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            usage = {"peak_megabytes": peak_kilobytes / 1024, "logged_bytes": os.fstat(log).st_size}
            print(json.dumps(usage), file=answers)
        else:
            print(json.dumps(_told(tell, order["event"], sdk_seconds)), file=answers)


def _told(tell: Any, event: Any, sdk_seconds: Any) -> dict[str, object]:  # noqa: ANN401 - any subject's
    result, error = None, None
    sdk = sdk_seconds()
    cpu = time.process_time()
    began = time.perf_counter()
    started_at = time.monotonic()
    try:
        result = tell(event)
    except Exception as problem:  # noqa: BLE001 - that it fails, and how, is a result
        error = f"{type(problem).__name__}: {problem}"
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


def _uncounted() -> float:
    return 0.0


def _counted() -> Any:  # noqa: ANN401 - a function without arguments
    from bench.subjects.sdk_time import counted

    return counted()


def _ms(began: float, ended: float) -> float:
    return (ended - began) * 1000


if __name__ == "__main__":
    serve()
