"""The live document of a stack: read it, and replace it when a person agrees."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import unified_diff
from typing import Final

from rich.console import Console
from rich.text import Text

from notifier.routes.document import Document
from notifier.routes.live import MAX_AGE_SECONDS
from notifier.routes.loader import read_document
from proton_notifier.common.confirm import confirm
from proton_notifier.common.deployed_stack import DeployedStack, StackError
from proton_notifier.common.text_files import normalize
from proton_notifier.routes.check import print_warnings, printable, stack_defaults
from proton_notifier.routes.parameter import WRITING_CONFIG, RoutesParameter, Version, check_writable

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
