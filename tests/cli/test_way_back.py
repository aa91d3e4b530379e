import boto3
import pytest

from cli.held_queue import HeldQueue
from cli.way_back import RefusedError, WayBack
from tests.aws_calls import AwsCalls


def test_only_a_202_means_that_lambda_has_the_event(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any other answer is no reason to delete it."""
    AwsCalls(monkeypatch).answer("lambda.Invoke", lambda _body: {"StatusCode": 200})
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "local")
    sqs = boto3.client("sqs", region_name="eu-west-1")
    functions = boto3.client("lambda", region_name="eu-west-1")
    way_back = WayBack(functions, "function", sqs, HeldQueue(sqs, "unused"))

    with pytest.raises(RefusedError, match="Lambda answered 200 to an event instead of 202"):
        way_back.send_event("{}")
