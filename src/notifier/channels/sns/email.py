"""The email that subscribers of a topic receive."""

import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from itertools import filterfalse
from typing import Final

from notifier.channels.digest import Digest
from notifier.model.notification import Notification
from notifier.model.sanitize import title_within
from notifier.model.status_change import Fact, Severity

# SNS rejects a subject of 100 characters or more, with line breaks or control characters, and by its older
# documentation outside ASCII; a subject must begin with a letter, a number or a punctuation mark.
SUBJECT_LIMIT: Final = 99
# Before the name is cut to less, the region and then the account are left out.
NAME_MINIMUM: Final = 24

SEVERITY_WORDS: Final[Mapping[Severity, str]] = {
    Severity.ACTION: "ACTION",
    Severity.FAILURE: "FAILED",
    Severity.INFO: "INFO",
    Severity.PROGRESS: "IN PROGRESS",
    Severity.RECOVERED: "RECOVERED",
    Severity.SUCCESS: "OK",
}


def render(notification: Notification) -> dict[str, str]:
    """Write the email of one notification."""
    return {"Subject": subject(notification), "Message": body(notification)}


def render_digest(digest: Digest) -> dict[str, str]:
    """Write the email of several notifications."""
    listed = "\n\n".join(map(_paragraph, digest.listed))
    counted = "\n".join(f"{number} more {SEVERITY_WORDS[each]}: {kind}" for each, kind, number in digest.counted)
    advice = f"{digest.advice.label}: {digest.advice.value}" if digest.advice else ""
    return {
        "Subject": next(title for title in map(ascii_text, digest.titles) if len(title) <= SUBJECT_LIMIT),
        "Message": _joined(f"{digest.titles[0]}.", f"{digest.summary(icons=False)}.", advice, listed, counted),
    }


def subject(notification: Notification) -> str:
    """Write a subject that SNS accepts: with the reason if all of it fits, else with less of the place and the name."""
    word = "" if notification.is_test else f"{SEVERITY_WORDS[notification.severity]}: "
    room = SUBJECT_LIMIT - len(word)
    title, rest = notification.heading(room)
    if notification.reason and not rest and len(ascii_text(title)) <= room:
        return word + ascii_text(title)
    for number in range(len(notification.place), -1, -1):
        shorter = replace(notification, place=notification.place[:number])
        beginning, name, end = (part and ascii_text(part) for part in shorter.title_parts)
        if len(f"{beginning} {name[:NAME_MINIMUM]} {end}") <= room:
            break
    return word + title_within(room, beginning, name, end, mark="...")


def body(notification: Notification) -> str:
    """Write the plain text: title, reason, next step, command, facts, links and references."""
    status, time = Fact("Status", " -> ".join(notification.statuses)), Fact("Time", notification.time)
    title, reason = notification.heading()
    # A command has its own line, so that it can be copied.
    command = [f"Run:\n{notification.command}"] if notification.command else []
    steps = [f"{number}. {step}" for number, step in enumerate((*notification.steps, *command), 1)]
    return _joined(
        f"{title.removesuffix('.')}.",
        f"Reason: {reason}" if reason else "",
        notification.custom_body or ("\n".join(["What to do:", *steps]) if steps else ""),
        "\n".join(f"{link.label}: {link.url}" for link in notification.links),
        "" if notification.custom_body else _labelled((status, *notification.facts, time)),
        _labelled(notification.references),
    )


def ascii_text(text: str) -> str:
    """Write *text* in printable ASCII, with a question mark for other characters; never empty."""
    if not text.isascii():
        bare = "".join(filterfalse(unicodedata.combining, unicodedata.normalize("NFKD", text)))
        text = bare.encode("ascii", "replace").decode()
    return text.strip() or "?"


def _paragraph(notification: Notification) -> str:
    facts = ", ".join(filter(None, (" -> ".join(notification.statuses), notification.time)))
    title, reason = notification.title, notification.reason_beside(notification.title)
    first = ": ".join(filter(None, (SEVERITY_WORDS[notification.severity], title, reason)))
    return "\n".join(filter(None, (first, facts, *(link.url for link in notification.links))))


def _joined(*paragraphs: str) -> str:
    return "\n\n".join(filter(None, paragraphs)) + "\n"


def _labelled(facts: tuple[Fact, ...]) -> str:
    return "\n".join(f"{fact.label}: {fact.value}" for fact in facts if fact.value)
