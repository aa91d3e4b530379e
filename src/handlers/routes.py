"""Which routes apply to the stack, asked for once and kept for a while."""

import time
from functools import cache
from threading import Lock
from typing import Final

from handlers.runtime import clients, resources, settings
from notifier.routes.decisions import defaults
from notifier.routes.document import Document
from notifier.routes.live import LiveRoutes, RoutesParameter
from notifier.scope import SEVERITIES
from notifier.settings import DeliveryMode

ONE_AT_A_TIME: Final = Lock()


def live_routes(*, fresh: bool = False) -> LiveRoutes:
    """Tell which routes apply; *fresh* asks Parameter Store whatever is kept."""
    if settings().delivery_mode is DeliveryMode.PRINT:
        return LiveRoutes(_defaults())
    # Destinations that are served in parallel ask together, and one answer is enough.
    with ONE_AT_A_TIME:
        return _parameter().live(fresh=fresh)


@cache
def _defaults() -> Document:
    """Make the routes that the template's parameters describe."""
    stack = settings()
    return defaults(stack.destinations, stack.account_names, SEVERITIES[stack.scope])


@cache
def _parameter() -> RoutesParameter:
    """Open the parameter that may hold a document."""
    return RoutesParameter(clients().ssm, resources().routes_parameter, _defaults(), _document, time.monotonic)


def _document(text: str) -> Document:
    # Only a stack that has a document pays for what reads one.
    from notifier.routes.loader import read  # noqa: PLC0415

    return read(text, _defaults(), resources().secret_prefix, _fault)


def _fault(template: str) -> str | None:
    # Only a document that has texts of its own pays for Jinja.
    from notifier.routes.templates import template_error  # noqa: PLC0415

    return template_error(template)
