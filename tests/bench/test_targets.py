from bench.report.page import targets
from tests.bench.runs import run


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
    cpu = next(each for each in targets(run(100)) if each.name.startswith("CPU"))

    assert (cpu.limit, cpu.measured, cpu.unit) == (1.25, [1], "times")
    assert cpu.met


def test_no_target_is_in_units_of_a_machine() -> None:
    """A limit that one processor meets and another does not is no measure of this project."""
    assert {each.unit for each in targets(run(100))} == {"times", "MB"}


def test_an_artifact_that_could_not_be_built_is_no_target() -> None:
    """Without an artifact its target is neither met nor not met."""
    assert "MB" not in {each.unit for each in targets(run(100, artifact=None))}
