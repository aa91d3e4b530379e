import pytest

from notifier.channels.base import MissingDestination
from notifier.channels.destination import Destination
from notifier.channels.slack.webhook import SlackChannel
from notifier.channels.sns.topic import SnsChannel
from notifier.delivery.printing import PrintingChannel
from tests.samples import event, notification


def test_an_email_is_printed_instead_of_sent(capsys: pytest.CaptureFixture[str]) -> None:
    """The log shows what would go where."""
    told = (notification(event("service-created")),)

    PrintingChannel(SnsChannel, Destination("email", "sns", ())).send(told)

    printed = capsys.readouterr().out
    assert printed.startswith(
        "\n--- would be sent to email ---\nSubject: OK: production: service checkout is active (eu-west-1)\n"
    )
    assert printed.endswith("\n---\n")


def test_a_payload_is_printed_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    """A payload that is no email is shown as it would be posted."""
    told = (notification(event("service-created")),)

    PrintingChannel(SlackChannel, Destination("slack", "slack", ())).send(told)

    assert '"text": "✅ production: service checkout is active (eu-west-1)"' in capsys.readouterr().out


def test_nothing_is_written_for_a_destination_that_is_gone() -> None:
    """There is no type of it that would say how."""
    told = (notification(event("service-created")),)

    assert MissingDestination("slack", "").message(told, Destination("slack", "slack", ())) == {}
