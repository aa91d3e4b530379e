import re
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Final

import pytest

from notifier.channels import CHANNEL_TYPES, channel_type
from notifier.channels.destination import PERMANENT
from notifier.channels.slack.webhook import variables
from notifier.delivery.delivery import dispatch
from notifier.routes import templates
from notifier.routes.decisions import decide_routes
from notifier.routes.loader import read_document
from notifier.routes.schema import EscalationSchema, MatchSchema, MemorySchema, RouteSchema, TableSchema
from proton_notifier.routes.lint import warnings
from tests.documents import OWN
from tests.samples import NAMES, event, notification

ROOT: Final = Path(__file__).parent.parent
PAGE: Final = (ROOT / "docs/routes.md").read_text(encoding="utf-8")
README: Final = (ROOT / "README.md").read_text(encoding="utf-8")
TOML: Final = r"```toml\n(.*?)```"
EXAMPLES: Final = re.findall(r"```toml\n(.*?)```(.*?)(?=```toml|\Z)", PAGE, re.DOTALL)
ROW: Final = re.compile(r"\| `([a-z-]+)` \| (\w+) ([0-9:]+) \| ([^|]+) \|")
NOON: Final = datetime(2026, 11, 24, 12, tzinfo=UTC)
# A week of November 2026.
DAYS: Final = {"Tue": 24, "Sat": 28}
CLAIMS: Final = [(example, *claim) for example, told in EXAMPLES for claim in ROW.findall(told)]


@pytest.mark.parametrize("example", [*(example for example, _ in EXAMPLES), *re.findall(TOML, README, re.DOTALL)])
def test_each_example_is_a_sound_document(example: str) -> None:
    """A copied example has no problems and no warnings."""
    now = datetime(2026, 11, 24, tzinfo=UTC)

    assert [*warnings(read_document(example, OWN, "proton-notifier"), OWN, now)] == []


@pytest.mark.parametrize(("example", "name", "day", "clock", "told"), CLAIMS)
def test_each_example_tells_whom_it_says(example: str, name: str, day: str, clock: str, told: str) -> None:
    """The tables are what the examples make of the sample events."""
    now = datetime.combine(datetime(2026, 11, DAYS[day], tzinfo=UTC), time.fromisoformat(clock), UTC)

    decision = decide_routes(read_document(example, OWN, None), notification(event(name)), now)

    recipients = (each.destination + (f" ({each.mention})" if each.mention else "") for each in decision.recipients)
    assert (", ".join(recipients) or "nobody") == told


def test_every_example_has_its_claims() -> None:
    """A table that the tests cannot read would prove nothing."""
    assert len(EXAMPLES) == PAGE.count("```toml")
    assert len(CLAIMS) == len(re.findall(r"\| (?:Tue|Sat) ", PAGE))
    assert {example for example, *_ in CLAIMS} == {example for example, _ in EXAMPLES}


def test_own_texts_read_as_the_example_says() -> None:
    """A person copies it and gets lines where they expect them."""
    (example,) = (example for example, _ in EXAMPLES if "\ntitle = " in example)
    decision = decide_routes(
        read_document(example, OWN, None), notification(event("service-instance-deployment-failed")), NOON
    )

    (delivery,) = dispatch(notification(event("service-instance-deployment-failed")), decision)

    assert delivery.notification.title == "The shop: could not be deployed (FAILED)"
    assert delivery.notification.custom_body == (
        "Customers cannot pay. Runbook: https://wiki.example.com/checkout\n"
        "Account: production (123456789012)\nRegion: eu-west-1"
    )


def test_all_that_a_text_can_say_is_explained() -> None:
    """Each value, list, filter."""
    told = PAGE.partition("## Templates")[2].partition("\n## ")[0]

    assert [name for name in (*templates.VARIABLES, *templates.LISTS) if f"`{name}`" not in told] == []
    assert [name for name in templates.FILTERS if not re.search(rf"`{name}[(`]", told)] == []


@pytest.mark.parametrize("table", [EscalationSchema, MatchSchema, MemorySchema, RouteSchema])
def test_every_key_is_explained(table: type[TableSchema]) -> None:
    """A row for each."""
    keys = [field.alias or name for name, field in table.model_fields.items()]

    assert [key for key in keys if f"`{key}`" not in PAGE] == []


def test_the_example_of_a_webhook_is_sound() -> None:
    """It stands on the page for receivers."""
    (example,) = re.findall(r"```toml\n(.*?)```", (ROOT / "docs/webhook.md").read_text(encoding="utf-8"), re.DOTALL)

    assert read_document(example, OWN, "proton-notifier").destinations[-1].channel == "webhook"


@pytest.mark.parametrize("name", sorted(CHANNEL_TYPES))
def test_every_channel_and_its_settings_are_explained(name: str) -> None:
    """In one row of docs/channels.md, where a secret is marked as one, and in one of the README."""
    (row,) = re.findall(rf"^\| `{name}` \|.*$", (ROOT / "docs/channels.md").read_text(encoding="utf-8"), re.MULTILINE)

    assert re.search(rf"^\|.*`{name}`.*\|", README, re.MULTILINE)
    for setting in channel_type(name).settings:
        assert f"`{setting.name}`{' (secret)' if setting.secret else ''}" in row


def test_every_variable_of_a_workflow_is_explained() -> None:
    """The person who makes a workflow types each of them."""
    table = PAGE.split("\n## Variables of a Slack workflow\n")[1].split("\n## ")[0]

    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == sorted(variables((notification(event(NAMES[0])),)))


def test_the_operations_manual_says_what_to_do_about_every_channels_reasons() -> None:
    """A column for each type of channel, a row for each reason that needs a person."""
    manual = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    header, _, *rows = re.findall(
        r"^   \|(.*)\|$", manual.split("what the reason asks for:\n")[1].split("\n\n   ")[0], re.MULTILINE
    )

    assert sorted(re.findall(r"`([a-z-]+)`", header)) == sorted(CHANNEL_TYPES)
    assert {re.findall("`(.+?)`", row)[0] for row in rows} == {*map(str, PERMANENT)}
    assert all(cell.strip() for row in rows for cell in row.split("|"))
    assert {row.count("|") for row in rows} == {len(CHANNEL_TYPES)}
