"""The gallery as a reader has it, in Chromium."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from proton_notifier.main import main
from tests.browser.chromium import Chromium, chromium
from tests.samples import EVENTS, NAMES, event, notification

FAILURES: Final = [name for name in NAMES if notification(event(name)).severity == "failure"]
SERVICES: Final = [name for name in NAMES if notification(event(name)).resource_type == "Service"]
HOSTILE: Final = "</pre><script>document.title = 'taken'</script><img src=https://a.example/x onerror=alert(1)>"
SHOWN: Final = "[...document.querySelectorAll('.exhibit:not([hidden])')].map(each => each.id).sort()"
CHOOSE: Final = (
    "(() => {{ const select = document.querySelector('select[name={}]'); select.value = '{}';"
    "select.dispatchEvent(new Event('change', {{ bubbles: true }})); }})()"
)
WIDTHS: Final = (360, 768, 1440)

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    """Run Chromium; that it is missing is a failure, so that nobody takes it for a success."""
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Write the page of every sample event, of one with a hostile name and of a file that is no event."""
    folder = tmp_path_factory.mktemp("gallery")
    hostile, broken, page = (folder / name for name in ("hostile.json", "broken.json", "page.html"))
    hostile.write_text(json.dumps({**event("component-deployed"), "detail": {"name": HOSTILE, "status": HOSTILE}}))
    broken.write_text(HOSTILE)
    main(["preview", "--output", "html", "--out", str(page), *map(str, _samples()), str(hostile), str(broken)])
    return page.as_uri()


def _samples() -> list[Path]:
    return [EVENTS / f"{name}.json" for name in NAMES]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("view", ["slack", "email", "teams", "json"])
def test_nothing_overflows_or_complains(browser: Chromium, gallery: str, width: int, view: str, scheme: str) -> None:
    """At a phone's, a tablet's and a desktop's width: nothing scrolls sideways, is cut off, or complains."""
    browser.open(f"{gallery}#view={view}", width=width, scheme=scheme)
    browser.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")

    assert browser.evaluate("document.documentElement.scrollWidth") == width
    assert browser.evaluate(
        "[...document.querySelectorAll('body *')].filter(each => each.checkVisibility() && each.clientWidth > 1"
        " && getComputedStyle(each).display !== 'inline' && !each.closest('svg, select')"
        " && each.scrollWidth > each.clientWidth + 1).map(each => each.className)"
    ) == []  # fmt: skip
    assert browser.complaints() == []


def test_the_page_asks_the_network_for_nothing(browser: Chromium, gallery: str) -> None:
    """Only itself, and the icon that it holds."""
    browser.open(gallery, width=1440)

    assert [url for url in browser.requests() if not url.startswith("data:")] == [gallery]


def test_a_hostile_name_stays_text(browser: Chromium, gallery: str) -> None:
    """It is seen to the letter in the event and its messages, and does nothing."""
    browser.open(f"{gallery}#hostile", width=1440)

    assert browser.evaluate("document.title").startswith("What your team receives")
    assert browser.evaluate("document.querySelectorAll('img, script').length") == 1
    assert HOSTILE in browser.evaluate("document.querySelector('#hostile h2').textContent")
    assert HOSTILE in browser.evaluate("document.querySelector('#hostile .slack').textContent")
    assert json.dumps(HOSTILE) in browser.evaluate("document.querySelector('#hostile .event').textContent")
    assert browser.complaints() == []


def test_a_click_filters_by_severity_and_the_address_keeps_it(browser: Chromium, gallery: str) -> None:
    """The events, the counts of the resources, and what is read aloud; a second click on all brings all back."""
    browser.open(gallery, width=1440)

    browser.click("[data-severity=failure]")

    assert browser.evaluate(SHOWN) == FAILURES
    assert browser.evaluate("location.hash") == "#severity=failure"
    assert browser.evaluate("document.querySelector('.shown').textContent") == (
        f"{len(FAILURES)} of {len(NAMES) + 2} events"
    )
    services = len(set(FAILURES) & set(SERVICES))
    assert browser.evaluate("document.querySelector('option[value=Service]').textContent") == f"Service ({services})"
    browser.click("[data-severity='']")
    assert len(browser.evaluate(SHOWN)) == len(NAMES) + 2
    assert browser.evaluate("location.hash") == ""


def test_the_resource_filters_together_with_the_severity(browser: Chromium, gallery: str) -> None:
    """Both are in the address, and an address brings both back."""
    browser.open(f"{gallery}#severity=failure", width=360)

    browser.evaluate(CHOOSE.format("resource", "Service"))

    both = sorted(set(FAILURES) & set(SERVICES))
    assert browser.evaluate(SHOWN) == both
    assert browser.evaluate("location.hash") == "#severity=failure&resource=Service"
    browser.open(f"{gallery}#severity=failure&resource=Service", width=360)
    assert browser.evaluate(SHOWN) == both


