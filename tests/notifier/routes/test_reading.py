import string
from datetime import UTC, datetime, time, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any
from zoneinfo import TZPATH, ZoneInfo, reset_tzpath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.channels.destination import Destination
from notifier.model.status_change import Severity
from notifier.routes.document import Document, Match, Matcher, QuietHours, Route, Silence
from notifier.routes.errors import DocumentError, Problem, format_path
from notifier.routes.loader import read_document, time_zone
from proton_notifier.routes.lint import warnings
from proton_notifier.routes.toml_lines import locate
from tests.documents import KEYS, OWN, PREDEFINED, documents, toml
from tests.wrong_documents import HOURS, ROUTE, WRONG

EVERYTHING = """
[destinations.alerts]
type = "slack"
webhook = "proton-notifier/alerts"

[accounts]
"123456789012" = "production"

[[routes]]
name = "production failures"
match = { severity = ["failure", "action"], account = "production" }
not = { name = "sandbox-*" }
to = ["alerts", "email"]
final = true
mention = { failure = "@here" }
quiet_hours = { from = "22:00", to = "07:00", days = ["sun"], time_zone = "Europe/Berlin" }
title = "Oh"
body = "No"

[[routes]]
to = ["slack"]

[[silences]]
match = { service = "checkout" }
not = { severity = "failure" }
until = 2026-12-01T08:00:00+01:00
reason = "planned migration"
by = "jo"
"""


def problems(text: str) -> tuple[tuple[int, Problem], ...]:
    """Read a document that is none."""
    with pytest.raises(DocumentError) as raised:
        read_document(text, OWN, "proton-notifier")
    return locate(text, raised.value.problems)


def test_the_rules_of_a_time_zone_are_the_packages(tmp_path: Path) -> None:
    """The machine may have older ones, or none."""
    machines = tmp_path / "Pacific" / "Apia"
    machines.parent.mkdir()
    with files("tzdata").joinpath("zoneinfo", "UTC").open("rb") as utc:
        machines.write_bytes(utc.read())
    before = TZPATH
    reset_tzpath((str(tmp_path),))
    ZoneInfo.clear_cache()
    try:
        (route,) = read_document(f"{HOURS}days = ['sun']\ntime_zone = 'Pacific/Apia'", OWN, "proton-notifier").routes
    finally:
        reset_tzpath(before)
        ZoneInfo.clear_cache()

    assert route.quiet_hours is not None
    assert route.quiet_hours.time_zone.utcoffset(datetime(2026, 6, 1, tzinfo=UTC)) == timedelta(hours=13)


def test_everything_that_can_be_said_is_read() -> None:
    """Each key arrives where a decision looks for it."""
    document = read_document(EVERYTHING, OWN, "proton-notifier")

    assert document == Document(
        destinations=(*PREDEFINED, Destination("alerts", "slack", (("webhook", "proton-notifier/alerts"),))),
        accounts=(("123456789012", "production"),),
        routes=(
            Route(
                name="production failures",
                match=Match(
                    every=(Matcher("severity", ("failure", "action")), Matcher("account", ("production",))),
                    none=(Matcher("name", ("sandbox-*",)),),
                ),
                to=("alerts", "email"),
                final=True,
                mentions=((Severity.FAILURE, "@here"),),
                quiet_hours=QuietHours(time(22), time(7), frozenset({"sun"}), time_zone("Europe/Berlin")),
                title="Oh",
                body="No",
            ),
            Route(name="route 2", match=Match(), to=("slack",)),
        ),
        silences=(
            Silence(
                Match((Matcher("service", ("checkout",)),), (Matcher("severity", ("failure",)),)),
                datetime(2026, 12, 1, 7, tzinfo=UTC),
                "planned migration",
                "jo",
            ),
        ),
    )


@pytest.mark.parametrize(("text", "problem"), WRONG)
def test_what_is_wrong_is_told_with_its_place(text: str, problem: str) -> None:
    """The line, the key, what is wrong and what is allowed."""
    assert [f"{line}: {each}" for line, each in problems(text)] == [problem]


def test_all_problems_are_told_at_once() -> None:
    """One check reports every problem."""
    text = "[[routes]]\nfinal = 1\nto = ['x']\n[destinations.alerts]\ntype = 'slak'\n[[silences]]\n"

    assert [(line, format_path(problem.path)) for line, problem in problems(text)] == [
        (2, "routes[1].final"),
        (3, "routes[1].to[1]"),
        (5, "destinations.alerts.type"),
        (6, "silences[1].match"),
        (6, "silences[1].until"),
        (6, "silences[1].reason"),
        (6, "silences[1].by"),
    ]


