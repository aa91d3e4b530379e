"""A Slack workspace behind the Web API: the messages of its channels, their threads and edits."""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

from proton_notifier.fakes.slack_limits import EDITED_TEXT_LIMIT, MESSAGE_TEXT_LIMIT, content_error

# The channels of a workspace, and the error for a bot that posts to them.
CHANNELS: Final[Mapping[str, str | None]] = {
    "C0ALERTS": None,
    "C0ARCHIVED": "is_archived",
    "G0SECRET": "not_in_channel",
}
# docs.slack.dev, rate limits: Tier 3, for each method.
EDITS_A_MINUTE: Final = 50
MINUTE: Final = 60
# The arguments that are visible in a message.
CONTENT: Final = ("text", "blocks", "attachments", "metadata")

Arguments = dict[str, Any]


class ApiError(Exception):
    """An error code of the Web API; *retry_after_seconds* is set for the rate limit."""

    def __init__(self, code: str, retry_after_seconds: int = 0) -> None:
        super().__init__(code)
        self.retry_after_seconds = retry_after_seconds


def reject(code: str, retry_after_seconds: int = 0) -> NoReturn:
    """Raise `ApiError`."""
    raise ApiError(code, retry_after_seconds)


@dataclass(slots=True)
class Post:
    """A message in *channel*; *thread_ts* is its parent's id, if it is a reply.

    *payload* has the arguments of the call that posted it, *edits* those of later calls, *content* the present content.
    """

    channel: str
    ts: str
    payload: Arguments
    thread_ts: str | None
    content: dict[str, Any]
    edits: list[Arguments] = field(default_factory=list)


class Workspace:
    """The state of *channels*, and the methods that change it; accepted posts are added to *messages*.

    The values of *channels* are the errors for a bot that posts there.
    """

    def __init__(self, channels: Mapping[str, str | None], messages: list[dict[str, Any]]) -> None:
        self.posts: dict[str, Post] = {}
        self._channels = channels
        self._messages = messages
        self._edited_at: list[float] = []
        self._microseconds = 0

    @property
    def roots(self) -> list[Post]:
        """The messages outside threads, oldest first."""
        return [post for post in self.posts.values() if post.thread_ts is None]

    def replies(self, ts: str) -> list[Post]:
        """Return the messages in the thread of *ts*, oldest first."""
        return [post for post in self.posts.values() if post.thread_ts == ts]

    @property
    def methods(self) -> Mapping[str, Callable[[Arguments], dict[str, Any]]]:
        """The methods by name; each returns its answer without `ok`, or raises `ApiError`."""
        return {
            "chat.postMessage": self._post,
            "chat.update": self._update,
            "conversations.history": self._history,
            "conversations.replies": self._thread,
        }

    def _post(self, arguments: Arguments) -> dict[str, Any]:
        channel = self._channel(arguments)
        if error := self._channels[channel] or content_error(arguments, MESSAGE_TEXT_LIMIT):
            reject(error)
        parent = self._parent(channel, arguments.get("thread_ts"))
        post = Post(channel, self._next_ts(), arguments, parent, _content(arguments))
        self.posts[post.ts] = post
        self._messages.append(arguments)
        return {"channel": channel, "ts": post.ts, "message": _shown(post)}

    def _parent(self, channel: str, ts: str | None) -> str | None:
        """Return the parent of a reply; a reply to a missing message is posted outside threads."""
        parent = self.posts.get(ts or "")
        if parent is None or parent.channel != channel:
            return None
        if parent.thread_ts:
            reject("cannot_reply_to_message")
        return ts

    def _update(self, arguments: Arguments) -> dict[str, Any]:
        channel = self._channel(arguments)
        self._count_edit()
        post = self.posts.get(arguments.get("ts", ""))
        if post is None or post.channel != channel:
            reject("message_not_found")
        inactive = "is_inactive" if self._channels[channel] else None
        if error := inactive or content_error(arguments, EDITED_TEXT_LIMIT):
            reject(error)
        post.edits.append(arguments)
        # A text without blocks removes the blocks; attachments and metadata stay unless given.
        kept = {key: value for key, value in post.content.items() if key in {"attachments", "metadata"}}
        post.content = {**kept, **_content(arguments)}
        return {"channel": channel, "ts": post.ts, "text": post.content.get("text", ""), "message": _shown(post)}

    def _count_edit(self) -> None:
        self._edited_at = [at for at in self._edited_at if at > time.time() - MINUTE]
        if len(self._edited_at) >= EDITS_A_MINUTE:
            reject("ratelimited", math.ceil(self._edited_at[0] + MINUTE - time.time()))
        self._edited_at.append(time.time())

    def _history(self, arguments: Arguments) -> dict[str, Any]:
        """Return the messages of a channel, newest first; replies only if they were broadcast."""
        channel = self._channel(arguments)
        posts = [post for post in self.posts.values() if post.channel == channel]
        return _page(
            [post for post in reversed(posts) if not post.thread_ts or post.payload.get("reply_broadcast")], arguments
        )

    def _thread(self, arguments: Arguments) -> dict[str, Any]:
        """Return a parent and its replies, oldest first."""
        channel, ts = self._channel(arguments), arguments.get("ts", "")
        if ts not in self.posts or self.posts[ts].channel != channel:
            reject("thread_not_found")
        return _page([self.posts[ts], *self.replies(ts)], arguments)

    def _channel(self, arguments: Arguments) -> str:
        channel: str = arguments.get("channel", "")
        if channel not in self._channels:
            reject("channel_not_found")
        return channel

    def _next_ts(self) -> str:
        """Make a unique id, which is a time, even if the clock stands still."""
        self._microseconds = max(self._microseconds + 1, int(time.time() * 1_000_000))
        return f"{self._microseconds // 1_000_000}.{self._microseconds % 1_000_000:06}"


def _content(arguments: Arguments) -> dict[str, Any]:
    return {key: arguments[key] for key in CONTENT if key in arguments}


def _page(posts: list[Post], arguments: Arguments) -> dict[str, Any]:
    """Write the messages after *oldest*, with the payload of their metadata only on request."""
    oldest, limit = float(arguments.get("oldest", 0)), int(arguments.get("limit", 100))
    shown = [_shown(post) for post in posts if float(post.ts) > oldest]
    if arguments.get("include_all_metadata") != "true":
        for message in shown:
            if "metadata" in message:
                message["metadata"] = {"event_type": message["metadata"]["event_type"]}
    return {"messages": shown[:limit], "has_more": len(shown) > limit}


def _shown(post: Post) -> dict[str, Any]:
    thread = {"thread_ts": post.thread_ts} if post.thread_ts else {}
    return {"type": "message", "bot_id": "B0FAKE", "ts": post.ts, **thread, **post.content}
