"""RESULTS.md and the README's parts, rendered from a run's results by one template."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.environment import TemplateModule

from bench import cost
from bench.measure import rounds, storm
from bench.measure.stats import ratios, spread
from bench.prices import Prices
from bench.report.targets import targets
from bench.results import FLOOR_NAME, FUNCTIONS, OUR_NAME, Run
from bench.stack import stack

FILE: Final = Path(__file__).parents[1] / "RESULTS.md"
TEMPLATE: Final = "report.md.j2"


def page(run: Run) -> str:
    """Render RESULTS.md."""
    return str(_rendered(run))


def readme_parts(run: Run) -> dict[str, str]:
    """Render the README's parts, by the names of their marks."""
    macros = _rendered(run)
    return {name: str(getattr(macros, name)()).strip() for name in ("cost", "speed")}


def _rendered(run: Run) -> TemplateModule:
    environment = Environment(  # noqa: S701 - it renders Markdown
        loader=FileSystemLoader(Path(__file__).parent),
        keep_trailing_newline=True,
        lstrip_blocks=True,
        trim_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters |= {
        "figure": _figure,
        "money": "{:,.2f}".format,
        "ratio": _ratio,
    }
    prices, loads = Prices.from_file(), cost.loads(run)
    return environment.get_template(TEMPLATE).make_module(
        {
            "choices": cost.CHOICES,
            "cost_lines": cost.LINES,
            "cost_sums": [cost.sums(load, prices) for load in loads],
            "floor": FLOOR_NAME,
            "functions": FUNCTIONS,
            "loads": loads,
            "ours": OUR_NAME,
            "prices": prices,
            "processor_megabytes": cost.PROCESSOR_MEGABYTES,
            "run": run,
            "stack": stack(),
            "starts_a_round": rounds.STARTS,
            "storm": storm,
            "targets": [*targets(run)],
            "volumes": cost.VOLUMES,
        }
    )


def _figure(values: Iterable[float], digits: int = 0) -> str:
    return f"{spread([*values]):.{digits}f}"


def _ratio(values: Iterable[float], floors: Iterable[float]) -> str:
    return f"{ratios([*values], [*floors]):.2f}"
