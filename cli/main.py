"""The `notifier` command."""

import sys
from argparse import ArgumentParser
from io import TextIOWrapper
from typing import Final

from cli import demo, preview, redrive, routes, send_test, silences

COMMANDS: Final = {
    "demo": demo,
    "preview": preview,
    "redrive": redrive,
    "routes": routes,
    "send-test": send_test,
    "silence": silences,
}


def main(arguments: list[str] | None = None) -> int:
    """Run the command that *arguments* ask for, by default those of the process; return its exit status."""
    parser = ArgumentParser(prog="notifier", description="Status changes of AWS Proton as Slack messages and emails.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        subparser = commands.add_parser(name, help=command.HELP, description=command.HELP)
        command.add_arguments(subparser)
        subparser.set_defaults(run=command.run)
    parsed = parser.parse_args(arguments)
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # A terminal that knows no emoji shows the rest.
    status: int = parsed.run(parsed)
    return status


if __name__ == "__main__":
    sys.exit(main())
