"""Lookups in AWS services, with a time limit and a pause after an error, so that no message waits for them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any, Final, TypeVar

TIME_LIMIT_SECONDS: Final = 2
# A container pauses its lookups after an error: a storm of events must not throttle the account's own calls.
PAUSE_SECONDS: Final = 30

Answer = TypeVar("Answer")


class Lookups:
    """Lookups in *account*, the only account whose resources can be read; *clock* is in seconds.

    *reader* returns the client of a service in a region. *error* says why the latest lookup failed, and is empty if it
    succeeded.
    """

    def __init__(self, reader: Callable[[str, str], Any], account: str, clock: Callable[[], float]) -> None:
        self._reader = reader
        self._account = account
        self._clock = clock
        self._threads = ThreadPoolExecutor(1)
        self._paused_until = float("-inf")
        self.error = ""

    def can_ask(self, account: str | None, region: str | None) -> bool:
        """Check that AWS can be asked about resources in *account* and *region* now."""
        return account == self._account and bool(region) and self._clock() >= self._paused_until

    def ask(self, service: str, region: str, lookup: Callable[[Any], Answer]) -> Answer | None:
        """Return the result of *lookup* with the client of *service*; None without an answer in time."""
        future = self._threads.submit(lambda: lookup(self._reader(service, region)))
        done, _ = wait([future], TIME_LIMIT_SECONDS)
        # No error of a lookup, not even a bug of ours, may stop the message.
        error = future.exception() if done else TimeoutError("no answer in time")
        self.error = f"{type(error).__name__}: {error}" if error else ""
        if error:
            self._paused_until = self._clock() + PAUSE_SECONDS
            return None
        return future.result()
