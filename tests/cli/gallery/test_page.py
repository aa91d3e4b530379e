import json
import re
from base64 import b64encode
from functools import cache
from hashlib import sha256
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.channels import CHANNEL_TYPES
from proton_notifier.gallery.exhibits import Exhibit, Message
from proton_notifier.gallery.page import page
from proton_notifier.preview.command import payload
from tests.cli.gallery.reading import Found, exhibits, read
from tests.samples import NAMES, environment_event, event, notification

HOSTILE = st.text(max_size=40) | st.sampled_from(
    [
        "</pre><script>alert(1)</script>",
        "</script><img src=x onerror=alert(1)>",
        '" onmouseover="alert(1)',
        "'><svg/onload=alert(1)>",
        "{{ 7*7 }}{% raw %}",
        "--><!--",
        "\ud800",
        "javascript:alert(1)",
    ]
)


def exhibit(name: str, raw: dict[str, object]) -> Exhibit:
    """Put an event beside what it becomes on each type of channel."""
    told = notification(raw)
    return Exhibit(name, raw, (told,), tuple(Message(channel, payload(channel, told)) for channel in CHANNEL_TYPES))


def unreadable(name: str, problem: str) -> Exhibit:
    """Say that a file is no event."""
    return Exhibit(name, None, errors=(problem,))


@cache
def tame_exhibits() -> tuple[Exhibit, ...]:
    """Make what has every kind of element that the page itself makes."""
    return (exhibit("tame.json", event("environment-deployment-failed")), unreadable("other.json", "not JSON"))


@pytest.fixture(scope="module")
def gallery() -> str:
    """Write the page of all sample events."""
    return page(tuple(exhibit(f"events/{name}.json", event(name)) for name in NAMES), "What `notifier` says.")


@pytest.fixture(scope="module")
def found(gallery: str) -> Found:
    """Take that page apart, without its exhibits."""
    return read(gallery)


@pytest.fixture(scope="module")
def drawn(gallery: str) -> dict[str, Found]:
    """Take the exhibits of that page apart."""
    return exhibits(gallery)


def rows(found: Found) -> list[list[list[object]]]:
    """Read what the rows of the index are filtered by."""
    return [json.loads(attributes["data-events"]) for name, attributes in found.elements if name == "li"]


def test_every_event_has_its_place(found: Found, drawn: dict[str, Found]) -> None:
    """Each can be linked to, and says what to filter it by."""
    links = [attributes["href"] for name, attributes in found.elements if "data-event" in attributes and name == "a"]

    assert sorted(links) == [f"#event={name}" for name in NAMES]
    assert sorted(drawn) == NAMES
    assert rows(found)[links.index("#event=service-recovered")] == [
        ["recovered", "aws.proton", "Service", event("service-recovered")["id"]]
    ]


def test_every_event_is_seen_in_every_way(drawn: dict[str, Found]) -> None:
    """As a Slack message, an email, a Teams card, and JSON; what two types send alike, once."""
    for exhibit in drawn.values():
        classes = [attributes.get("class") for _, attributes in exhibit.elements]
        panels = [attributes["data-view"] for _, attributes in exhibit.elements if attributes.get("class") == "panel"]

        assert panels == ["slack", "email", "teams", "json"]
        assert [classes.count(drawing) for drawing in ("slack", "email", "teams")] == [1, 1, 1]
        assert "Nothing was sent here." not in exhibit.text


def test_only_the_index_is_laid_out_at_first(gallery: str) -> None:
    """The exhibits are one block of JSON at the end, after the script: most of the page is not parsed as HTML."""
    index, _, block = gallery.partition('<script type="application/json" id="exhibits">')

    assert len(index) < 800 * len(NAMES) + 25_000
    assert "<" not in block.removesuffix("</script>\n</body>\n</html>\n").removesuffix("</script>\n</body>\n</html>")
    assert index.rstrip().endswith("</script>")


def test_failures_come_first(found: Found) -> None:
    """A reader begins with what failed, and each severity can be chosen."""
    severities = [row[0][0] for row in rows(found)]
    options = [attributes["value"] for name, attributes in found.elements if name == "option" and attributes["value"]]

    assert list(dict.fromkeys(severities)) == ["failure", "action", "recovered", "success", "progress", "info"]
    assert {*severities} < {*options}


