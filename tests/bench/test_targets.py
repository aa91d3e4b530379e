from bench.spread import Spread
from bench.targets import targets
from tests.bench.runs import run


def test_a_ratio_above_the_limit_is_not_met() -> None:
    """The function that takes events starts in twice the floor's time, however slow the round."""
    start = next(targets(run(100, 300)))

    assert start.measured == Spread(2, 2, 2)
    assert not start.met


def test_a_target_is_met_at_its_limit() -> None:
    """150 ms are at most 150 ms, and two handlers with a millisecond each at most two."""
    by_limit = {(each.limit, each.unit): each for each in targets(run(100))}

    assert by_limit[150, "ms"].met
    assert by_limit[2, "ms"].met


def test_an_artifact_that_could_not_be_built_is_no_target() -> None:
    """What was not measured is neither met nor not met."""
    assert "MB" not in {each.unit for each in targets(run(100, artifact=None))}
