"""RESULTS.md and the figures of other pages, rendered from the results of a run by one template."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.environment import TemplateModule

from bench import cost, results
from bench.measure import rounds, storm, windows
from bench.measure.stats import ratios, summarize
from bench.prices import Prices
from bench.report import marks
from bench.report.targets import targets
from bench.results import Run
from bench.stack import stack

FILE: Final = Path(__file__).parents[1] / "RESULTS.md"
TEMPLATE: Final = "report.md.j2"


def page(run: Run) -> str:
    """Render RESULTS.md."""
    return str(_render(run))


def figures(run: Run) -> dict[str, str]:
    """Render the figures of other pages, by the names of their marks."""
    macros = _render(run)
    return {name: str(getattr(macros, name)()).strip() for name in marks.FILES}


def _render(run: Run) -> TemplateModule:
    environment = Environment(  # noqa: S701 - it renders Markdown
        loader=FileSystemLoader(Path(__file__).parent),
        keep_trailing_newline=True,
        lstrip_blocks=True,
        trim_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters |= {
        "money": "{:,.2f}".format,
        "ratio": lambda values, baseline: f"{ratios([*values], [*baseline]):.2f}",
        "summary": _summary,
    }
    prices, loads = Prices.from_file(), cost.loads(run)
    return environment.get_template(TEMPLATE).make_module(
        {
            "baseline": results.BASELINE_NAME,
            "bill": cost,
            "functions": results.FUNCTIONS,
            "loads": loads,
            "ours": results.OUR_NAME,
            "prices": prices,
            "run": run,
            "stack": stack(),
            "startups": rounds.STARTUPS,
            "storm": storm,
            "windows": windows,
            "sums": [cost.sums(load, prices) for load in loads],
            "targets": [*targets(run)],
        }
    )


def _summary(values: Iterable[float], digits: int = 0) -> str:
    return f"{summarize([*values]):.{digits}f}"
