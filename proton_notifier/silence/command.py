"""`notifier silence`: list the silences of the live document, add one, and end one."""

import json
from argparse import Namespace
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from io import StringIO
from typing import Any, Final

import tomlkit
from tomlkit import TOMLDocument
from tomlkit.items import Array

from notifier.model.sanitize import tidy
from notifier.routes.document import Match, Matcher, Silence
from notifier.routes.errors import DocumentError, Path
from notifier.routes.loader import SIZE_LIMIT, parse
from proton_notifier.common.deployed_stack import DeployedStack, stop
from proton_notifier.routes.live_document import LiveDocument
from proton_notifier.routes.output import format_time, print_problems
from proton_notifier.routes.toml_lines import Statements

ADVICE: Final = "take out silences that are over: `notifier routes show`, edit, `notifier routes push`"


def run(arguments: Namespace, stack: DeployedStack) -> int:
    """Run the task; return 1 if it fails and the live document is unchanged."""
    live = LiveDocument(stack)
    try:
        TASKS[arguments.task](arguments, live)
    except DocumentError as error:
        print_problems(live.parameter.name, error.text, error.problems)
        return 1
    return 0


def add(arguments: Namespace, live: LiveDocument) -> None:
    """Add a silence to the live document."""
    live.read(live.text)  # Report the problems of a broken document first.
    until = arguments.until or datetime.now().astimezone() + arguments.duration
    if until <= datetime.now(UTC):
        stop(f"it would have ended at {format_time(until)}")
    match = Match(merge_matchers(arguments.every), merge_matchers(arguments.none))
    silence = Silence(match, until, arguments.reason, arguments.by or live.stack.caller["Arn"].rpartition(":")[2])
    text = add_silence(live.text, silence)
    size = len(text.encode())
    if size > SIZE_LIMIT:
        stop(f"the document would have {size} bytes, and Parameter Store holds at most {SIZE_LIMIT}; {ADVICE}")
    live.replace(live.parameter.name, text, without_asking=arguments.yes)


def show(_arguments: Namespace, live: LiveDocument) -> None:
    """List the silences."""
    now = datetime.now(UTC)
    silences = live.read(live.text).silences
    for number, silence in enumerate(silences, 1):
        verb = "over since" if silence.until <= now else "until"
        print(f"{number}. {format_match(silence.match)}")
        print(f"   {verb} {format_time(silence.until)}, by {silence.by}: {silence.reason}")
    if not silences:
        print("Nothing is silenced.")


def expire(arguments: Namespace, live: LiveDocument) -> None:
    """End a silence."""
    silences = live.read(live.text).silences
    if arguments.number not in range(1, len(silences) + 1):
        stop(f"there is no silence {arguments.number}; there are {len(silences)}")
    now = datetime.now(UTC).replace(microsecond=0)
    until = silences[arguments.number - 1].until
    if until <= now:
        print(f"Nothing to change. It has been over since {format_time(until)}.")
        return
    text = expire_silence(live.text, arguments.number - 1, now)
    live.replace(live.parameter.name, text, without_asking=arguments.yes)


TASKS: Final[Mapping[str, Callable[[Namespace, LiveDocument], None]]] = {"list": show, "add": add, "expire": expire}


def merge_matchers(matchers: Iterable[Matcher]) -> tuple[Matcher, ...]:
    """Join the globs of each key, because a document can have a key only once."""
    globs: dict[str, tuple[str, ...]] = {}
    for matcher in matchers:
        globs[matcher.key] = (*globs.get(matcher.key, ()), *matcher.globs)
    return tuple(Matcher(key, joined) for key, joined in globs.items())


def format_match(match: Match) -> str:
    """Write *match* as one line."""
    every, none = (
        ", ".join(f"{matcher.key} {' or '.join(map(tidy, matcher.globs))}" for matcher in matchers)
        for matchers in (match.every, match.none)
    )
    return (every or "everything") + (f"; not {none}" if none else "")


def add_silence(text: str, silence: Silence) -> str:
    """Append *silence* to *text*: as a table, or as an inline table if the silences are an array."""
    pairs = _pairs(silence)
    if "silences" in parse(text):
        before, statement, after = _statement(text, ("silences",))
        if isinstance(statement["silences"], Array):
            statement["silences"].append(tomlkit.value(f"{{ {', '.join(pairs)} }}"))
            return before + statement.as_string() + after
    separator = "\n" if text.endswith("\n") else "\n\n" if text else ""
    return "\n".join([f"{text}{separator}[[silences]]", *pairs, ""])


def expire_silence(text: str, position: int, now: datetime) -> str:
    """Set the end of the silence at *position* of *text*, a valid document, to *now*."""
    before, statement, after = _statement(text, ("silences", position, "until"))
    # Below a [[silences]] header, the statement is one key; elsewhere, the whole array.
    silence: Any = statement["silences"][position] if "silences" in statement else statement
    silence["until"] = now
    return before + statement.as_string() + after


def _statement(text: str, path: Path) -> tuple[str, TOMLDocument, str]:
    """Parse the statement that sets the value at *path*; return it with the text before and after it.

    tomlkit must not get the whole text, because it moves tables between those of an array.
    """
    first, end = Statements(text).span(path)
    lines = [*StringIO(text, newline="\n")]
    return "".join(lines[:first]), tomlkit.parse("".join(lines[first:end])), "".join(lines[end:])


def _pairs(silence: Silence) -> list[str]:
    tables = {"match": silence.match.every, "not": silence.match.none}
    texts = {key: ", ".join(f"{each.key} = {_value(*each.globs)}" for each in tables[key]) for key in tables}
    return [
        *(f"{key} = {{ {text} }}" for key, text in texts.items() if text or key == "match"),
        f"until = {silence.until.isoformat(timespec='seconds').replace('+00:00', 'Z')}",
        f"reason = {_value(silence.reason)}",
        f"by = {_value(silence.by)}",
    ]


def _value(*texts: str) -> str:
    # TOML has JSON's escapes, except for DEL; Parameter Store rejects two braces in a row.
    written = json.dumps(texts if len(texts) > 1 else texts[0], ensure_ascii=False)
    return written.replace("\x7f", "\\u007f").replace("{{", "{\\u007b")
