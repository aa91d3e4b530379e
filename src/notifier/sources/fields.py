"""The fields of an event by which the rows of a source's table name its values."""

import re
from collections.abc import Callable, Mapping

from notifier.sources.arns import part
from notifier.sources.envelope import Event

# A value of an event: its path in the detail, with dots between the keys, or a function that finds it.
Find = Callable[[Event], str | None]
Field = str | Find
Fields = Mapping[str, Field]


def text_at(event: Event, place: Field) -> str | None:
    """Find the text of *event* at *place*."""
    return event.text(place) if isinstance(place, str) else place(event)


def first(*places: Field) -> Find:
    """Make a field of the first of *places* at which an event has text."""
    return lambda event: next(filter(None, (text_at(event, place) for place in places)), None)


def joined(*places: Field) -> Find:
    """Make a field of the texts at *places*, with a slash between them; those that an event lacks are left out."""
    return lambda event: "/".join(filter(None, (text_at(event, place) for place in places)))


def matched(pattern: str, place: Field) -> Find:
    """Make a field of the group of *pattern*, by which the text at *place* has to begin."""
    return lambda event: (found := re.match(pattern, text_at(event, place) or "")) and found[1]


def in_arn(pattern: str, *paths: str) -> Find:
    """Make a field of the group of *pattern* in the resource of an ARN: the first of *paths*, or the event's own."""

    def find(event: Event) -> str | None:
        given = first(*paths)(event)
        arns = [given] if given else event.resources
        found = (re.match(pattern, part(arn, "resource") or "") for arn in arns)
        return next((match[1] for match in found if match), None)

    return find
