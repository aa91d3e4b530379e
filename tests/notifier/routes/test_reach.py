from datetime import UTC, datetime

import pytest

from notifier.routes.loader import read_document
from proton_notifier.routes import lint
from proton_notifier.routes.toml_lines import locate
from tests.documents import OWN

NOON = datetime(2026, 12, 1, 8, tzinfo=UTC)
FIRST = '[[routes]]\nname = "first"\nto = ["slack"]\nfinal = true\n'
SECOND = '[[routes]]\nto = ["email"]\n'
TOPIC = "arn:aws:sns:eu-west-1:123456789012:people"
ALERTS = '[destinations.alerts]\ntype = "slack"\nwebhook = "a/b"\n'
NEVER = '6: routes[2]: is unreachable: "first" is final and matches everything that this route matches'


def warnings(text: str, now: datetime = NOON) -> list[str]:
    """Read a document and say what it warns of."""
    return [f"{line}: {each}" for line, each in locate(text, lint.warnings(read_document(text, OWN, None), OWN, now))]


@pytest.mark.parametrize(
    ("first", "second", "unreachable"),
    [
        ("", "", True),
        ("", "match = { service = 'a' }\n", True),
        ("match = { service = 'a' }", "match = { service = 'a', severity = 'failure' }\n", True),
        ("match = { service = ['a', 'b*'] }", "match = { service = ['b-1', 'a'] }\n", True),
        ("match = { service = 'a*' }", "match = { service = 'a-?*' }\n", True),
        ("not = { service = 'a' }", "not = { service = ['a', 'b'], name = 'x' }\n", True),
        ("match = { service = 'a' }", "", False),
        ("match = { service = 'a' }", "match = { service = ['a', 'b'] }\n", False),
        ("match = { service = 'a' }", "match = { name = 'a' }\n", False),
        ("match = { service = 'a?' }", "match = { service = 'a*' }\n", False),
        ("not = { service = ['a', 'b'] }", "not = { service = 'a' }\n", False),
        ("not = { service = 'a' }", "", False),
    ],
)
def test_a_route_after_a_final_one_that_takes_all_of_it_is_unreachable(
    first: str, second: str, *, unreachable: bool
) -> None:
    """A final match that is wider or equal leaves no notification."""
    assert warnings(f"{FIRST}{first}\n{SECOND}{second}") == ([NEVER] if unreachable else [])


def test_a_final_route_with_a_severity_leaves_unknown_events() -> None:
    """Its destinations are used, unless another final route takes all."""
    failures = 'match = { severity = "failure" }\n'
    text = f"{FIRST}{failures}{SECOND.replace('email', 'alerts')}{failures}{ALERTS}"
    final = '"first" is final and matches everything that this route matches'

    assert warnings(text) == [f"6: routes[2]: is reached by unknown events only: {final}"]
    assert warnings(f"{FIRST}{text}") == [
        f"5: routes[2]: is unreachable: {final}",
        f"10: routes[3]: is unreachable: {final}",
        "13: destinations.alerts: is used by no route",
    ]


@pytest.mark.parametrize("text", ["", " \\n"])
@pytest.mark.parametrize("key", ["title", "body"])
def test_an_empty_template_is_told(key: str, text: str) -> None:
    """No message can have it."""
    assert warnings(f'{SECOND}{key} = "{text}"\n') == [f"3: routes[1].{key}: is empty, so that the usual text is sent"]


def test_a_route_that_is_not_final_hides_nothing() -> None:
    """Several routes may match."""
    assert warnings(f"{FIRST}{SECOND}".replace("true", "false")) == []


def test_a_destination_that_nothing_reaches_is_told() -> None:
    """The stack's own may be left out; one that only an unreachable route names is not reached."""
    declared = "".join(
        f'[destinations.{name}]\ntype = "slack"\nwebhook = "x/{name}"\n' for name in ("used", "unused", "hidden")
    )
    routes = '[[routes]]\nto = ["used"]\nfinal = true\n[[routes]]\nto = ["hidden"]\n'

    assert warnings(declared + routes) == [
        "4: destinations.unused: is used by no route",
        "7: destinations.hidden: is used by no route",
        '13: routes[2]: is unreachable: "route 1" is final and matches everything that this route matches',
    ]


def test_a_silence_that_is_over_is_told() -> None:
    """At the very moment that it names."""
    silence = '[[silences]]\nmatch = {}\nuntil = 2026-12-01T08:00:00Z\nreason = "x"\nby = "jo"\n'
    text = f"{SECOND}{silence}{silence.replace('2026', '2027')}"

    assert warnings(text) == ["3: silences[1]: is over and can be deleted"]
    assert warnings(text, datetime(2026, 12, 1, 7, 59, tzinfo=UTC)) == []


@pytest.mark.parametrize(
    ("conditions", "is_vain"),
    [
        ("", False),
        ('match = { severity = ["action", "fail*"] }', False),
        ('not = { severity = "success" }', False),
        ('match = { severity = "recovered" }', True),
        ('not = { severity = ["success", "failure"] }', True),
    ],
)
def test_inhibit_without_failures_is_told(conditions: str, *, is_vain: bool) -> None:
    """It holds back failures alone."""
    text = f'[memory]\ninhibit = true\n[[routes]]\nto = ["slack"]\n{conditions}\n'

    found = ["2: memory.inhibit: holds nothing back, as no route takes failures"]
    assert warnings(text) == (found if is_vain else [])
    assert warnings(text.replace("true", "false")) == []


def test_a_topic_with_two_formats_is_told() -> None:
    """All of its subscribers get what any destination publishes; other topics may have another one."""
    formats = {"people": "", "text": 'format = "text"', "programs": 'format = "json"', "more": 'format = "json"'}
    text = "".join(
        f'[destinations.{name}]\ntype = "sns"\ntopic = "{TOPIC}{name if name == "more" else ""}"\n{chosen}\n'
        for name, chosen in formats.items()
    )

    found = lint.mixed_topics(read_document(text, OWN, None))

    message = "its topic is that of people with the format text, so that subscribers get both"
    assert [*map(str, found)] == [f"destinations.programs.format: {message}"]