def test_the_source_filters_together_with_the_rest(browser: Chromium, gallery: str) -> None:
    """The counts of the resources are those of the source, and the address keeps it."""
    browser.open(f"{gallery}#severity=failure", width=360)

    browser.evaluate(CHOOSE.format("source", "aws.ecs"))

    failures = [name for name in FAILURES if event(name)["source"] == "aws.ecs"]
    tasks = [name for name in failures if notification(event(name)).resource_type == "EcsService"]
    assert browser.evaluate(SHOWN) == failures
    assert browser.evaluate("location.hash") == "#severity=failure&source=aws.ecs"
    options = "document.querySelector('option[value={}]').textContent"
    assert browser.evaluate(options.format("EcsService")) == f"EcsService ({len(tasks)})"
    assert browser.evaluate(options.format("Service")) == "Service (0)"
    browser.evaluate(CHOOSE.format("resource", "EcsService"))
    assert browser.evaluate(SHOWN) == tasks
    browser.open(f"{gallery}#severity=failure&source=aws.ecs&resource=EcsService", width=360)
    assert browser.evaluate(SHOWN) == tasks


def test_an_address_of_nonsense_shows_everything(browser: Chromium, gallery: str) -> None:
    """What is no choice is not chosen."""
    browser.open(f"{gallery}#severity=%3Cb%3E&view=none&theme=pink&%", width=1440)

    assert len(browser.evaluate(SHOWN)) == len(NAMES) + 2
    assert browser.complaints() == []


def test_where_no_event_is_left_that_is_said(browser: Chromium, gallery: str) -> None:
    """An empty page is not left unexplained."""
    browser.open(f"{gallery}#severity=recovered&resource=Repository", width=1440)

    assert browser.evaluate(SHOWN) == []
    assert browser.evaluate("document.querySelector('.none').checkVisibility()")


def test_an_event_has_an_address(browser: Chromium, gallery: str) -> None:
    """It is at the top of the window, below the filters."""
    browser.open(f"{gallery}#service-created", width=1440)

    top = browser.evaluate("document.querySelector('#service-created').getBoundingClientRect().top")
    assert 0 <= top < 100


def test_a_tab_shows_every_event_that_way_and_stays_where_it_is(browser: Chromium, gallery: str) -> None:
    """The mouse and the arrow keys do the same."""
    visible = (
        "[...document.querySelectorAll('.panel')].filter(each => each.checkVisibility()).map(each => each.dataset.view)"
    )
    tab = "#service-created [role=tab][data-view={}]"
    place = f"document.querySelector('{tab}').getBoundingClientRect().top"
    browser.open(gallery, width=1440)
    browser.evaluate("document.querySelector('#service-created').scrollIntoView()")
    before = browser.evaluate(place.format("email"))

    browser.click(tab.format("email"))

    assert set(browser.evaluate(visible)) == {"email"}
    assert browser.evaluate("location.hash") == "#view=email"
    browser.evaluate("document.querySelector('#service-created').scrollIntoView()")
    assert browser.evaluate(place.format("email")) == pytest.approx(before, abs=1)
    browser.press("ArrowRight")
    assert set(browser.evaluate(visible)) == {"teams"}
    assert browser.evaluate("document.activeElement.dataset.view") == "teams"


def test_times_are_shown_in_the_readers_zone(browser: Chromium, gallery: str) -> None:
    """02:58:40 UTC is before noon in Tokyo."""
    browser.open(gallery, width=1440)

    time = browser.evaluate("document.querySelector('#service-instance-deployment-failed time').textContent")
    assert time.replace("\u202f", " ") == "Mar 3, 2026 11:58:40 AM"
    assert (
        browser.evaluate("[...document.querySelectorAll('time')].filter(each => /[{}]/.test(each.textContent))") == []
    )


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


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("view", ["slack", "email", "teams", "json"])
def test_text_stands_out_from_its_ground(browser: Chromium, gallery: str, view: str, scheme: str) -> None:
    """A contrast of 4.5 or more, as WCAG 2.2 AA asks for (1.4.3)."""
    browser.open(f"{gallery}#view={view}", width=1440, scheme=scheme)

    assert browser.evaluate(CONTRAST) == []


def test_without_scripts_everything_is_shown(browser: Chromium, gallery: str) -> None:
    """Every event in every way, times in UTC; nothing that would not work."""
    browser.open(gallery, width=360, scripts=False)

    visible = "[...document.querySelectorAll('{}')].filter(each => each.checkVisibility()).length"
    assert browser.evaluate(visible.format(".panel")) == 4 * (len(NAMES) + 1)
    assert browser.evaluate(visible.format(".filters, .theme, [role=tablist]")) == 0
    assert browser.evaluate("document.documentElement.scrollWidth") == 360
    time = browser.evaluate("document.querySelector('#service-instance-deployment-failed time').textContent")
    assert time == "2026-03-03 02:58:40 UTC"


CONTRAST: Final = """
(() => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = (colour) =>
    colour.slice(0, 3).map((each) => each / 255)
      .map((each) => (each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4))
      .reduce((sum, each, index) => sum + each * [0.2126, 0.7152, 0.0722][index], 0);
  const ground = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const colour = rgba(getComputedStyle(each).backgroundColor);
      if (colour[3]) return colour;
    }
    return [255, 255, 255, 255];
  };
  const faint = new Set();
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim());
    if (!own || !element.checkVisibility() || element.closest("script")) continue;
    const [more, less] = [light(rgba(getComputedStyle(element).color)), light(ground(element))].sort((a, b) => b - a);
    const contrast = (more + 0.05) / (less + 0.05);
    if (contrast < 4.5) faint.add(`${element.tagName} ${element.className} ${contrast.toFixed(2)}`);
  }
  return [...faint];
})()
"""
