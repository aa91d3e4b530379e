"""The command line of `notifier`: its commands, their arguments, and the module that runs each.

It imports nothing heavy, so that help, and a mistake in a command line, need no AWS client.
"""

from argparse import Action, ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from notifier.channels import CHANNEL_TYPES
from notifier.model.status_change import Severity
from notifier.routes.document import KEYS
from proton_notifier.common.times import duration, moment
from proton_notifier.silence import matchers as conditions

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

EVENTS: Final = Path(__file__).parent.parent / "events"
OUT: Final = Path("build/demo")
# What this machine works off in a few minutes.
STORM_LIMIT: Final = 10_000
EVENT_FILE: Final = "a file with events, as they are, or as queues and topics have them; - for standard input"


class _Parser(ArgumentParser):
    def _print_message(self, message: str, file: "SupportsWrite[str] | None" = None) -> None:
        print(message, end="", file=file)  # argparse itself takes no notice if that fails.


class _ShowVersion(Action):
    def __call__(self, parser: ArgumentParser, *_values: object) -> None:
        from importlib.metadata import version  # noqa: PLC0415 - takes as long as all of the help

        print(f"notifier {version('proton-notifier')}")
        parser.exit()


def parse(arguments: list[str] | None) -> Namespace:
    """Read the command line, by default that of the process; *module* of what is returned runs it."""
    parser = _Parser(prog="notifier", description="Status changes of AWS Proton as Slack messages and emails.")
    parser.add_argument("--version", action=_ShowVersion, nargs=0, help="show the version and exit")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, (module, meaning, add_arguments) in COMMANDS.items():
        command = commands.add_parser(name, help=meaning, description=meaning)
        command.set_defaults(module=module, is_local=False)
        add_arguments(command)
    return parser.parse_args(arguments)


def _demo(parser: ArgumentParser) -> None:
    parser.set_defaults(is_local=True)
    parser.add_argument(
        "--events", type=Path, default=EVENTS, metavar="DIR", help="where the event files are; default: events/"
    )
    parser.add_argument("--out", type=Path, default=OUT, metavar="DIR", help=f"where the messages go; default: {OUT}/")
    parser.add_argument("--storm", type=_storm, default=0, metavar="N", help="let N failures come in within a second")
    parser.add_argument(
        "--slack-down", type=_outage, default=timedelta(), metavar="TIME", help="let Slack be down at first, as in 30s"
    )
    parser.add_argument("--rate-limit", action="store_true", help="let Slack take one message a second, as it does")


