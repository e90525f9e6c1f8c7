"""What no two runs have in common, and so is not compared: dates, times and speeds, each named here.

Everything else is compared to the byte; of JSON the bytes of what is left, written in one way.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

# Keys of JSON records, wherever they stand.
CLOCKS = frozenset({"created", "stages", "seconds", "speed", "speedup", "speedup_range", "run_created"})
# The card tells of speeds, and the description of a compact model holds the sha256 of the card.
CARD = "README.md"
# Tables of times; pages and figures, which are drawn from results.json and show times as well.
TIMED = frozenset({"speed.csv", "stages.csv", "audit.csv"})
DRAWN = frozenset({".html", ".svg", ".png"})
TELLS_SPEED = ("per second", "speed-up")


def compared(path: Path) -> bytes | None:
    """What of a file is compared; None where nothing of it is but that it is there."""
    if path.name in TIMED or path.suffix in DRAWN:
        return None
    content = path.read_bytes()
    if path.suffix == ".json":
        return _record(path, content)
    if path.name == CARD:
        lines = content.decode("utf-8").splitlines()
        return "\n".join(line for line in lines if not any(word in line for word in TELLS_SPEED)).encode()
    return content


def _record(path: Path, content: bytes) -> bytes:
    try:
        found = json.loads(content)
    except ValueError:
        return content
    plain = _without(found)
    if path.name == "compact.json":
        plain["files"].pop(CARD, None)
    return content if plain == found else json.dumps(plain).encode()


def _without(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without(inner) for key, inner in value.items() if key not in CLOCKS}
    return [_without(inner) for inner in value] if isinstance(value, list) else value
