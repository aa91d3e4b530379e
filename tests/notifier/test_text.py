import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.model.sanitize import cut, tidy, title_within

LIMITS = st.integers(min_value=10, max_value=200)


@pytest.mark.parametrize(
    ("text", "tidied"),
    [
        ("checkout", "checkout"),
        (" two\r\nlines\tand \x00 more ", "two lines and more"),
        ("unicode\u2028lines\u2029here\x85too", "unicode lines here too"),
        ("safe\u202egnp.exe", "safe gnp.exe"),
        ("\u200b\u2060\ufeff", ""),
        ("\u3164", ""),
        ("prod\ufffe \uffff\ufdd0\U0001fffe\U0010ffffuction", "prod uction"),
        ("half\ud83d a pair\udc00", "half a pair"),
        ("\ufff9annotated\ufffb \u180f\U0001d173", "annotated"),
        ("\u200d\ufe0f \u200c", ""),
        ("\U0001f468\u200d\U0001f4bb \u2764\ufe0f", "\U0001f468\u200d\U0001f4bb \u2764\ufe0f"),
        ("", ""),
        (None, ""),
        ("Größe 🔥", "Größe 🔥"),
    ],
)
def test_foreign_text_becomes_one_visible_line(text: str | None, tidied: str) -> None:
    """Line breaks, control characters and what is invisible or reorders text are gone."""
    assert tidy(text) == tidied


def test_long_text_is_cut_with_a_mark() -> None:
    """Nobody reads 200 KB, and the mark tells that there was more."""
    assert tidy("x" * 200_000) == "x" * 299 + "…"
    assert cut("one two three", 8) == "one two…"
    assert cut("one two three", 8, "...") == "one t..."
    assert cut("fits", 4) == "fits"


def test_a_title_that_fits_is_whole() -> None:
    """Nothing is cut without need."""
    assert title_within(32, "Service", "checkout", "is active") == "Service checkout is active"


def test_a_title_gives_way_in_the_middle_of_the_name() -> None:
    """Beginning and end of a name tell it from others, and what happened stays."""
    title = title_within(35, "Service", "an-extremely-long-name", "is active")

    assert title == "Service an-extre…ong-name is active"


def test_a_name_is_not_cut_to_nothing() -> None:
    """Without room for the name, a dozen characters of it stay, and the headline is cut."""
    title = title_within(30, "Service instance", "an-extremely-long-name", "could not be deployed")

    assert title == "Service instance an-ext…-name…"


@given(kind=st.text(max_size=40), name=st.text(max_size=300), headline=st.text(max_size=150), limit=LIMITS)
def test_a_title_never_exceeds_its_limit(kind: str, name: str, headline: str, limit: int) -> None:
    """Whatever the parts are."""
    assert len(title_within(limit, kind, name, headline)) <= limit


@given(name=st.text(alphabet="abc-", min_size=1, max_size=201), limit=st.integers(min_value=60, max_value=150))
def test_only_the_name_gives_way_where_that_is_enough(name: str, limit: int) -> None:
    """The kind and the headline are whole as long as a dozen characters are left for the name."""
    title = title_within(limit, "Service instance", name, "could not be deployed")

    assert title.startswith("Service instance ")
    assert title.endswith(" could not be deployed")
