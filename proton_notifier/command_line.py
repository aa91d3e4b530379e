"""The parser of the command line of `notifier`.

This module imports no AWS client, so that help and usage errors are fast.
"""

import os
from argparse import Action, ArgumentParser, Namespace
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from proton_notifier.arguments import ARGUMENTS

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

STACK: Final = "--stack NAME, --region"
# By name: the summary for the help, the arguments, of which " | " requires exactly one, and the example's arguments.
# The module `proton_notifier.<command>.command` runs a command; the name of a task follows its command after a blank.
COMMANDS: Final[Mapping[str, tuple[str, str, str]]] = {
    "completion": (
        "print the code for a shell that completes command lines of `notifier`",
        "shell",
        "bash > ~/.local/share/bash-completion/completions/notifier",
    ),
    "demo": (
        "deploy the template into a simulated AWS and show the messages that a team would receive",
        "--all, --events DIR, --out DIR, --storm N, --slack-down TIME, --rate-limit",
        "--storm 500 --slack-down 2m",
    ),
    "incidents": (
        "list the open incidents, and show the history of a resource and who was notified",
        "",
        "list --stack proton-notifier",
    ),
    "incidents list": (
        "list the open incidents: start, number of failures, recipients, and next reminder",
        f"{STACK}, --output {{text,json}}",
        "--stack proton-notifier --output json",
    ),
    "incidents show": (
        "show the last changes of a resource, and for each the decision and the recipients",
        f"resource RESOURCE, {STACK}",
        "checkout/prod --stack proton-notifier",
    ),
    "preview": (
        "show the messages about events, without AWS",
        "events EVENT.json, --channel, --output {html,json,text}, --routes FILE, --out FILE",
        "--channel slack code-pipeline-failed",
    ),
    "redact": (
        "print events without names, accounts, ids and free text, so that they can be published",
        "events EVENT.json",
        "code-pipeline-failed > event.json",
    ),
    "redrive": (
        "list the messages in a stack's dead-letter queues and send them back",
        f"{STACK}, --limit N, --dry-run, --yes",
        "--stack proton-notifier --dry-run",
    ),
    "replay": (
        "play a history of events through the whole stack in simulated time, and show the messages to each destination",
        "files FILE, --routes FILE, --for DURATION, --output {html,json,text}",
        "--for 48h november.jsonl",
    ),
    "routes": (
        "check a routes document, try it out on events, and make it the live one",
        "",
        "check routes.toml",
    ),
    "routes check": (
        "report the problems of a routes document, with line numbers",
        "document FILE, --stack STACK, --region",
        "routes.toml --stack proton-notifier",
    ),
    "routes test": (
        "show which routes match events, which do not and on which key, and where the events go",
        "document FILE, events EVENT.json, --at TIME, --output {text,json}",
        "routes.toml code-pipeline-failed --at 2026-12-05T23:00:00Z",
    ),
    "routes show": ("print the live document of a stack", STACK, "--stack proton-notifier > routes.toml"),
    "routes push": (
        "check a document, show what changes, ask, and make it the live one",
        f"document FILE, {STACK}, --yes",
        "routes.toml --stack proton-notifier",
    ),
    "routes schema": ("print the JSON Schema of a routes document, for editors", "", "> routes.schema.json"),
    "send-test": (
        "send a marked test message through a deployed stack and report where it arrives, or what stops it",
        f"{STACK}, --severity, --to NAME, --timeout TIME",
        "--stack proton-notifier --to slack",
    ),
    "silence": ("list the silences of a stack, add one, and end one", "", "list --stack proton-notifier"),
    "silence list": ("list the silences of the live document", STACK, "--stack proton-notifier"),
    "silence add": (
        "silence the events that match, until a certain time",
        f"{STACK}, --yes, --match KEY=GLOB, --not KEY=GLOB, --until TIME | --for TIME, --reason TEXT, --by NAME",
        "--stack proton-notifier --match service=checkout --for 2h --reason 'new database'",
    ),
    "silence expire": ("end a silence now", f"{STACK}, --yes, number N", "1 --stack proton-notifier"),
}


class _Parser(ArgumentParser):
    example = "notifier preview code-pipeline-failed"

    def format_help(self) -> str:
        # Not the epilog, which argparse would wrap.
        return f"{super().format_help()}\nexample:\n  {self.example}\n"

    def _print_message(self, message: str, file: "SupportsWrite[str] | None" = None) -> None:
        print(message, end="", file=file)  # argparse's own method ignores errors.


class _ShowVersion(Action):
    def __call__(self, parser: ArgumentParser, *_values: object) -> None:
        from importlib.metadata import version  # noqa: PLC0415 - takes as long as all of the help

        print(f"notifier {version('proton-notifier')}")
        parser.exit()


def parse(arguments: list[str] | None) -> Namespace:
    """Parse the command line, by default that of the process; the result has *command* and perhaps *task*."""
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
        for alternatives in filter(None, names.split(", ")):
            exclusive = " | " in alternatives
            parent = command.add_mutually_exclusive_group(required=True) if exclusive else command
            for argument in alternatives.split(" | "):
                option, _, placeholder = argument.partition(" ")
                settings = {**ARGUMENTS[argument], **({"metavar": placeholder} if placeholder else {})}
                parent.add_argument(option, **settings)
    if "_ARGCOMPLETE" in os.environ:
        from argcomplete import autocomplete  # noqa: PLC0415 - only a shell needs it

        autocomplete(parser)
    return parser.parse_args(arguments)
