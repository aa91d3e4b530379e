"""The log: lines of JSON, in which CloudWatch finds each field."""

import os
import sys
from datetime import UTC, datetime
from traceback import format_exception
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


class Logger:
    """Writes lines, each with the fields of the invocation."""

    def __init__(self) -> None:
        self._invocation: dict[str, object] = {}

    def begin(self, context: "LambdaContext", **fields: object) -> None:
        """Begin an invocation, whose lines all have *fields*."""
        self._invocation = {
            "service": os.environ["POWERTOOLS_SERVICE_NAME"],
            "function_name": context.function_name,
            "function_request_id": context.aws_request_id,
            "xray_trace_id": os.environ.get("_X_AMZN_TRACE_ID", "").partition(";")[0].removeprefix("Root="),
            **fields,
        }

    def info(self, message: str, **fields: object) -> None:
        """Log what was done."""
        self._write("INFO", message, fields)

    def warning(self, message: str, **fields: object) -> None:
        """Log what fails nothing else."""
        self._write("WARNING", message, fields)

    def error(self, message: str, *, exception: Exception | None = None, **fields: object) -> None:
        """Log what failed; an unexpected *exception* with its traceback."""
        if exception:
            fields |= {"exception": "".join(format_exception(exception)), "exception_name": type(exception).__name__}
        self._write("ERROR", message, fields)

    def _write(self, level: str, message: str, fields: dict[str, object]) -> None:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = {"level": level, "message": message, "timestamp": now, **self._invocation, **fields}
        sys.stdout.write(msgspec.json.encode(line).decode() + "\n")
        sys.stdout.flush()
