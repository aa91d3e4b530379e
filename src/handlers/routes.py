"""The live routes of the stack, read at the first use and cached."""

import time
from functools import cache
from threading import Lock
from typing import Final

from handlers.runtime import clients, resources, settings
from notifier.routes.document import Document, default_document
from notifier.routes.live import LiveRoutes, RoutesCache
from notifier.settings import SEVERITIES, DeliveryMode

LOCK: Final = Lock()


def live_routes(*, fresh: bool = False) -> LiveRoutes:
    """Return the live routes; if *fresh*, read them from Parameter Store now."""
    if settings().delivery_mode is DeliveryMode.PRINT:
        return LiveRoutes(_defaults())
    # Threads that send to several destinations need the routes at the same time; one of them reads for all.
    with LOCK:
        return _cache().get(fresh=fresh)


@cache
def _defaults() -> Document:
    stack = settings()
    return default_document(stack.destinations, stack.account_names, SEVERITIES[stack.scope])


@cache
def _cache() -> RoutesCache:
    return RoutesCache(clients().client("ssm"), resources().routes_parameter, _defaults(), _read, time.monotonic)


def _read(text: str) -> Document:
    # Imported here, as only a stack with a document needs the parser.
    from notifier.routes.loader import read_document  # noqa: PLC0415

    return read_document(text, _defaults(), resources().secret_prefix)
