import json
import tomllib
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.routes.document import Match, Matcher, Silence
from notifier.routes.errors import DocumentError
from notifier.routes.loader import SIZE_LIMIT
from proton_notifier.silence.command import add_silence, expire_silence
from tests.documents import KEYS, MOMENTS, documents, toml

UNTIL = datetime(2026, 12, 1, 8, tzinfo=UTC)
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SILENCE = Silence(Match((Matcher("service", ("checkout",)),)), UNTIL, "moving", "jo")
BLOCK = """[[silences]]
match = { service = "checkout" }
until = 2026-12-01T08:00:00Z
reason = "moving"
by = "jo"
"""
_texts = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("{}\"'\\\n\r\x7f"), max_size=20)
_arrays = st.sampled_from(["", "silences"])
_conditions = st.dictionaries(st.sampled_from(KEYS), st.lists(_texts, min_size=1, max_size=3), max_size=3)


def match(every: dict[str, list[str]], none: dict[str, list[str]]) -> Match:
    """Make a match of globs by key."""
    return Match(*(tuple(Matcher(key, tuple(globs)) for key, globs in side.items()) for side in (every, none)))


def globs(table: dict[str, Any]) -> dict[str, list[str]]:
    """Read globs by key."""
    return {key: [value] if isinstance(value, str) else value for key, value in table.items()}


@given(documents(), _arrays, _conditions, _conditions, MOMENTS, _texts, _texts)
def test_what_is_added_is_read_as_given(
    content: dict[str, Any],
    array: str,
    every: dict[str, list[str]],
    none: dict[str, list[str]],
    until: datetime,
    reason: str,
    by: str,
) -> None:
    """No input breaks the TOML, and the text before and after it does not change."""
    # Without a silence, `toml` writes no header.
    text = toml(content if content["silences"] or array else without(content, "silences"), array)
    before, after = (text.partition("\n")[0].removesuffix("]"), text.partition("\n")[2]) if array else (text, "")

    longer = add_silence(text, Silence(match(every, none), until, reason, by))

    *others, last = tomllib.loads(longer)["silences"]
    assert longer.startswith(before)
    assert longer.endswith(after)
    assert "{{" not in longer.removeprefix(before).removesuffix(after)
    assert (globs(last["match"]), globs(last.get("not", {}))) == (every, none)
    assert (last["until"], last["reason"], last["by"]) == (until, reason, by)
    assert {**without(tomllib.loads(longer), "silences"), "silences": others} == {
        **tomllib.loads(text),
        "silences": content["silences"],
    }


def without(table: dict[str, Any], key: str) -> dict[str, Any]:
    """Leave out *key*."""
    return {name: value for name, value in table.items() if name != key}


@pytest.mark.parametrize(
    ("text", "between"),
    [("", ""), ("# mine", "\n\n"), ("[accounts]\n", "\n"), ("[[routes]]\r\nto = ['slack'] # all", "\n\n")],
)
def test_a_silence_is_a_table_of_its_own(text: str, between: str) -> None:
    """As a person would write it, at the end."""
    assert add_silence(text, SILENCE) == text + between + BLOCK


INLINE = '{ match = { service = "checkout" }, until = 2026-12-01T08:00:00Z, reason = "moving", by = "jo" }'


@pytest.mark.parametrize(
    ("array", "longer"),
    [
        ("[]", f"[{INLINE}]"),
        ("[\n]", f"[\n    {INLINE}\n]"),
        ("[ {a = 1} ] # all", f"[ {{a = 1}}, {INLINE} ] # all"),
        ("[\n  {a = 1}, # one\n  {b = 2} # two\n]", f"[\n  {{a = 1}}, # one\n  {{b = 2}}, # two\n  {INLINE}\n]"),
        ("[\r\n\t{a=1},\r\n]", f"[\r\n\t{{a=1}},\r\n\t{INLINE},\r\n]"),
    ],
)
def test_an_array_gets_one_more_inline_table(array: str, longer: str) -> None:
    """It is laid out like those before it; their layout and comments stay, and so does all around the array."""
    text = "# ours\n'silences'  =  {}\n\n[[routes]]\na = 1 # one\n[destinations.b]\n[[routes]]"

    assert add_silence(text.format(array), SILENCE) == text.format(longer)


