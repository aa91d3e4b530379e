"""What AWS Proton sends to EventBridge.

Shapes and names come from "Automate AWS Proton with EventBridge" in the AWS Proton User Guide, the eleventh
detail-type from the EventBridge events reference. Real envelopes are complete and name one detail-type; the
guide's own samples put it into a list and leave out `version`, `id`, `account` and `region`. Both are read,
and a field that is not what it should be counts as absent, so that an odd event still reaches a person.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Final
from uuid import NAMESPACE_URL, uuid5

from aws_lambda_powertools.utilities.parser.models import EventBridgeModel
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from notifier.text import tidy

# EventBridge's are UUIDs; others are taken as long as they can stand in a log and a key.
ID: Final = re.compile(r"[!-~]{1,128}")


def _text(value: object) -> str | None:
    """Read *value* as text, whole numbers included; anything else, and what nobody could see, is absent."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        return None
    # JSON may spell half of a surrogate pair, which neither pydantic nor UTF-8 takes.
    text = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text.strip() if tidy(text) else None


def _time(value: object) -> datetime | None:
    """Read *value* as ISO 8601, in UTC; what no clock of AWS can have shown is absent."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return moment if moment.timestamp() > 0 else None


def _texts(value: object) -> list[str]:
    entries = value if isinstance(value, list) else [value]
    return [text for entry in entries if (text := _text(entry))]


Text = Annotated[str | None, BeforeValidator(_text)]


class Detail(BaseModel):
    """What every status change carries; each field is absent if the event lacks it."""

    model_config = ConfigDict(frozen=True)

    status: Text = None
    previous_status: Text = Field(default=None, alias="previousStatus")

    @property
    def own_name(self) -> str | None:
        """The name or id of the resource itself, which may be unique only within its service."""
        return None

    @property
    def service(self) -> str | None:
        """The service that the resource is or belongs to."""
        return None

    @property
    def version(self) -> str | None:
        """The resource's version as *major.minor*."""
        return None

    @property
    def called(self) -> str | None:
        """What people call the resource."""
        return self.own_name

    @property
    def missing(self) -> tuple[str, ...]:
        """Name the fields that the guide promises for this resource and the event lacks."""
        return tuple(
            field.alias or name
            for name, field in type(self).model_fields.items()
            # Nobody documents what stands in previousStatus when a resource is new.
            if name != "previous_status" and getattr(self, name) is None
        )


class NamedDetail(Detail):
    """The detail of environments, components and templates."""

    name: Text = None

    @property
    def own_name(self) -> str | None:
        """The resource's name."""
        return self.name


class ServiceDetail(NamedDetail):
    """The detail of a service."""

    @property
    def service(self) -> str | None:
        """The service itself."""
        return self.name


class TemplateVersionDetail(NamedDetail):
    """The detail of a template version, named after its template."""

    major_version: Text = Field(default=None, alias="majorVersion")
    minor_version: Text = Field(default=None, alias="minorVersion")

    @property
    def version(self) -> str | None:
        """The version as *major.minor*, with a question mark for a part that is absent."""
        if not (self.major_version or self.minor_version):
            return None
        return f"{self.major_version or '?'}.{self.minor_version or '?'}"

    @property
    def called(self) -> str | None:
        """The template's name and the version."""
        return " ".join(filter(None, (self.name, self.version))) or None


class ServiceInstanceDetail(NamedDetail):
    """The detail of a service instance, whose name is unique only within its service."""

    service_name: Text = Field(default=None, alias="serviceName")

    @property
    def service(self) -> str | None:
        """The service that the instance belongs to."""
        return self.service_name

    @property
    def called(self) -> str | None:
        """The service's and the instance's name."""
        return "/".join(filter(None, (self.service_name, self.name))) or None


class ServicePipelineDetail(Detail):
    """The detail of a service pipeline, which has no name of its own."""

    service_name: Text = Field(default=None, alias="serviceName")

    @property
    def service(self) -> str | None:
        """The service that the pipeline belongs to."""
        return self.service_name

    @property
    def called(self) -> str | None:
        """The name of the pipeline's service."""
        return self.service_name


class ConnectionDetail(Detail):
    """The detail of an environment account connection, which has only an id."""

    id: Text = None

    @property
    def own_name(self) -> str | None:
        """The connection's id."""
        return self.id


class OtherDetail(Detail):
    """A detail that no documentation describes, kept as it came."""

    model_config = ConfigDict(frozen=True, extra="allow")

    @property
    def own_name(self) -> str | None:
        """The name if there is one, else the id."""
        return self.others.get("name") or self.others.get("id")

    @property
    def service(self) -> str | None:
        """The service that the resource belongs to, if the detail says so."""
        return self.others.get("serviceName")

    @property
    def others(self) -> Mapping[str, str]:
        """What else the detail says in a word or a number, in its order."""
        fields = (self.model_extra or {}).items()
        return {key: text for key, value in fields if (text := _text(value))}


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
        given = _text(raw.get("id")) or ""
        return {**raw, "id": given if ID.fullmatch(given) else _derived_id(raw)}

    @field_validator("detail_type", mode="before")
    @classmethod
    def _first_detail_type(cls, value: object) -> object:
        return next(iter(_texts(value)), value)

    @field_validator("source", mode="before")
    @classmethod
    def _source(cls, value: object) -> object:
        return _text(value) or value

    @field_validator("detail", mode="before")
    @classmethod
    def _shaped(cls, value: object, info: ValidationInfo) -> Detail:
        shape = resource_of(info.data.get("detail_type", "")).detail
        fields = value if isinstance(value, dict) else {}
        return shape.model_validate({_text(key): field for key, field in fields.items() if _text(key)})

    @property
    def resource(self) -> Resource:
        """The kind of resource that the event is about."""
        return resource_of(self.detail_type)


def _derived_id(raw: Mapping[str, object]) -> str:
    """Make an id from an event's content; a replay of the same event gets the same one."""
    content = {key: value for key, value in raw.items() if key != "replay-name"}
    return str(uuid5(NAMESPACE_URL, json.dumps(content, sort_keys=True, default=str)))
