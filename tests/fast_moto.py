"""Faster ways through moto, which takes a quarter of the time of the tests, to the same results.

Each call would look for its service among all of AWS's, take a condition apart letter by letter, and look for each part
of a value of DynamoDB under six names; and an empty queue would be watched for a second, in which nobody fills it.
"""

import re
from collections import deque
from collections.abc import Callable, Mapping
from functools import cache
from threading import RLock
from typing import Any, Final

from botocore.awsrequest import AWSPreparedRequest
from moto.backend_index import backend_url_patterns
from moto.backends import get_backend
from moto.core import DEFAULT_ACCOUNT_ID  # type: ignore[attr-defined] # not in its __all__
from moto.core.botocore_stubber import BotocoreStubber
from moto.core.request import normalize_request
from moto.core.serialize import AttributePicker, AttributePickerContext
from moto.dynamodb.comparisons import ConditionExpressionParser
from moto.moto_api._internal.moto_random import MotoRandom
from moto.sqs.models import Message, SQSBackend
from werkzeug.exceptions import HTTPException

Response = tuple[int, Mapping[str, str], Any]
# The types of DynamoDB's values, one of which each value has.
VALUE_TYPES: Final = frozenset({"B", "BOOL", "BS", "L", "M", "N", "NS", "NULL", "S", "SS"})
LEX: Final = ConditionExpressionParser._lex_condition_expression  # noqa: SLF001 - moto has no other way
PICK: Final = AttributePicker.__call__
RECEIVE: Final = SQSBackend.receive_message
# Of two threads that delete messages, moto would keep what one of them deleted.
ONE_AT_A_TIME: Final = RLock()


@cache
def _responder(url: str) -> Callable[..., Response] | None:
    for service, pattern in backend_url_patterns:
        if pattern.match(url):
            regions = get_backend(service)[DEFAULT_ACCOUNT_ID]  # type: ignore[call-overload]
            urls = regions["us-east-1" if "us-east-1" in regions else "aws"].urls
            return next((method for each, method in urls.items() if re.match(each, url)), None)
    return None


def _respond(_stubber: BotocoreStubber, request: AWSPreparedRequest) -> Response | None:
    if not (respond := _responder(request.url.partition("?")[0])):
        return None
    normalized = normalize_request(request)
    with ONE_AT_A_TIME:
        try:
            return respond(normalized, normalized.raw_url, normalized.headers)
        except HTTPException as error:
            return error.code or 500, dict(error.get_headers()), error.get_body()


@cache
def _nodes(expression: str) -> tuple[Any, ...]:
    return tuple(LEX(ConditionExpressionParser(expression, None, None)))


def _lex(parser: ConditionExpressionParser) -> deque[Any]:
    return deque(_nodes(parser.condition_expression or ""))


def _pick(picker: AttributePicker, context: AttributePickerContext) -> Any:  # noqa: ANN401 - any value
    if context.key in VALUE_TYPES and isinstance(context.obj, dict):
        return context.obj.get(context.key)
    return PICK(picker, context)


def _receive(
    backend: SQSBackend,
    queue_name: str,
    count: int,
    wait_seconds_timeout: int,  # noqa: ARG001 - as moto's
    visibility_timeout: int,
    message_attribute_names: list[str] | None = None,
) -> list[Message]:
    return RECEIVE(backend, queue_name, count, 0, visibility_timeout, message_attribute_names)


def _random_text(source: MotoRandom, length: int = 20, include_digits: bool = True, lower_case: bool = False) -> str:  # noqa: ARG001, FBT001, FBT002 - as moto's
    return f"{source.getrandbits(4 * length):0{length}x}"


SUBSTITUTES: Final[Mapping[str, Callable[..., Any]]] = {
    "moto.core.botocore_stubber.BotocoreStubber.process_request": _respond,
    "moto.core.serialize.AttributePicker.__call__": _pick,
    "moto.dynamodb.comparisons.ConditionExpressionParser._lex_condition_expression": _lex,
    "moto.moto_api._internal.moto_random.MotoRandom.get_random_string": _random_text,
    "moto.sqs.models.SQSBackend.receive_message": _receive,
}
