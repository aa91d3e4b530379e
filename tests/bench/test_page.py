import re

import pytest

from bench import results
from bench.report.page import fill, pages, ratios, render, summary, targets
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


def test_a_ratio_above_the_limit_is_not_met() -> None:
    """The function that takes events starts in twice the baseline's time, however slow the round."""
    start = next(targets(run(100, 300)))

    assert start.measured == [2, 2]
    assert not start.met


def test_a_target_is_met_at_its_limit() -> None:
    """155 ms are 1.55 times the baseline's 100."""
    latency = next(each for each in targets(run(100)) if "latencies" in each.name)

    assert (latency.limit, latency.measured) == (1.55, [1.55])
    assert latency.met


def test_the_handlers_cpu_is_held_against_the_baselines() -> None:
    """A millisecond each, of which the SDK has no part, to the baseline's two, on a machine of whatever speed."""
    cpu = [each for each in targets(run(100)) if each.name.startswith("CPU")]

    assert [(each.limit, each.measured, each.unit) for each in cpu] == [(2, [1], "times"), (1.25, [0.75], "times")]
    assert all(each.met for each in cpu)


def test_no_target_is_in_units_of_a_machine() -> None:
    """A limit that one processor meets and another does not is no measure of this project."""
    assert {each.unit for each in targets(run(100))} == {"times", "MB"}


def test_an_artifact_that_could_not_be_built_is_no_target() -> None:
    """Without an artifact its target is neither met nor not met."""
    assert "MB" not in {each.unit for each in targets(run(100, artifact=None))}


def test_a_summary_is_the_median_and_the_extremes() -> None:
    """Of an even number, the median is between the middle two."""
    assert summary([4, 1, 2, 3], 1) == "2.5 (1.0 to 4.0)"


def test_a_ratio_compares_within_a_round() -> None:
    """A round in which everything takes three times as long changes no ratio."""
    assert ratios([20, 60], [10, 30]) == [2, 2]


def test_a_ratio_needs_both_in_every_round() -> None:
    """Values of different rounds are not compared."""
    with pytest.raises(ValueError, match="shorter"):
        ratios([20, 60], [10])


@pytest.mark.parametrize(
    ("values", "written"),
    [([100, 90, 110], "100 (90 to 110)"), ([5, 5.1, 4.9], "5")],
    ids=["different", "same when rounded"],
)
def test_a_figure_shows_its_spread(values: list[float], written: str) -> None:
    """The median, and the extremes unless they read the same."""
    assert summary(values) == written


def test_each_page_has_the_figures_of_the_last_run() -> None:
    """`python -m bench --render` writes them from the stored results, so each can be measured again."""
    for file, text in pages(results.read()):
        assert file.read_text(encoding="utf-8") == text


def test_figures_go_between_their_marks() -> None:
    """The text between the marks is replaced, all other text is kept."""
    text = "a\n<!-- bench: cost -->\nold\n<!-- bench: end -->\nb\n"

    assert fill(text, "cost", "new") == "a\n<!-- bench: cost -->\n\nnew\n\n<!-- bench: end -->\nb\n"


@pytest.mark.parametrize("text", ["", "<!-- bench: cost -->\n", "<!-- bench: end --><!-- bench: cost -->\n"])
def test_a_missing_mark_is_named(text: str) -> None:
    """An error is better than the figures of another run."""
    with pytest.raises(ValueError, match="there is no <!-- bench: cost --> with <!-- bench: end --> after it"):
        fill(text, "cost", "new")
