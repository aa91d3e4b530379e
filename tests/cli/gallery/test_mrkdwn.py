import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.channels.slack.message import escaped
from proton_notifier.gallery.mrkdwn import html, link, linked, plain
from tests.cli.gallery.reading import read

ID = "U0123456789"


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("*What to do:* look", "<strong>What to do:</strong> look"),
        ("`A` → `B`", "<code>A</code> → <code>B</code>"),
        ("_so_ and ~not so~", "<em>so</em> and <s>not so</s>"),
        ("*a `b` c*", "<strong>a <code>b</code> c</strong>"),
        ("2 * 3 * 4, a_b_c, *", "2 * 3 * 4, a_b_c, *"),
        ("&lt;b&gt; &amp;amp; &quot;", "&lt;b&gt; &amp;amp; &amp;quot;"),
        ("<!here> <!channel>", '<span class="mention">@here</span> <span class="mention">@channel</span>'),
        (f"<@{ID}> <!subteam^S01>", f'<span class="mention">@{ID}</span> <span class="mention">@S01</span>'),
        (
            "<https://a.example/?b=1&amp;c=2|Open &lt;it&gt;>",
            (
                '<a class="link" href="https://a.example/?b=1&amp;c=2" rel="noopener noreferrer" target="_blank">'
                "Open &lt;it&gt;</a>"
            ),
        ),
        (
            "<http://a.example|Open> <javascript:alert(1)|x>",
            "&lt;http://a.example|Open&gt; &lt;javascript:alert(1)|x&gt;",
        ),
        (
            "<!date^1772506720^{date_short_pretty} {time_secs}|2026-03-03 02:58:40 UTC>",
            "2026-03-03 02:58:40 UTC",
        ),
    ],
    ids=["bold", "code", "italic-struck", "nested", "no-markup", "entities", "all", "some", "link", "no-link", "date"],
)
def test_markup_is_drawn_as_slack_draws_it(text: str, drawn: str) -> None:
    """Only marks around words, and text between angle brackets, are markup."""
    assert html(text) == drawn


@given(st.text(alphabet="<>&!|@#`*_~\"'/ abhttps:^\n", max_size=100))
def test_escaped_text_makes_no_link_no_mention_and_no_date(text: str) -> None:
    """Whatever a name holds, of what our renderers escape only emphasis and code are left."""
    found = read(html(escaped(text, 3_000)))

    assert {name for name, _ in found.elements} <= {"code", "em", "s", "strong"}


@given(st.text(alphabet="<>&!|@#`*_~\"'/ abhttps:^\n", max_size=100))
def test_no_text_makes_anything_but_what_slack_knows(text: str) -> None:
    """Even unescaped text brings no element of its own, and no address but https."""
    found = read(html(text))

    assert {name for name, _ in found.elements} <= {"a", "code", "em", "s", "span", "strong"}
    assert all(address.startswith("https://") for address in found.addresses)


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "http://a.example", "data:text/html,x", " https://a.example"]
)
def test_only_https_is_a_link(address: str) -> None:
    """Of anything else only the label is shown."""
    assert link(address, "<Open>") == "&lt;Open&gt;"


def test_entities_are_read_once() -> None:
    """The character of an entity does not begin another entity."""
    assert plain("&amp;lt;") == "&lt;"


def test_the_addresses_of_an_email_are_links() -> None:
    """A stop behind one is no part of it, and what looks like an element is text."""
    found = read(linked("Open <b>: https://a.example/?b=1&c=2.\nOr http://a.example"))

    assert found.addresses == ["https://a.example/?b=1&c=2"]
    assert found.text == "Open <b>: https://a.example/?b=1&c=2.\nOr http://a.example"
