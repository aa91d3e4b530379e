"""Read an event by a row of its source's table."""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

from notifier.model.sanitize import tidy
from notifier.model.status_change import Fact, Link, Meaning, Meanings, Reading, Recovery, StatusChange
from notifier.sources.envelope import Event, parse_time
from notifier.sources.fields import (
    ARN,
    REGION,
    Fields,
    carried_page,
    console_page,
    first,
    in_arn,
    part,
    partition_of,
    text_at,
)
from notifier.sources.unlisted import (
    WITHOUT_STATUS,
    WORDS,
    Words,
    severity_of,
    status_named,
    type_of,
    unlisted_status,
    words_of,
)

# Text that is one argument for a shell, and neither an option nor a file's URL for the AWS CLI.
WORD: Final = re.compile(r"(?!-|.*://)[\w.:/@+=,-]+", re.ASCII)
KEY: Final = "{resource_type}/{account}/{region}/{name}"
UNKNOWN: Final = "(unknown)"

# An event is sent minutes after its change. A time in the event that differs more is the time of something else.
LONGEST_DELAY: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the AWS console: a link's *label*, and the *path* with fields in braces.

    An event that lacks one of the fields gets a link to the page *otherwise*.
    """

    label: str
    path: str
    otherwise: "Page | None" = None


@dataclass(frozen=True, slots=True)
class EventType:
    """A row of a source's table: the events of one detail-type.

    *fields* and *facts* list every value that may be shown; no other value of an event is shown. Some fields have a
    meaning: `status`, `previous_status`, `reason`, `operation`, `began_at`, `arn` (by default the event's first
    resource), `account`, `region` and `occurred_at` (by default the envelope's), `environment`, `service`, and
    `outcome`, which replaces the status in the look-up of *meanings*. The fields in *name*, joined by *joint*, are what
    people call the resource. *facts* are fields by label, or further values; *links* are fields with a URL of the
    console, by label. *unlisted* gives a severity to a status that *meanings* does not list.

    An event without one of the *required* fields, by default those of the name, is not recognised.
    Two events with the same *key* are about the same resource; *parents* are the keys of resources that it belongs
    to, and *recovery* says which event ends an incident. Keys, and the headlines, next steps and commands of
    *meanings*, may contain fields in braces. Every command gets the region.
    """

    resource_type: str
    kind: str
    fields: Fields
    meanings: Meanings
    name: tuple[str, ...] = ("name",)
    facts: Fields = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    page: Page | None = None
    key: str = KEY
    parents: tuple[str, ...] = ()
    recovery: Recovery = Recovery.OWN
    unlisted: Words = WORDS
    joint: str = "/"
    required: tuple[str, ...] | None = None
    named_alone: bool = False


def read(event: Event, rows: Mapping[str, EventType]) -> Reading:
    """Read *event* by its row in *rows*, by detail-type, or else as an unlisted event."""
    row = rows.get(event.detail_type)
    return read_as(event, row) if row else _read_unlisted(event)


def read_as(event: Event, row: EventType) -> Reading:
    """Read *event* by *row*."""
    found = {name: text for name, place in row.fields.items() if (text := tidy(text_at(event, place)))}
    arns = [*filter(None, (found.get("arn"), *event.resources[:1]))]
    arn = next(filter(ARN.fullmatch, arns), None) or next(iter(arns), None)
    account = found.get("account") or event.account or part(arn, "account")
    region = found.get("region") or event.region or part(arn, "region")
    own, sent = parse_time(found.get("occurred_at")) or event.time, event.time
    occurred_at = sent if own and sent and abs(own - sent) > LONGEST_DELAY else own
    envelope = {"account": account, "region": region, "time": occurred_at}
    name = row.joint.join(found[each] for each in row.name if each in found)
    required = row.name if row.required is None else row.required
    places = {each: row.fields.get(each) for each in ("status", *required) if each not in found}
    absent = [place if isinstance(place, str) else each.replace("_", " ") for each, place in places.items()]
    constants = {"resource_type": row.resource_type, "name": name, "partition": partition_of(arn, region or "")}
    usable = {"account": tidy(account), "region": tidy(region), "arn": arn if ARN.fullmatch(arn or "") else None}
    values = {name: text for name, text in {**found, **constants, **usable}.items() if text}
    facts = {label: place if callable(place) else row.fields.get(place, place) for label, place in row.facts.items()}
    change = StatusChange(
        event_id=event.id,
        source=event.source,
        resource_type=row.resource_type,
        kind=row.kind,
        name=name or None,
        account=account,
        region=region,
        occurred_at=occurred_at,
        key=_key(row, values) if name else "",
        recovery=row.recovery,
        parents=tuple(parent for each in row.parents if (parent := _filled(each, values))),
        facts=tuple(Fact(label, text) for label, place in facts.items() if (text := tidy(text_at(event, place)))),
        arn=arn,
        links=_links(row, values),
        missing=(*absent, *(label for label, value in envelope.items() if value is None)),
        recognised=not absent,
        status=found.get("status"),
        previous_status=found.get("previous_status"),
        reason=found.get("reason"),
        operation=found.get("operation"),
        began_at=parse_time(found.get("began_at")),
        environment=found.get("environment"),
        service=found.get("service"),
        named_alone=row.named_alone,
    )
    before = row.meanings.get(values.get("previous_status", ""))
    return Reading(change, _with_values(_meaning(row, values).after(before), values), before=before)


def _read_unlisted(event: Event) -> Reading:
    """Read an unlisted event by the field names that most services use."""
    fields: Fields = {
        "status": first("status", "state", "Status", "State", "state.value", "state.status", "eventName", status_named),
        "previous_status": first("previousStatus", "previousState", "previousState.value"),
        # Only the resource of an ARN: the title has its account and region already.
        "name": first(
            "name", "jobName", "id", in_arn("(.+)", "arn"), "arn", lambda event: next(iter(event.resources), None)
        ),
    }
    kind = words_of(event.detail_type)
    reading = read_as(event, EventType(type_of(kind), kind, fields, {}))
    # The words of a detail-type can say what happened: "EC2 Auto Scaling Instance Refresh Rollback Failed".
    severity = reading.meaning.severity if reading.change.status else severity_of(event.detail_type)
    return Reading(replace(reading.change, recognised=False), replace(reading.meaning, severity=severity))


def _key(row: EventType, values: Mapping[str, str]) -> str:
    """Fill *values* into the row's key; without one of its fields, all resources would share it, so use the name."""
    places = {"account": UNKNOWN, "region": UNKNOWN, **values}
    key = _filled(row.key, places)
    return KEY.format_map(places) if key is None else key


def _filled(template: str, values: Mapping[str, str]) -> str | None:
    try:
        return template.format_map(values)
    except KeyError:
        return None


def _meaning(row: EventType, values: Mapping[str, str]) -> Meaning:
    outcome = values.get("outcome") or values.get("status")
    return (row.meanings.get(outcome) or unlisted_status(outcome, row.unlisted)) if outcome else WITHOUT_STATUS


def _with_values(meaning: Meaning, values: Mapping[str, str]) -> Meaning:
    """Fill *values* into the texts of *meaning*; leave out a command if one of its values is missing or unsafe."""
    if not meaning.recognised:
        return meaning  # its headline quotes the event, where braces are no fields
    shown = defaultdict(lambda: UNKNOWN, values)
    step = meaning.next_step.format_map(shown) if meaning.next_step else None
    command = None
    if meaning.command:
        usable = {name: text for name, text in values.items() if (REGION if name == "region" else WORD).fullmatch(text)}
        command = _filled(f"{meaning.command} --region {{region}}", usable)
    return replace(meaning, headline=meaning.headline.format_map(shown), next_step=step, command=command)


def _links(row: EventType, values: Mapping[str, str]) -> tuple[Link, ...]:
    partition, page, url = values["partition"], row.page, None
    while page and not (url := console_page(partition, values.get("region", ""), page.path, values)):
        page = page.otherwise
    own = ((page.label, url),) if page else ()
    carried = ((label, carried_page(partition, values.get(each, ""))) for label, each in row.links.items())
    return tuple(Link(label, address) for label, address in (*own, *carried) if address)
