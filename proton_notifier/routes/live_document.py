"""The live document of a stack: read it, and replace it when a person agrees."""

from collections.abc import Iterator, Mapping
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
from proton_notifier.common.deployed_stack import DeployedStack, StackError, confirm
from proton_notifier.common.text_files import normalize
from proton_notifier.routes.output import print_warnings, printable, stack_defaults

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

# A write that botocore repeats would look like another person's.
WRITING_CONFIG: Final = Config(
    connect_timeout=5, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 1}
)
# PutParameter refuses a value with a reference in double braces.
BRACES: Final = "{{"
DESCRIPTION: Final = (
    "Routes of notifications: docs/routes.md. Write it with `notifier routes push` or `notifier silence`."
)


@dataclass(frozen=True, slots=True)
class Version:
    """A version of the document; number 0 stands for no document."""

    number: int
    text: str
    written_at: datetime | None = None
    written_by: str = ""

    def __str__(self) -> str:
        if self.written_at is None:
            return "no document"
        written_at = f"{self.written_at.astimezone():%Y-%m-%d %H:%M:%S %Z}"
        return f"version {self.number}, written {written_at} by {self.written_by}"


def parameter_name(stack: str) -> str:
    """Return the name of the parameter that *stack* reads."""
    return f"/{stack}/routes"


def check_writable(text: str) -> None:
    """Raise `StackError` if Parameter Store refuses *text*."""
    before, braces, _ = text.partition(BRACES)
    if braces:
        line = before.count("\n") + 1
        message = f"line {line}: Parameter Store takes no {BRACES}; in a text in double quotes, write {{\\u007b"
        raise StackError(message)


class RoutesParameter:
    """The parameter of *stack*; *client* must not repeat a call."""

    def __init__(self, client: "SSMClient", stack: str) -> None:
        self.name = parameter_name(stack)
        self._client = client

    def newest(self) -> Version:
        """Read the live version."""
        return max(self._versions(), key=lambda version: version.number, default=Version(0, ""))

    def write(self, text: str, read: Version) -> int:
        """Replace the version that was *read* by *text*, and return the new version's number.

        Parameter Store has no conditional write. So a version that somebody else wrote in between is restored, and
        `StackError` raised.
        """
        live = self.newest()
        if live != read:
            message = f"nothing was written, because somebody else wrote in the meantime; live is {live}"
            raise StackError(message)
        number = self._put(text, overwrite=read.number > 0)
        if number != read.number + 1:
            self._restore_before(number)
        return number

    def _restore_before(self, ours: int) -> NoReturn:
        """Write the version before *ours* once more."""
        ours_live = f"somebody else wrote in the meantime, but yours is live, as version {ours}"
        try:
            theirs = {version.number: version for version in self._versions()}[ours - 1]
            number = self._put(theirs.text, overwrite=True)
        except KeyError as error:
            message = f"{ours_live}: the version before it is gone"
            raise StackError(message) from error
        except (BotoCoreError, ClientError, StackError) as error:
            message = f"{ours_live}: theirs, version {ours - 1}, could not be restored: {error}"
            raise StackError(message) from error
        message = f"yours is not live, because somebody else wrote in the meantime: version {number} restores {theirs}"
        if number != ours + 1:
            later = "and replaces what they wrote later"
            message = f"others wrote in the meantime: version {number} restores version {theirs.number} {later}"
        raise StackError(message)

    def _put(self, text: str, *, overwrite: bool) -> int:
        try:
            response = self._client.put_parameter(
                Name=self.name,
                Description=DESCRIPTION,
                Value=text,
                Type="String",
                Tier="Intelligent-Tiering",  # a text of more than 4 KB makes an advanced parameter
                Overwrite=overwrite,
            )
        except self._client.exceptions.ParameterAlreadyExists as error:
            message = "nothing was written, because somebody else wrote the first document in the meantime"
            raise StackError(message) from error
        except HTTPClientError as error:
            message = f"it is not known if the document was written; see `notifier routes show`: {error}"
            raise StackError(message) from error
        return response["Version"]

    def _versions(self) -> Iterator[Version]:
        pages = self._client.get_paginator("get_parameter_history").paginate(Name=self.name)
        try:
            for found in (found for page in pages for found in page["Parameters"]):
                if found["Type"] == ENCRYPTED:
                    message = f"{self.name} {ENCRYPTED_ERROR}"
                    raise StackError(message)
                yield Version(found["Version"], found["Value"], found["LastModifiedDate"], found["LastModifiedUser"])
        except self._client.exceptions.ParameterNotFound:
            return


STYLES: Final = {"+": "green", "-": "red", "@": "cyan"}


@dataclass(frozen=True, slots=True)
class LiveDocument:
    """The live *version* in *stack*; *defaults* is the document of the stack without one."""

    stack: DeployedStack
    defaults: Document
    secret_prefix: str
    parameter: RoutesParameter
    version: Version

    @property
    def text(self) -> str:
        """The text of the live version, without a byte order mark."""
        return self.version.text.removeprefix("\ufeff")

    def read(self, text: str) -> Document:
        """Read *text* as the stack does; raise `DocumentError` if it is broken."""
        return read_document(text, self.defaults, self.secret_prefix)

    def replace(self, source: str, text: str, *, without_asking: bool) -> None:
        """Make *text*, from *source*, the live document, if a person agrees; raise a stack error or `DocumentError`."""
        document = self.read(text)
        check_writable(text)
        before, after = normalize(self.version.text), normalize(text)
        if after == before:
            print(f"Nothing to change. Live is {self.version}.")
            return
        self.stack.announce()
        print_warnings(source, text, document, self.defaults)
        console = Console(highlight=False)
        lines = before.split("\n"), after.split("\n")
        for line in unified_diff(*lines, str(self.version), "to be written", lineterm=""):
            console.print(Text(printable(line), STYLES.get(line[:1], "")), soft_wrap=True)
        if not (without_asking or confirm("Write it?")):
            print("Nothing was written.")
            return
        number = self.parameter.write(text, self.version)
        print(f"Version {number} is written. The stack applies it within {MAX_AGE_SECONDS} seconds.")


def open_document(stack: DeployedStack) -> LiveDocument:
    """Read the live document of *stack*; raise a stack error."""
    parameters = stack_parameters(stack)
    parameter = RoutesParameter(stack.client("ssm", WRITING_CONFIG), stack.name)
    return LiveDocument(stack, stack_defaults(parameters), parameters["SecretPrefix"], parameter, parameter.newest())


def stack_parameters(stack: DeployedStack) -> Mapping[str, str]:
    """Look up the template's parameters of *stack*; raise `StackError` if it is not a stack of this notifier."""
    parameters = stack.parameters()
    if "SlackSecretName" not in parameters:
        message = f"{stack.name} is not a stack of this notifier: it has no parameter SlackSecretName"
        raise StackError(message)
    # In templates without this parameter, the prefix is the stack's name.
    return {"SecretPrefix": stack.name, **parameters}
