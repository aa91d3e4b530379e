"""Check the settings of destinations, also against the permissions of a deployed stack."""

import re
import sys
from collections.abc import Iterator, Mapping
from typing import Final

from botocore.exceptions import ClientError
from botocore.loaders import create_loader

from notifier.channels import channel_type
from notifier.channels.destination import Destination, Setting
from notifier.channels.http.client import LOOPBACK, matches, parsed
from notifier.channels.http.responses import Vendor
from notifier.channels.pagerduty import PAGERDUTY
from notifier.channels.slack.responses import API
from notifier.routes.document import Document
from notifier.routes.errors import DocumentError, Problem
from notifier.routes.loader import read_document
from notifier.settings import comma_separated
from proton_notifier.common.deployed_stack import DeployedStack, stop
from proton_notifier.routes.output import DEFAULTS, stack_defaults

# The vendors whose URLs are settings, not secrets.
VENDORS: Final[Mapping[str, Vendor]] = {"pagerduty": PAGERDUTY, "slack-bot": API}
# PutParameter rejects a value with a reference in double braces.
BRACES: Final = "{{"
MISSING: Final = frozenset({"ParameterNotFound", "ResourceNotFoundException"})


class StackAccess:
    """The defaults, topics, webhook hosts and secrets of *stack*; raises `StackError` for other stacks."""

    def __init__(self, stack: DeployedStack) -> None:
        parameters, topic = stack.parameters, stack.outputs.get("AlertTopicArn", "")
        if "SlackSecretName" not in parameters:
            stop(f"{stack.name} is not a stack of this notifier: it has no parameter SlackSecretName")
        self.defaults = stack_defaults(parameters)
        # Templates without this parameter use the stack's name.
        self.secret_prefix = parameters.get("SecretPrefix", stack.name)
        self.partition = topic[4:].partition(":")[0]
        self.topics = (topic, *comma_separated("MoreTopicArns", parameters))
        self.hosts = frozenset(map(str.lower, comma_separated("WebhookHosts", parameters)))
        self._stack = stack

    def lacks_secret(self, name: str) -> bool:
        """Check that the secret *name* does not exist; print a warning if the caller may not know."""
        try:
            if name.startswith("/"):
                self._stack.client("ssm").get_parameter(Name=name)
                return False
            secret = self._stack.client("secretsmanager").describe_secret(SecretId=name)
            return "DeletedDate" in secret or not secret.get("VersionIdsToStages")
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code in MISSING:
                return True
            print(f"cannot check if there is a secret {name}: {code}", file=sys.stderr)
            return False


def read_checked(text: str, access: StackAccess | None) -> Document:
    """Read a document; raise `DocumentError` if a destination can never work, or needs more than the stack's *access*.

    Raise `DocumentError` also for a text that Parameter Store rejects.
    """

    def setting_problems(destination: Destination) -> Iterator[Problem]:
        for setting in channel_type(destination.channel).settings:
            if error := _setting_error(destination, setting, access):
                yield Problem(("destinations", destination.name, setting.name), error)

    defaults, prefix = (access.defaults, access.secret_prefix) if access else (DEFAULTS, None)
    braces = tuple(_braces(text))
    try:
        document = read_document(text, defaults, prefix, setting_problems)
    except DocumentError as error:
        # The template's own problem with double braces says more.
        named = any(BRACES in problem.message for problem in error.problems)
        raise DocumentError(text, error.problems if named else (*error.problems, *braces)) from error
    if braces:
        raise DocumentError(text, braces)
    return document


def _braces(text: str) -> Iterator[Problem]:
    before, braces, _ = text.partition(BRACES)
    if braces:
        lines = before.split("\n")
        place = f"line {len(lines)}, column {len(lines[-1]) + 1}"
        yield Problem(
            (), f"Parameter Store takes no {BRACES}: in a text in double quotes, write {{\\u007b (at {place})"
        )


def _setting_error(destination: Destination, setting: Setting, access: StackAccess | None) -> str:
    value = destination.setting(setting.name)
    if setting.secret and access and access.lacks_secret(value):
        place = "in the stack's account and region"
        return f"there is no secret {value} with a value {place}, or it is about to be deleted"
    if setting.name == "topic":
        return _topic_error(value, access)
    if setting.name == "url" and destination.channel in VENDORS:
        return _url_error(value, setting, VENDORS[destination.channel], access)
    return ""


def _topic_error(arn: str, access: StackAccess | None) -> str:
    _, partition, _, region, *_ = arn.split(":")
    regions = {each["id"]: each["regionRegex"] for each in create_loader().load_data("partitions")["partitions"]}
    if partition not in regions:
        return f"{partition} is not a partition of AWS"
    if not re.fullmatch(regions[partition], region):
        return f"{region} is not a region of the partition {partition}"
    if access and access.partition not in {"", partition}:
        return f"is in the partition {partition}, and the stack in {access.partition}"
    if access and arn not in access.topics:
        return "is not a topic that the stack may publish to: add it to the parameter MoreTopicArns, and deploy"
    return ""


def _url_error(given: str, setting: Setting, vendor: Vendor, access: StackAccess | None) -> str:
    url = parsed(given)
    host, path = url.host or "", parsed(setting.default or "").path
    domains = tuple("." + ".".join(each.split(".")[-2:]) for each in vendor.hosts)
    if url.auth or (url.scheme != "https" and host not in LOOPBACK):
        return "must be an https URL without a user"
    if host in vendor.hosts:
        valid = url.path == path and url.port in {None, 443}
        return "" if valid else f"{vendor.name} takes messages at {path} only, as in {setting.default}"
    if f".{host}".endswith(domains):
        return f"{host} is not where {vendor.name} takes messages: that is {setting.default}"
    if access and not matches(host, access.hosts):
        return f"{host} is neither {vendor.name}'s nor in the parameter WebhookHosts, so that nothing is posted to it"
    return ""
