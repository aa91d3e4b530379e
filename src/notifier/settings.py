"""The settings of a stack, read from the environment variables that its template sets."""

import re
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from enum import StrEnum
from typing import Final, Self, TypeVar

from notifier.channels.destination import Destination
from notifier.model.status_change import Severity

Choice = TypeVar("Choice", bound=StrEnum)


class SettingsError(Exception):
    """An environment variable is missing or invalid; the message names it."""


class Scope(StrEnum):
    """The values of the template's parameter AlertScope."""

    PROBLEMS = "problems"
    EVERYTHING = "everything"


class DeliveryMode(StrEnum):
    """The target of messages: their destinations, or standard output, which needs no account."""

    SEND = "send"
    PRINT = "print"


class HeartbeatMode(StrEnum):
    """The effect of the daily heartbeat: none, a test of the whole path, or a message as well."""

    OFF = "off"
    SILENT = "silent"
    MESSAGE = "message"


# The severities that a stack without a routes document notifies of.
SEVERITIES: Final[Mapping[Scope, tuple[Severity, ...]]] = {
    Scope.EVERYTHING: tuple(Severity),
    Scope.PROBLEMS: (Severity.FAILURE, Severity.ACTION, Severity.RECOVERED),
}
# No user and password: a secret does not belong in an environment variable.
PROXY: Final = re.compile(r"https?://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]):\d{1,5}/?")
# As in the template's parameter: no URL, no port, and a leading dot instead of *.
HOST: Final = re.compile(r"\.?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
ACCOUNT_NAME: Final = re.compile(r"(?P<account>\d{12})=(?P<name>.+)")


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings that both functions read, in either mode; only the events function uses *explains_failures*."""

    destinations: tuple[Destination, ...]
    scope: Scope
    account_names: tuple[tuple[str, str], ...]
    webhook_hosts: frozenset[str]
    webhook_proxy: str | None
    delivery_mode: DeliveryMode
    heartbeat: HeartbeatMode
    explains_failures: bool

    @classmethod
    def from_env(cls, environment: Mapping[str, str]) -> Self:
        """Read the settings; raise `SettingsError` with the name of the invalid variable."""
        topic, secret = environment.get("ALERT_TOPIC_ARN", ""), environment.get("SLACK_SECRET_NAME", "")
        configured = (
            *([Destination("email", "sns", (("topic", topic),))] if topic else []),
            *([Destination("slack", "slack", (("webhook", secret),))] if secret else []),
        )
        if not configured:
            message = "neither ALERT_TOPIC_ARN nor SLACK_SECRET_NAME is set: there is no destination"
            raise SettingsError(message)
        return cls(
            destinations=configured,
            scope=_choice(Scope, "ALERT_SCOPE", environment),
            account_names=tuple(map(_account_name, comma_separated("ACCOUNT_NAMES", environment))),
            webhook_hosts=frozenset(map(_host, comma_separated("WEBHOOK_HOSTS", environment))),
            webhook_proxy=_proxy(environment.get("WEBHOOK_PROXY", "")),
            delivery_mode=_choice(DeliveryMode, "DELIVERY_MODE", environment),
            heartbeat=_choice(HeartbeatMode, "HEARTBEAT", environment),
            explains_failures=environment.get("EXPLAIN_FAILURES") == "on",
        )


@dataclass(frozen=True, slots=True)
class Resources:
    """The resources of a deployed stack: required in the mode `send`, unused in the mode `print`.

    Each field is read from the variable of its name. A routes document may name only secrets that begin with
    *secret_prefix*.
    """

    deliveries_queue_url: str
    routes_parameter: str
    secret_prefix: str

    @classmethod
    def from_env(cls, environment: Mapping[str, str]) -> Self:
        """Read the names; raise `SettingsError` with the missing variables."""
        required = [field.name.upper() for field in fields(cls) if field.default is MISSING]
        if missing := [variable for variable in required if not environment.get(variable)]:
            message = f"not set: {', '.join(missing)}"
            raise SettingsError(message)
        return cls(*(environment.get(field.name.upper(), "") for field in fields(cls)))


@dataclass(frozen=True, slots=True)
class EventsResources(Resources):
    """The resources of the events function; without a *memory_table*, each event is handled alone."""

    memory_table: str = ""


@dataclass(frozen=True, slots=True)
class DeliveryResources(Resources):
    """The resources of the delivery function."""

    failed_deliveries_url: str
    ledger_table: str


def comma_separated(variable: str, environment: Mapping[str, str]) -> list[str]:
    """Read a comma-separated list."""
    return [entry.strip() for entry in environment.get(variable, "").split(",") if entry.strip()]


def _choice(choices: type[Choice], variable: str, environment: Mapping[str, str]) -> Choice:
    value = environment.get(variable, "")
    try:
        return choices(value)
    except ValueError as error:
        message = f"{variable} is {value!r} and must be one of {', '.join(choices)}"
        raise SettingsError(message) from error


def _match(pattern: re.Pattern[str], value: str, error: str) -> re.Match[str]:
    if match := pattern.fullmatch(value):
        return match
    raise SettingsError(error)


def _proxy(value: str) -> str | None:
    error = "WEBHOOK_PROXY must be like http://proxy.example.com:3128, without a user and a password"
    return _match(PROXY, value, error)[0] if value else None


def _account_name(entry: str) -> tuple[str, str]:
    match = _match(ACCOUNT_NAME, entry, f"ACCOUNT_NAMES has {entry!r}, which is not like 123456789012=production")
    return match["account"], match["name"].strip()


def _host(entry: str) -> str:
    error = f"WEBHOOK_HOSTS has {entry!r}, which is neither a host's name nor like .example.org, for all below it"
    return _match(HOST, entry, error)[0].lower()
