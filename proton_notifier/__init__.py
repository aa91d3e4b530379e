"""The `notifier` command, and the repository's files that it needs."""

import sys
from pathlib import Path
from typing import Final

# A wheel contains these files here, because `handlers` and `notifier` are too common names for site-packages.
_PACKED: Final = Path(__file__).parent / "_repository"
ROOT: Final = _PACKED if _PACKED.is_dir() else Path(__file__).parent.parent

if ROOT == _PACKED:
    # At the front, because site-packages may have other modules of these names.
    sys.path.insert(0, str(ROOT / "src"))
