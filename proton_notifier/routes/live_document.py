"""The live document of a stack, and how a person changes it: checked, shown, agreed to, written."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import unified_diff
from typing import Final

from rich.console import Console
from rich.text import Text

from notifier.routes.document import Document
from notifier.routes.live import MAX_AGE_SECONDS
from notifier.routes.loader import read_document
from notifier.routes.templates import template_error
from proton_notifier.common.confirm import confirm
from proton_notifier.common.deployed_stack import DeployedStack, StackError
from proton_notifier.common.text_files import normalize
from proton_notifier.routes.check import marked, own_routes, tell_warnings
from proton_notifier.routes.parameter import (
    WRITING_CONFIG,
    RoutesParameter,
    Version,
    check_writable,
)

STYLES: Final = {"+": "green", "-": "red", "@": "cyan"}


@dataclass(frozen=True, slots=True)
class LiveDocument:
    """The *version* that is live in *stack*, whose *own* destinations and routes are there without one."""

    stack: DeployedStack
    own: Document
    secret_prefix: str
    parameter: RoutesParameter
    version: Version

    @property
    def text(self) -> str:
        """What is live, without a byte order mark, which is none of its letters."""
        return self.version.text.removeprefix("\ufeff")

    def read(self, text: str) -> Document:
        """Read *text* as the stack would; raise `DocumentError` if it is broken."""
        return read_document(text, self.own, self.secret_prefix, template_error)

    def change(self, source: str, text: str, *, without_asking: bool) -> None:
        """Make *text*, from *source*, the live document, if a person agrees.

        Raise `DocumentError` if it is broken, or one of `STACK_ERRORS`.
        """
        document = self.read(text)
        check_writable(text)
        if normalize(text) == normalize(self.version.text):
            print(f"Nothing to change. Live is {self.version}.")
            return
        self.stack.announce()
        tell_warnings(source, text, document, self.own)
        console = Console(highlight=False)
        for line in _difference(self.version, text):
            console.print(Text(line, STYLES.get(line[:1], "")), soft_wrap=True)
        if not (without_asking or confirm("Write it?")):
            print("Nothing was written.")
            return
        number = self.parameter.write(text, self.version)
        print(f"Version {number} is written. The stack applies it within {MAX_AGE_SECONDS} seconds.")


def opened(stack: DeployedStack) -> LiveDocument:
    """Read the live document of *stack*; raise one of `STACK_ERRORS`."""
    deployed_with = deployed_parameters(stack)
    parameter = RoutesParameter(stack.client("ssm", WRITING_CONFIG), stack.name)
    return LiveDocument(stack, own_routes(deployed_with), deployed_with["SecretPrefix"], parameter, parameter.newest())


def deployed_parameters(stack: DeployedStack) -> Mapping[str, str]:
    """Read what *stack* was deployed with; raise one of `STACK_ERRORS`."""
    deployed_with = stack.parameters()
    if "SlackSecretName" not in deployed_with:
        message = f"{stack.name} is not a stack of this notifier: it has no parameter SlackSecretName"
        raise StackError(message)
    # Before there was the parameter, the prefix was the stack's name.
    return {"SecretPrefix": stack.name, **deployed_with}


def _difference(live: Version, text: str) -> Iterator[str]:
    """Compare line by line, whatever the lines end with."""
    lines = unified_diff(
        normalize(live.text).split("\n"), normalize(text).split("\n"), str(live), "to be written", lineterm=""
    )
    yield from map(marked, lines)
