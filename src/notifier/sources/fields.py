"""The fields with which the rows of a source's table select values of an event; ARNs; pages of the console."""

import re
from collections.abc import Callable, Container, Mapping
from typing import Final
from urllib.parse import quote

from notifier.sources.envelope import Event

# Git sync's events repeat the partition: arn:aws:aws:codestar-connections:...
ARN: Final = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):(?:aws[a-z-]*:)?(?P<service>[a-z0-9-]+):(?P<region>[a-z0-9-]*)"
    r":(?P<account>\d{12}|):(?P<resource>.+)",
    re.DOTALL,
)
REGION: Final = re.compile("[a-z]{2,4}(-[a-z]+)+-[0-9]")
CONSOLES: Final = {
    "aws": "console.aws.amazon.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-us-gov": "console.amazonaws-us-gov.com",
}
# By the beginning of a region, for an event without an ARN.
PARTITIONS: Final = {
    "cn-": "aws-cn",
    "eu-isoe-": "aws-iso-e",
    "eusc-": "aws-eusc",
    "us-gov-": "aws-us-gov",
    "us-iso-": "aws-iso",
    "us-isob-": "aws-iso-b",
    "us-isof-": "aws-iso-f",
}
# A link in an event must lead to the console.
CONSOLE_LINK: Final = re.compile(
    rf"https://([a-z0-9-]+\.)?(?P<host>{'|'.join(map(re.escape, CONSOLES.values()))})/[!-~]*"
)
# A field: the path of a value in the detail, with dots between the keys, or a function that finds the value.
Find = Callable[[Event], str | None]
Field = str | Find
Fields = Mapping[str, Field]


def text_at(event: Event, place: Field) -> str | None:
    """Read the text of *event* at *place*."""
    return event.text(place) if isinstance(place, str) else place(event)


def first(*places: Field) -> Find:
    """Make a field of the first of *places* at which an event has text."""
    return lambda event: next(filter(None, (text_at(event, place) for place in places)), None)


def joined(*places: Field) -> Find:
    """Make a field of the existing texts at *places*, joined by slashes."""
    return lambda event: "/".join(filter(None, (text_at(event, place) for place in places)))


def matched(pattern: str, place: Field) -> Find:
    """Make a field of the group of *pattern*, which must match the beginning of the text at *place*."""
    return lambda event: (found := re.match(pattern, text_at(event, place) or "")) and found[1]


def marked(place: Field, text: str, mark: str, other: Field, values: Container[str] | None = None) -> Find:
    """Make a field of the text at *place*, with a *mark* if it is *text* and *other* has one of *values*, or any."""

    def find(event: Event) -> str | None:
        found, given = text_at(event, place), text_at(event, other)
        is_marked = found == text and given and (values is None or given in values)
        return f"{found} {mark}" if is_marked else found

    return find


def in_arn(pattern: str, *paths: str) -> Find:
    """Make a field of the group of *pattern* in the resource of the ARN at *paths*, or else of the event's ARNs."""

    def find(event: Event) -> str | None:
        given = first(*paths)(event)
        arns = [given] if given and part(given, "resource") else event.resources
        found = (re.match(pattern, part(arn, "resource") or "") for arn in arns)
        return next((match[1] for match in found if match), None)

    return find


def part(arn: str | None, group: str) -> str | None:
    """Return `partition`, `service`, `region`, `account` or `resource` of *arn*; None if it is absent."""
    found = ARN.fullmatch(arn or "")
    return (found and found[group]) or None


def partition_of(arn: str | None, region: str) -> str:
    """Return the partition of *arn*, or else of the *region*."""
    named = (partition for beginning, partition in PARTITIONS.items() if region.startswith(beginning))
    return part(arn, "partition") or next(named, "aws")


def carried_page(partition: str, url: str) -> str | None:
    """Percent-encode *url* if it leads to the console of *partition*; services always link to the console of `aws`."""
    link = CONSOLE_LINK.fullmatch(url)
    # A vertical bar would end the URL in Slack.
    return quote(url, safe="!#$%&'()*+,/:;=?@[]~") if link and link["host"] == CONSOLES.get(partition) else None


def console_page(partition: str, region: str, page: str, values: Mapping[str, str]) -> str | None:
    """Fill percent-encoded *values* into the URL of the console's *page*; None if a value is missing or invalid."""
    host = CONSOLES.get(partition)
    if host is None or not REGION.fullmatch(region):
        return None
    quoted = {name: quote(text, safe="") for name, text in values.items() if name in page}
    try:
        return f"https://{region}.{host}{page.format_map(quoted)}"
    except KeyError:
        return None
