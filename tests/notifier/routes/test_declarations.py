import pytest

from notifier.channels import CHANNEL_TYPES, channel_type
from notifier.channels.destination import Destination
from notifier.channels.sns.topic import FIFO
from notifier.routes.errors import Problem
from notifier.routes.loader import destination_problems, make_destination

RULES = (frozenset({"slack"}), "proton-notifier")
TOPIC = "arn:aws:sns:eu-west-1:123456789012:alerts"
HOLDS = "the name of a secret that holds the URL of a Slack incoming webhook"
KINDS = f"one of {', '.join(sorted(CHANNEL_TYPES))}"


@pytest.mark.parametrize(
    ("table", "found"),
    [
        ({}, {"type": f"is missing; it must be {KINDS}"}),
        ({"type": 1}, {"type": f"must be {KINDS}"}),
        ({"type": "slak"}, {"type": f'must be {KINDS}; did you mean "slack"?'}),
        ({"type": "slack"}, {"webhook": f"is missing; it must be {HOLDS}"}),
        (
            {"type": "slack", "webhok": "x"},
            {
                "webhok": 'is not known here; a key must be one of type, webhook; did you mean "webhook"?',
                "webhook": f"is missing; it must be {HOLDS}",
            },
        ),
        ({"type": "slack", "webhook": "https://hooks.slack.com/services/T0/B0/x"}, {"webhook": f"must be {HOLDS}"}),
        ({"type": "slack", "webhook": 1}, {"webhook": f"must be {HOLDS}"}),
        ({"type": "sns", "topic": "alerts"}, {"topic": "must be the ARN of an SNS topic"}),
        ({"type": "sns", "topic": f"{TOPIC}\n"}, {"topic": "must be the ARN of an SNS topic"}),
        (
            {"type": "slack", "webhook": "other/alerts"},
            {
                "webhook": "must begin with proton-notifier/ or /proton-notifier/: the stack can read no other secrets",
            },
        ),
        ({"type": "slack", "webhook": "proton-notifier/alerts"}, {}),
        ({"type": "slack", "webhook": "/proton-notifier/alerts"}, {}),
        *(
            ({"type": "sns", "topic": f"{TOPIC}.fifo"}, {"topic": FIFO}),
            ({"type": "sns", "topic": "alerts.fifo"}, {"topic": "must be the ARN of an SNS topic"}),
        ),
        ({"type": "sns", "topic": TOPIC}, {}),
    ],
)
def test_a_destination_has_what_its_type_lists(table: dict[str, object], found: dict[str, str]) -> None:
    """No value is repeated, as it may be a secret."""
    expected = [Problem(("destinations", "alerts", key), message) for key, message in found.items()]

    assert [*destination_problems("alerts", table, *RULES)] == expected


def test_the_stacks_own_destinations_stay_what_they_are() -> None:
    """A document cannot lead `slack` elsewhere."""
    table = {"type": "slack", "webhook": "proton-notifier/alerts"}

    assert [*destination_problems("slack", table, *RULES)] == [
        Problem(("destinations", "slack"), "is a destination of the stack's own; choose another name")
    ]


def test_without_a_stack_any_secret_will_do() -> None:
    """A document can be checked before it is known where it goes."""
    assert [*destination_problems("alerts", {"type": "slack", "webhook": "any"}, frozenset(), None)] == []


def test_a_destination_is_made_of_its_settings() -> None:
    """As its channel asks for them, and what it has by default."""
    made = make_destination("alerts", {"type": "sns", "topic": TOPIC})

    assert made == Destination("alerts", "sns", (("topic", TOPIC), ("format", "text")))


@pytest.mark.parametrize("name", sorted(CHANNEL_TYPES))
def test_no_type_has_a_setting_named_type(name: str) -> None:
    """A document could not tell them apart."""
    assert "type" not in {setting.name for setting in channel_type(name).settings}
