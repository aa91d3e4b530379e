"""Parallel calls of AWS while time is left."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

# All destinations of a batch share these threads. 500 calls of 200 ms take four seconds instead of 100.
MAX_PARALLEL_CALLS: Final = 32
# Kept from one invocation to the next; no thread starts before it is needed.
THREADS: Final = ThreadPoolExecutor(MAX_PARALLEL_CALLS)


def call_each(
    call: Callable[[Item], Result], items: Sequence[Item], may_continue: Callable[[], bool]
) -> list[tuple[Item, Result]]:
    """Call *call* with each of *items* while *may_continue* returns true; return the called items with their results.

    Raise the error of a call after the parallel calls have ended.
    """
    results: list[tuple[Item, Result]] = []
    for chunk in chunks(items, MAX_PARALLEL_CALLS):
        if not may_continue():
            break
        # This thread makes the first call, because it would only wait otherwise.
        futures = [THREADS.submit(call, item) for item in chunk[1:]]
        try:
            first = call(chunk[0])
        finally:
            for future in futures:
                future.exception()  # waits for its end
        results += zip(chunk, [first, *(future.result() for future in futures)], strict=True)
    return results


def chunks(items: Sequence[Item], size: int) -> list[Sequence[Item]]:
    """Split *items* into sequences of at most *size*."""
    return [items[start : start + size] for start in range(0, len(items), size)]
