"""The page as a reader has it, in Chromium."""

import json
from collections.abc import Iterator
from contextlib import redirect_stdout
from importlib.metadata import distribution
from pathlib import Path
from typing import Final

import pytest

from proton_notifier.main import main
from tests.browser.chromium import Chromium, chromium
from tests.browser.history import ROUTES, history
from tests.samples import EVENTS, NAMES, event, notification

FAILURES: Final = [name for name in NAMES if notification(event(name)).severity == "failure"]
SERVICES: Final = [name for name in NAMES if notification(event(name)).resource_type == "Service"]
HOSTILE: Final = "</pre><script>document.title = 'taken'</script><img src=https://a.example/x onerror=alert(1)>"
SHOWN: Final = "[...document.querySelectorAll('.index li:not([hidden]) a')].map(each => each.dataset.event).sort()"
PANE: Final = "document.querySelector('.pane {}')?.textContent"
CHOOSE: Final = (
    "(() => {{ const field = document.querySelector('[name={}]'); field.value = '{}';"
    "for (const kind of ['input', 'change']) field.dispatchEvent(new Event(kind, {{ bubbles: true }})); }})()"
)
SLIDE: Final = (
    "(() => { const slider = document.querySelector('[type=range]'); slider.value = $;"
    "slider.dispatchEvent(new Event('input', { bubbles: true })); })()"
)
WIDTHS: Final = (360, 768, 1440, 1920)

pytestmark = pytest.mark.browser


def number(names: list[str]) -> int:
    """Count the events of files, of which two may have one id."""
    return len({notification(event(name)).event_id for name in names})


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    """Run Chromium; that it is missing is a failure, so that nobody takes it for a success."""
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def axe() -> str:
    """Read the script of axe-core; the package's own code needs Playwright, and is not imported."""
    script = distribution("axe-playwright-python").locate_file("axe_playwright_python/axe.min.js")
    return Path(str(script)).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Write the page of each sample event, of an event with a hostile name and of a file that is no event."""
    folder = tmp_path_factory.mktemp("gallery")
    hostile, broken, page = (folder / name for name in ("hostile.json", "broken.json", "page.html"))
    hostile.write_text(
        json.dumps({**event("component-deployed"), "id": "hostile", "detail": {"name": HOSTILE, "status": HOSTILE}})
    )
    broken.write_text(HOSTILE)
    samples = [str(EVENTS / f"{name}.json") for name in NAMES]
    main(["preview", "--output", "html", "--out", str(page), *samples, str(hostile), str(broken)])
    return page.as_uri()


@pytest.fixture(scope="module")
def stories(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Write the page of a replay: updates that fail until one succeeds, and a storm."""
    folder = tmp_path_factory.mktemp("stories")
    events, routes, page = (folder / name for name in ("events.jsonl", "routes.toml", "page.html"))
    events.write_text(history())
    routes.write_text(ROUTES)
    with page.open("w") as output, redirect_stdout(output):
        main(["replay", str(events), "--routes", str(routes), "--output", "html"])
    return page.as_uri()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    "address",
    [
        "gallery#",
        *(
            f"gallery#event=service-instance-deployment-failed&view={view}"
            for view in ("slack", "email", "teams", "json")
        ),
        "stories#event=events-jsonl-1-and-6-more",
        "stories#event=events-jsonl-1-and-6-more&view=email",
    ],
)
def test_nothing_overflows_or_is_inaccessible(
    browser: Chromium, axe: str, gallery: str, stories: str, width: int, address: str, scheme: str
) -> None:
    """At each width: nothing scrolls sideways, is cut off, or complains, and axe finds no violation."""
    page, _, choices = address.partition("#")
    browser.open(f"{ {'gallery': gallery, 'stories': stories}[page] }#{choices}", width=width, scheme=scheme)
    browser.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")

    assert browser.evaluate("document.documentElement.scrollWidth") == width
    assert browser.evaluate(
        "[...document.querySelectorAll('body *')].filter(each => each.checkVisibility() && each.clientWidth > 1"
        " && getComputedStyle(each).display !== 'inline' && !each.closest('svg, select')"
        " && each.scrollWidth > each.clientWidth + 1).map(each => each.className)"
    ) == []  # fmt: skip
    browser.evaluate(f"{axe}; 0")
    assert (
        browser.evaluate("axe.run().then(found => found.violations.map(each => [each.id, each.nodes[0].html]))") == []
    )
    assert browser.complaints() == []


def test_the_page_asks_the_network_for_nothing(browser: Chromium, gallery: str) -> None:
    """Only itself, and the icon that it holds."""
    browser.open(gallery, width=1440)

    assert [url for url in browser.requests() if not url.startswith("data:")] == [gallery]


