"""From what people type to words: a sentence is words already, or text to be split."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

Splitting = Literal["punctuation", "space"]

# A number with its separators, a word with inner apostrophes and hyphens, or one sign.
_TOKEN = re.compile(r"\d+(?:[.,:/]\d+)*|\w+(?:[-'’]\w+)*|[^\w\s]")


def as_words(sentence: str | Sequence[str], splitting: Splitting = "punctuation") -> list[str]:
    """The words of a sentence.

    Text is split at white space and, with ``"punctuation"``, between words and signs too; a sequence of words is
    taken as it is.
    """
    if not isinstance(sentence, str):
        return list(sentence)
    return sentence.split() if splitting == "space" else _TOKEN.findall(sentence)
