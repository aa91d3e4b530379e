import pytest

from notifier.routes.errors import Path, format_path, one_of, suggestion, unknown_key


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ((), ""),
        (("routes", 1, "match", "severty"), "routes[2].match.severty"),
        (("accounts", "123456789012"), "accounts.123456789012"),
        (("accounts", "a.b"), 'accounts."a.b"'),
        (("\x1b[31m\n" + "x" * 100,), '"[31m ' + "x" * 34 + '…"'),
    ],
)
def test_a_place_is_one_short_visible_line(path: Path, written: str) -> None:
    """A key can be any text."""
    assert format_path(path) == written


def test_what_is_close_is_suggested() -> None:
    """And nothing where nothing is."""
    assert unknown_key("faile", ["failed", "sent"]) == (
        'is not known here; a key must be one of failed, sent; did you mean "failed"?'
    )
    assert unknown_key("x", ["failed", "sent"]) == "is not known here; a key must be one of failed, sent"
    assert suggestion(["failed"], 5) == ""


def test_another_case_is_suggested() -> None:
    """And of several only the first."""
    assert suggestion(["sent", "failed", "FAILED"], "FAILED") == '; did you mean "failed"?'


def test_of_many_choices_some_are_listed() -> None:
    """A message stays readable, and the suggestion is made from all of them."""
    names = [f"team-{number}" for number in range(100)]

    assert one_of(names, "team_99") == f'one of {", ".join(names[:20])}, ...; did you mean "team-99"?'
