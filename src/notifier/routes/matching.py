"""Whether a notification is what a route or a silence asks for."""

from collections.abc import Mapping
from dataclasses import dataclass

from notifier.model.notification import Notification
from notifier.routes.document import Condition, Match
from notifier.routes.globs import matches


@dataclass(frozen=True, slots=True)
class Mismatch:
    """The first *key* that keeps a notification out, as match.service or not.service, and its value if it has one."""

    key: str
    value: str | None


def mismatch(
    match: Match, notification: Notification, account_names: Mapping[str, str], *, in_doubt: bool
) -> Mismatch | None:
    """Find what keeps *notification* out, if anything does.

    A severity that is a guess decides nothing: then conditions on it turn out so that the answer is *in_doubt*.
    """
    values = notification.values

    def met(condition: Condition, *, by_guess: bool) -> bool:
        if condition.key == "severity" and not notification.recognised:
            return by_guess
        value = values.get(condition.key, "")
        names = (value, account_names.get(value, "") if condition.key == "account" else "")
        return any(matches(glob, name) for glob in condition.globs for name in names if name)

    missed = [f"match.{wanted.key}" for wanted in match.every if not met(wanted, by_guess=in_doubt)]
    caught = [f"not.{unwanted.key}" for unwanted in match.none if met(unwanted, by_guess=not in_doubt)]
    key = next(iter((*missed, *caught)), None)
    return Mismatch(key, values.get(key.partition(".")[2])) if key else None
