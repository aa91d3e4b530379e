"""The types of Proton resources and the fields of their events.

Detail-types and fields are those of "Automate AWS Proton with EventBridge" in the AWS Proton User Guide; the eleventh
detail-type is from the EventBridge events reference.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Resource:
    """A type of Proton resource.

    *name* is its name in the user guide, *kind* the same for a sentence. *fields* are those that the guide promises in
    the detail beside the status; an undocumented detail has none. People call the resource by the fields *called*,
    joined by *joint*; `version` there is the version as *major.minor*. *listed* is false for a type that is made up
    from its detail-type. People call a resource that is *named_alone* by its name without the kind.
    """

    name: str
    kind: str
    fields: tuple[str, ...] = ("name",)
    called: tuple[str, ...] = ("name",)
    joint: str = " "
    listed: bool = True
    named_alone: bool = False


SERVICE: Final = ("serviceName",)
TEMPLATE_VERSION: Final = (("name", "majorVersion", "minorVersion"), ("name", "version"))

RESOURCES: Final[Mapping[str, Resource]] = {
    "AWS Proton Component Status Change": Resource("Component", "component"),
    "AWS Proton Deployment Status Change": Resource("Deployment", "deployment", ()),
    "AWS Proton Environment Account Connection Status Change": Resource(
        "EnvironmentAccountConnection", "environment account connection", ("id",), ("id",)
    ),
    "AWS Proton Environment Status Change": Resource("Environment", "environment"),
    "AWS Proton Environment Template Status Change": Resource("EnvironmentTemplate", "environment template"),
    "AWS Proton Environment Template Version Status Change": Resource(
        "EnvironmentTemplateVersion", "environment template version", *TEMPLATE_VERSION
    ),
    "AWS Proton Service Instance Status Change": Resource(
        "ServiceInstance", "service instance", ("name", "serviceName"), ("serviceName", "name"), "/", named_alone=True
    ),
    "AWS Proton Service Pipeline Status Change": Resource("ServicePipeline", "service pipeline", SERVICE, SERVICE),
    "AWS Proton Service Status Change": Resource("Service", "service"),
    "AWS Proton Service Template Status Change": Resource("ServiceTemplate", "service template"),
    "AWS Proton Service Template Version Status Change": Resource(
        "ServiceTemplateVersion", "service template version", *TEMPLATE_VERSION
    ),
}


def resource_of(detail_type: str) -> Resource:
    """Find the resource that *detail_type* reports on; make up an unlisted one from the words of *detail_type*."""
    listed = RESOURCES.get(detail_type)
    if listed:
        return listed
    words = re.findall(r"\w+", detail_type.removeprefix("AWS Proton ").removesuffix(" Status Change")) or ["resource"]
    name = "".join(word[:1].upper() + word[1:] for word in words)
    return Resource(name, " ".join(words), (), listed=False)
