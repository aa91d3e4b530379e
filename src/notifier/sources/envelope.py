"""The envelope that EventBridge puts around every event.

Real envelopes are complete and name one detail-type. The samples in the AWS Proton User Guide put the detail-type into
a list and lack `version`, `id`, `account` and `region`. Both forms are read. A field of an unexpected type counts as
absent, so that an odd event still reaches a person.
"""

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Final
from uuid import NAMESPACE_URL, uuid5

from aws_lambda_powertools.utilities.parser.models import EventBridgeModel
from pydantic import BeforeValidator, ConfigDict, Field, field_validator, model_validator

from notifier.model.sanitize import tidy

# EventBridge's ids are UUIDs; another id must be fit for a log and a key.
ID: Final = re.compile(r"[!-~]{1,128}")

# Fewer digits are an ISO 8601 date; a double may have an exponent.
EPOCH: Final = re.compile(r"\d{9,20}(\.\d*)?|\d\.\d+[Ee]\+?\d{1,2}", re.ASCII)
# From 1973 to 5138. A larger number counts milliseconds, of which 10**11 were over in 1973, and so on.
EPOCH_SECONDS: Final = range(10**8, 10**11)


def text_or_none(value: object) -> str | None:
    """Read *value*, a text or integer, as text; return None for other types and for text without visible characters."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        return None
    # JSON may contain half of a surrogate pair, which pydantic and UTF-8 reject.
    text = value if value.isascii() else value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text.strip() if tidy(text) else None


def texts(fields: Mapping[str, object]) -> dict[str, str]:
    """Select the *fields* whose value is a text or an integer, in their order."""
    return {name: text for name, value in fields.items() if (text := text_or_none(value))}


def parse_time(value: object) -> datetime | None:
    """Read *value*, ISO 8601 or a number since 1970, as a time in UTC; return None for other values and before 1970."""
    try:
        value = value.strip().upper() if isinstance(value, str) else value
        if isinstance(value, str) and not EPOCH.fullmatch(value):
            moment = datetime.fromisoformat(value)
            moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        elif isinstance(value, str | int | float) and not isinstance(value, bool):
            moment = _since_1970(float(value))
        else:
            return None
    except (ValueError, OverflowError):
        return None
    return moment if moment.timestamp() > 0 else None


def _raw_object(value: object) -> dict[str, Any]:
    """Read *value* as a JSON object with unchanged keys."""
    # EventBridge Scheduler, and people who use PutEvents, may send it as JSON text, or as JSON text within JSON text.
    while isinstance(value, str):
        try:
            value = json.loads(value.removeprefix("\ufeff"))
        except (RecursionError, ValueError):
            break
    return value if isinstance(value, dict) else {}


def _since_1970(number: float) -> datetime:
    """Read seconds, milliseconds, microseconds or nanoseconds."""
    units = (number / 1_000**power for power in range(4))
    seconds = (each for each in units if EPOCH_SECONDS.start <= each < EPOCH_SECONDS.stop)
    return datetime.fromtimestamp(next(seconds, math.nan), UTC)


def listed_texts(value: object) -> list[str]:
    """Select the texts and integers in the list *value*; another value is read as a list of one."""
    entries = value if isinstance(value, list) else [value]
    return [text for entry in entries if (text := text_or_none(entry))]


def json_object(value: object) -> dict[str, Any]:
    """Read *value* as a JSON object, empty for other values."""
    return {key: field for name, field in _raw_object(value).items() if (key := text_or_none(name))}


Text = Annotated[str | None, BeforeValidator(text_or_none)]


class Event(EventBridgeModel):
    """One event as EventBridge delivers it, read leniently.

    Only `source`, `detail-type` and `detail` are required, as every event of EventBridge has them; pydantic's
    `ValidationError` names the missing fields.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    # Powertools' model requires these, and the user guide's own samples lack them.
    version: Text = None  # type: ignore[assignment]
    account: Text = None  # type: ignore[assignment]
    region: Text = None  # type: ignore[assignment]
    time: Annotated[datetime | None, BeforeValidator(parse_time)] = None  # type: ignore[assignment]
    resources: Annotated[list[str], BeforeValidator(listed_texts)] = Field(default_factory=list)
    # Unused; declared so that an odd value is no reason to reject the event.
    replay_name: Text = Field(default=None, alias="replay-name")
    detail: Annotated[dict[str, Any], BeforeValidator(json_object)]

    def text(self, path: str) -> str | None:
        """Read the text at *path*, keys of the detail with dots between them, in any case; objects may be JSON text."""
        return text_or_none(self.value(path))

    def objects(self, path: str) -> list[dict[str, Any]]:
        """Read the JSON objects in the list at *path*."""
        value = self.value(path)
        return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []

    def value(self, path: str) -> object:
        """Read the value at *path*, of any type."""
        value: object = self.detail
        for key in path.split("."):
            fields = _raw_object(value)
            value = fields[key] if key in fields else _in_other_case(fields, key)
        return value

    @model_validator(mode="before")
    @classmethod
    def _with_id(cls, raw: object) -> object:
        if not isinstance(raw, dict):
            return raw
        given = text_or_none(raw.get("id")) or ""
        return {**raw, "id": given if ID.fullmatch(given) else _derived_id(raw)}

    @field_validator("detail_type", mode="before")
    @classmethod
    def _first_detail_type(cls, value: object) -> object:
        return next(iter(listed_texts(value)), value)

    @field_validator("source", mode="before")
    @classmethod
    def _source(cls, value: object) -> object:
        return text_or_none(value) or value


def _in_other_case(fields: Mapping[str, object], key: str) -> object:
    """Find the value of *key* in another case: samples of App Runner and GuardDuty have ServiceName and Severity."""
    named = {text.casefold(): value for name, value in fields.items() if (text := text_or_none(name))}
    return named.get(key.casefold())


def _derived_id(raw: Mapping[str, object]) -> str:
    """Derive an id from an event's content, so that a replay of the event has the same id."""
    content = {key: value for key, value in raw.items() if key != "replay-name"}
    return str(uuid5(NAMESPACE_URL, json.dumps(content, sort_keys=True, default=str)))
