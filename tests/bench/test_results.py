from pathlib import Path

from bench.results import read, write
from tests.bench.runs import run


def test_results_are_read_as_they_were_written(tmp_path: Path) -> None:
    """The bill can be computed again without a new run."""
    found = run(100, 300)

    write(found, tmp_path / "results.json")

    assert read(tmp_path / "results.json") == found
