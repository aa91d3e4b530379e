"""The live routes: the document in Parameter Store, or a fallback if that document cannot be used."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from notifier.channels.destination import Destination
from notifier.routes.document import Document
from notifier.routes.errors import DocumentError

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

# A changed document applies after at most this time.
MAX_AGE_SECONDS: Final = 60
# An unverified document is read again soon, but not for each destination of a batch: that would take too much time.
UNVERIFIED_MAX_AGE_SECONDS: Final = 5
# Without decryption, a SecureString is read as ciphertext. Parameter Store cannot change the type of a parameter.
ENCRYPTED: Final = "SecureString"
ENCRYPTED_ERROR: Final = (
    "is a SecureString and must be a String; delete it and write it again with `notifier routes push`"
)
BROKEN: Final = "the routes are broken, and the stack's own apply"


class RoutesError(Exception):
    """It is unknown which routes apply."""


@dataclass(frozen=True, slots=True)
class LiveRoutes:
    """The *document* that applies, and an *error* if it is a fallback or may be outdated.

    The document is *unverified* until Parameter Store has been read once.
    """

    document: Document
    error: str = ""
    unverified: bool = False

    def destination(self, name: str) -> Destination | None:
        """Find the destination *name*."""
        return next((found for found in self.document.destinations if found.name == name), None)


class RoutesCache:
    """Cache of the document in the parameter *name*, or of *defaults* if the parameter does not exist.

    A broken document is an error; the newest earlier version that *read* accepts applies instead. *clock* is in
    seconds.
    """

    def __init__(
        self,
        client: "SSMClient",
        name: str,
        defaults: Document,
        read: Callable[[str], Document],
        clock: Callable[[], float],
    ) -> None:
        self._client = client
        self._name = name
        self._defaults = defaults
        self._read = read
        self._clock = clock
        self._last_read: tuple[str, LiveRoutes] | None = None
        self._live = LiveRoutes(defaults, unverified=True)
        self._fresh_until = float("-inf")

    def get(self, *, fresh: bool = False) -> LiveRoutes:
        """Return the live routes; read Parameter Store once a minute, or if *fresh*."""
        if fresh or self._clock() >= self._fresh_until:
            try:
                self._live = self._fetch()
            except (BotoCoreError, ClientError) as error:
                message = f"the routes could not be read: {error}"
                self._live = LiveRoutes(self._live.document, message, self._live.unverified)
            max_age = UNVERIFIED_MAX_AGE_SECONDS if self._live.unverified else MAX_AGE_SECONDS
            self._fresh_until = self._clock() + max_age
        return self._live

    def _fetch(self) -> LiveRoutes:
        try:
            parameter = self._client.get_parameter(Name=self._name)["Parameter"]
        except self._client.exceptions.ParameterNotFound:
            return LiveRoutes(self._defaults)
        if parameter["Type"] == ENCRYPTED:
            return LiveRoutes(self._defaults, f"{BROKEN}: {self._name} {ENCRYPTED_ERROR}")
        text = parameter["Value"]
        if self._last_read is None or self._last_read[0] != text:
            self._last_read = (text, self._read_or_fall_back(text))
        return self._last_read[1]

    def _read_or_fall_back(self, text: str) -> LiveRoutes:
        """Read *text*; if it is broken, use the newest version that can be read, or the defaults."""
        try:
            return LiveRoutes(self._read(text))
        except DocumentError as error:
            document = next(self._readable_versions(), None)
            if document is None:
                return LiveRoutes(self._defaults, f"{BROKEN}: {error}")
            return LiveRoutes(document, f"the routes are broken, and an earlier version applies: {error}")

    def _readable_versions(self) -> Iterator[Document]:
        pages = self._client.get_paginator("get_parameter_history").paginate(Name=self._name)
        versions = [version["Value"] for page in pages for version in page["Parameters"]]
        for text in reversed(versions):
            with suppress(DocumentError):
                yield self._read(text)
