"""Responses of a server that is not AWS, or only partly, to each call of the functions."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from handlers.aws import AwsClients
from handlers.proofs import PROOFS, UnprovenResponseError
from proton_notifier.localaws.environment import ENVIRONMENT

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import WriteRequestTypeDef

PUT: "WriteRequestTypeDef" = {"PutRequest": {"Item": {"id": {"S": "e/slack"}, "state": {"S": "sent"}}}}
OTHER = {"PutRequest": {"Item": {"id": {"S": "other"}}}}
QUEUE = "https://sqs.eu-west-1.amazonaws.com/123456789012/q"

Call = Callable[[AwsClients], Any]
CALLS: dict[str, Call] = {
    "BatchWriteItem": lambda aws: aws.client("dynamodb").batch_write_item(RequestItems={"ledger": [PUT]}),
    "ChangeMessageVisibilityBatch": lambda aws: aws.client("sqs").change_message_visibility_batch(
        QueueUrl=QUEUE, Entries=[{"Id": number, "ReceiptHandle": "r", "VisibilityTimeout": 1} for number in "01"]
    ),
    "DeleteItem": lambda aws: aws.client("dynamodb").delete_item(TableName="ledger", Key={"id": {"S": "e/slack"}}),
    "DeleteMessage": lambda aws: aws.client("sqs").delete_message(QueueUrl=QUEUE, ReceiptHandle="r"),
    "DeleteMessageBatch": lambda aws: aws.client("sqs").delete_message_batch(
        QueueUrl=QUEUE, Entries=[{"Id": number, "ReceiptHandle": "r"} for number in "01"]
    ),
    "GetItem": lambda aws: aws.reader("dynamodb").get_item(TableName="memory", Key={"id": {"S": "a resource"}}),
    "GetParameter": lambda aws: aws.client("ssm").get_parameter(Name="/n"),
    "GetParameterHistory": lambda aws: aws.client("ssm").get_parameter_history(Name="/n"),
    "GetQueueAttributes": lambda aws: aws.client("sqs").get_queue_attributes(
        QueueUrl=QUEUE, AttributeNames=["QueueArn"]
    ),
    "GetSecretValue": lambda aws: aws.client("secretsmanager").get_secret_value(SecretId="s"),
    "Publish": lambda aws: aws.client("sns").publish(TopicArn="arn:aws:sns:eu-west-1:123456789012:t", Message="m"),
    "PutItem": lambda aws: aws.client("dynamodb").put_item(TableName="ledger", Item={"id": {"S": "e/slack"}}),
    "PutParameter": lambda aws: aws.client("ssm").put_parameter(Name="/n", Value="v"),
    "Query": lambda aws: aws.reader("dynamodb").query(TableName="memory", IndexName="due"),
    "ReceiveMessage": lambda aws: aws.client("sqs").receive_message(QueueUrl=QUEUE),
    "Scan": lambda aws: aws.reader("dynamodb").scan(TableName="memory"),
    "SendMessage": lambda aws: aws.client("sqs").send_message(QueueUrl=QUEUE, MessageBody="b"),
    "SendMessageBatch": lambda aws: aws.client("sqs").send_message_batch(
        QueueUrl=QUEUE, Entries=[{"Id": number, "MessageBody": "b"} for number in "01"]
    ),
    "StartMessageMoveTask": lambda aws: aws.client("sqs").start_message_move_task(
        SourceArn="arn:aws:sqs:eu-west-1:1:q"
    ),
    "UpdateItem": lambda aws: aws.client("dynamodb").update_item(TableName="ledger", Key={"id": {"S": "C#1/slack"}}),
}
BOTH = json.dumps({"Successful": [{"Id": "0"}, {"Id": "1"}]})
ITEMS = json.dumps({"ConsumedCapacity": {"TableName": "memory", "CapacityUnits": 0.5}})
ROW = json.dumps({"ConsumedCapacity": {"TableName": "ledger", "CapacityUnits": 1}})
PUBLISHED = "<PublishResponse><PublishResult><MessageId>m</MessageId></PublishResult></PublishResponse>"
TRUE = {
    "BatchWriteItem": '{"UnprocessedItems": {}}',
    "ChangeMessageVisibilityBatch": BOTH,
    "DeleteItem": ROW,
    "DeleteMessage": "",
    "DeleteMessageBatch": BOTH,
    "GetItem": ITEMS,
    "GetParameter": '{"Parameter": {"Value": ""}}',
    "GetParameterHistory": '{"Parameters": [{"Value": "v"}]}',
    "GetQueueAttributes": '{"Attributes": {"QueueArn": "arn"}}',
    "GetSecretValue": '{"SecretString": "s"}',
    "Publish": PUBLISHED,
    "PutItem": ROW,
    "PutParameter": '{"Version": 1}',
    "Query": ITEMS,
    "ReceiveMessage": "{}",
    "Scan": ITEMS,
    "SendMessage": '{"MessageId": "m"}',
    "SendMessageBatch": BOTH,
    "StartMessageMoveTask": '{"TaskHandle": "t"}',
    "UpdateItem": '{"Attributes": {"id": {"S": "C#1/slack"}}}',
}
GARBLED: dict[str, str | bytes] = {
    "an empty object": "{}",
    "nothing": "",
    "null": "null",
    "a list": "[]",
    "a number": "1",
    "a string": '"Successful"',
    "words": "hello",
    "a page": "<html><body>Sign in</body></html>",
    "half a page": "<html>",
    "no text": b"\xff\xfe",
    "too deep": "[" * 100_000,
    "an error": '{"__type": "InternalServerError"}',
    "one of two ids": '{"Successful": [{"Id": "0"}]}',
    "an id that was not asked for": '{"Successful": [{"Id": "0"}, {"Id": "2"}]}',
    "entries without ids": '{"Successful": [{}, {}]}',
    "entries that are none": '{"Successful": [0, 1]}',
    "successful as a word": '{"Successful": "0 1"}',
    "another's rows": json.dumps({"UnprocessedItems": {"ledger": [OTHER]}}),
    "another's table": json.dumps({"UnprocessedItems": {"other": []}}),
    "rows without ids": '{"UnprocessedItems": {"ledger": [{}]}}',
    "rows that are none": '{"UnprocessedItems": {"ledger": "x"}}',
    "unprocessed as a word": '{"UnprocessedItems": "x"}',
    "the capacity of another table": '{"ConsumedCapacity": {"TableName": "other"}}',
    "capacity without a table": '{"ConsumedCapacity": {}}',
    "an empty message id": '{"MessageId": ""}',
    "a blank message id": '{"MessageId": " "}',
    "a number as a message id": '{"MessageId": 1}',
    "a parameter without a value": '{"Parameter": {"Version": 1}}',
    "versions without a value": '{"Parameters": [{"Version": 1}]}',
    "a number as a secret": '{"SecretString": 1}',
    "a word as a version": '{"Version": "x"}',
    "the attributes of another row": '{"Attributes": {"id": {"S": "C#2/slack"}}}',
    "an empty result": "<PublishResponse><PublishResult/></PublishResponse>",
    "an empty id": "<PublishResponse><PublishResult><MessageId/></PublishResult></PublishResponse>",
    "a blank id": "<PublishResponse><PublishResult><MessageId> </MessageId></PublishResult></PublishResponse>",
    "another response": "<SubscribeResponse/>",
}


class Answering(BaseHTTPRequestHandler):
    """Answers every request as its server was told."""

    server: "Server"

    def do_POST(self) -> None:
        """Answer."""
        self.rfile.read(int(self.headers["Content-Length"]))
        status, body = self.server.answer
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **self.server.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """A server of loopback with one *answer*."""

    daemon_threads = True
    answer = (200, b"")
    headers: Mapping[str, str] = {}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Run a server."""
    with Server(("127.0.0.1", 0), Answering) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def aws(server: Server) -> Iterator[AwsClients]:
    """Make the functions' clients, for which the server is AWS."""
    with pytest.MonkeyPatch.context() as patched:
        for name, value in ENVIRONMENT.items():
            patched.setenv(name, value)
        patched.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
        yield AwsClients()


