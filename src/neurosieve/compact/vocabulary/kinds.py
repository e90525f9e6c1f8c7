"""How tokenizers cut words, and what each way of cutting needs to go on doing it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from neurosieve.compact.vocabulary.byte_pairs import BytePairs
from neurosieve.compact.vocabulary.unigram import Unigram
from neurosieve.compact.vocabulary.wordpiece import WordPiece
from neurosieve.errors import CompactError


class Kind(Protocol):
    """The model section of a tokenizer's description (``tokenizer.json``), by its type."""

    @property
    def pieces(self) -> dict[str, int]:
        """Piece -> id."""

    def always(self) -> set[int]:
        """What stays whatever the text: what is unknown, single characters, bytes."""

    def closed(self, kept: set[int]) -> set[int]:
        """Some pieces, and those without which they would not be found."""

    def forms(self, part: str) -> tuple[str, ...]:
        """How a part of a word may be written as a piece."""

    def reduced(self, numbers: Mapping[int, int]) -> dict[str, Any]:
        """The section with the pieces that have a new id."""


KINDS: Mapping[str, type[WordPiece] | type[BytePairs] | type[Unigram]] = {
    "WordPiece": WordPiece,
    "BPE": BytePairs,
    "Unigram": Unigram,
}


def kind_of(described: Mapping[str, Any]) -> Kind:
    """The kind of a tokenizer from its description.

    Raises:
        CompactError: its vocabulary cannot be reduced.
    """
    name = described["model"].get("type")
    if name not in KINDS:
        raise CompactError(
            f"The vocabulary of a tokenizer of the type {name!r} cannot be reduced; only {', '.join(KINDS)} can."
        )
    return KINDS[name](described["model"])
