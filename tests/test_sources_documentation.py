"""The page about sources says what the sources' tables and the template say."""

import re
from importlib import import_module
from pathlib import Path

from notifier.sources.table import SOURCES

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs/sources.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| `(\w+)` \| .+ \| (.+) \|$", PAGE, re.MULTILINE))


def test_every_option_and_resource_type_has_its_place() -> None:
    """A new source, or a new type of resource, is missing here by name."""
    tables = {each.option: getattr(import_module(each.module), "EVENT_TYPES", {}) for each in SOURCES if each.option}

    assert set(ROWS) == set(tables)
    for option, table in tables.items():
        assert {row.resource_type for row in table.values()} <= set(re.findall(r"`(\w+)`", ROWS[option])), option


def test_the_first_options_are_the_default() -> None:
    """The page lists what is on first."""
    template = (ROOT / "template.yaml").read_text(encoding="utf-8")
    default = re.search(r"^  Sources:\n    Type: \w+\n    Default: (\S+)$", template, re.MULTILINE)

    assert default
    assert default[1].split(",") == [*ROWS][: default[1].count(",") + 1]
    assert "The first seven are on" in PAGE
    assert default[1].count(",") == 6
