from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.routes.document import matches
from proton_notifier.routes.lint import includes

GLOBS = st.text("ab*?", max_size=8)
TEXTS = st.text("ab", max_size=8)


@pytest.mark.parametrize(
    ("glob", "text", "matched"),
    [
        ("checkout", "checkout", True),
        ("checkout", "Checkout", False),
        ("checkout", "checkout-2", False),
        ("check*", "checkout", True),
        ("*", "", True),
        ("*out", "checkout", True),
        ("c*k*t", "checkout", True),
        ("c*x*t", "checkout", False),
        ("prod-?", "prod-1", True),
        ("prod-?", "prod-", False),
        ("[ab]*", "[ab] is no class", True),
        ("[ab]", "a", False),
        ("[!a]", "b", False),
        ("a.c", "abc", False),
        ("*", "two\nlines", True),
        ("a", "a\n", False),
    ],
)
def test_only_star_and_question_mark_are_special(glob: str, text: str, *, matched: bool) -> None:
    """All else is itself, in its own case, and the whole text counts."""
    assert matches(glob, text) is matched


@given(text=st.text())
def test_a_text_without_wildcards_matches_itself(text: str) -> None:
    """Characters of regular expressions have no meaning."""
    glob = text.replace("*", "-").replace("?", "-")

    assert matches(glob, glob)
    assert matches(f"*{glob}?", f"{text}{glob}!")


@given(wide=GLOBS, narrow=GLOBS, text=TEXTS)
def test_a_glob_that_includes_another_matches_all_that_it_matches(wide: str, narrow: str, text: str) -> None:
    """A route is called unreachable only if it is."""
    if includes(wide, narrow) and matches(narrow, text):
        assert matches(wide, text)


@pytest.mark.parametrize("glob", ["*a" * 4_000, "*" * 8_000 + "b", "*?" * 4_000, "a*" * 4_000 + "b"])
def test_no_glob_takes_long(glob: str) -> None:
    """A pattern that would make a backtracking matcher run for years is answered at once."""
    text = "a" * 300
    begun = perf_counter()

    matches(glob, text)

    assert perf_counter() - begun < 5
