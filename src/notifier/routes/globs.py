"""Patterns of names: * is anything, ? is one character, all else is itself."""

import fnmatch
import re
from functools import lru_cache


def matches(glob: str, text: str) -> bool:
    """Say whether *glob* matches the whole of *text*, letter case included."""
    return _compiled(glob).match(text) is not None


def includes(wide: str, narrow: str) -> bool:
    """Say whether the glob *wide* surely matches all that *narrow* does; a no may be wrong, a yes never is."""
    # Read as text, the wildcards of *narrow* can only be matched by those of *wide*, and a ? would match their *.
    return wide == narrow or ("?" not in wide and matches(wide, narrow))


@lru_cache(maxsize=1_024)
def _compiled(glob: str) -> re.Pattern[str]:
    # The standard library's translation does not backtrack over a *; its character classes are not wanted.
    return re.compile(fnmatch.translate(glob.replace("[", "[[]")))