def test_a_hostile_name_stays_text(browser: Chromium, gallery: str) -> None:
    """It is seen to the letter in the event and its messages, and does nothing."""
    browser.open(f"{gallery}#event=hostile", width=1440)

    assert browser.evaluate("document.title").startswith("What your team receives")
    assert browser.evaluate("document.querySelectorAll('img, script').length") == 2
    assert HOSTILE in browser.evaluate(PANE.format("h2"))
    assert HOSTILE in browser.evaluate(PANE.format(".slack"))
    assert json.dumps(HOSTILE) in browser.evaluate(PANE.format(".event"))
    assert browser.complaints() == []


def test_only_one_exhibit_is_laid_out(browser: Chromium, gallery: str) -> None:
    """The first one in a wide window; none on a phone until an event is chosen."""
    drawn = "document.querySelectorAll('.pane h2').length"
    browser.open(gallery, width=1440)
    assert browser.evaluate(drawn) == 1
    browser.open(gallery, width=360)
    assert browser.evaluate(drawn) == 0


def test_filters_work_together_and_the_address_keeps_them(browser: Chromium, gallery: str) -> None:
    """The index and the numbers of the other filters are of the events that match, and an address brings all back."""
    browser.open(gallery, width=1440)
    option = "document.querySelector('option[value=\"{}\"]').textContent"

    browser.evaluate(CHOOSE.format("severity", "failure"))

    assert browser.evaluate(SHOWN) == FAILURES
    assert browser.evaluate("document.querySelector('.shown').textContent") == (
        f"{number(FAILURES)} of {number(NAMES) + 2} events"
    )
    both = sorted({*FAILURES} & {*SERVICES})
    assert browser.evaluate(option.format("Service")) == f"Service ({number(both)})"
    browser.evaluate(CHOOSE.format("resource", "Service"))
    assert browser.evaluate(SHOWN) == both
    assert browser.evaluate("location.hash") == "#severity=failure&resource=Service"
    assert browser.evaluate(option.format("aws.ecs")) == "aws.ecs (0)"
    browser.open(f"{gallery}#severity=failure&source=aws.ecs", width=360)
    assert browser.evaluate(SHOWN) == [name for name in FAILURES if event(name)["source"] == "aws.ecs"]


def test_a_search_finds_all_of_its_words(browser: Chromium, gallery: str) -> None:
    """In any order and case, in titles, sources and resources; where nothing is left, that is said."""
    browser.open(gallery, width=1440)

    browser.evaluate(CHOOSE.format("search", "DEPLOYED aws.proton component"))

    assert "component-deployed" in browser.evaluate(SHOWN)
    assert not {*browser.evaluate(SHOWN)} & {*SERVICES}
    browser.evaluate(CHOOSE.format("search", "nothing-like-this"))
    assert browser.evaluate(SHOWN) == []
    assert browser.evaluate("document.querySelector('.index .nothing').checkVisibility()")


def test_counts_are_of_events(browser: Chromium, stories: str) -> None:
    """A story of several events counts as so many, and an event that several rows show as one."""
    browser.open(stories, width=1440)

    assert browser.evaluate("document.querySelector('.shown').textContent") == "21 of 21 events"
    assert browser.evaluate("document.querySelectorAll('.index li').length") == 3


@pytest.mark.parametrize("address", ["", "#theme=loud&event=none&view=all", "#service-created"])
def test_an_address_of_nonsense_is_no_error(browser: Chromium, gallery: str, address: str) -> None:
    """The first event is shown, in the first view that it has."""
    browser.open(f"{gallery}{address}", width=1440)

    assert browser.evaluate("document.querySelectorAll('[aria-current=true]').length") == 1
    assert browser.complaints() == []


def test_on_a_phone_an_event_takes_the_place_of_the_index(browser: Chromium, gallery: str) -> None:
    """And gives it back, by the link above it or by the browser's own way back."""
    visible = "['.index', '.pane'].map(each => document.querySelector(each).checkVisibility())"
    browser.open(gallery, width=360)
    assert browser.evaluate(visible) == [True, False]

    browser.click("[data-event=service-created]")

    assert browser.evaluate(visible) == [False, True]
    assert browser.evaluate("location.hash") == "#event=service-created"
    assert browser.evaluate("document.activeElement.tagName") == "H2"
    browser.click(".back")
    assert browser.evaluate(visible) == [True, False]
    assert browser.evaluate("document.activeElement.dataset.event") == "service-created"
    browser.evaluate("new Promise(done => { addEventListener('popstate', () => done(0)); history.back(); })")
    assert browser.evaluate(visible) == [False, True]


