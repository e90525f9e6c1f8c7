"""What people hand to a model, checked: sentences for heads that label words, texts or pairs for the others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from typing import Any, Literal

from neurosieve.errors import CompactError
from neurosieve.pieces.words import Splitting, as_words

Item = list[str] | tuple[str, ...]
Unit = Literal["words", "texts"]

_WORDS = "a sentence is a text, or a sequence of words"
_TEXTS = "an item is a text, or a pair of texts as a tuple"


def check_list(items: object) -> None:
    """Refuse one item in the place of many.

    Raises:
        CompactError: it is a string, or nothing that can be gone through in order.
    """
    if isinstance(items, str):
        raise CompactError("Give a list of sentences or texts; for one alone, a list of one.")
    if not isinstance(items, Iterable) or isinstance(items, bytes | Mapping | Set):
        raise CompactError(f"Give a list of sentences or texts, not {_a(items)}.")


def read_items(items: Iterable[Any], unit: Unit, splitting: Splitting | None) -> Iterator[Item]:
    """Each item as its words, or as its one or two texts; lazily.

    ``splitting`` says how text becomes words; with None, a text is refused where words are wanted.

    Raises:
        CompactError: an item is something else; the message says which one.
    """
    for number, item in enumerate(items, start=1):
        yield _words(item, number, splitting) if unit == "words" else _texts(item, number)


def _words(item: Any, number: int, splitting: Splitting | None) -> Item:
    if isinstance(item, str):
        if splitting is None:
            raise CompactError(f"Item {number} is a text; scores need its words: split it with `as_words`.")
        return as_words(item, splitting)
    return _strings(item, number, _WORDS)


def _texts(item: Any, number: int) -> Item:
    if isinstance(item, str):
        return (item,)
    texts = _strings(item, number, _TEXTS)
    if len(texts) not in (1, 2):
        raise CompactError(f"Item {number} has {len(texts)} parts; {_TEXTS}. Words of one text are joined first.")
    return tuple(texts)


def _strings(item: Any, number: int, wanted: str) -> Item:
    if not isinstance(item, Iterable) or isinstance(item, bytes | Mapping | Set):
        raise CompactError(f"Item {number} is {_a(item)}; {wanted}.")
    parts = item if isinstance(item, list | tuple) else list(item)
    for place, part in enumerate(parts, start=1):
        if not isinstance(part, str):
            raise CompactError(f"Part {place} of item {number} is {_a(part)}; {wanted}.")
    return parts


def _a(value: object) -> str:
    return "None" if value is None else f"of the type {type(value).__name__}"
