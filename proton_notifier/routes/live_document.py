"""The live document of a stack: its versions in Parameter Store, and its replacement after a person agrees."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from difflib import unified_diff
from typing import TYPE_CHECKING, Final, NoReturn

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from rich.console import Console
from rich.text import Text

from notifier.routes.document import Document
from notifier.routes.live import ENCRYPTED, ENCRYPTED_ERROR, MAX_AGE_SECONDS
from notifier.routes.loader import read_document
from proton_notifier.common.deployed_stack import CLIENT_CONFIG, DeployedStack, StackError, confirm, stop
from proton_notifier.common.text_files import normalize
from proton_notifier.routes.destination_checks import StackAccess
from proton_notifier.routes.output import print_warnings, printable

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

# A write that botocore retries would look like another person's write.
WRITING_CONFIG: Final = CLIENT_CONFIG.merge(Config(retries={"mode": "standard", "total_max_attempts": 1}))
DESCRIPTION: Final = (
    "Routes of notifications: docs/routes.md. Write it with `notifier routes push` or `notifier silence`."
)
STYLES: Final = {"+": "green", "-": "red", "@": "cyan"}


@dataclass(frozen=True, slots=True)
class Version:
    """A version of the document; number 0 means that there is none."""

    number: int
    text: str
    written_at: datetime | None = None
    written_by: str = ""

    def __str__(self) -> str:
        if self.written_at is None:
            return "no document"
        written_at = f"{self.written_at.astimezone():%Y-%m-%d %H:%M:%S %Z}"
        return f"version {self.number}, written {written_at} by {self.written_by}"


class RoutesParameter:
    """The parameter of *stack* with its document; *client* must not retry calls."""

    def __init__(self, client: "SSMClient", stack: str) -> None:
        self.name = f"/{stack}/routes"
        self._client = client

    def newest(self) -> Version:
        """Read the live version."""
        return max(self._versions(), key=lambda version: version.number, default=Version(0, ""))

    def write(self, text: str, read: Version) -> int:
        """Replace the version that was *read* by *text*, and return the new version's number.

        Parameter Store has no conditional write. If somebody else wrote in between, restore their version and raise
        `StackError`.
        """
        live = self.newest()
        if live != read:
            stop(f"nothing was written, because somebody else wrote in the meantime; live is {live}")
        number = self._put(text, overwrite=read.number > 0)
        if number != read.number + 1:
            self._restore_before(number)
        return number

    def _restore_before(self, ours: int) -> NoReturn:
        ours_live = f"somebody else wrote in the meantime, but yours is live, as version {ours}"
        try:
            theirs = {version.number: version for version in self._versions()}[ours - 1]
            number = self._put(theirs.text, overwrite=True)
        except KeyError:
            stop(f"{ours_live}: the version before it is gone")
        except (BotoCoreError, ClientError, StackError) as error:
            stop(f"{ours_live}: theirs, version {ours - 1}, could not be restored: {error}")
        if number != ours + 1:
            later = f"version {number} restores version {theirs.number} and replaces what they wrote later"
            stop(f"others wrote in the meantime: {later}")
        stop(f"yours is not live, because somebody else wrote in the meantime: version {number} restores {theirs}")

    def _put(self, text: str, *, overwrite: bool) -> int:
        try:
            return self._client.put_parameter(
                Name=self.name,
                Description=DESCRIPTION,
                Value=text,
                Type="String",
                Tier="Intelligent-Tiering",  # a text of more than 4 KB makes an advanced parameter
                Overwrite=overwrite,
            )["Version"]
        except self._client.exceptions.ParameterAlreadyExists:
            stop("nothing was written, because somebody else wrote the first document in the meantime")
        except HTTPClientError as error:
            stop(f"it is not known if the document was written; see `notifier routes show`: {error}")

    def _versions(self) -> Iterator[Version]:
        pages = self._client.get_paginator("get_parameter_history").paginate(Name=self.name)
        try:
            for found in (found for page in pages for found in page["Parameters"]):
                if found["Type"] == ENCRYPTED:
                    stop(f"{self.name} {ENCRYPTED_ERROR}")
                yield Version(found["Version"], found["Value"], found["LastModifiedDate"], found["LastModifiedUser"])
        except self._client.exceptions.ParameterNotFound:
            return


class LiveDocument:
    """The live *version* in *stack*."""

    def __init__(self, stack: DeployedStack) -> None:
        self.stack = stack
        self.access = StackAccess(stack)
        self.parameter = RoutesParameter(stack.client("ssm", WRITING_CONFIG), stack.name)
        self.version = self.parameter.newest()
        self.text = self.version.text.removeprefix("\ufeff")

    def read(self, text: str) -> Document:
        """Read *text* as the stack does; raise `DocumentError` if it is broken."""
        return read_document(text, self.access.defaults, self.access.secret_prefix)

    def replace(self, source: str, text: str, *, without_asking: bool) -> None:
        """Make *text*, from *source*, the live document if a person agrees; raise a stack error or `DocumentError`."""
        document = self.read(text)
        before, after = normalize(self.version.text), normalize(text)
        if after == before:
            print(f"Nothing to change. Live is {self.version}.")
            return
        self.stack.announce()
        print_warnings(source, text, document, self.access.defaults)
        console = Console(highlight=False)
        lines = before.split("\n"), after.split("\n")
        for line in unified_diff(*lines, str(self.version), "to be written", lineterm=""):
            console.print(Text(printable(line), STYLES.get(line[:1], "")), soft_wrap=True)
        if not (without_asking or confirm("Write it?")):
            print("Nothing was written.")
            return
        number = self.parameter.write(text, self.version)
        print(f"Version {number} is written. The stack applies it within {MAX_AGE_SECONDS} seconds.")
