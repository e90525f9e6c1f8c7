"""Inputs changed where it matters: values, keys and nesting of JSON and TOML, lines and fields, headers of safetensors.

Bytes alone never get past a parser, let alone past a sha256. Everything is drawn from the ``Random`` given.
"""

from __future__ import annotations

import copy
import json
import struct
import tomllib
from collections.abc import Callable
from random import Random
from typing import Any

import tomli_w

STRINGS: tuple[str, ...] = (
    *("", " ", "\t", "\n", "\x00", "_", "-", "~", "#", "0", "-1", "1e999", "nan", "{}", "None", "task"),
    *("../x", "../../etc/passwd", "/", "/dev/zero", "a\\b", "C:\\x", "a" * 300, "é" * 100, "<script>", "=1+1"),
    *("\u202e", "\ufeff", "\ud800", "\u2028", "labelling", "regression", "classification", "float32", "bfloat16"),
    *("cls", "mean", "average", "glue", "csv", "jsonl", "columns", "conllu", "accuracy", "f1"),
)
NUMBERS: tuple[int | float, ...] = (
    *(0, 1, -1, 2, 7, 127, 255, 256, 65535, 2**31 - 1, 2**31, 2**32, 2**53, 2**63 - 1, 2**63, 2**64, 10**18, 10**30),
    *(-(2**63), 0.5, -0.0, 1e-300, 1e300, float("inf"), float("nan")),
)
BYTES = tuple(b'\x00|\xff|\xc3|\xef\xbb\xbf|\r|\n|\n\n|\t| |"|,|\x1c|\x85|_|#'.split(b"|"))
LONG = (b"9" * 5000, b"[" * 3000, b'{"a":' * 1200, b"x" * 5000)  # more than Python's own limits


def bytes_changed(data: bytes, rng: Random) -> bytes:
    """A byte put in, taken out or changed, or a part doubled, cut, or moved."""
    at, to = sorted(rng.randrange(len(data) + 1) for _ in range(2))
    to = min(to, at + rng.choice((1, 2, 4, 16, 64)))
    part = data[at:to]
    return rng.choice(
        (
            data[:at] + rng.choice(LONG if rng.random() < 0.03 else BYTES) + data[at:],
            data[:at] + data[to:],
            data[:at] + part * rng.choice((2, 3)) + data[to:],
            data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :],
            data[:at] + part[::-1] + data[to:],
            data[:at],
        )
    )


def lines_changed(data: bytes, rng: Random) -> bytes:
    """A line or a field of it dropped, doubled, moved or put in the place of another; or bytes."""
    if rng.random() < 0.4:
        return bytes_changed(data, rng)
    lines = data.split(b"\n")
    at, other = rng.randrange(len(lines)), rng.randrange(len(lines))
    separator = rng.choice((b"\t", b" ", b","))
    fields = lines[at].split(separator)
    place = rng.randrange(len(fields))
    what = rng.randrange(7)
    if what == 0:
        del lines[at]
    elif what == 1:
        lines.insert(at, lines[other])
    elif what == 2:
        lines[at], lines[other] = lines[other], lines[at]
    elif what == 3:
        lines.insert(at, b"")
    else:
        new = rng.choice(STRINGS).encode(errors="surrogatepass") if what == 4 else str(rng.choice(NUMBERS)).encode()
        fields[place : place + (what != 5)] = [new] if what != 6 else []
        lines[at] = separator.join(fields)
    return b"\n".join(lines)


def json_changed(data: bytes, rng: Random) -> bytes:
    """One to four values, keys or branches changed; or bytes, seldom or where it is no JSON."""
    try:
        tree = json.loads(data)
    except (ValueError, RecursionError):
        return bytes_changed(data, rng)
    if rng.random() < 0.05:
        return bytes_changed(data, rng)
    for _ in range(rng.choice((1, 1, 2, 4))):
        tree = tree_changed(tree, rng)
    try:
        return json.dumps(tree).encode()
    except (ValueError, RecursionError):
        return data


