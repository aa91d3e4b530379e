from cli.stand_in import Request
from cli.webhook_standin import KEY, PATH, WebhookStandIn, verdict


def test_a_header_that_is_missing_is_named() -> None:
    """As a receiver's log would."""
    assert verdict(Request(PATH, {}, b""), KEY, 0) == "'webhook-id' is missing"


def test_another_path_is_not_there() -> None:
    """Nor is anything taken."""
    with WebhookStandIn() as receiver:
        assert receiver.judge(Request("/other", {}, b"")).status == 404
        assert receiver.messages == []
