import re
import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.model.notification import Attribute
from notifier.routes.templates import (
    BODY_LIMIT,
    SOURCE_LIMIT,
    TITLE_LIMIT,
    RouteTemplateError,
    render_body,
    render_title,
    template_error,
    template_links,
)
from tests.samples import STUCK, STUCK_COMMAND, event, notification

FAILED = notification(event("service-instance-deployment-failed"))
SPARSE = notification(event("service-without-detail"))


def test_a_title_writes_values() -> None:
    """A title is one line."""
    source = "${ severity|upper } in ${ place }:\n${ name } ${ headline } (${ status })"

    assert (
        render_title(source, FAILED) == "FAILURE in production, eu-west-1: checkout/prod could not be deployed (FAILED)"
    )


def test_a_reason_and_a_command_are_values() -> None:
    """A route can say them in its own words."""
    told = notification(STUCK)

    assert render_title("${ headline }: ${ reason|truncate(20) }", told) == (
        "could not be updated, and the rollback failed: Database..."
    )
    assert render_body("${ reason }\n${ command }", told) == f"{told.reason}\n{STUCK_COMMAND}"


def test_a_body_chooses_and_goes_through_the_facts() -> None:
    """Lines stay lines."""
    source = (
        "{% if service == 'checkout' %}Ring the shop.{% else %}Wait.{% endif %}\n\n"
        "{% for fact in facts %}\n${ loop.index }. ${ fact.label }: ${ fact.value }\n{% endfor %}"
    )

    assert render_body(source, FAILED) == (
        "Ring the shop.\n1. Account: production (123456789012)\n2. Region: eu-west-1"
    )


def test_links_and_times_are_there_too() -> None:
    """A template can write the notifier's own links."""
    written = render_body("${ time } {% for link in links %}${ link.url }{% endfor %}", FAILED)

    assert written.startswith("2026-03-03 02:58:40 UTC https://eu-west-1.console.aws.amazon.com/proton/home")


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("See https://wiki.example.com/a?b=c#d.", ["https://wiki.example.com/a?b=c#d"]),
        ("https://a.example ${ name } (https://b.example)", ["https://a.example", "https://b.example"]),
        (
            "{% if severity == 'failure' %}https://a.example{% else %}https://b.example{% endif %}",
            ["https://a.example"],
        ),
        ("https://a.example/${ name }", []),
        ("https://[your-wiki]/a https://b.example]", ["https://b.example"]),
        ("${ name } http://a.example", []),
        ("https://a.example and https://a.example", ["https://a.example"]),
        (
            "https://0.x https://1.x https://2.x https://3.x https://4.x https://5.x",
            [f"https://{n}.x" for n in range(5)],
        ),
    ],
)
def test_addresses_of_the_template_become_links(source: str, found: list[str]) -> None:
    """Not those that an event brings, or completes; and only where they came out."""
    hostile = replace(FAILED, attributes=(Attribute("name", "https://evil.example "), *FAILED.attributes[:1]))

    made = template_links(source, render_body(source, hostile))

    assert [link.url for link in made] == found
    assert [link.label for link in made] == [f"Open {url.split('/')[2]}" for url in found]


