"""The arguments of the command line of `notifier`."""

import re
from argparse import ArgumentTypeError
from collections.abc import Callable, Mapping
from datetime import MAXYEAR, MINYEAR, datetime, timedelta
from math import inf
from pathlib import Path
from typing import Any, Final, NoReturn

from notifier.channels import CHANNEL_TYPES
from notifier.model.status_change import Severity
from notifier.routes.document import KEYS, Matcher
from proton_notifier import ROOT

EVENTS: Final = ROOT / "events"
OUT: Final = Path("build/demo")
# This many events take a few minutes.
STORM_LIMIT: Final = 10_000


# The units of a duration.
UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
DURATION: Final = re.compile(r"([0-9]{1,4})([smhd])")


def _refuse(error: str) -> NoReturn:
    raise ArgumentTypeError(error)


def _number(maximum: float = inf) -> Callable[[str], int]:
    def number(text: str) -> int:
        if text.isascii() and text.isdigit() and 1 <= int(text) <= maximum:
            return int(text)
        _refuse("must be a whole number above 0" if maximum == inf else f"must be a number from 1 to {maximum}")

    return number


def parse_time(text: str) -> datetime:
    """Parse a time with an offset."""
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError as error:
        _refuse(str(error))
    return parsed if parsed.tzinfo else _refuse("needs an offset, as in 2026-12-01T08:00:00Z")


def parse_moment(text: str) -> datetime:
    """Parse a time with an offset; reject the first and last year, which some time zones do not have."""
    moment = parse_time(text)
    return moment if MINYEAR < moment.year < MAXYEAR else _refuse("is in the first or last year of the calendar")


def parse_duration(text: str) -> timedelta:
    """Parse a number of seconds, minutes, hours or days."""
    if match := DURATION.fullmatch(text):
        return timedelta(**{UNITS[match[2]]: int(match[1])})
    _refuse("must be a number of seconds, minutes, hours or days, as in 30s, 5m, 2h or 3d")


def _outage(text: str) -> timedelta:
    return parse_duration(text) or _refuse("must be longer than 0s")


def parse_text(typed: str) -> str:
    """Return *typed* unchanged; reject bytes that are not UTF-8."""
    try:
        typed.encode()
    except UnicodeEncodeError:
        _refuse("is not UTF-8")
    return typed


def parse_matcher(typed: str) -> Matcher:
    """Read KEY=GLOB."""
    key, _, glob = parse_text(typed).partition("=")
    if not glob or key not in KEYS:
        _refuse(f"must be KEY=GLOB, as in service=checkout; KEY is one of {', '.join(KEYS)}")
    return Matcher(key, (glob,))


_LIST: Final[Mapping[str, Any]] = {"action": "append", "default": []}
_MATCHERS: Final[Mapping[str, Any]] = {**_LIST, "type": parse_matcher}
_KEYS: Final = f"KEY is one of {', '.join(KEYS)}; repeat it with the same KEY to give alternatives"
_EVENTS: Final[Mapping[str, Any]] = {"nargs": "+", "type": Path}
_SAMPLE: Final = "or the name of a sample event, as in code-pipeline-failed"
_SPAN: Final[Mapping[str, Any]] = {"type": parse_duration, "dest": "duration"}

# By option and placeholder, which distinguishes options of the same name.
ARGUMENTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "--all": {"action": "store_true", "help": "play each event alone, and list all messages"},
    "--at TIME": {"type": parse_moment, "help": "decide for this time, as in 2026-12-01T08:00:00Z; default: now"},
    "--by NAME": {"type": parse_text, "help": "who adds it; default: the identity of your AWS credentials"},
    "--channel": {"choices": sorted(CHANNEL_TYPES), "help": "show only what this type of channel receives"},
    "--dry-run": {"action": "store_true", "help": "list only"},
    "--events DIR": {"type": Path, "default": EVENTS, "help": "where the event files are; default: the sample events"},
    "--for DURATION": {
        **_SPAN,
        "default": timedelta(),
        "help": "continue for this time after the last message, as in 48h",
    },
    "--for TIME": {**_SPAN, "help": "for this time from now, as in 30m, 2h or 3d"},
    "--limit N": {"type": _number(), "help": "send back at most N; default: all"},
    "--match KEY=GLOB": {**_MATCHERS, "dest": "every", "required": True, "help": f"silence only what matches; {_KEYS}"},
    "--not KEY=GLOB": {**_MATCHERS, "dest": "none", "help": f"do not silence what matches; {_KEYS}"},
    "--out DIR": {"type": Path, "default": OUT, "help": f"where to write the messages; default: {OUT}/"},
    "--out FILE": {"type": Path, "help": "where to write the output; default: standard output"},
    "--output {html,json,text}": {
        "choices": ["html", "json", "text"],
        "default": "text",
        "help": "html: a page for a browser; json: one object a line",
    },
    "--output {text,json}": {"choices": ["text", "json"], "default": "text", "help": "json: one object a line"},
    "--rate-limit": {
        "action": "store_true",
        "help": "let Slack accept only one message a second, as the real Slack does",
    },
    "--reason TEXT": {"type": parse_text, "required": True, "help": "why; shown with the silence"},
    "--region": {"help": "where the stack is; default: AWS_REGION, AWS_DEFAULT_REGION, or that of your profile"},
    "--routes FILE": {"type": Path, "help": "show what the destinations of this routes document would receive"},
    "--severity": {
        "choices": [*map(str, Severity)],
        "default": str(Severity.FAILURE),
        "help": "the severity by which the routes decide; default: failure. At PagerDuty, failure and action open an "
        "alert, and recovered and success close it",
    },
    "--slack-down TIME": {"type": _outage, "default": timedelta(), "help": "let Slack be down first, as in 30s"},
    "--stack NAME": {"required": True, "help": "the name of the deployed stack"},
    "--stack STACK": {"help": "check also what this deployed stack can read and reach"},
    "--storm N": {"type": _number(STORM_LIMIT), "default": 0, "help": "let N failures arrive within a second"},
    "--timeout TIME": {
        "type": parse_duration,
        "default": timedelta(minutes=2),
        "help": "how long to wait, as in 30s or 10m; default: 2m",
    },
    "--to NAME": {**_LIST, "help": "send to this destination and bypass the routes; repeat it for more destinations"},
    "--until TIME": {"type": parse_time, "help": "until this time, as in 2026-12-01T08:00:00Z"},
    "--yes": {"action": "store_true", "help": "do not ask first"},
    "document FILE": {"type": Path, "help": "the routes document; - for standard input"},
    "events EVENT.json": {
        **_EVENTS,
        "help": f"a file with events, also in messages of queues and topics; - for standard input; {_SAMPLE}",
    },
    "files FILE": {
        **_EVENTS,
        "help": 'events, each of which arrives at its time or as {"at": TIME, "event": {...}}; ' + _SAMPLE,
    },
    "number N": {"type": int, "help": "its number in the list"},
    "shell": {"choices": ["bash", "fish", "zsh"], "help": "the shell that will run the code when it starts"},
    "resource RESOURCE": {
        "help": "its ARN, its key in the list, a part of the key that no other key has, or its name in the title"
    },
}