def test_the_page_needs_nothing_and_allows_nothing(gallery: str, found: Found) -> None:
    """Its policy names the hashes of its one style and its one script, and it asks for no other file."""
    policy = next(attributes["content"] for _, attributes in found.elements if "http-equiv" in attributes)
    (style,) = re.findall(r"<style>(.*?)</style>", gallery, re.DOTALL)
    script = re.findall(r"<script>(.*?)</script>", gallery, re.DOTALL)[0]
    hashes = [b64encode(sha256(text.encode()).digest()).decode() for text in (style, script)]

    assert policy == (
        f"default-src 'none'; img-src data:; style-src 'sha256-{hashes[0]}'; script-src 'sha256-{hashes[1]}'; "
        "base-uri 'none'; form-action 'none'"
    )
    assert not any("src" in attributes or "style" in attributes for _, attributes in found.elements)
    assert not any(name.startswith("on") for _, attributes in found.elements for name in attributes)
    assert gallery.isascii()


def test_links_lead_to_https_and_tell_nobody(drawn: dict[str, Found]) -> None:
    """Or to a place in the page."""
    links = [attributes for each in drawn.values() for name, attributes in each.elements if name == "a"]
    outwards = [attributes for attributes in links if not attributes["href"].startswith("#")]

    assert outwards
    assert all(attributes["href"].startswith("https://") for attributes in outwards)
    assert all(attributes["rel"] == "noopener noreferrer" for attributes in outwards)


def test_headings_are_in_order_and_ids_occur_once(found: Found, drawn: dict[str, Found]) -> None:
    """One first heading; a second for the event; thirds below."""
    for exhibit in drawn.values():
        elements = found.elements + exhibit.elements
        levels = [int(name[1]) for name, _ in elements if re.fullmatch("h[1-6]", name)]
        ids = [attributes["id"] for _, attributes in elements if "id" in attributes]

        assert levels[:2] == [1, 2]
        assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
        assert len(ids) == len(set(ids))
        assert {attributes["aria-labelledby"] for _, attributes in elements if "aria-labelledby" in attributes} <= {
            *ids
        }


@given(name=HOSTILE, status=HOSTILE, file=HOSTILE, problem=HOSTILE)
def test_foreign_text_stays_text(name: str, status: str, file: str, problem: str) -> None:
    """Whatever a name holds, it brings no element and no attribute but what Slack makes of its own marks."""
    failed = exhibit(file, environment_event(name=name, status=status or "FAILED"))

    brought, tame = (
        [*read(written).elements, *(element for each in exhibits(written).values() for element in each.elements)]
        for written in (page((failed, unreadable(file, problem)), ""), page(tame_exhibits(), ""))
    )

    assert {element for element, _ in brought} <= {element for element, _ in tame} | {"code", "em", "s", "strong"}
    assert {key for _, each in brought for key in each} <= {key for _, each in tame for key in each}
    assert sum(element in {"li", "script"} for element, _ in brought) == 4


def test_files_of_one_name_have_places_of_their_own() -> None:
    """The second is counted; what has no letters is an event."""
    written = page(tuple(Exhibit(name, None, errors=("x",)) for name in ("a/b c.json", "d/B_C.json", "/ü.json")), "")

    assert [*exhibits(written)] == ["b-c", "b-c--2", "event"]


def test_a_file_that_cannot_be_read_says_why() -> None:
    """It stands under errors, and what is missing is not drawn."""
    found = exhibits(page((Exhibit("broken.json", None, errors=("not JSON: <oh>",)),), ""))["broken"]

    assert "broken.json" in found.text
    assert "not JSON: <oh>" in found.text
    assert not [attributes for _, attributes in found.elements if attributes.get("class") == "panel"]


def test_what_did_not_arrive_somewhere_is_said() -> None:
    """An event of which only an email came shows that there is no message to Slack."""
    told = notification(event("service-created"))
    slack, email = (Message(channel, payload(channel, told)) for channel in ("slack", "sns"))

    found = exhibits(
        page((Exhibit("a.json", {}, (told,), (slack, email)), Exhibit("b.json", {}, (told,), (email,))), "")
    )

    assert [found[name].words.count("Nothing was sent here. See Email.") for name in "ab"] == [0, 1]


def test_a_batch_shows_its_events() -> None:
    """Each can be unfolded, and none is JSON within JSON."""
    told = notification(event("service-created")), notification(event("service-update-failed"))
    batch = [event(name) for name in ("service-created", "service-update-failed")]

    found = exhibits(page((Exhibit("a.json", batch, told),), ""))["a"]

    assert sum(name == "summary" for name, _ in found.elements) == 2
    assert '\\"' not in found.text
    assert '"detail-type": "AWS Proton Service Status Change"' in found.text
