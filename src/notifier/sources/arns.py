"""Amazon Resource Names, and the console's pages about resources."""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

# Git sync's events double the partition: arn:aws:aws:codestar-connections:...
ARN: Final = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):(?:aws[a-z-]*:)?(?P<service>[a-z0-9-]+):(?P<region>[a-z0-9-]*)"
    r":(?P<account>\d{12}|):(?P<resource>.+)",
    re.DOTALL,
)
REGION: Final = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
CONSOLES: Final = {
    "aws": "console.aws.amazon.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-us-gov": "console.amazonaws-us-gov.com",
}
# A link that an event carries must lead to the console itself.
CONSOLE_LINK: Final = re.compile(
    rf"https://([a-z0-9-]+\.)?(?P<host>{'|'.join(map(re.escape, CONSOLES.values()))})/[!-~]*"
)


def part(arn: str | None, group: str) -> str | None:
    """Take `partition`, `service`, `region`, `account` or `resource` out of *arn*; None if it has none."""
    found = ARN.fullmatch(arn or "")
    return (found and found[group]) or None


def leads_to_console(partition: str, url: str) -> bool:
    """Tell if *url* leads to the console of *partition*; services link to the one of `aws` in every partition."""
    link = CONSOLE_LINK.fullmatch(url)
    return link is not None and link["host"] == CONSOLES.get(partition)


def console_page(partition: str, region: str, page: str, values: Mapping[str, str]) -> str | None:
    """Fill *values* into the address of the console's *page*, percent-encoded; None if one is missing or unusable."""
    host = CONSOLES.get(partition)
    if host is None or not REGION.fullmatch(region):
        return None
    quoted = {name: quote(text, safe="") for name, text in values.items()}
    try:
        return f"https://{region}.{host}{page.format_map(quoted)}"
    except KeyError:
        return None
