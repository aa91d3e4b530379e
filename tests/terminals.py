"""Terminals, as far as a command asks."""

import io
from typing import NoReturn


class Terminal(io.StringIO):
    """A person who types what they are given."""

    def isatty(self) -> bool:
        """Tell that somebody is there."""
        return True


class Interrupted(Terminal):
    """A person who presses Ctrl-C where something is asked."""

    def readline(self, _size: int | None = -1, /) -> NoReturn:
        """Raise what Python makes of it."""
        raise KeyboardInterrupt
