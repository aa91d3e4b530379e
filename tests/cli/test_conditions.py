from argparse import ArgumentTypeError

import pytest

from notifier.routes.document import Match, Matcher
from proton_notifier.arguments import parse_matcher, parse_text
from proton_notifier.silence.command import format_match, merge_matchers


def test_a_condition_is_a_key_and_a_glob() -> None:
    """The glob is all text after the first equals sign."""
    assert parse_matcher("service=check*") == Matcher("service", ("check*",))
    assert parse_matcher("name= a=b ") == Matcher("name", (" a=b ",))


@pytest.mark.parametrize("typed", ["", "service", "service=", "=checkout", "servce=checkout", "Service=checkout"])
def test_what_is_none_is_told(typed: str) -> None:
    """With the keys that there are."""
    with pytest.raises(ArgumentTypeError) as raised:
        parse_matcher(typed)

    assert str(raised.value) == (
        "must be KEY=GLOB, as in service=checkout; KEY is one of severity, source, resource_type, name, service, "
        "environment, status, account, region, operation"
    )


def test_bytes_that_are_no_text_are_refused() -> None:
    """Python hands them over as surrogates, which no TOML can hold."""
    with pytest.raises(ArgumentTypeError, match="is not UTF-8"):
        parse_matcher("name=\udcff")
    with pytest.raises(ArgumentTypeError, match="is not UTF-8"):
        parse_text("\udcff")


def test_globs_of_one_key_come_together() -> None:
    """A document has each key once, and any of its globs will do."""
    matchers = [parse_matcher(typed) for typed in ("service=a", "severity=failure", "service=b")]

    assert merge_matchers(matchers) == (Matcher("service", ("a", "b")), Matcher("severity", ("failure",)))


def test_a_match_is_one_line() -> None:
    """Globs are tidied; a match without matchers is everything."""
    match = Match((Matcher("service", ("a", "b\x1b[2J\nc")), Matcher("status", ("*",))), (Matcher("name", ("x",)),))

    assert format_match(match) == "service a or b [2J c, status *; not name x"
    assert format_match(Match()) == "everything"
