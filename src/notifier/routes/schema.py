"""The document as it is written: which keys there are, and what each has to be."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from notifier.routes.errors import Path, Problem, unknown_key
from notifier.routes.fields import (
    WORDED,
    AccountId,
    Clock,
    DestinationName,
    Globs,
    KnownDestination,
    Line,
    Mention,
    SeverityGlobs,
    SeverityName,
    Template,
    TimeZone,
    wrong,
)

GLOBS: Final = "a text or a list of texts, in which * stands for anything and ? for any character"
MATCH: Final = 'a table of what has to match, like { severity = "failure", service = "check*" }'
CLOCK: Final = 'a time of day, like "07:30"'
# What pydantic adds to the place of a key that is wrong itself.
KEY_MARK: Final = "[key]"


class Written(BaseModel):
    """A table whose keys are all known; a field's description completes "must be"."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


class WrittenMatch(Written):
    """Conditions; the keys are the names of a notification's attributes."""

    severity: SeverityGlobs = Field([], description=GLOBS)
    resource_type: Globs = Field([], description=GLOBS)
    name: Globs = Field([], description=GLOBS)
    service: Globs = Field([], description=GLOBS)
    environment: Globs = Field([], description=GLOBS)
    status: Globs = Field([], description=GLOBS)
    account: Globs = Field([], description=GLOBS)
    region: Globs = Field([], description=GLOBS)


class WrittenQuietHours(Written):
    """A time of day, days, or both."""

    begin: Clock = Field("00:00", alias="from", description=CLOCK)
    end: Clock = Field("00:00", alias="to", description=CLOCK)
    days: list[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]] = Field(
        [], description="a list of mon, tue, wed, thu, fri, sat, sun"
    )
    time_zone: TimeZone = Field(description="a name like Europe/Berlin or UTC")

    @model_validator(mode="after")
    def _never_empty(self) -> Self:
        if self.begin == self.end and not self.days:
            words = "these hours are never; they need from, to (midnight if not given) or days"
            raise wrong(words)
        return self


class WrittenRoute(Written):
    """A table under [[routes]]."""

    name: Line | None = Field(None, description="a text")
    match: WrittenMatch = Field(WrittenMatch(), description=MATCH)
    unless: WrittenMatch = Field(WrittenMatch(), alias="not", description=MATCH)
    to: list[KnownDestination] = Field(min_length=1, description="a list of names of destinations, at least one")
    final: bool = Field(default=False, description="true or false")
    mention: dict[SeverityName, Mention] = Field(
        {}, description='a table from severities to "@here", "@channel" or the id of a Slack user group or user'
    )
    quiet_hours: WrittenQuietHours | None = Field(
        None, description='a table, like { from = "22:00", to = "07:00", time_zone = "Europe/Berlin" }'
    )
    title: Template | None = Field(None, description="a text")
    body: Template | None = Field(None, description="a text")


class WrittenSilence(Written):
    """A table under [[silences]]."""

    match: WrittenMatch = Field(description=MATCH)
    unless: WrittenMatch = Field(WrittenMatch(), alias="not", description=MATCH)
    until: AwareDatetime = Field(description="a time with an offset and no quotes, like 2026-12-01T08:00:00Z")
    reason: Line = Field(description="a text")
    by: Line = Field(description="a text")


class WrittenDocument(Written):
    """All of it; what the destinations' tables have to hold depends on their types."""

    destinations: dict[DestinationName, dict[str, object]] = Field(
        {}, description="tables like [destinations.alerts], named with at most 40 of a-z, 0-9 and -"
    )
    accounts: dict[AccountId, Line] = Field({}, description='a table of names, like "123456789012" = "production"')
    routes: list[WrittenRoute] = Field([], description="tables [[routes]]")
    silences: list[WrittenSilence] = Field([], description="tables [[silences]]")


TABLES: Final[Mapping[Path, type[Written]]] = {
    (): WrittenDocument,
    ("routes",): WrittenRoute,
    ("routes", "match"): WrittenMatch,
    ("routes", "not"): WrittenMatch,
    ("routes", "quiet_hours"): WrittenQuietHours,
    ("silences",): WrittenSilence,
    ("silences", "match"): WrittenMatch,
    ("silences", "not"): WrittenMatch,
}


def problems(error: ValidationError) -> Iterator[Problem]:
    """Say in our words what *error* found."""
    yield from dict.fromkeys(map(_problem, error.errors()))


def _problem(details: ErrorDetails) -> Problem:
    path = tuple(part for part in details["loc"] if part != KEY_MARK)
    return Problem(path, WORDS.get(details["type"], _must_be)(path, details))


def _must_be(path: Path, _details: ErrorDetails) -> str:
    return f"must be {_description(path)}"


def _is_missing(path: Path, _details: ErrorDetails) -> str:
    return f"is missing; it must be {_description(path)}"


def _is_unknown(path: Path, _details: ErrorDetails) -> str:
    table = TABLES[tuple(part for part in path[:-1] if isinstance(part, str))]
    return unknown_key(str(path[-1]), [field.alias or name for name, field in table.model_fields.items()])


def _worded(_path: Path, details: ErrorDetails) -> str:
    return details["msg"]


WORDS: Final[Mapping[str, Callable[[Path, ErrorDetails], str]]] = {
    "extra_forbidden": _is_unknown,
    "missing": _is_missing,
    WORDED: _worded,
}


def _description(path: Path) -> str:
    """Find what is said of the key at *path*, or of the nearest one around it."""
    keys = tuple(part for part in path if isinstance(part, str))
    depth = next(depth for depth in range(len(keys) - 1, -1, -1) if keys[:depth] in TABLES)
    fields = {field.alias or name: field for name, field in TABLES[keys[:depth]].model_fields.items()}
    return str(fields[keys[depth]].description)
