import re

import pytest

from bench.report.page import render
from tests.bench.runs import run


def rows(text: str, beginning: str) -> list[list[str]]:
    """Find a page's table rows whose first cell is *beginning*."""
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"]
    return [row for row in cells if row[0] == beginning]


@pytest.fixture(name="text", scope="module")
def fixture_text() -> str:
    """Write a page of two rounds."""
    return str(render(run(100, 300)))


def test_a_page_names_the_command_and_the_machine(text: str) -> None:
    """A reader can repeat the run."""
    assert "2026-11-24 12:00 UTC, by `make bench ROUNDS=2`. Machine: processor: Example, cores: 2." in text


def test_what_was_not_measured_is_said(text: str) -> None:
    """A missing peer has its own line, with the reason."""
    assert "**NOT MEASURED: Alertmanager**, prometheus-alertmanager is not installed." in text


def test_a_missing_artifact_is_said() -> None:
    """Its target is neither met nor not met."""
    text = str(render(run(100, artifact=None)))

    assert rows(text, "artifact, zipped") == [["artifact, zipped", "5.5 MB", "NOT MEASURED", "-"]]


def test_targets_are_met_or_not(text: str) -> None:
    """Each has its limit, what was measured, and a verdict."""
    name = "artifact, zipped, with bytecode"
    assert rows(text, name) == [[name, "5.5 MB", "4.30 MB", "met"]]
    assert [
        row[-1] for row in rows(text, "cold start of `handlers.events` with its first event, to the baseline's")
    ] == ["**not met**"]


def test_a_start_has_its_spread_and_its_ratio(text: str) -> None:
    """In a round three times as slow, the ratio is the same."""
    (cached,) = rows(text, "`handlers.delivery`")[:1]

    assert cached == [
        "`handlers.delivery`",
        "200 (100 to 300)",
        "0",
        "400 (200 to 600)",
        "600 (300 to 900)",
        "1.00",
        "3.00",
    ]


def test_a_fault_says_what_arrived_and_what_was_lost(text: str) -> None:
    """The delay, the number of messages, the raw markup, and the outcome of the call."""
    (ours,) = rows(text, "proton-notifier")[1:2]
    (peer,) = rows(text, "peer")[:1]

    assert ours[1] == "Slack after 1.1 s; SNS at once; call: put off 1"
    assert peer[1] == (
        "**Slack lost**; SNS **2 times** after 2.0 s; unescaped mention in Slack; invalid JSON sent; call: returned"
    )


def test_a_storm_says_what_was_lost_and_how_long_all_would_take(text: str) -> None:
    """Ten events in twenty seconds are a thousand in two thousand."""
    (peer,) = rows(text, "peer")[1:]

    assert peer == ["peer", "10", "4", "4", "10", "10", "**6**", "6", "20.0", "2,000 s at this pace", "0.1"]


def test_each_batching_window_has_its_wait_and_its_messages(text: str) -> None:
    """A shorter one tells a lone event sooner, and a storm in more messages."""
    assert rows(text, "1 s") == [["1 s", "1.0", "54"]]
    assert rows(text, "5 s") == [["5 s", "5.0", "12"]]


def test_every_table_is_one(text: str) -> None:
    """Each row has as many cells as its head."""
    for found in re.findall(r"(?:^\|.*\n)+", text, flags=re.MULTILINE):
        assert len({line.count("|") for line in found.splitlines()}) == 1


def test_a_page_shows_the_cost(text: str) -> None:
    """The section begins with the bill."""
    assert "## Cost\n\n| dollars a month |" in text


def test_a_page_shows_every_subject_and_both_functions(text: str) -> None:
    """Subjects have a row of their events, the processes that start one of their starts."""
    subjects = ["baseline", "proton-notifier"]
    started = ["baseline", "`handlers.events`", "`handlers.delivery`"]

    _, start, event, *_ = [
        [line.split("|")[1].strip() for line in found.splitlines()[2:]]
        for found in re.findall(r"(?:^\|.*\n)+", text, flags=re.MULTILINE)
    ]

    assert start == [*started, *(f"{name}, without bytecode" for name in started)]
    assert event == subjects
