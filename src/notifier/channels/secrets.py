"""Secrets by name, read when they are used."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from notifier.channels.deadlines import remaining
from notifier.channels.errors import DeliveryError, Reason
from notifier.model.sanitize import BLANK, JOINERS

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_ssm import SSMClient

Receipt = TypeVar("Receipt")

MAX_AGE_SECONDS: Final = 300

# A secret is unreadable for good where a person has to do something first.
PERMANENT_ERRORS: Final = frozenset(
    {
        "AccessDeniedException",
        "DecryptionFailure",
        "InvalidKeyId",
        "InvalidParameterException",
        "InvalidRequestException",  # it is marked for deletion
        "ParameterNotFound",
        "ResourceNotFoundException",
        "ValidationException",
    }
)
# A permission takes minutes to be known everywhere.
SETTLING_ERROR: Final = "AccessDeniedException"
# What a sender hears whose secret was replaced; Slack forgets a webhook that was.
REPLACED: Final = frozenset({Reason.GONE, Reason.UNAUTHORISED})
# Signs that a secret is no plain address, token or key, with what the error says of each; the first that fits counts.
HINTS: Final = (
    (re.compile(r"\A\Z"), "is empty"),
    (re.compile("\ufeff|\\A\xef\xbb\xbf"), "begins with a byte order mark, as an editor or PowerShell writes it"),
    (re.compile(r"\A[\[{]"), "holds JSON, as the console's key and value make it"),
    (re.compile("""\\A["'`\u2018-\u201f]|["'`\u2018-\u201f]\\Z"""), "has quotation marks around it"),
    (re.compile(r"\A(\$|file:)"), "holds a variable or a file's name, which no shell and no AWS CLI has put in place"),
    # Slack's documentation has a webhook with XXXXXXXX.
    (re.compile(r"[<>\u2026]|\.{3}|\*{3}|X{8}|(?i:(replace|change).?me|your[-_])"), "holds a placeholder, like <...>"),
    (re.compile(f"{BLANK.pattern}|[{JOINERS}]"), "has a blank, a line break or an invisible character in it"),
)


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret's name, and what it holds."""

    name: str
    value: str = field(repr=False)


class Stores(Protocol):
    """The clients of the two stores, of which most stacks need one."""

    @property
    def secretsmanager(self) -> "SecretsManagerClient":
        """Secrets Manager."""

    @property
    def ssm(self) -> "SSMClient":
        """Parameter Store."""


class StoredSecrets:
    """Secrets Manager's secrets; a name that begins with a slash is a SecureString's in Parameter Store.

    What was read is kept for five minutes by *clock*, which is in seconds.
    """

    def __init__(self, stores: Stores, clock: Callable[[], float]) -> None:
        self._stores = stores
        self._clock = clock
        self._kept: dict[str, tuple[float, Secret]] = {}

    def use(self, name: str, send: Callable[[Secret], Receipt]) -> Receipt:
        """Call *send* with the secret; if that fails as it would with an old one, once more with a new one.

        So a secret that was replaced needs no deployment and no patience.
        """
        secret = self._known(name)
        try:
            return _try(send, secret)
        except DeliveryError as error:
            if error.reason not in REPLACED:
                raise
            newest = self._read(name)
            if newest == secret:
                raise
            return _try(send, newest)

    def _known(self, name: str) -> Secret:
        until, secret = self._kept.get(name) or (float("-inf"), None)
        return secret if secret and self._clock() < until else self._read(name)

    def _read(self, name: str) -> Secret:
        try:
            remaining()  # the stores' clients know no deadline: a read begins before it, or not at all
            value = self._from_parameter_store(name) if name.startswith("/") else self._from_secrets_manager(name)
        except (BotoCoreError, ClientError, TimeoutError) as error:
            problem = f"the secret {name} could not be read: {error}"
            code = error.response["Error"]["Code"] if isinstance(error, ClientError) else ""
            other = Reason.TIMED_OUT if isinstance(error, TimeoutError) else Reason.UNAVAILABLE
            reason = Reason.MISCONFIGURED if code in PERMANENT_ERRORS else other
            raise DeliveryError(problem, reason, settling=code == SETTLING_ERROR) from error
        secret = Secret(name, value.strip())
        self._kept[name] = (self._clock() + MAX_AGE_SECONDS, secret)
        return secret

    def _from_parameter_store(self, name: str) -> str:
        return self._stores.ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]

    def _from_secrets_manager(self, name: str) -> str:
        answer = self._stores.secretsmanager.get_secret_value(SecretId=name)
        if "SecretString" not in answer:
            problem = f"the secret {name} holds no text"
            raise DeliveryError(problem, Reason.MISCONFIGURED)
        return answer["SecretString"]


def _try(send: Callable[[Secret], Receipt], secret: Secret) -> Receipt:
    """Call *send*; if that fails for good and the secret looks as if it were why, say what it looks like."""
    try:
        return send(secret)
    except DeliveryError as error:
        hint = next((words for sign, words in HINTS if sign.search(secret.value)), None)
        if hint and error.permanent:
            # Another error would have this one for a context, and this one's may be what must not be kept.
            error.args = (f"{error} (the secret {secret.name} {hint}; it has to be the plain value)",)
        raise
