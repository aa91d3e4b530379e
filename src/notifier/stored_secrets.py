"""Secrets by name, read when they are used."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from aws_lambda_powertools.utilities.parameters import SecretsProvider, SSMProvider
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError
from botocore.exceptions import ClientError

from notifier.failures import DeliveryError, Reason

MAX_AGE_SECONDS: Final = 300

# A secret is unreadable for good where a person has to do something first.
PERMANENT_ERRORS: Final = frozenset(
    {"AccessDeniedException", "DecryptionFailure", "InvalidKeyId", "ParameterNotFound", "ResourceNotFoundException"}
)
# What a sender hears whose secret was replaced; Slack forgets a webhook that was.
REPLACED: Final = frozenset({Reason.GONE, Reason.UNAUTHORISED})


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret's name, and what it holds."""

    name: str
    value: str = field(repr=False)


class StoredSecrets:
    """Secrets Manager's secrets; a name that begins with a slash is a SecureString's in Parameter Store."""

    def __init__(self, secrets_manager: SecretsProvider, parameter_store: SSMProvider) -> None:
        self._secrets_manager = secrets_manager
        self._parameter_store = parameter_store

    def use(self, name: str, send: Callable[[Secret], None]) -> None:
        """Call *send* with the secret; if that fails as it would with an old one, once more with a new one.

        So a secret that was replaced needs no deployment and no patience.
        """
        secret = self._read(name, fresh=False)
        try:
            send(secret)
        except DeliveryError as error:
            if error.reason not in REPLACED:
                raise
            newest = self._read(name, fresh=True)
            if newest == secret:
                raise
            send(newest)

    def _read(self, name: str, *, fresh: bool) -> Secret:
        try:
            if name.startswith("/"):
                value = self._parameter_store.get(name, max_age=MAX_AGE_SECONDS, decrypt=True, force_fetch=fresh)
            else:
                value = self._secrets_manager.get(name, max_age=MAX_AGE_SECONDS, force_fetch=fresh)
        except GetParameterError as error:
            problem = f"the secret {name} could not be read: {error}"
            raise DeliveryError(problem, _reason(error)) from error
        return Secret(name, str(value).strip())


def _reason(error: GetParameterError) -> Reason:
    cause = error.__context__
    permanent = isinstance(cause, ClientError) and cause.response["Error"]["Code"] in PERMANENT_ERRORS
    return Reason.MISCONFIGURED if permanent else Reason.UNAVAILABLE
