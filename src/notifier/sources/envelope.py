"""What AWS Proton sends to EventBridge.

Shapes and names come from "Automate AWS Proton with EventBridge" in the AWS Proton User Guide, the eleventh
detail-type from the EventBridge events reference. Real envelopes are complete and name one detail-type; the
guide's own samples put it into a list and leave out `version`, `id`, `account` and `region`. Both are read,
and a field that is not what it should be counts as absent, so that an odd event still reaches a person.
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Final
from uuid import NAMESPACE_URL, uuid5

from aws_lambda_powertools.utilities.parser.models import EventBridgeModel
from pydantic import BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from notifier.sources.proton.resources import (
    ConnectionDetail,
    Detail,
    NamedDetail,
    OtherDetail,
    ServiceDetail,
    ServiceInstanceDetail,
    ServicePipelineDetail,
    TemplateVersionDetail,
    Text,
    text_or_none,
)

# EventBridge's are UUIDs; others are taken as long as they can stand in a log and a key.
ID: Final = re.compile(r"[!-~]{1,128}")


# Fewer digits are a date of ISO 8601; a double may be written with an exponent.
EPOCH: Final = re.compile(r"\d{9,20}(\.\d*)?|\d\.\d+[Ee]\+?\d{1,2}", re.ASCII)
# From 1973 to the year 5138. What is more is thousandths of seconds, which then were in 1973, and so on.
EPOCH_SECONDS: Final = range(10**8, 10**11)


def _time(value: object) -> datetime | None:
    """Read *value* as ISO 8601 or a number since 1970, in UTC; what no clock of AWS can have shown is absent."""
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


def _since_1970(number: float) -> datetime:
    """Read seconds, or thousandths, millionths or billionths of them."""
    units = (number / 1_000**power for power in range(4))
    seconds = (each for each in units if EPOCH_SECONDS.start <= each < EPOCH_SECONDS.stop)
    return datetime.fromtimestamp(next(seconds, math.nan), UTC)


def _parsed(text: str) -> object:
    try:
        return json.loads(text.removeprefix("\ufeff"))
    except (RecursionError, ValueError):
        return None


def _texts(value: object) -> list[str]:
    entries = value if isinstance(value, list) else [value]
    return [text for entry in entries if (text := text_or_none(entry))]


@dataclass(frozen=True, slots=True)
class Resource:
    """A type of Proton resource.

    *name* is its name in the user guide, *kind* the same for a sentence, *detail* the shape of its events.
    """

    name: str
    kind: str
    detail: type[Detail]
    listed: bool = True


RESOURCES: Final[Mapping[str, Resource]] = {
    "AWS Proton Component Status Change": Resource("Component", "component", NamedDetail),
    "AWS Proton Deployment Status Change": Resource("Deployment", "deployment", OtherDetail),
    "AWS Proton Environment Account Connection Status Change": Resource(
        "EnvironmentAccountConnection", "environment account connection", ConnectionDetail
    ),
    "AWS Proton Environment Status Change": Resource("Environment", "environment", NamedDetail),
    "AWS Proton Environment Template Status Change": Resource(
        "EnvironmentTemplate", "environment template", NamedDetail
    ),
    "AWS Proton Environment Template Version Status Change": Resource(
        "EnvironmentTemplateVersion", "environment template version", TemplateVersionDetail
    ),
    "AWS Proton Service Instance Status Change": Resource("ServiceInstance", "service instance", ServiceInstanceDetail),
    "AWS Proton Service Pipeline Status Change": Resource("ServicePipeline", "service pipeline", ServicePipelineDetail),
    "AWS Proton Service Status Change": Resource("Service", "service", ServiceDetail),
    "AWS Proton Service Template Status Change": Resource("ServiceTemplate", "service template", NamedDetail),
    "AWS Proton Service Template Version Status Change": Resource(
        "ServiceTemplateVersion", "service template version", TemplateVersionDetail
    ),
}


def resource_of(detail_type: str) -> Resource:
    """Find the resource that *detail_type* reports on; for an unlisted one, make it up from the words."""
    listed = RESOURCES.get(detail_type)
    if listed:
        return listed
    words = re.findall(r"\w+", detail_type.removeprefix("AWS Proton ").removesuffix(" Status Change"))
    kind = " ".join(words) or "resource"
    return Resource("".join(map(_capitalised, kind.split())), kind, OtherDetail, listed=False)


def _capitalised(word: str) -> str:
    return word[:1].upper() + word[1:]


class ProtonEvent(EventBridgeModel):
    """One event as EventBridge hands it over, read leniently.

    Only `source`, `detail-type` and `detail` are needed; an event without them is none of EventBridge's and
    raises pydantic's `ValidationError`, which names what is missing.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    # Powertools' model wants these in every event, and the user guide's own samples lack them.
    version: Text = None  # type: ignore[assignment]
    account: Text = None  # type: ignore[assignment]
    region: Text = None  # type: ignore[assignment]
    time: Annotated[datetime | None, BeforeValidator(_time)] = None  # type: ignore[assignment]
    resources: Annotated[list[str], BeforeValidator(_texts)] = Field(default_factory=list)
    # Read by nobody, but an odd one is no reason to refuse the event.
    replay_name: Text = Field(default=None, alias="replay-name")
    detail: Detail

    @model_validator(mode="before")
    @classmethod
    def _filled(cls, raw: object) -> object:
        if not isinstance(raw, dict):
            return raw
        given = text_or_none(raw.get("id")) or ""
        return {**raw, "id": given if ID.fullmatch(given) else _derived_id(raw)}

    @field_validator("detail_type", mode="before")
    @classmethod
    def _first_detail_type(cls, value: object) -> object:
        return next(iter(_texts(value)), value)

    @field_validator("source", mode="before")
    @classmethod
    def _source(cls, value: object) -> object:
        return text_or_none(value) or value

    @field_validator("detail", mode="before")
    @classmethod
    def _shaped(cls, value: object, info: ValidationInfo) -> Detail:
        shape = resource_of(info.data.get("detail_type", "")).detail
        # EventBridge Scheduler, and who fills in PutEvents by hand, may send it as JSON text, even of JSON text.
        while isinstance(value, str):
            value = _parsed(value)
        fields = value if isinstance(value, dict) else {}
        return shape.model_validate({text_or_none(key): field for key, field in fields.items() if text_or_none(key)})

    @property
    def resource(self) -> Resource:
        """The kind of resource that the event is about."""
        return resource_of(self.detail_type)


def _derived_id(raw: Mapping[str, object]) -> str:
    """Make an id from an event's content; a replay of the same event gets the same one."""
    content = {key: value for key, value in raw.items() if key != "replay-name"}
    return str(uuid5(NAMESPACE_URL, json.dumps(content, sort_keys=True, default=str)))