def test_a_text_that_is_no_toml_is_not_touched() -> None:
    """Its problems come first."""
    with pytest.raises(DocumentError, match="not TOML"):
        add_silence("[[routes", SILENCE)


@given(documents(), _arrays, st.data())
def test_a_silence_that_is_ended_is_the_only_change(content: dict[str, Any], array: str, data: st.DataObject) -> None:
    """All other lines stay, and what they say."""
    silence = {"match": {}, "until": UNTIL, "reason": "until = 2026-12-01T08:00:00Z", "by": "jo"}
    content["silences"].append(silence)
    position = data.draw(st.sampled_from(range(len(content["silences"]))))
    text = toml(content, array)

    shorter = expire_silence(text, position, NOW)

    content["silences"][position]["until"] = NOW
    changed = [pair for pair in zip(text.split("\n"), shorter.split("\n"), strict=True) if pair[0] != pair[1]]
    assert tomllib.loads(shorter) == tomllib.loads(toml(content, array))
    assert len(changed) <= 1
    assert all(line.startswith('"silences" = ' if array else '"until" = ') for pair in changed for line in pair)


@pytest.mark.parametrize(
    ("line", "rewritten"),
    [
        ("until = 2026-12-01T08:00:00+01:00", "until = 2026-11-24T12:00:00Z"),
        ("\tuntil=2026-12-01 08:00:00.5z  # five to twelve", "\tuntil=2026-11-24T12:00:00Z  # five to twelve"),
        ("until = 2026-12-01T08:00:00Z\r", "until = 2026-11-24T12:00:00Z\r"),
        ("'until' = 2026-12-01T08:00:00Z", "'until' = 2026-11-24T12:00:00Z"),
    ],
)
def test_the_rest_of_the_line_stays(line: str, rewritten: str) -> None:
    """Its spaces, its comment, its end."""
    text = f"""reason = '''
[[silences]]
until = 2026-12-01T08:00:00Z'''
# [[silences]]
[[silences]]
match = {{}}
{line}
reason = "a"
"""

    assert expire_silence(text, 0, NOW) == text.replace(line + "\n", rewritten + "\n")


@pytest.mark.parametrize(
    "text",
    [
        "a = 1\nsilences = [\n{ until = 2026-12-01T08:00:00Z }, # one\n{}\n]",
        'silences = [{ reason = "until = 2999-12-01T08:00:00Z", until = 2026-12-01T08:00:00Z }]',
        '[[silences]]\n"unti\\u006c" = 2026-12-01T08:00:00Z',
        'silences = [{ by = """\nuntil = 1""", until = 2026-12-01T08:00:00Z }]',
        "[[silences]]\nuntil = 2026-12-01T08:00:00Z\nmatch.a = 'b' # a\n[[routes]]\n[[silences]]\nuntil = 2999-12-01",
        "[[routes]]\n[a]\n[[routes]]\n[[silences]]\nuntil = 2026-12-01T08:00:00Z\n[silences.not]\n[[routes]]",
    ],
    ids=["array", "array in a line", "escaped key", "text of lines", "between tables", "after tables"],
)
def test_a_time_is_found_in_any_layout(text: str) -> None:
    """All else stays to the letter, also the order of tables."""
    assert expire_silence(text, 0, NOW) == text.replace("2026-12-01T08:00:00Z", "2026-11-24T12:00:00Z")


def test_a_document_that_has_no_room_left_can_be_ended_in() -> None:
    """The new time is no longer than the old one."""
    text = add_silence("# " + json.dumps("x" * (SIZE_LIMIT - len(BLOCK) - 6)), SILENCE)

    assert len(text) == SIZE_LIMIT
    assert len(expire_silence(text, 0, NOW)) == SIZE_LIMIT
