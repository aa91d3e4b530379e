"""The `notifier` command, and the repository's files that it needs."""

import sys
from pathlib import Path
from typing import Final

# What a wheel brings along of the repository: `handlers` and `notifier` are names too common for site-packages.
_PACKED: Final = Path(__file__).parent / "_repository"
ROOT: Final = _PACKED if _PACKED.is_dir() else Path(__file__).parent.parent

if ROOT == _PACKED:
    # At the front, as somebody else's site-packages may have modules of these names.
    sys.path.insert(0, str(ROOT / "src"))
