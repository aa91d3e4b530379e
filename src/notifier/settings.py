"""How the deployed stack is configured, as its template puts it into environment variables."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Final, Self, TypeVar

from notifier.channels.destination import Destination
from notifier.scope import Scope


class SettingsError(Exception):
    """An environment variable is missing or wrong; the message names it."""


Choice = TypeVar("Choice", bound=StrEnum)


class DeliveryMode(StrEnum):
    """Whether messages go to their destinations, or to the log, which needs no account."""

    SEND = "send"
    PRINT = "print"


class HeartbeatMode(StrEnum):
    """Whether a heartbeat is scheduled, and if so, whether people get a message of it."""

    OFF = "off"
    SILENT = "silent"
    MESSAGE = "message"


# A user and a password would be a secret, and an environment variable is no place for one.
PROXY: Final = re.compile(r"https?://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]):\d{1,5}/?")
# As the template's parameter has it: no address, no port, and no * for what a dot at the beginning says.
HOST: Final = re.compile(r"\.?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
ACCOUNT_NAME: Final = re.compile(r"(?P<account>\d{12})=(?P<name>.+)")


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings that both functions read, in either mode."""

    destinations: tuple[Destination, ...]
    scope: Scope
    account_names: tuple[tuple[str, str], ...]
    webhook_hosts: frozenset[str]
    webhook_proxy: str | None
    delivery_mode: DeliveryMode
    heartbeat: HeartbeatMode

    @classmethod
    def from_env(cls, environment: Mapping[str, str]) -> Self:
        """Read the settings; raise `SettingsError` naming the variable that cannot be used."""
        topic, secret = environment.get("ALERT_TOPIC_ARN", ""), environment.get("SLACK_SECRET_NAME", "")
        configured = (
            *([Destination("email", "sns", (("topic", topic),))] if topic else []),
            *([Destination("slack", "slack", (("webhook", secret),))] if secret else []),
        )
        if not configured:
            message = "neither ALERT_TOPIC_ARN nor SLACK_SECRET_NAME is set: there is nowhere to send to"
            raise SettingsError(message)
        return cls(
            destinations=configured,
            scope=_choice(Scope, "ALERT_SCOPE", environment),
            account_names=tuple(map(_account_name, listed("ACCOUNT_NAMES", environment))),
            webhook_hosts=frozenset(map(_host, listed("WEBHOOK_HOSTS", environment))),
            webhook_proxy=_proxy(environment.get("WEBHOOK_PROXY", "")),
            delivery_mode=_choice(DeliveryMode, "DELIVERY_MODE", environment),
            heartbeat=_choice(HeartbeatMode, "HEARTBEAT", environment),
        )


@dataclass(frozen=True, slots=True)
class Resources:
    """The resources of a deployed stack: required in the mode `send`, unused in the mode `print`.

    Each field is read from the variable of its name. Secrets that a routes document names begin with *secret_prefix*.
    """

    deliveries_queue_url: str
    routes_parameter: str
    secret_prefix: str

    @classmethod
    def from_env(cls, environment: Mapping[str, str]) -> Self:
        """Read the names; raise `SettingsError` naming the variables that are missing."""
        variables = [field.name.upper() for field in fields(cls)]
        if missing := [variable for variable in variables if not environment.get(variable)]:
            message = f"not set: {', '.join(missing)}"
            raise SettingsError(message)
        return cls(*(environment[variable] for variable in variables))


@dataclass(frozen=True, slots=True)
class DeliveryResources(Resources):
    """The resources of the function that delivers."""

    failed_deliveries_url: str
    ledger_table: str


def _choice(choices: type[Choice], variable: str, environment: Mapping[str, str]) -> Choice:
    given = environment.get(variable, "")
    try:
        return choices(given)
    except ValueError as error:
        message = f"{variable} is {given!r} and must be one of {', '.join(choices)}"
        raise SettingsError(message) from error


def listed(variable: str, environment: Mapping[str, str]) -> list[str]:
    """Read a list with commas between its entries, as the template's parameters have it."""
    return [entry.strip() for entry in environment.get(variable, "").split(",") if entry.strip()]


def _proxy(given: str) -> str | None:
    if given and not PROXY.fullmatch(given):
        message = "WEBHOOK_PROXY must be like http://proxy.example.com:3128, without a user and a password"
        raise SettingsError(message)
    return given or None


def _account_name(entry: str) -> tuple[str, str]:
    match = ACCOUNT_NAME.fullmatch(entry)
    if match is None:
        message = f"ACCOUNT_NAMES has {entry!r}, which is not like 123456789012=production"
        raise SettingsError(message)
    return match["account"], match["name"].strip()


def _host(entry: str) -> str:
    if HOST.fullmatch(entry) is None:
        message = f"WEBHOOK_HOSTS has {entry!r}, which is neither a host's name nor like .example.org, for all below it"
        raise SettingsError(message)
    return entry.lower()
