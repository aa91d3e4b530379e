"""Sends what a peer posts to a vendor's host to the stand-in; the hosts are written into the peers' code."""

from typing import Any
from urllib.parse import urlsplit


def redirect(stand_in: str) -> None:
    """Have `requests` connect to the address *stand_in*, whatever host it was given; all else is as it was."""
    from requests.adapters import HTTPAdapter

    send = HTTPAdapter.send

    def redirected(adapter: HTTPAdapter, request: Any, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - theirs
        request.url = stand_in + urlsplit(request.url).path
        return send(adapter, request, *arguments, **named)

    HTTPAdapter.send = redirected  # type: ignore[assignment, method-assign] # that is the point
