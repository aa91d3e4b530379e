"""The `notifier` command."""

import os
import signal
import sys
from contextlib import suppress

# Of a process that SIGINT ends, as a shell tells it.
INTERRUPTED = 128 + signal.SIGINT


def main(arguments: list[str] | None = None) -> int:
    """Run the command that *arguments* ask for, by default those of the process; return its exit status.

    Ctrl-C, and an output that takes no more, end it in one line. What it imports is imported here for that reason.
    """
    sys.stdin, sys.stderr = (
        stream or os.fdopen(os.open(os.devnull, os.O_RDWR), "r+") for stream in (sys.stdin, sys.stderr)
    )
    if sys.stdout is None:
        _say("output: it is closed")
        return 1
    status = 1
    try:
        try:
            status = _run(arguments)
        except KeyboardInterrupt:
            # A second one would break the end off.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            status = INTERRUPTED
            _say("interrupted")
        finally:
            sys.stdout.flush()
    except OSError as error:
        if status != INTERRUPTED:
            status = 1
            _say(f"{error.filename or 'output'}: {error.strerror or error}")
        try:
            sys.stdout.flush()
        except OSError:
            # Python flushes once more at the very end, and would tell of the same error.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return status


def _run(arguments: list[str] | None) -> int:
    from importlib import import_module  # noqa: PLC0415 - see main
    from io import TextIOWrapper  # noqa: PLC0415 - see main

    from proton_notifier.arguments import parse  # noqa: PLC0415 - see main
    from proton_notifier.localaws.environment import seal  # noqa: PLC0415 - see main

    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # A terminal that knows no emoji shows the rest.
    parsed = parse(arguments)
    if parsed.is_local:
        seal()
    try:
        status: int = import_module(parsed.module).run(parsed)
    except SystemExit as ended:
        # rich ends the process without a word when nobody reads on.
        if isinstance(ended.__context__, OSError):
            raise ended.__context__ from None
        raise
    return status


def _say(message: str) -> None:
    with suppress(OSError):
        print(f"notifier: {message}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
