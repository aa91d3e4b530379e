"""Read secrets by name when they are needed."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from notifier.channels.deadlines import remaining_seconds
from notifier.channels.destination import DeliveryError, Reason, by_code
from notifier.model.sanitize import BLANK, JOINERS

Result = TypeVar("Result")

MAX_AGE_SECONDS: Final = 300

# A retry fails again until a person changes something.
# InvalidRequestException: the secret is marked for deletion.
REASONS: Final = by_code(
    {
        Reason.MISCONFIGURED: """AccessDeniedException DecryptionFailure InvalidKeyId InvalidParameterException
            InvalidRequestException ParameterNotFound ResourceNotFoundException ValidationException"""
    }
)
# A new IAM permission takes minutes to propagate.
SETTLING_ERROR: Final = "AccessDeniedException"
# The reasons of a failure with a replaced secret; Slack answers "not found" for a replaced webhook.
REPLACED: Final = frozenset({Reason.GONE, Reason.UNAUTHORISED})
# Patterns of a secret that is no plain URL, token or key, with a hint for the error; the first match counts.
HINTS: Final = (
    (re.compile(r"\A\Z"), "is empty"),
    (re.compile("\ufeff|\\A\xef\xbb\xbf"), "begins with a byte order mark, as an editor or PowerShell writes it"),
    (re.compile(r"\A[\[{]"), "holds JSON, like the console's key/value pairs"),
    (re.compile("""\\A["'`\u2018-\u201f]|["'`\u2018-\u201f]\\Z"""), "has quotation marks around it"),
    (re.compile(r"\A(\$|file:)"), "holds a variable or a file's name instead of its value"),
    # Slack's documentation has a webhook with XXXXXXXX.
    (re.compile(r"[<>\u2026]|\.{3}|\*{3}|X{8}|(?i:(replace|change).?me|your[-_])"), "holds a placeholder, like <...>"),
    (re.compile(f"{BLANK.pattern}|[{JOINERS}]"), "has a blank, a line break or an invisible character in it"),
)


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret's name and value."""

    name: str
    value: str = field(repr=False)


class StoredSecrets:
    """Secrets in Secrets Manager, or in Parameter Store if the name begins with a slash; cached for five minutes.

    *client* returns the client of a service. *clock* is in seconds.
    """

    def __init__(self, client: Callable[[str], Any], clock: Callable[[], float]) -> None:
        self._client = client
        self._clock = clock
        self._cache: dict[str, tuple[float, Secret]] = {}

    def use(self, name: str, send: Callable[[Secret], Result]) -> Result:
        """Call *send* with the secret; if the secret may have been replaced, read it again and retry once."""
        expires, secret = self._cache.get(name) or (float("-inf"), Secret(name, ""))
        if self._clock() >= expires:
            secret = self._read(name)
        try:
            return _send(send, secret)
        except DeliveryError as error:
            if error.reason not in REPLACED:
                raise
            newest = self._read(name)
            if newest == secret:
                raise
            return _send(send, newest)

    def _read(self, name: str) -> Secret:
        try:
            remaining_seconds()  # the stores' clients know no deadline, so no read begins after it
            if name.startswith("/"):
                value = self._client("ssm").get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
            else:
                value = self._client("secretsmanager").get_secret_value(SecretId=name).get("SecretString")
        except (BotoCoreError, ClientError, TimeoutError) as error:
            error_text = f"the secret {name} could not be read: {error}"
            code = error.response["Error"]["Code"] if isinstance(error, ClientError) else ""
            temporary = Reason.TIMED_OUT if isinstance(error, TimeoutError) else Reason.UNAVAILABLE
            raise DeliveryError(error_text, REASONS.get(code, temporary), settling=code == SETTLING_ERROR) from error
        if value is None:
            error_text = f"the secret {name} holds no text"
            raise DeliveryError(error_text, Reason.MISCONFIGURED)
        secret = Secret(name, value.strip())
        self._cache[name] = (self._clock() + MAX_AGE_SECONDS, secret)
        return secret


def _send(send: Callable[[Secret], Result], secret: Secret) -> Result:
    """Call *send*; add a hint to a permanent error if the secret's value looks invalid."""
    try:
        return send(secret)
    except DeliveryError as error:
        hint = next((words for sign, words in HINTS if sign.search(secret.value)), None)
        if hint and error.permanent:
            # A new error would have this one as its context, which may contain the secret.
            error.args = (f"{error} (the secret {secret.name} {hint}; it has to be the plain value)",)
        raise
