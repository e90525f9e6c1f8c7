"""JSON lines: what to predict on in, the same objects with what was predicted out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from neurosieve.errors import CorpusError
from neurosieve.pieces.lines import Line, source_name

PAIR = ("sentence1", "sentence2")
_WANTED = {
    "words": 'an object with "words" (a list), "text" or "sentence"',
    "texts": 'an object with "text", "sentence", "texts" (one or two), or "sentence1" and "sentence2"',
}


def is_jsonl(file: Path | None) -> bool:
    """Whether the name of a file says that it holds JSON lines."""
    return file is not None and file.suffix.lower() in (".jsonl", ".ndjson")


def read_record(line: Line, file: Path | None) -> dict[str, Any]:
    """The object on a line.

    Raises:
        CorpusError: there is none; the message names the line.
    """
    where = f"{source_name(file)}, line {line.number}"
    try:
        record = json.loads(line.text)
    except (ValueError, RecursionError) as error:  # a number of thousands of digits is a ValueError too
        raise CorpusError(f"{where} is no JSON ({error}); with JSON lines each line is one object.") from error
    if not isinstance(record, dict):
        raise CorpusError(f"{where} holds JSON, but no object; with JSON lines each line is one object.")
    return record


def item_of(record: dict[str, Any], unit: str, line: Line, file: Path | None) -> str | list[str] | tuple[str, ...]:
    """What is to be predicted on: words or a text to be split for ``unit`` "words"; else a text or a pair of texts.

    Raises:
        CorpusError: the object has none of the keys, or what stands there is of another kind.
    """
    found = _words(record) if unit == "words" else _texts(record)
    if found is None:
        keys = ", ".join(repr(key)[:40] for key in list(record)[:8]) or "(none)"
        raise CorpusError(
            f"{source_name(file)}, line {line.number} should be {_WANTED[unit]}, of strings; it has the keys {keys}."
        )
    return found


def _words(record: dict[str, Any]) -> str | list[str] | None:
    words = record.get("words")
    if isinstance(words, list) and all(isinstance(word, str) for word in words):
        return words
    return None if "words" in record else _text(record)


def _texts(record: dict[str, Any]) -> str | tuple[str, ...] | None:
    if "texts" in record:
        return tuple(record["texts"]) if _are_texts(record["texts"]) else None
    pair = [record.get(key) for key in PAIR]
    return (str(pair[0]), str(pair[1])) if _are_texts(pair) else _text(record)


def _are_texts(texts: Any) -> bool:
    return isinstance(texts, list) and len(texts) in (1, 2) and all(isinstance(text, str) for text in texts)


def _text(record: dict[str, Any]) -> str | None:
    found = next((record[key] for key in ("text", "sentence") if key in record), None)
    return found if isinstance(found, str) else None


def answered(record: dict[str, Any], fields: dict[str, Any]) -> dict[str, Any]:
    """The object with what was predicted; a key of its own that the answer takes comes back as ``given_KEY``.

    The texts of a text stand in the object already, so only words, which may have been split, are given again.
    """
    said = {key: value for key, value in fields.items() if key != "texts"}
    out: dict[str, Any] = {}
    for key, value in record.items():
        kept = key
        while (kept in said and said[kept] != value) or (kept != key and kept in record):
            kept = f"given_{kept}"
        out[kept] = value
    return out | said
