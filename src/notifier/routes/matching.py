"""Match notifications against the conditions of routes and silences."""

import fnmatch
import re
from collections.abc import Mapping
from functools import lru_cache

from notifier.model.notification import Notification
from notifier.routes.document import Match


def matches(glob: str, text: str) -> bool:
    """Tell if *glob* matches all of *text*, in which case counts; * is any text, ? is any character."""
    return _compiled(glob).match(text) is not None


def find_mismatch(
    match: Match, notification: Notification, account_names: Mapping[str, str], *, if_unknown: bool
) -> tuple[str, str | None] | None:
    """Find the first condition that excludes *notification*: its key, like match.service or not.service, and the value.

    The severity of an unrecognised notification is a guess. With *if_unknown*, conditions on the severity never exclude
    such a notification; without, they always do.
    """
    values = notification.values
    for side, conditions, required in (("match", match.every, True), ("not", match.none, False)):
        for condition in conditions:
            value = values.get(condition.key)
            if condition.key == "severity" and not notification.recognised:
                excluded = not if_unknown
            else:
                names = filter(None, (value, account_names.get(value or "") if condition.key == "account" else None))
                excluded = required is not any(matches(glob, name) for name in names for glob in condition.globs)
            if excluded:
                return f"{side}.{condition.key}", value
    return None


@lru_cache(maxsize=1_024)
def _compiled(glob: str) -> re.Pattern[str]:
    # The standard library's translation of * does not backtrack. Its character classes are no part of our globs.
    return re.compile(fnmatch.translate(glob.replace("[", "[[]")))
