"""The limits of Slack's messages and workflows."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from proton_notifier.fakes.server import json_or_none

# docs.slack.dev, reference of blocks and of the text object.
BLOCKS_LIMIT: Final = 50
ATTACHMENTS_LIMIT: Final = 100
MESSAGE_TEXT_LIMIT: Final = 40_000
EDITED_TEXT_LIMIT: Final = 4_000
HEADER_LIMIT: Final = 150
TEXT_LIMIT: Final = 3_000
FIELDS_LIMIT: Final = 10
FIELD_LIMIT: Final = 2_000
ELEMENTS_LIMIT: Final = 10

# The variables of a webhook: Slack's help, "Create a workflow that starts outside of Slack".
VARIABLES_LIMIT: Final = 20


def trigger_errors(body: bytes) -> Iterator[str]:
    """List the reasons why a workflow would not start with *body*."""
    variables = json_or_none(body)
    if not isinstance(variables, dict):
        yield "the body is not a JSON object"
        return
    if len(variables) > VARIABLES_LIMIT:
        yield f"{len(variables)} variables"
    for name, value in variables.items():
        if not isinstance(value, str) or not value:
            yield f"{name} is not a text"
        elif "<" in value or ">" in value:
            yield f"{name} may be a mention or a link"


def content_error(payload: Mapping[str, Any], text_limit: int) -> str | None:
    """Return the Web API's error code for a message whose text may have *text_limit* characters, or None."""
    if len(payload.get("text", "")) > text_limit:
        return "msg_too_long"
    return "invalid_blocks" if any(payload_errors(payload)) else None


def payload_errors(payload: Mapping[str, Any] | None) -> Iterator[str]:
    """List the reasons why Slack would reject *payload*."""
    if payload is None:
        yield "the body is not JSON"
        return
    yield from _text_errors("text", payload.get("text", ""), MESSAGE_TEXT_LIMIT)
    attachments = payload.get("attachments", [])
    if len(attachments) > ATTACHMENTS_LIMIT:
        yield f"{len(attachments)} attachments"
    blocks = [*payload.get("blocks", [])]
    for attachment in attachments:
        blocks += attachment.get("blocks", [])
    if len(blocks) > BLOCKS_LIMIT:
        yield f"{len(blocks)} blocks"
    for block in blocks:
        yield from _block_errors(block)


def _block_errors(block: Mapping[str, Any]) -> Iterator[str]:
    match block:
        case {"type": "header", "text": {"type": "plain_text", "text": str(text)}}:
            yield from _text_errors("header", text, HEADER_LIMIT)
        case {"type": "section", "text": {"type": "mrkdwn", "text": str(text)}}:
            yield from _text_errors("section", text, TEXT_LIMIT)
        case {"type": "section", "fields": list(fields)}:
            yield from _list_errors("field", fields, FIELDS_LIMIT, FIELD_LIMIT)
        case {"type": "context", "elements": list(elements)}:
            yield from _list_errors("element", elements, ELEMENTS_LIMIT, TEXT_LIMIT)
        case _:
            yield f"not a block: {block}"


def _list_errors(name: str, entries: list[Mapping[str, Any]], count: int, limit: int) -> Iterator[str]:
    if not 1 <= len(entries) <= count:
        yield f"{len(entries)} {name}s"
    for entry in entries:
        yield from _text_errors(name, entry.get("text", ""), limit)


def _text_errors(name: str, text: str, limit: int) -> Iterator[str]:
    units = len(text.encode("utf-16-le")) // 2
    if not 1 <= units <= limit:
        yield f"a {name} of {units} characters"
