import time
from argparse import ArgumentTypeError
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from proton_notifier.arguments import parse_duration, parse_moment, parse_time
from proton_notifier.demo.summary import format_elapsed
from proton_notifier.routes.output import format_time


@pytest.fixture
def _in_berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_a_time_has_an_offset() -> None:
    """Without one, its time zone would be a guess."""
    assert parse_time("2026-12-01T08:00:00+01:00") == datetime(2026, 12, 1, 7, tzinfo=UTC)
    for text, error in (("2026-12-01T08:00:00", "needs an offset, as in 2026-12-01T08:00:00Z"), ("noon", "Invalid")):
        with pytest.raises(ArgumentTypeError, match=error):
            parse_time(text)


@pytest.mark.parametrize("text", ["0001-12-31T00:00:00Z", "9999-01-01T00:00:00Z", "2026-12-01", "soon"])
def test_quiet_hours_are_not_asked_for_a_time_that_some_zone_lacks(text: str) -> None:
    """An error of the command line says so."""
    with pytest.raises(ArgumentTypeError):
        parse_moment(text)

    assert parse_moment("9998-12-31T23:59:59-12:00").year == 9998


@pytest.mark.parametrize(
    ("text", "minutes"), [("0s", 0), ("30s", 0.5), ("30m", 30), ("2h", 120), ("3d", 4_320), ("9999d", 14_398_560)]
)
def test_a_duration_is_a_number_and_a_unit(text: str, minutes: float) -> None:
    """The units are seconds, minutes, hours and days."""
    assert parse_duration(text) == timedelta(minutes=minutes)


@pytest.mark.parametrize("text", ["", "2", "h", "-1s", "-2h", "30x", "2 h", "2w", "1.5h", "10000d", "²h"])
def test_an_invalid_duration_is_refused(text: str) -> None:
    """The error has examples of valid ones."""
    with pytest.raises(ArgumentTypeError, match="as in 30s, 5m, 2h or 3d"):
        parse_duration(text)


@pytest.mark.parametrize(("seconds", "shown"), [(0, "00:00:00"), (59.9, "00:00:59"), (172_861, "48:01:01")])
def test_elapsed_time_has_hours_minutes_and_seconds(seconds: float, shown: str) -> None:
    """Days count as hours."""
    assert format_elapsed(seconds) == shown


@pytest.mark.usefixtures("_in_berlin")
@pytest.mark.parametrize(
    ("at", "shown"),
    [
        ("2026-12-01T08:00:00+02:00", "2026-12-01 07:00 CET (2026-12-01 06:00 UTC)"),
        ("9999-12-31T23:59:59-12:00", "9999-12-31T23:59:59-12:00"),
        ("0001-01-01T00:00:00+12:00", "0001-01-01T00:00:00+12:00"),
    ],
)
def test_a_time_is_shown_in_two_time_zones(at: str, shown: str) -> None:
    """They are the local one and that of the logs; a document may have times that another zone cannot show."""
    assert format_time(datetime.fromisoformat(at)) == shown


def test_a_time_is_shown_once_where_the_clocks_are_those_of_the_logs() -> None:
    """As in CloudShell."""
    with pytest.MonkeyPatch.context() as utc:
        utc.setenv("TZ", "UTC")
        time.tzset()
        shown = format_time(datetime.fromisoformat("2026-12-01T08:00:00+02:00"))
    time.tzset()

    assert shown == "2026-12-01 06:00 UTC"
