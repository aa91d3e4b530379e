"""Severities as icons, for the channels whose readers see emoji."""

from typing import Final

from notifier.channels.digest import WORDS, Digest
from notifier.model.notification import Notification
from notifier.model.status_change import Severity

ICONS: Final = {
    Severity.ACTION: "🟠",
    Severity.FAILURE: "🔴",
    Severity.INFO: "⚪",
    Severity.PROGRESS: "🔵",
    Severity.RECOVERED: "🟢",
    Severity.SUCCESS: "✅",
}
TEST_ICON: Final = "🧪"


def icon(notification: Notification) -> str:
    """Choose the icon of a notification."""
    return TEST_ICON if notification.is_test else ICONS[notification.severity]


def digest_titles(digest: Digest) -> tuple[str, ...]:
    """Write the titles of *digest* behind the icon of its severity."""
    return tuple(f"{ICONS[digest.severity]} {title}" for title in digest.titles)


def digest_summary(digest: Digest) -> str:
    """Write the counts of *digest*, each behind its icon."""
    counts = ", ".join(f"{ICONS[severity]} {number} {WORDS[severity]}" for severity, number in digest.counts)
    return f"{counts} ({digest.size})"
