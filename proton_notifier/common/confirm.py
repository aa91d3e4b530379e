"""The confirmation of a person before a command acts."""

import sys

from proton_notifier.common.deployed_stack import StackError


def confirm(question: str) -> bool:
    """Ask *question*; only "y" or "yes" confirms. Raise `StackError` if there is no terminal."""
    if not sys.stdin.isatty():
        message = "there is no terminal to ask on; give --yes to go on without asking"
        raise StackError(message)
    print(f"{question} [y/N] ", end="", flush=True)
    return sys.stdin.readline().strip().lower() in {"y", "yes"}
