"""The `notifier` command."""

import os
import signal
import sys
from contextlib import suppress

# A shell's exit status of a process that SIGINT ended.
INTERRUPTED = 128 + signal.SIGINT


def main(arguments: list[str] | None = None) -> int:
    """Run the command line *arguments*, by default those of the process; return the exit status.

    Ctrl-C, and an output that is full or closed, end the command with one line, also during imports, which are in
    `_run`.
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
            # A second Ctrl-C would interrupt this handler.
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
            # Python flushes once more when it exits, and would report the same error.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return status


def _run(arguments: list[str] | None) -> int:
    from importlib import import_module  # noqa: PLC0415 - see main
    from io import TextIOWrapper  # noqa: PLC0415 - see main

    from proton_notifier.command_line import parse  # noqa: PLC0415 - see main
    from proton_notifier.localaws.environment import isolate  # noqa: PLC0415 - see main

    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # A terminal without emoji shows the rest.
    parsed = parse(arguments)
    if parsed.command in {"demo", "replay"}:
        isolate()  # Before the command's module imports moto.
    run = import_module(f"proton_notifier.{parsed.command.replace('-', '_')}.command").run
    try:
        if getattr(parsed, "stack", None) is None:
            return int(run(parsed))
        from proton_notifier.common.deployed_stack import run_on_stack  # noqa: PLC0415 - imports boto3

        return run_on_stack(run, parsed)
    except SystemExit as ended:
        # rich exits silently when the reader of the output has gone.
        if isinstance(ended.__context__, OSError):
            raise ended.__context__ from None
        raise


def _say(message: str) -> None:
    with suppress(OSError):
        print(f"notifier: {message}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
