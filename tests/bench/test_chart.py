from xml.etree import ElementTree as ET

from bench.measure.stats import Spread
from bench.report.chart import BARS, Bar, Panel, chart, panels
from tests.bench.runs import run

SVG = "{http://www.w3.org/2000/svg}"


def drawn(*bars: Bar, title: str = "ms") -> ET.Element:
    """Draw bars and read the picture as a browser would."""
    return ET.fromstring(chart([Panel(title, bars)]))  # noqa: S314 - our own


def texts(picture: ET.Element) -> list[str | None]:
    """List what is written in a picture."""
    return [text.text for text in picture.iter(f"{SVG}text")]


def widths(picture: ET.Element) -> list[float]:
    """List how long the bars are."""
    return [float(bar.get("width", 0)) for bar in picture.iter(f"{SVG}rect")]


def test_what_is_written_is_text_and_no_markup() -> None:
    """A name with angle brackets stays a name."""
    picture = drawn(Bar("<b> & co", Spread(1, 1, 1), ours=False), title='"a" < b')

    assert texts(picture)[:2] == ['"a" < b', "<b> & co"]


def test_bars_are_to_scale() -> None:
    """Half the time is half the length, and the longest takes all the room."""
    picture = drawn(Bar("a", Spread(50, 50, 50), ours=True), Bar("b", Spread(100, 100, 100), ours=False))

    assert widths(picture) == [BARS / 2, BARS]


def test_a_bar_many_times_as_long_is_broken_off() -> None:
    """The others stay legible beside it, and it says its number."""
    picture = drawn(Bar("a", Spread(100, 90, 110), ours=True), Bar("b", Spread(5_000, 5_000, 5_000), ours=False))

    assert widths(picture)[0] > BARS * 0.9
    assert len([*picture.iter(f"{SVG}line")]) == 3
    assert texts(picture)[-1] == "5,000"


def test_a_figure_shows_its_spread() -> None:
    """The median, and the extremes unless they are the same."""
    assert "100 (90 to 110)" in texts(drawn(Bar("a", Spread(100, 90, 110), ours=True)))


def test_a_run_shows_every_subject_and_both_functions() -> None:
    """One panel has the subjects, the other the processes that start."""
    events, starts = panels(run(100, 300))

    assert [bar.label for bar in events.bars] == ["floor (no peer)", "proton-notifier"]
    assert [bar.label for bar in starts.bars] == ["floor (no peer)", "handlers.proton", "handlers.delivery"]
    assert [bar.ours for bar in starts.bars] == [False, True, True]
