import json

from notifier.channels.destination import Reason
from notifier.delivery.outcomes import DeadLettered, Deferred, LogFields, Sent
from proton_notifier.common.delivery_log import filter_pattern, read


def test_the_log_says_what_became_of_each_delivery() -> None:
    """Lines about anything else are passed over, metrics among them."""
    both = {"correlation_id": "e", "destination": "slack", "resource": "r", "attempts": 2, "message_id": "m"}
    lines = [
        {"message": "sent", **both, "batch_size": 3},
        {"message": "not sent", **both, "seconds": 5, "reason": "unavailable", "why": "it answered 503"},
        {"message": "not sent", **both, "seconds": 7, "reason": None, "why": "another worker holds the claim"},
        {"message": "given up", **both, "reason": "gone", "why": "it answered 404"},
        {"message": "broke off", "destination": "slack"},
        {"message": "sent", "destination": "slack"},
        {"_aws": {}, "Sent": [1]},
        ["no", "line"],
    ]

    logged = list(read("\n".join(["START", *map(json.dumps, lines)])))

    fields = LogFields("e", "slack", "r", 2, "m")
    assert logged == [
        (fields, Sent(3)),
        (fields, Deferred(5, "it answered 503", Reason.UNAVAILABLE)),
        (fields, Deferred(7, "another worker holds the claim")),
        (fields, DeadLettered("it answered 404", Reason.GONE)),
    ]


def test_cloudwatch_filters_the_lines_of_one_event() -> None:
    """Each outcome's message is in the pattern."""
    assert filter_pattern("e") == (
        '{ ($.correlation_id = "e") && (($.message = "sent") || ($.message = "not sent") || ($.message = "given up")) }'
    )