def _preview(parser: ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", type=Path, metavar="EVENT.json", help=EVENT_FILE)
    parser.add_argument("--channel", choices=sorted(CHANNEL_TYPES), help="show this channel only")
    parser.add_argument(
        "--output",
        choices=["html", "json", "text"],
        default="text",
        help="html: a page for a browser; json: one object a line",
    )
    parser.add_argument(
        "--routes", type=Path, metavar="FILE", help="show what the destinations of this routes document would get now"
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="where to write it; default: standard output")


def _redrive(parser: ArgumentParser) -> None:
    _add_stack(parser)
    parser.add_argument("--limit", type=_limit, metavar="N", help="send back no more than this; default: everything")
    parser.add_argument("--dry-run", action="store_true", help="list only")
    parser.add_argument("--yes", action="store_true", help="send without asking")


def _routes(parser: ArgumentParser) -> None:
    tasks = _add_tasks(parser, ROUTES_TASKS)
    for name in ("check", "test", "push"):
        tasks[name].add_argument("document", type=Path, metavar="FILE", help="the document; - for standard input")
    for name in ("show", "push"):
        _add_stack(tasks[name])
    _add_yes(tasks["push"])
    _add_stack(tasks["check"], "check what this stack can read and reach, too", required=False)
    tasks["test"].add_argument("events", nargs="+", type=Path, metavar="EVENT.json", help=EVENT_FILE)
    tasks["test"].add_argument(
        "--at", type=moment, metavar="TIME", help="decide as at 2026-12-01T08:00:00Z; default: now"
    )
    tasks["test"].add_argument("--output", choices=["text", "json"], default="text", help="json: one object an event")


def _send_test(parser: ArgumentParser) -> None:
    _add_stack(parser)
    parser.add_argument(
        "--severity",
        choices=[*map(str, Severity)],
        default=str(Severity.FAILURE),
        help="as what it goes by the routes; default: failure. At PagerDuty, failure and action open an alert, and "
        "recovered and success close it",
    )
    parser.add_argument(
        "--to", action="append", default=[], metavar="NAME", help="send there past the routes; several times for more"
    )
    parser.add_argument(
        "--timeout",
        type=duration,
        default=timedelta(minutes=2),
        metavar="TIME",
        help="wait so long, as in 30s or 10m; default: 2m",
    )


def _silence(parser: ArgumentParser) -> None:
    tasks = _add_tasks(parser, SILENCE_TASKS)
    for task in tasks.values():
        _add_stack(task)
    for name in ("add", "expire"):
        _add_yes(tasks[name])
    _add_conditions(tasks["add"], "--match", "every", required=True)
    _add_conditions(tasks["add"], "--not", "none", required=False)
    end = tasks["add"].add_mutually_exclusive_group(required=True)
    end.add_argument("--until", type=moment, metavar="TIME", help="until 2026-12-01T08:00:00Z")
    end.add_argument("--for", type=duration, dest="lasting", metavar="TIME", help="for 30m, 2h or 3d from now")
    tasks["add"].add_argument(
        "--reason", type=conditions.text, required=True, metavar="TEXT", help="why, for those who wonder"
    )
    tasks["add"].add_argument(
        "--by", type=conditions.text, metavar="NAME", help="who; default: whose credentials these are"
    )
    tasks["expire"].add_argument("number", type=int, metavar="N", help="its number in the list")


# By name: the module whose `run` it is, what it does, and what adds its arguments.
COMMANDS: Final[Mapping[str, tuple[str, str, Callable[[ArgumentParser], None]]]] = {
    "demo": (
        "proton_notifier.demo.command",
        "deploy the template into an AWS in this process and show what teams would receive",
        _demo,
    ),
    "preview": ("proton_notifier.preview.command", "show what would be said about events, without AWS", _preview),
    "redrive": (
        "proton_notifier.redrive.command",
        "list what lies in a stack's dead-letter queues and send it back",
        _redrive,
    ),
    "routes": (
        "proton_notifier.routes.command",
        "check a routes document, see what it does with events, and make it the live one",
        _routes,
    ),
    "send-test": (
        "proton_notifier.send_test.command",
        "send a marked test message through a deployed stack and tell where it arrives, or what stops it",
        _send_test,
    ),
    "silence": (
        "proton_notifier.silence.command",
        "list what is silenced in a stack, silence something, and end a silence",
        _silence,
    ),
}
# A module with several tasks finds the function of each by the same name.
ROUTES_TASKS: Final[Mapping[str, str]] = {
    "check": "tell what is wrong with a routes document, and where",
    "test": "tell which routes events match, which not and on which key, and where they go",
    "show": "print the document that is live in a stack",
    "push": "check a document, show what changes, ask, and make it the live one",
}
SILENCE_TASKS: Final[Mapping[str, str]] = {
    "list": "list the silences of the live document",
    "add": "silence what matches, until a certain time",
    "expire": "end a silence now",
}


def _add_tasks(parser: ArgumentParser, tasks: Mapping[str, str]) -> Mapping[str, ArgumentParser]:
    commands = parser.add_subparsers(required=True, metavar="COMMAND", dest="task")
    return {name: commands.add_parser(name, help=meaning, description=meaning) for name, meaning in tasks.items()}


def _add_stack(
    parser: ArgumentParser, meaning: str = "the name of the deployed stack", *, required: bool = True
) -> None:
    parser.add_argument("--stack", required=required, metavar="NAME", help=meaning)
    parser.add_argument(
        "--region",
        metavar="REGION",
        help="where the stack is; default: AWS_REGION, AWS_DEFAULT_REGION, or that of your profile",
    )


def _add_yes(parser: ArgumentParser) -> None:
    parser.add_argument("--yes", action="store_true", help="write without asking")


def _add_conditions(parser: ArgumentParser, option: str, name: str, *, required: bool) -> None:
    meaning = f"{'only what has this' if required else 'but not what has this'}; KEY is one of {', '.join(KEYS)}"
    parser.add_argument(
        option,
        type=conditions.condition,
        action="append",
        default=[],
        dest=name,
        required=required,
        metavar="KEY=GLOB",
        help=f"{meaning}; given several times for one KEY, any will do",
    )


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text)):
        message = "must be a whole number above 0"
        raise ArgumentTypeError(message)
    return int(text)


def _storm(text: str) -> int:
    if text.isdecimal() and text.isascii() and 1 <= int(text) <= STORM_LIMIT:
        return int(text)
    message = f"must be a number from 1 to {STORM_LIMIT}"
    raise ArgumentTypeError(message)


def _outage(text: str) -> timedelta:
    if lasts := duration(text):
        return lasts
    message = "must be longer than nothing"
    raise ArgumentTypeError(message)
