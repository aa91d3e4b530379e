"""The schema of a routes document: its tables, their keys, and the messages about errors."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Final, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from notifier.routes.errors import Path, Problem, unknown_key
from notifier.routes.fields import (
    OWN_ERROR,
    AccountId,
    Clock,
    DestinationName,
    Duration,
    Globs,
    KnownDestination,
    Line,
    Mention,
    Runbook,
    SeverityGlobs,
    SeverityName,
    Template,
    TimeZone,
    fail,
)

# pydantic ends the path with this mark if the key itself is invalid, not its value.
KEY_MARK: Final = "[key]"


class TableSchema(BaseModel):
    """A table without unknown keys; a field's description completes "must be"."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


class MatchSchema(TableSchema):
    """Matchers; the keys are the names of a notification's attributes."""

    severity: SeverityGlobs = []
    source: Globs = []
    resource_type: Globs = []
    name: Globs = []
    service: Globs = []
    environment: Globs = []
    status: Globs = []
    account: Globs = []
    region: Globs = []
    operation: Globs = []


Matchers = Annotated[
    MatchSchema, Field(description='a table of matchers, like { severity = "failure", service = "check*" }')
]


class QuietHoursSchema(TableSchema):
    """A time of day, days, or both."""

    begin: Clock = Field("00:00", alias="from")
    end: Clock = Field("00:00", alias="to")
    days: list[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]] = Field(
        [], description="a list of mon, tue, wed, thu, fri, sat, sun"
    )
    time_zone: TimeZone

    @model_validator(mode="after")
    def _check_not_empty(self) -> Self:
        if self.begin == self.end and not self.days:
            fail("these hours are empty; they need from, to (midnight if not given) or days")
        return self


class EscalationSchema(TableSchema):
    """More destinations, for an incident that stays open."""

    after: Duration
    to: list[KnownDestination] = Field(min_length=1, description="a list of names of destinations, at least one")
    mention: Mention | None = Field(None, description='"@here", "@channel" or the id of a Slack user group or user')


class RouteSchema(TableSchema):
    """A table under [[routes]]."""

    name: Line | None = Field(None, description="a text")
    match: Matchers = MatchSchema()
    unless: Matchers = Field(MatchSchema(), alias="not")
    to: list[KnownDestination] = Field(min_length=1, description="a list of names of destinations, at least one")
    final: bool = Field(default=False, description="true or false")
    mention: dict[SeverityName, Mention] = Field(
        {}, description='a table from severities to "@here", "@channel" or the id of a Slack user group or user'
    )
    quiet_hours: QuietHoursSchema | None = Field(
        None, description='a table, like { from = "22:00", to = "07:00", time_zone = "Europe/Berlin" }'
    )
    title: Template | None = Field(None, description="a text")
    body: Template | None = Field(None, description="a text")
    runbook: Runbook | None = Field(
        None, description='an https URL of at most 500 characters, like "https://wiki.example.com/checkout"'
    )
    escalate: EscalationSchema | None = Field(None, description='a table, like { after = "1h", to = ["on-call"] }')


class SilenceSchema(TableSchema):
    """A table under [[silences]]."""

    match: Matchers
    unless: Matchers = Field(MatchSchema(), alias="not")
    until: AwareDatetime = Field(description="a time with an offset and no quotes, like 2026-12-01T08:00:00Z")
    reason: Line
    by: Line


class MemorySchema(TableSchema):
    """The table [memory]."""

    remind: list[Duration] = Field(["4h", "24h"], description='a list of times like "4h"; empty for no reminders')
    flapping: bool = Field(default=True, description="true or false")
    inhibit: bool = Field(default=False, description="true or false")


class DocumentSchema(TableSchema):
    """The document; the loader checks the keys of a destination, which depend on its type."""

    destinations: dict[DestinationName, dict[str, object]] = Field(
        {}, description="tables like [destinations.alerts], named with at most 40 of a-z, 0-9 and -"
    )
    accounts: dict[AccountId, Line] = Field({}, description='a table of names, like "123456789012" = "production"')
    routes: list[RouteSchema] = Field([], description="tables [[routes]]")
    silences: list[SilenceSchema] = Field([], description="tables [[silences]]")
    memory: MemorySchema = Field(MemorySchema(), description="a table [memory]")


TABLES: Final[Mapping[Path, type[TableSchema]]] = {
    (): DocumentSchema,
    ("memory",): MemorySchema,
    ("routes",): RouteSchema,
    ("routes", "escalate"): EscalationSchema,
    ("routes", "match"): MatchSchema,
    ("routes", "not"): MatchSchema,
    ("routes", "quiet_hours"): QuietHoursSchema,
    ("silences",): SilenceSchema,
    ("silences", "match"): MatchSchema,
    ("silences", "not"): MatchSchema,
}


def schema_problems(error: ValidationError) -> Iterator[Problem]:
    """Translate pydantic's *error* into problems."""
    yield from dict.fromkeys(map(_problem, error.errors()))


def _problem(details: ErrorDetails) -> Problem:
    kind, path = details["type"], details["loc"]
    keys = tuple(part for part in path if isinstance(part, str))
    if kind == OWN_ERROR:
        return Problem(path, details["msg"])
    if kind == "extra_forbidden":
        return Problem(path, unknown_key(keys[-1], _fields(keys[:-1])))
    if path[-1] == KEY_MARK:
        path, keys = path[:-1], keys[:-1]
    # The innermost key of a table. If the path continues, only a part of the key's value is invalid.
    depth = next(depth for depth in range(len(keys) - 1, -1, -1) if keys[:depth] in TABLES)
    whole = "" if path[-1] == keys[depth] else f"{keys[depth]} "
    missing = "is missing; it " if kind == "missing" else ""
    return Problem(path, f"{missing}{whole}must be {_fields(keys[:depth])[keys[depth]].description}")


def _fields(keys: Path) -> dict[str, FieldInfo]:
    return {field.alias or name: field for name, field in TABLES[keys].model_fields.items()}
