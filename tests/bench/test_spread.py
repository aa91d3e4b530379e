import pytest

from bench.measure.measuring import percentile
from bench.report.page import ratios, summary


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
    ("percent", "expected"), [(50, 50), (99, 99), (100, 100), (0, 1)], ids=["median", "p99", "longest", "shortest"]
)
def test_a_percentile_is_one_of_the_values(percent: float, expected: float) -> None:
    """It is the smallest that so many percent do not exceed."""
    assert percentile(range(100, 0, -1), percent) == expected


def test_the_percentile_of_one_value_is_that_value() -> None:
    """A subject that is slow is measured once."""
    assert percentile([7.5], 99) == 7.5


@pytest.mark.parametrize(
    ("values", "written"),
    [([100, 90, 110], "100 (90 to 110)"), ([5, 5.1, 4.9], "5")],
    ids=["different", "same when rounded"],
)
def test_a_figure_shows_its_spread(values: list[float], written: str) -> None:
    """The median, and the extremes unless they read the same."""
    assert summary(values) == written
