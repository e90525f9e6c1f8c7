"""From what people type to words: a sentence is words already, or text to be split."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

Splitting = Literal["punctuation", "space"]

_JOINERS = "\u200c\u200d"  # inside words of Persian and of Indian languages; the second inside emoji too
_EMOJI_STYLE = "\ufe0f"


def as_words(sentence: str | Sequence[str], splitting: Splitting = "punctuation") -> list[str]:
    """The words of a sentence.

    Text is split at white space and, with ``"punctuation"``, between words and signs too; a sequence of words is
    taken as it is.
    """
    if not isinstance(sentence, str):
        return list(sentence)
    if splitting == "space":
        return sentence.split()
    marks = {char for char in sentence if not char.isascii() and unicodedata.category(char).startswith("M")}
    return _token("".join(sorted(marks | {_EMOJI_STYLE}))).findall(sentence)


@lru_cache(maxsize=256)
def _token(marks: str) -> re.Pattern[str]:
    """A word with inner apostrophes, hyphens and separators between digits, or one sign, each with its ``marks``.

    To `re`, marks that combine with a letter are no part of a word, so those that occur are named.
    """
    part, sign = rf"\w[\w{marks}{_JOINERS}]*", rf"[^\w\s][{marks}]*"
    return re.compile(rf"{part}(?:(?:[-'’]|(?<=\d)[.,:/](?=\d)){part})*|{sign}(?:\u200d{sign})*")
