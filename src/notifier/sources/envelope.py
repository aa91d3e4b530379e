"""The envelope that EventBridge puts around every event.

Real envelopes are complete and name one detail-type. The samples in the AWS Proton User Guide put the detail-type into
a list and leave out `version`, `id`, `account` and `region`. Both are read. A field of another type counts as absent,
so that an odd event still reaches a person.
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

# EventBridge's are UUIDs; others are taken as long as they can stand in a log and a key.
ID: Final = re.compile(r"[!-~]{1,128}")

# Fewer digits are a date of ISO 8601; a double may be written with an exponent.
EPOCH: Final = re.compile(r"\d{9,20}(\.\d*)?|\d\.\d+[Ee]\+?\d{1,2}", re.ASCII)
# From 1973 to the year 5138. A larger number counts milliseconds, which were in 1973 at this value, and so on.
EPOCH_SECONDS: Final = range(10**8, 10**11)


def text_or_none(value: object) -> str | None:
    """Read *value* as text, whole numbers included; anything else, and text without a visible character, is absent."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        return None
    # JSON may spell half of a surrogate pair, which neither pydantic nor UTF-8 takes.
    text = value if value.isascii() else value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text.strip() if tidy(text) else None


def texts(fields: Mapping[str, object]) -> dict[str, str]:
    """Select the *fields* whose value is text or a whole number, in their order."""
    return {name: text for name, value in fields.items() if (text := text_or_none(value))}


def parse_time(value: object) -> datetime | None:
    """Read *value* as ISO 8601 or a number since 1970, in UTC; a time that no clock of AWS can have shown is absent."""
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
    """Read *value* as a JSON object with its keys as they are."""
    # EventBridge Scheduler, and people who fill in PutEvents by hand, may send it as JSON text, even of JSON text.
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
    """Select the texts and whole numbers in the list *value*; anything else is a list of one value."""
    entries = value if isinstance(value, list) else [value]
    return [text for entry in entries if (text := text_or_none(entry))]


def json_object(value: object) -> dict[str, Any]:
    """Read *value* as a JSON object; anything else is an empty one."""
    return {key: field for name, field in _raw_object(value).items() if (key := text_or_none(name))}


Text = Annotated[str | None, BeforeValidator(text_or_none)]


class Event(EventBridgeModel):
    """One event as EventBridge delivers it, read leniently.

    Only `source`, `detail-type` and `detail` are required. Without them it is no event of EventBridge, and
    pydantic's `ValidationError` names the missing fields.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    # Powertools' model requires these, and the user guide's own samples lack them.
    version: Text = None  # type: ignore[assignment]
    account: Text = None  # type: ignore[assignment]
    region: Text = None  # type: ignore[assignment]
    time: Annotated[datetime | None, BeforeValidator(parse_time)] = None  # type: ignore[assignment]
    resources: Annotated[list[str], BeforeValidator(listed_texts)] = Field(default_factory=list)
    # Used by nothing, but an odd one is no reason to refuse the event.
    replay_name: Text = Field(default=None, alias="replay-name")
    detail: Annotated[dict[str, Any], BeforeValidator(json_object)]

    def text(self, path: str) -> str | None:
        """Read the text at *path* in the detail, which has a dot between its keys; an object may be JSON text."""
        return text_or_none(self._at(path))

    def objects(self, path: str) -> list[dict[str, Any]]:
        """Read the JSON objects in the list at *path*."""
        value = self._at(path)
        return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []

    def _at(self, path: str) -> object:
        first, *others = path.split(".")
        value: object = self.detail.get(first)
        for key in others:
            fields = _raw_object(value)
            value = fields[key] if key in fields else json_object(fields).get(key)
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


def _derived_id(raw: Mapping[str, object]) -> str:
    """Make an id from an event's content; a replay of the same event gets the same one."""
    content = {key: value for key, value in raw.items() if key != "replay-name"}
    return str(uuid5(NAMESPACE_URL, json.dumps(content, sort_keys=True, default=str)))
