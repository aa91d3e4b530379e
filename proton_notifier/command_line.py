"""The parser of the command line of `notifier`.

It imports nothing heavy, so that help, and a mistake in a command line, need no AWS client.
"""

import os
from argparse import Action, ArgumentParser, Namespace
from operator import methodcaller
from typing import TYPE_CHECKING

from proton_notifier.arguments import ARGUMENTS
from proton_notifier.commands import COMMANDS

if TYPE_CHECKING:
    from _typeshed import SupportsWrite


class _Parser(ArgumentParser):
    example = "notifier preview code-pipeline-failed"

    def format_help(self) -> str:
        # Apart from the epilog, which argparse would wrap.
        return f"{super().format_help()}\nexample:\n  {self.example}\n"

    def _print_message(self, message: str, file: "SupportsWrite[str] | None" = None) -> None:
        print(message, end="", file=file)  # argparse itself ignores that this fails.


class _ShowVersion(Action):
    def __call__(self, parser: ArgumentParser, *_values: object) -> None:
        from importlib.metadata import version  # noqa: PLC0415 - takes as long as all of the help

        print(f"notifier {version('proton-notifier')}")
        parser.exit()


def parse(arguments: list[str] | None) -> Namespace:
    """Parse the command line, by default that of the process; *command* and *task* name what is to run."""
    parser = _Parser(
        prog="notifier", description="Status changes of AWS services as messages in Slack, email, Teams and PagerDuty."
    )
    parser.add_argument("--version", action=_ShowVersion, nargs=0, help="show the version and exit")
    groups = {"": parser.add_subparsers(required=True, metavar="COMMAND", dest="command")}
    for name, (summary, names, example) in COMMANDS.items():
        group, _, last = name.rpartition(" ")
        command = groups[group].add_parser(last, help=summary, description=summary)
        command.example = f"notifier {name} {example}"
        if any(other.startswith(f"{name} ") for other in COMMANDS):
            groups[name] = command.add_subparsers(required=True, metavar="COMMAND", dest="task")
        for argument in names:
            if " | " in argument:
                exclusive = command.add_mutually_exclusive_group(required=True)
                for alternative in argument.split(" | "):
                    _add_argument(exclusive, alternative)
            else:
                _add_argument(command, argument)
    if "_ARGCOMPLETE" in os.environ:
        from argcomplete import autocomplete  # noqa: PLC0415 - only a shell needs it

        autocomplete(parser)
    return parser.parse_args(arguments)


def _add_argument(parser: object, name: str) -> None:
    option, _, placeholder = name.partition(" ")
    methodcaller("add_argument", option, **ARGUMENTS[name], **({"metavar": placeholder} if placeholder else {}))(parser)