def test_every_proof_is_tried_here() -> None:
    """A new one needs a call and a true answer."""
    assert CALLS.keys() == TRUE.keys() == PROOFS.keys()


@pytest.mark.parametrize("operation", CALLS)
def test_a_true_answer_is_taken(
    operation: str, aws: AwsClients, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the least that AWS documents."""
    server.answer = (200, TRUE[operation].encode())
    monkeypatch.setattr(server, "headers", {"x-amzn-RequestId": "r"})

    assert CALLS[operation](aws)["ResponseMetadata"]["HTTPStatusCode"] == 200


@pytest.mark.parametrize("operation", CALLS)
def test_an_answer_without_proof_is_an_error(operation: str, aws: AwsClients, server: Server) -> None:
    """One of those that are caught wherever AWS is called, whatever the words."""
    taken = []
    for name, body in GARBLED.items():
        server.answer = (200, body if isinstance(body, bytes) else body.encode())
        try:
            CALLS[operation](aws)
        except UnprovenResponseError:
            continue
        taken.append(name)

    assert taken == []


@pytest.mark.uncounted
@pytest.mark.parametrize("operation", CALLS)
def test_a_refusal_in_any_words_is_an_error_that_is_caught(operation: str, aws: AwsClients, server: Server) -> None:
    """The parsers of botocore have errors of their own, which are none of its base classes."""
    answers = [(status, body) for status in (403, 503) for body in GARBLED.values()]
    for status, body in [(204, ""), (302, "<html>"), *answers]:
        server.answer = (status, body if isinstance(body, bytes) else body.encode())

        with pytest.raises((BotoCoreError, ClientError)):
            CALLS[operation](aws)


def test_a_part_that_was_refused_is_an_answer(aws: AwsClients, server: Server) -> None:
    """Whoever asked for it decides what follows."""
    server.answer = (200, b'{"Successful": [{"Id": "0"}], "Failed": [{"Id": "1", "Code": "c"}]}')
    assert CALLS["SendMessageBatch"](aws)["Failed"] == [{"Id": "1", "Code": "c"}]

    server.answer = (200, json.dumps({"UnprocessedItems": {"ledger": [PUT]}}).encode())
    assert CALLS["BatchWriteItem"](aws)["UnprocessedItems"] == {"ledger": [PUT]}


def test_what_needs_no_proof_is_left_alone(aws: AwsClients, server: Server) -> None:
    """An operation that changes nothing, for one."""
    server.answer = (200, b"{}")

    assert "TableNames" not in aws.client("dynamodb").list_tables()
