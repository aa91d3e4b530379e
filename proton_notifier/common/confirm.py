"""A person's yes to what a command is about to do."""

import sys


class NobodyToAskError(Exception):
    """There is no terminal to ask on."""


def agreed(question: str) -> bool:
    """Ask *question*; only a clear yes is one. Raise `NobodyToAskError` where nobody can answer."""
    if not sys.stdin.isatty():
        message = "there is no terminal to ask on; give --yes to go on without asking"
        raise NobodyToAskError(message)
    print(f"{question} [y/N] ", end="", flush=True)
    return sys.stdin.readline().strip().lower() in {"y", "yes"}