def toml_changed(data: bytes, rng: Random) -> bytes:
    """The same for TOML."""
    try:
        tree = tree_changed(tomllib.loads(data.decode()), rng)
        return tomli_w.dumps(tree).encode() if rng.random() < 0.8 else bytes_changed(data, rng)
    # What TOML cannot say: None, a number too large, a lone surrogate, a table in the place of the file.
    except (ValueError, TypeError, AttributeError, RecursionError):
        return bytes_changed(data, rng)


def tree_changed(tree: Any, rng: Random) -> Any:
    """A tree of dictionaries and lists with one change in it."""
    places = _places(tree)
    if not places:
        return _value(rng)
    parent, key = rng.choice(places)
    rng.choice(_CHANGES)(parent, key, places, rng)
    return tree


def _places(tree: Any) -> list[tuple[Any, Any]]:
    """Where every value of a tree stands: (container, key); of long lists the first few."""
    found: list[tuple[Any, Any]] = []
    waiting = [tree]
    while waiting and len(found) < 5000:
        one = waiting.pop()
        keys = list(one) if isinstance(one, dict) else range(min(len(one), 12)) if isinstance(one, list) else ()
        found += [(one, key) for key in keys]
        waiting += [one[key] for key in keys]
    return found


def _value(rng: Random) -> Any:
    kinds: tuple[Callable[[], Any], ...] = (
        lambda: rng.choice(STRINGS),
        lambda: rng.choice(NUMBERS),
        lambda: rng.choice((None, True, False, [], {}, [[]], [None], {"a": 1})),
    )
    return rng.choice(kinds)()


def _replace(parent: Any, key: Any, _: Any, rng: Random) -> None:
    parent[key] = _value(rng)


def _nudge(parent: Any, key: Any, _: Any, rng: Random) -> None:
    """A value of the same type, near."""
    value = parent[key]
    if isinstance(value, bool):
        parent[key] = not value
    elif isinstance(value, int):
        parent[key] = value + rng.choice((-1, 1, 2, -value, value, 10**6))
    elif isinstance(value, float):
        parent[key] = value * rng.choice((-1, 0, 2, 1e30))
    elif isinstance(value, str):
        parent[key] = rng.choice((value[:-1], value + rng.choice(STRINGS), rng.choice(STRINGS) + value, value * 2))
    elif isinstance(value, list):
        parent[key] = rng.choice((value[:-1], value * 2, value[::-1], [*value, _value(rng)]))
    else:
        parent[key] = _value(rng)


def _remove(parent: Any, key: Any, _: Any, rng: Random) -> None:
    del parent[key]


def _copy_from_elsewhere(parent: Any, key: Any, places: list[tuple[Any, Any]], rng: Random) -> None:
    other, place = rng.choice(places)
    parent[key] = copy.deepcopy(other[place])


def _add(parent: Any, key: Any, _: Any, rng: Random) -> None:
    if isinstance(parent, dict):
        parent[rng.choice((*STRINGS, str(key) + "2"))] = copy.deepcopy(parent[key])
    else:
        parent.insert(key, copy.deepcopy(parent[key]))


def _rename(parent: Any, key: Any, _: Any, rng: Random) -> None:
    value = parent[key]
    del parent[key]
    if isinstance(parent, dict):
        parent[rng.choice(STRINGS)] = value


def _bury(parent: Any, key: Any, _: Any, rng: Random) -> None:
    """Under many brackets."""
    for _ in range(rng.choice((1, 1, 2, 50, 400))):
        parent[key] = [parent[key]]


_CHANGES = (_replace, _replace, _nudge, _nudge, _nudge, _remove, _copy_from_elsewhere, _add, _rename, _bury)


def safetensors_changed(data: bytes, rng: Random) -> bytes:
    """The header of a safetensors file changed, and its length with it; or bytes."""
    if len(data) < 8 or rng.random() < 0.1:
        return bytes_changed(data, rng)
    (length,) = struct.unpack("<Q", data[:8])
    header, values = data[8 : 8 + length], data[8 + length :]
    header = json_changed(header, rng)
    claimed = rng.choice((0, 1, 2**40, 2**63, len(header) + 1)) if rng.random() < 0.05 else len(header)
    values = bytes_changed(values, rng) if rng.random() < 0.2 else values
    return struct.pack("<Q", claimed) + header + values
