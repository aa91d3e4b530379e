"""Events of sources that no table lists."""

from notifier.sources.reader import read_unlisted

read = read_unlisted
