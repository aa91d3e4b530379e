"""Settings of destinations that can never work, also for what a deployed stack may reach."""

import re
import sys
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from botocore.exceptions import ClientError
from botocore.loaders import create_loader

from notifier.channels import channel_type
from notifier.channels.destination import Destination, Setting
from notifier.channels.http.client import LOOPBACK, matches, parsed
from notifier.channels.http.vendor import Vendor
from notifier.channels.pagerduty import PAGERDUTY
from notifier.channels.slack.responses import API
from notifier.routes.document import Document
from notifier.routes.errors import DocumentError, Problem
from notifier.settings import comma_separated
from proton_notifier.common.deployed_stack import DeployedStack

# Whose addresses are settings, and no secrets.
VENDORS: Final[Mapping[str, Vendor]] = {"pagerduty": PAGERDUTY, "slack-bot": API}
MISSING: Final = frozenset({"ParameterNotFound", "ResourceNotFoundException"})


@dataclass(frozen=True, slots=True)
class Reach:
    """What *stack* may reach, by what it was deployed with: topics, and hosts besides the vendors'."""

    stack: DeployedStack
    partition: str
    topics: Collection[str]
    hosts: frozenset[str]

    def lacks(self, secret: str) -> bool:
        """Say whether a secret is not there; if the caller may not know, tell so on standard error."""
        try:
            if secret.startswith("/"):
                self.stack.client("ssm").get_parameter(Name=secret)
                return False
            described = self.stack.client("secretsmanager").describe_secret(SecretId=secret)
            return "DeletedDate" in described or not described.get("VersionIdsToStages")
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code in MISSING:
                return True
            print(f"whether there is a secret {secret} is not known: {code}", file=sys.stderr)
            return False


def reach(stack: DeployedStack) -> Reach:
    """Learn what *stack* may reach."""
    parameters, topic = stack.parameters(), stack.outputs().get("AlertTopicArn", "")
    topics, hosts = (
        (topic, *comma_separated("MoreTopicArns", parameters)),
        map(str.lower, comma_separated("WebhookHosts", parameters)),
    )
    return Reach(stack, topic[4:].partition(":")[0], topics, frozenset(hosts))


def check_settings(text: str, document: Document, own: Document, within: Reach | None) -> None:
    """Raise `DocumentError` if *document* declares what can never be sent to, or not *within* the reach of a stack."""
    declared = document.destinations[len(own.destinations) :]
    found = tuple(
        Problem(("destinations", place.name, setting.name), why)
        for place in declared
        for setting in channel_type(place.channel).settings
        for why in _whys(place, setting, within)
    )
    if found:
        raise DocumentError(text, found)


def _whys(place: Destination, setting: Setting, within: Reach | None) -> Iterator[str]:
    value = place.setting(setting.name)
    if setting.secret and within and within.lacks(value):
        yield f"there is no secret {value} with a value in the stack's account and region, or it is about to be deleted"
    elif setting.name == "topic":
        yield from _topic(value, within)
    elif setting.name == "url" and place.channel in VENDORS:
        yield from _url(value, setting, VENDORS[place.channel], within)


def _topic(arn: str, within: Reach | None) -> Iterator[str]:
    _, partition, _, region, *_ = arn.split(":")
    regions = {each["id"]: each["regionRegex"] for each in create_loader().load_data("partitions")["partitions"]}
    if partition not in regions:
        yield f"{partition} is no partition of AWS"
    elif not re.fullmatch(regions[partition], region):
        yield f"{region} is no region of the partition {partition}"
    elif within and within.partition not in {"", partition}:
        yield f"is in the partition {partition}, and the stack in {within.partition}"
    elif within and arn not in within.topics:
        yield "is not a topic that the stack may publish to: add it to the parameter MoreTopicArns, and deploy"


def _url(given: str, setting: Setting, vendor: Vendor, within: Reach | None) -> Iterator[str]:
    url = parsed(given)
    host, path = url.host or "", parsed(setting.default or "").path
    domains = tuple("." + ".".join(each.split(".")[-2:]) for each in vendor.hosts)
    if url.auth or (url.scheme != "https" and host not in LOOPBACK):
        yield "must be an https address without a user"
    elif host in vendor.hosts:
        if url.path != path or url.port not in {None, 443}:
            yield f"{vendor.name} takes messages at {path} only, as in {setting.default}"
    elif f".{host}".endswith(domains):
        yield f"{host} is not where {vendor.name} takes messages: that is {setting.default}"
    elif within and not matches(host, within.hosts):
        yield f"{host} is neither {vendor.name}'s nor in the parameter WebhookHosts, so that nothing is posted to it"
