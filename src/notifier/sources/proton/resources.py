"""What the details of Proton's events say, by kind of resource.

The fields are those that "Automate AWS Proton with EventBridge" in the AWS Proton User Guide lists. One that is
absent or not what it should be is None, so that an odd event still reaches a person.
"""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from notifier.model.sanitize import tidy


def text_or_none(value: object) -> str | None:
    """Read *value* as text, whole numbers included; anything else, and what nobody could see, is absent."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        return None
    # JSON may spell half of a surrogate pair, which neither pydantic nor UTF-8 takes.
    text = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text.strip() if tidy(text) else None


Text = Annotated[str | None, BeforeValidator(text_or_none)]


class Detail(BaseModel):
    """What every status change carries; each field is absent if the event lacks it."""

    # Of all kinds, a cold start builds the one that its event has.
    model_config = ConfigDict(frozen=True, defer_build=True)

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

    model_config = ConfigDict(extra="allow")

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
        return {key: text for key, value in fields if (text := text_or_none(value))}