def test_a_destination_is_checked_in_a_document_without_other_problems() -> None:
    """The schema alone takes it."""
    ((line, problem),) = problems("[destinations.a]\ntype = 'slack'\nwebhook = 'other/a'")

    assert (line, format_path(problem.path)) == (3, "destinations.a.webhook")


def test_a_template_is_checked_with_the_document() -> None:
    """Its error is a problem with the path and line of the template."""
    text = f"{ROUTE}title = 'fine'\nbody = '{{{{'"

    with pytest.raises(DocumentError) as raised:
        read_document(text, OWN, None)

    braces = "routes[1].body: write values in ${ }, because Parameter Store rejects {{"
    assert [f"{line}: {problem}" for line, problem in locate(text, raised.value.problems)] == [f"4: {braces}"]
    assert str(raised.value) == braces


def test_names_and_reasons_become_one_visible_line() -> None:
    """They are shown in terminals and logs."""
    document = read_document(f'{ROUTE}name = "\\u001b[31m red\\n"\n', OWN, None)

    assert document.routes[0].name == "[31m red"


@given(content=documents())
def test_every_valid_document_is_read(content: dict[str, Any]) -> None:
    """No valid document is refused."""
    document = read_document(toml(content), OWN, "proton-notifier")

    assert [route.to for route in document.routes] == [tuple(route["to"]) for route in content["routes"]]
    assert [silence.until for silence in document.silences] == [silence["until"] for silence in content["silences"]]


def _sound(text: str) -> None:
    """Read *text*; what is wrong with it stands in one of its lines."""
    try:
        warned = warnings(read_document(text, OWN, "proton-notifier"), OWN, datetime(2026, 11, 24, tzinfo=UTC))
        found = locate(text, warned)
    except DocumentError as error:
        found = locate(error.text, error.problems)
        assert found
    lines = text.replace("\r\n", "\n").count("\n") + 1
    assert [line for line, _ in found if not 1 <= line <= lines] == []
    assert [problem for _, problem in found if not problem.message or len(str(problem)) > 1_000] == []


@given(text=st.text(max_size=100) | st.text("[]{}=\"\n,#.1atorus'", max_size=60))
def test_any_text_is_read_or_has_problems(text: str) -> None:
    """Never another exception."""
    _sound(text)


@given(content=documents(), cut=st.integers(0, 500), length=st.integers(0, 20), put=st.text('[]{}="\n a*', max_size=4))
def test_a_damaged_document_is_read_or_has_problems(content: dict[str, Any], cut: int, length: int, put: str) -> None:
    """A few characters are missing, wrong or too many."""
    text = toml(content)

    _sound(text[:cut] + put + text[cut + length :])


_ANYTHING = st.recursive(
    st.booleans() | st.integers() | st.text(max_size=5) | st.just(datetime(2026, 12, 1, tzinfo=UTC)),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.sampled_from([*KEYS, "to", "x", ""]), values),
    max_leaves=5,
)


@given(content=documents(), where=st.lists(st.integers(0, 9), min_size=1, max_size=4), wrong=_ANYTHING)
def test_a_document_of_wrong_types_has_problems_with_places(
    content: dict[str, Any], where: list[int], wrong: object
) -> None:
    """Any value anywhere may be of any type."""
    inner: Any = content
    for step in where:
        keys = [*inner] if isinstance(inner, dict) else [*range(len(inner))]
        if not keys:
            break
        key = keys[step % len(keys)]
        if not isinstance(inner[key], dict | list) or step == where[-1]:
            inner[key] = wrong
            break
        inner = inner[key]

    _sound(toml(content))


@given(content=st.dictionaries(st.sampled_from(["destinations", "accounts", "routes", "silences"]), _ANYTHING))
def test_any_structure_has_problems_with_places(content: dict[str, Any]) -> None:
    """Tables, lists and values where others belong."""
    _sound(toml(content))


@pytest.mark.parametrize("character", string.printable)
def test_a_document_of_one_character_is_sound(character: str) -> None:
    """The shortest of all."""
    _sound(character)


@pytest.mark.parametrize("text", ["", "# nothing yet", "routes = []"])
def test_a_document_may_say_nothing(text: str) -> None:
    """A document needs no routes, for example if it has only a silence."""
    assert read_document(text, OWN, None) == OWN
