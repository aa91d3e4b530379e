"""The parameter that holds a stack's live document: its versions, and a write that passes over nobody else's."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final, NoReturn

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

from notifier.routes.live import ENCRYPTED, ENCRYPTED_ERROR
from proton_notifier.common.deployed_stack import StackError

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

# A write that botocore repeats would look like somebody else's.
WRITING_CONFIG: Final = Config(
    connect_timeout=5, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 1}
)
# The description of PutParameter's Value: no values in double brackets.
BRACES: Final = "{{"
DESCRIPTION: Final = "Who is told of what: docs/routes.md. Write it with `notifier routes push` or `notifier silence`."


@dataclass(frozen=True, slots=True)
class Version:
    """A version of the document; number 0 is none at all."""

    number: int
    text: str
    written_at: datetime | None = None
    written_by: str = ""

    def __str__(self) -> str:
        if self.written_at is None:
            return "no document"
        return (
            f"version {self.number}, written {self.written_at.astimezone():%Y-%m-%d %H:%M:%S %Z} by {self.written_by}"
        )


def parameter_name(stack: str) -> str:
    """Name the parameter that *stack* reads."""
    return f"/{stack}/routes"


def check_writable(text: str) -> None:
    """Raise `StackError` if Parameter Store does not take *text*."""
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
        """Read what is live."""
        return max(self._versions(), key=lambda version: version.number, default=Version(0, ""))

    def write(self, text: str, read: Version) -> int:
        """Write *text* in place of what was *read*, and tell its number.

        Parameter Store writes without a condition. So a version that came in between is put back, and `StackError`
        raised.
        """
        live = self.newest()
        if live != read:
            message = f"nothing was written, for somebody else wrote meanwhile; live is {live}"
            raise StackError(message)
        number = self._put(text, overwrite=read.number > 0)
        if number != read.number + 1:
            self._put_back(number)
        return number

    def _put_back(self, ours: int) -> NoReturn:
        """Write what was live before version *ours* once more."""
        mine = f"somebody else wrote meanwhile, but yours is live, as version {ours}"
        try:
            theirs = {version.number: version for version in self._versions()}[ours - 1]
            number = self._put(theirs.text, overwrite=True)
        except KeyError as error:
            message = f"{mine}: what was before it is gone"
            raise StackError(message) from error
        except (BotoCoreError, ClientError, StackError) as error:
            message = f"{mine}: theirs, version {ours - 1}, could not be put back: {error}"
            raise StackError(message) from error
        if number != ours + 1:
            message = (
                f"others wrote meanwhile: version {number} puts version {theirs.number} back over what they wrote later"
            )
            raise StackError(message)
        message = f"nothing of yours is live, for somebody else wrote meanwhile: version {number} puts back {theirs}"
        raise StackError(message)

    def _put(self, text: str, *, overwrite: bool) -> int:
        try:
            answer = self._client.put_parameter(
                Name=self.name,
                Description=DESCRIPTION,
                Value=text,
                Type="String",
                Tier="Intelligent-Tiering",  # what is over 4 KB is an advanced parameter
                Overwrite=overwrite,
            )
        except self._client.exceptions.ParameterAlreadyExists as error:
            message = "nothing was written, for somebody else wrote the first document meanwhile"
            raise StackError(message) from error
        except HTTPClientError as error:
            message = f"whether it was written is not known, `notifier routes show` tells: {error}"
            raise StackError(message) from error
        return answer["Version"]

    def _versions(self) -> Iterator[Version]:
        pages = self._client.get_paginator("get_parameter_history").paginate(Name=self.name)
        try:
            for page in pages:
                for found in page["Parameters"]:
                    if found["Type"] == ENCRYPTED:
                        message = f"{self.name} {ENCRYPTED_ERROR}"
                        raise StackError(message)
                    yield Version(
                        found["Version"], found["Value"], found["LastModifiedDate"], found["LastModifiedUser"]
                    )
        except self._client.exceptions.ParameterNotFound:
            return
