import json

from proton_notifier.common.delivery_log import Became, Logged, read


def test_the_log_says_what_became_of_each_delivery() -> None:
    """Lines about anything else are passed over, metrics among them."""
    both = {"correlation_id": "e", "destination": "slack"}
    lines = [
        {"message": "sent", **both, "batch_size": 3},
        {"message": "not sent", **both, "seconds": 5, "reason": "unavailable", "why": "it answered 503"},
        {"message": "not sent", **both, "seconds": 7, "reason": None, "why": "another worker is at it"},
        {"message": "given up", **both, "reason": "gone", "why": "it answered 404"},
        {"message": "broke off", "destination": "slack"},
        {"_aws": {}, "Sent": [1]},
    ]

    logged = list(read("\n".join(map(json.dumps, lines))))

    assert logged == [
        Logged("e", "slack", Became.SENT),
        Logged("e", "slack", Became.PUT_OFF, "unavailable", 5),
        Logged("e", "slack", Became.PUT_OFF, "another worker is at it", 7),
        Logged("e", "slack", Became.GIVEN_UP, "gone"),
    ]