@pytest.mark.parametrize("address", ["#theme=dark", "#theme=dark&event=service-created"])
def test_what_is_open_is_printed(browser: Chromium, gallery: str, address: str) -> None:
    """On paper, which is narrow and white; nothing else is."""
    browser.open(f"{gallery}{address}", width=1440)
    shown = browser.evaluate("document.querySelector('h2').textContent")

    browser.ask("Emulation.setEmulatedMedia", media="print")
    browser.ask("Emulation.setDeviceMetricsOverride", width=720, height=1000, deviceScaleFactor=1, mobile=False)
    # The page learns of both with the next picture that it draws.
    browser.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(0))))")

    parts = (
        "['.masthead', '.index', '.back', '.pane', 'h2'].map(each => document.querySelector(each).checkVisibility())"
    )
    assert browser.evaluate(parts) == [False, False, False, True, True]
    assert browser.evaluate("document.querySelector('h2').textContent") == shown
    assert browser.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light"


def test_a_tab_keeps_its_view_for_the_next_event(browser: Chromium, gallery: str) -> None:
    """The mouse and the arrow keys do the same."""
    visible = "[...document.querySelectorAll('.panel')].filter(each => each.checkVisibility()).map(each => each.id)"
    browser.open(f"{gallery}#event=service-created", width=1440)

    browser.click("[role=tab][data-view=email]")
    browser.press("ArrowRight")

    assert browser.evaluate("document.activeElement.dataset.view") == "teams"
    browser.click("[data-event=service-recovered]")
    assert browser.evaluate(visible) == ["teams"]
    assert browser.evaluate("location.hash") == "#event=service-recovered&view=teams"


def test_a_thread_is_shown_as_it_stood_at_each_moment(browser: Chromium, stories: str) -> None:
    """Before the first message nothing; then the root, its edits in its place, the replies, and the broadcast."""
    slack = "[...document.querySelectorAll('#slack .message')].filter(each => each.checkVisibility())"
    titles = f"{slack}.map(each => each.querySelector('.slack-header').textContent.trim())"
    replies = "document.querySelector('.replies').textContent"
    browser.open(f"{stories}#event=events-jsonl-1-and-6-more", width=1440)

    *told, last = browser.evaluate(titles)
    assert "recovered after" in told[0]
    assert "recovered after" in last
    assert browser.evaluate(replies) == f"{len(told)} replies"
    assert browser.evaluate(f"{slack}[0].querySelector('.slack-note').textContent") == "(edited)"
    assert browser.evaluate(f"{slack}.at(-1).querySelector('.slack-note').textContent") == "Also sent to the channel"
    browser.evaluate(SLIDE.replace("$", "0"))
    assert browser.evaluate(titles) == []
    assert browser.evaluate("document.querySelector('output:not(.shown)').textContent") == "2026-03-03 10:00:00 UTC"
    browser.evaluate(SLIDE.replace("$", "1"))
    (opened,) = browser.evaluate(titles)
    assert "is rolling back" in opened
    browser.click("[data-moment='3']")
    edited, _ = browser.evaluate(titles)
    assert "was rolled back" in edited
    assert browser.evaluate(replies) == "1 reply"
    assert browser.evaluate("document.querySelector('[aria-current=step]').dataset.moment") == "3"


def test_times_are_in_utc(browser: Chromium, gallery: str) -> None:
    """For a reader in Tokyo, too: the event beside the message has them so."""
    browser.open(f"{gallery}#event=service-instance-deployment-failed", width=1440)

    assert "2026-03-03 02:58:40 UTC" in browser.evaluate(PANE.format(".slack"))


@pytest.mark.parametrize(("scheme", "other"), [("light", "dark"), ("dark", "light")])
def test_the_scheme_is_the_readers_until_told_otherwise(
    browser: Chromium, gallery: str, scheme: str, other: str
) -> None:
    """The button turns it over, and back."""
    ground = "getComputedStyle(document.body).backgroundColor"
    colours = {"light": "rgb(245, 245, 242)", "dark": "rgb(19, 20, 23)"}
    browser.open(gallery, width=1440, scheme=scheme)
    assert browser.evaluate(ground) == colours[scheme]

    browser.click(".theme")

    assert browser.evaluate(ground) == colours[other]
    assert browser.evaluate("location.hash") == f"#theme={other}"
    browser.click(".theme")
    assert browser.evaluate(ground) == colours[scheme]


def test_without_scripts_the_index_is_shown(browser: Chromium, gallery: str) -> None:
    """And a sentence that says why there is no more."""
    browser.open(gallery, width=360, scripts=False)

    assert browser.evaluate("document.querySelector('noscript').textContent").strip().endswith("which is switched off.")
    assert len(browser.evaluate(SHOWN)) == len(NAMES) + 2
    assert browser.evaluate("document.documentElement.scrollWidth") == 360