def test_what_an_event_does_not_say_is_empty() -> None:
    """A template need not ask whether there is a value."""
    assert render_title("<${ service }${ status }> ${ name|default('nameless', true) }", SPARSE) == "<> nameless"


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("${ titel }", "line 1: titel is not known here; known are account, command, environment, headline, "),
        (
            "{% for time in links %}${ x }{% endfor %}",
            "line 1: a loop goes through facts or links, outside other loops, with",
        ),
        ("a\n${ name", "line 2: unexpected end of template, expected 'end of print statement'."),
        ("{% set a = name %}", "line 1: Assign is not allowed in a text"),
        ("${ name.__class__ }", "line 1: .__class__ is not known here; facts have .label and .value, links .label"),
        ("${ name[0] }", "line 1: Getitem is not allowed in a text"),
        ("${ name * 1000000 }", "line 1: Mul is not allowed in a text"),
        ("${ range(10) }", "line 1: Call is not allowed in a text"),
        ("${ name|replace('a', 'b') }", "line 1: the filter replace is not allowed like this; allowed are capitalize"),
        ("${ name|truncate(length=3) }", "line 1: the filter truncate is not allowed like this"),
        ("${ name|default(title) }", "line 1: the filter default is not allowed like this"),
        ("{{ name }}", "write values in ${ }, because Parameter Store rejects {{"),
        ("${ facts }", "line 1: facts is not known here"),
        ("{% for a in title %}x{% endfor %}", "line 1: a loop goes through facts or links, outside other loops"),
        ("{% for name in facts %}x{% endfor %}", "line 1: a loop goes through facts or links, outside other loops"),
        (
            "{% for a in facts %}{% for b in facts %}x{% endfor %}{% endfor %}",
            "line 1: a loop goes through facts or links, outside other loops",
        ),
        ("{% for a in links %}${ a.value }{% endfor %}", "line 1: .value is not known here"),
        ("{% include 'x' %}", "line 1: Include is not allowed in a text"),
        ("{% macro x() %}{% endmacro %}", "line 1: Macro is not allowed in a text"),
        ("{% nonsense %}", "line 1: Encountered unknown tag 'nonsense'."),
        ("x" * (SOURCE_LIMIT + 1), "it has 4001 characters, and at most 4000 are allowed"),
        ("${ " + "(" * 1_500 + "name" + ")" * 1_500 + " }", "it is nested too deeply"),
        ("{% if name %}" * 150 + "{% endif %}" * 150, "it is nested too deeply"),
    ],
    ids=lambda value: value[:30],
)
def test_what_could_do_harm_is_refused_before_it_is_live(source: str, problem: str) -> None:
    """The error names the line and the allowed names."""
    assert str(template_error(source)).startswith(problem)


@pytest.mark.parametrize(
    "source",
    [
        "${ name|truncate('x') }",
        "${ name|truncate(1e400) }",
        "{% if name < 3 %}x{% endif %}",
        "${ service }",
        " \u200b",
    ],
)
def test_a_template_that_fails_says_so(source: str) -> None:
    """The caller then sends our own text."""
    with pytest.raises(RouteTemplateError):
        render_title(source, SPARSE)
    with pytest.raises(RouteTemplateError):
        render_body(source, SPARSE)


def test_halves_of_characters_are_replaced() -> None:
    """JSON could not carry them."""
    assert render_title('${ "\\ud83d" } x', FAILED) == "? x"


def test_a_text_ends_in_time_and_in_size() -> None:
    """The largest template on the largest values there can be."""
    hostile = replace(FAILED, facts=tuple(replace(FAILED.facts[0], value="x" * 300) for _ in range(20)))
    source = "{% for a in facts %}" + "${ a.value }" * 300 + "{% endfor %}"
    assert len(source) < SOURCE_LIMIT
    assert template_error(source) is None
    began = time.perf_counter()

    texts = [render_title(source, hostile), render_body(source, hostile)]

    assert [len(text) for text in texts] == [TITLE_LIMIT, BODY_LIMIT]
    assert time.perf_counter() - began < 1


FRAGMENTS = """
${ name }|${ title|upper }|${ facts }|${ a.label }|${ a.url }|${ loop.last }|${ (name, 3)|trim }|${ 3|title }
${ name ~ 'x' ~ 3 }|${ name < 3 }|${ 3|truncate('a') }|${ 9|truncate(-1) }|${ name|truncate(1.5) }|${ 3|length }
{% for a in facts %}|{% for a in links %}|{% endfor %}|{% if name %}|{% elif 1 %}|{% else %}|{% endif %}|${ 1 if name }
${ not name }|${ [name]|default(3) }|${ name in 3 }|{#|#}|${|}|{%|%}|{{
"""
PIECES = re.findall(r"\${ .+? }|{% .+? %}|[^|\s]+", FRAGMENTS)


@given(source=st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=12).map("".join))
def test_nothing_but_a_text_or_its_error_comes_out(source: str) -> None:
    """No template raises another error."""
    for composed in (FAILED, SPARSE):
        for write, limit in ((render_title, TITLE_LIMIT), (render_body, BODY_LIMIT)):
            try:
                text = write(source, composed)
            except RouteTemplateError:
                continue
            assert 0 < len(text) <= limit
