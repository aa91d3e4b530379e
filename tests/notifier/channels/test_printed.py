import pytest

from notifier.channels.printed import PrintedChannel
from tests.samples import event, notification


def test_a_message_is_printed_instead_of_sent(capsys: pytest.CaptureFixture[str]) -> None:
    """The log shows what would go where."""
    PrintedChannel(lambda told: told[0].title).send((notification(event("service-created")),), "the topic")

    assert capsys.readouterr().out == "\n--- would be sent to the topic ---\nService checkout is active\n---\n"
