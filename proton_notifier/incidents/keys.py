"""The keys of the resources that a person may mean."""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

SUGGESTIONS: Final = 5
# An ARN has so many parts before its resource.
ARN: Final = re.compile(r"arn:[^:]*:[^:]*:(?P<region>[^:]*):(?P<account>[^:]*):(?P<resource>.+)")


def may_name(text: str, key: str) -> bool:
    """Tell if *text* is a part of *key*, or an ARN with the account, the region and a name of it."""
    arn = ARN.fullmatch(text)
    if not arn or ARN.match(key):
        return text in key
    parts = _parts(key)
    return {arn["region"], arn["account"]} <= parts and not parts.isdisjoint(_parts(arn["resource"]))


def similar_keys(text: str, keys: Iterable[str]) -> list[str]:
    """Find *keys* with a part that is similar to the last one of *text*."""
    by_part = {part: key for key in keys for part in _parts(key)}
    similar = get_close_matches(re.split("[:/]", text)[-1], by_part, SUGGESTIONS)
    return sorted({by_part[part] for part in similar})


def _parts(text: str) -> set[str]:
    return {*re.split("[:/]", text)}
