"""The types of the values in a document; their descriptions complete "must be"."""

from functools import cache
from importlib.resources import files
from typing import Annotated, Final, NoReturn

from pydantic import AfterValidator, BeforeValidator, Field, Strict, ValidationInfo
from pydantic_core import PydanticCustomError

from notifier.model.sanitize import tidy
from notifier.model.status_change import Severity
from notifier.routes.document import matches
from notifier.routes.errors import one_of, quoted, suggestion

SECONDS: Final = {"m": 60, "h": 60 * 60, "d": 24 * 60 * 60}
LINE_LIMIT: Final = 200
# The type of our own validation errors, whose messages are used as they are.
OWN_ERROR: Final = "notifier"


def fail(message: str) -> NoReturn:
    """Raise a validation error of our own."""
    raise PydanticCustomError(OWN_ERROR, "{message}", {"message": message})


def seconds(duration: str) -> int:
    """Convert a valid *duration* to seconds."""
    return int(duration[:-1]) * SECONDS[duration[-1]]


def _check_globs(globs: list[str]) -> list[str]:
    if not globs or not all(globs):
        fail("must not be empty")
    return globs


def _check_severities(globs: list[str]) -> list[str]:
    for glob in globs:
        if not any(matches(glob, severity) for severity in Severity):
            fail(f"{quoted(glob)} is no severity; it must be {one_of(Severity, glob)}")
    return globs


def _check_destination(name: str, info: ValidationInfo[frozenset[str]]) -> str:
    names = sorted(info.context)
    if name not in names:
        fail(f"there is no destination of this name; it must be {one_of(names, name)}")
    return name


def _check_time_zone(name: str) -> str:
    if name not in _time_zones():
        close = suggestion(_time_zones(), name)
        fail(f"{quoted(name)} is no time zone; it must be a name like Europe/Berlin or UTC{close}")
    return name


@cache
def _time_zones() -> tuple[str, ...]:
    """List the time zones of the package tzdata; those of the local machine may differ from Lambda's."""
    names = files("tzdata").joinpath("zones").read_text("utf-8")
    # Factory is the placeholder of a system without a time zone.
    return tuple(sorted({*names.split()} - {"Factory"}))


def _tidy_line(text: str) -> str:
    line = tidy(text, LINE_LIMIT)
    if not line:
        fail("must not be empty")
    return line


def _check_template(text: str) -> str:
    # Imported here, as only a document with templates needs Jinja.
    from notifier.routes.templates import template_error  # noqa: PLC0415

    if error := template_error(text):
        fail(error)
    return text


AccountId = Annotated[str, Field(pattern="^[0-9]{12}$")]
Clock = Annotated[str, Field(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$", description='a time of day, like "07:30"')]
Duration = Annotated[str, Field(pattern="^[1-9][0-9]{0,3}[mhd]$", description='a time like "30m", "4h" or "2d"')]
DestinationName = Annotated[str, Field(pattern="^[a-z0-9-]{1,40}$")]
# Only the JSON Schema uses these lengths; at run time, `_check_globs` raises the error.
_Glob = Annotated[str, Field(min_length=1)]
Globs = Annotated[
    list[str],
    BeforeValidator(
        lambda value: [value] if isinstance(value, str) else value,
        json_schema_input_type=_Glob | Annotated[list[_Glob], Field(min_length=1)],
    ),
    AfterValidator(_check_globs),
    Field(description="a text or a list of texts, in which * stands for anything and ? for any character"),
]
KnownDestination = Annotated[str, AfterValidator(_check_destination)]
Line = Annotated[str, AfterValidator(_tidy_line), Field(description="a text", json_schema_extra={"pattern": r"\S"})]
Mention = Annotated[str, Field(pattern="^(@here|@channel|[SUW][A-Z0-9]{2,20})$")]
# Without characters that must be encoded, or that end a link in some channel.
Runbook = Annotated[str, Field(pattern="^https://[A-Za-z0-9][!#-&(-;=?-Z_a-z~]{0,491}$")]
SeverityGlobs = Annotated[Globs, AfterValidator(_check_severities)]
SeverityName = Annotated[Severity, Strict(strict=False)]
Template = Annotated[str, AfterValidator(_check_template)]
TimeZone = Annotated[str, AfterValidator(_check_time_zone), Field(description="a name like Europe/Berlin or UTC")]
