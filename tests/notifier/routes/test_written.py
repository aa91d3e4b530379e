import pytest

from notifier.routes.schema import TABLES, MatchSchema, TableSchema
from tests.notifier.sources.documented_events import READ
from tests.samples import NAMES, event, notification


def test_a_match_has_a_key_for_every_attribute() -> None:
    """Routes match by every attribute that subscribers can filter by."""
    raws = [*map(event, NAMES), *READ.values()]
    attributes = {each.name for raw in raws for each in notification(raw).attributes}

    assert set(MatchSchema.model_fields) == attributes


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.__name__)
def test_every_key_says_what_it_has_to_be(table: type[TableSchema]) -> None:
    """A problem without this would tell nothing."""
    assert [name for name, field in table.model_fields.items() if not field.description] == []
