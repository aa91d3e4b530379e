"""What the single values of a document have to be."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, Field, Strict, ValidationInfo
from pydantic_core import PydanticCustomError

from notifier.model.sanitize import tidy
from notifier.model.status_change import Severity
from notifier.routes.errors import one_of, quoted, suggestion
from notifier.routes.globs import matches

LINE_LIMIT: Final = 200
# The type of the errors whose message is already in our words.
WORDED: Final = "worded"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a document is read against: names of destinations, and what finds the fault of a template if it has one."""

    destinations: frozenset[str]
    template_fault: Callable[[str], str | None]


def wrong(words: str) -> PydanticCustomError:
    """Make an error that says *words*."""
    return PydanticCustomError(WORDED, "{words}", {"words": words})


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _filled(globs: list[str]) -> list[str]:
    if not globs or not all(globs):
        words = "must not be empty"
        raise wrong(words)
    return globs


def _severities(globs: list[str]) -> list[str]:
    for glob in globs:
        if not any(matches(glob, severity) for severity in Severity):
            words = f"{quoted(glob)} is no severity; it must be {one_of(Severity, glob)}"
            raise wrong(words)
    return globs


def _destination(name: str, info: ValidationInfo[Surroundings]) -> str:
    known = sorted(info.context.destinations)
    if name not in known:
        words = f"there is no destination of this name; it must be {one_of(known, name)}"
        raise wrong(words)
    return name


def _time_zone(name: str) -> str:
    # The machine that checks a document may know other names than the one that uses it.
    if name not in _time_zones():
        meant = suggestion(_time_zones(), name)
        words = f"{quoted(name)} is no time zone; it must be a name like Europe/Berlin or UTC{meant}"
        raise wrong(words)
    return name


@cache
def _time_zones() -> tuple[str, ...]:
    """List the time zones of the package tzdata, without the one that stands for none."""
    listed = files("tzdata").joinpath("zones").read_text("utf-8")
    return tuple(sorted({*listed.split()} - {"Factory"}))


def _line(text: str) -> str:
    line = tidy(text, LINE_LIMIT)
    if not line:
        words = "must not be empty"
        raise wrong(words)
    return line


def _template(text: str, info: ValidationInfo[Surroundings]) -> str:
    fault = info.context.template_fault(text)
    if fault:
        raise wrong(fault)
    return text


AccountId = Annotated[str, Field(pattern="^[0-9]{12}$")]
Clock = Annotated[str, Field(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$")]
DestinationName = Annotated[str, Field(pattern="^[a-z0-9-]{1,40}$")]
Globs = Annotated[list[str], BeforeValidator(_listed), AfterValidator(_filled)]
KnownDestination = Annotated[str, AfterValidator(_destination)]
Line = Annotated[str, AfterValidator(_line)]
Mention = Annotated[str, Field(pattern="^(@here|@channel|[SUW][A-Z0-9]{2,20})$")]
SeverityGlobs = Annotated[Globs, AfterValidator(_severities)]
SeverityName = Annotated[Severity, Strict(strict=False)]
Template = Annotated[str, AfterValidator(_template)]
TimeZone = Annotated[str, AfterValidator(_time_zone)]
