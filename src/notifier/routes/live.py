"""The routes document that is live, and what applies when it cannot be used."""

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

# A change is live after so long, without a deployment.
MAX_AGE_SECONDS: Final = 60
# Who can only guess asks again soon; but not for each destination of a batch, which would take its time.
GUESS_SECONDS: Final = 5
# Read without decryption, a SecureString is ciphertext. Parameter Store cannot change the type of a parameter.
ENCRYPTED: Final = "SecureString"
NO_TEXT: Final = "is a SecureString and has to be a String; delete it and write it anew with `notifier routes push`"

BROKEN: Final = "the routes are broken, and the stack's own apply"


class RoutesError(Exception):
    """It is not known which routes apply."""


@dataclass(frozen=True, slots=True)
class LiveRoutes:
    """The *document* that applies, and the *error* of the one that should, if there is any.

    It is *unverified* where nothing could be read yet: whether there is another document is not known.
    """

    document: Document
    error: str = ""
    unverified: bool = False

    def destination(self, name: str) -> Destination | None:
        """Find a destination."""
        return next((place for place in self.document.destinations if place.name == name), None)


class RoutesParameter:
    """The document in Parameter Store under *name*, or *defaults* where there is none.

    A broken one rings an alarm, and the newest of its earlier versions that *read* takes applies instead. *clock* is
    in seconds.
    """

    def __init__(
        self,
        store: "SSMClient",
        name: str,
        defaults: Document,
        read: Callable[[str], Document],
        clock: Callable[[], float],
    ) -> None:
        self._store = store
        self._name = name
        self._defaults = defaults
        self._read = read
        self._clock = clock
        self._taken: tuple[str, LiveRoutes] | None = None
        self._live = LiveRoutes(defaults, unverified=True)
        self._fresh_until = float("-inf")

    def live(self, *, fresh: bool = False) -> LiveRoutes:
        """Tell what applies; Parameter Store is asked once a minute, and when a *fresh* answer is wanted."""
        if fresh or self._clock() >= self._fresh_until:
            try:
                self._live = self._asked()
            except (BotoCoreError, ClientError) as error:
                problem = f"the routes could not be read: {error}"
                self._live = LiveRoutes(self._live.document, problem, self._live.unverified)
            self._fresh_until = self._clock() + (GUESS_SECONDS if self._live.unverified else MAX_AGE_SECONDS)
        return self._live

    def _asked(self) -> LiveRoutes:
        try:
            found = self._store.get_parameter(Name=self._name)["Parameter"]
        except self._store.exceptions.ParameterNotFound:
            return LiveRoutes(self._defaults)
        if found["Type"] == ENCRYPTED:
            return LiveRoutes(
                self._defaults, f"the routes are broken, and the stack's own apply: {self._name} {NO_TEXT}"
            )
        text = found["Value"]
        if self._taken is None or self._taken[0] != text:
            self._taken = (text, self._read_or_repaired(text))
        return self._taken[1]

    def _read_or_repaired(self, text: str) -> LiveRoutes:
        try:
            return LiveRoutes(self._read(text))
        except DocumentError as error:
            document = next(self._earlier(), None)
            if document is None:
                return LiveRoutes(self._defaults, f"{BROKEN}: {error}")
            return LiveRoutes(document, f"the routes are broken, and an earlier version applies: {error}")

    def _earlier(self) -> Iterator[Document]:
        """Read the good ones among all versions, the newest first."""
        pages = self._store.get_paginator("get_parameter_history").paginate(Name=self._name)
        versions = [version["Value"] for page in pages for version in page["Parameters"]]
        for text in reversed(versions):
            with suppress(DocumentError):
                yield self._read(text)
