"""What a drawing does when a payload holds what it does not know: it says so, rather than leave it out."""

from collections.abc import Mapping
from typing import Any, TypeVar

Drawing = TypeVar("Drawing")


class UndrawnError(Exception):
    """A payload holds what no drawing knows; the message names it."""


def drawn_by(drawings: Mapping[str, Drawing], kind: str) -> Drawing:
    """Choose what draws *kind*."""
    if kind not in drawings:
        message = f"the gallery does not know how to draw {kind!r}, only {', '.join(drawings)}"
        raise UndrawnError(message)
    return drawings[kind]


def nothing_but(part: Mapping[str, Any], *keys: str) -> None:
    """See to it that *part* has only what is drawn of it."""
    others = [key for key in part if key not in keys]
    if others:
        message = f"the gallery does not know how to draw {', '.join(map(repr, others))} beside {', '.join(keys)}"
        raise UndrawnError(message)
